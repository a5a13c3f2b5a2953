"""Secrets known by their own look, whatever field they stand in.

Each rule has two patterns: `guard` finds where it might strike, in one alternation with all others over all texts of an
event (so it has no look-around, which linear-time engines lack), and `exact` decides, on the few texts that were hit.
Every repeat is bounded or cannot fail after it was taken: no input makes them slow.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from mukiau.core.scrubbing.policy import MARK, ScrubPolicy

Replace = Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRule:
    """One kind of secret."""

    name: str
    guard: str
    exact: re.Pattern[str]
    replace: Replace = lambda match: MARK


def rules_of(policy: ScrubPolicy) -> tuple[ValueRule, ...]:
    """Return the rules of a policy, in the order they are applied."""
    return ALWAYS + (JAPANESE if policy.japan else ()) + ((EMAIL,) if policy.email else ())


def has_luhn(digits: str) -> bool:
    """Tell whether the last digit is the check digit of a payment card's number.

    >>> has_luhn("4111111111111111"), has_luhn("4111111111111112")
    (True, False)
    """
    odd = sum(map(int, digits[-1::-2]))
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


def is_card_number(value: int) -> bool:
    """Tell whether a JSON number is a card's: 14 to 19 digits, an issuer's first digits, the check digit."""
    text = str(value)
    return _CARD_DIGITS.fullmatch(text) is not None and has_luhn(text)


def has_my_number_digit(digits: str) -> bool:
    """Tell whether the last of twelve digits is the check digit of a Japanese individual number (My Number).

    >>> has_my_number_digit("123456789018"), has_my_number_digit("123456789012")
    (True, False)
    """
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


_CARD_DIGITS = re.compile(r"(?:[3-6]|2[2-7])[0-9]{12,17}[0-9]")
_NOT_DIGIT = re.compile(r"[^0-9]+")


def _card(match: re.Match[str]) -> str:
    digits = _NOT_DIGIT.sub("", match.group())
    return MARK if 13 <= len(digits) <= 19 and has_luhn(digits) else match.group()


def _my_number(match: re.Match[str]) -> str:
    return MARK if has_my_number_digit(_NOT_DIGIT.sub("", match.group())) else match.group()


def looks_random(text: str) -> bool:
    """Tell a token from a word: digits, signs or capitals inside it, or a length no word has."""
    inside = text[1:]
    return len(text) >= 24 or not text.isalpha() or not (inside.islower() or text.isupper())


def _token(match: re.Match[str]) -> str:
    return f"{match.group(1)}{MARK}" if looks_random(match.group(2)) else match.group()


_CARD_LEFT = r"(?:[^0-9A-Za-z_.\-]|[^0-9]\.|[A-Za-z]-)"
_ALNUM_LEFT = r"(?<![A-Za-z0-9])"

ALWAYS: tuple[ValueRule, ...] = (
    ValueRule(
        name="private_key",
        guard=r"BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY",
        exact=re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,9}-----|\Z)"
        ),
    ),
    ValueRule(
        name="url_password",
        guard=r"://[^\s/:@\"'<>\x00]*:[^\s/@\"'<>\x00]+@",
        exact=re.compile(r"(://[^\s/:@\"'<>]{0,256}:)[^\s/@\"'<>]{1,512}(?=@)"),
        replace=lambda match: match.group(1) + MARK,
    ),
    ValueRule(
        name="token",
        guard=r"(?i:bearer|basic)\s{1,4}[0-9A-Za-z._~+/=\-]{8}",
        exact=re.compile(r"((?i:\b(?:bearer|basic))\s{1,4})([\w.~+/=\-]{8,})"),
        replace=_token,
    ),
    ValueRule(
        name="jwt",
        guard=r"eyJ[0-9A-Za-z_\-]{8}",
        exact=re.compile(r"eyJ[\w\-]{8,512}\.[\w\-]{4,}(?:\.[\w\-]*)?"),
    ),
    ValueRule(
        name="cloud_key",
        guard=r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}|AIza[0-9A-Za-z_\-]{35}",
        exact=re.compile(_ALNUM_LEFT + r"(?:(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}|AIza[\w\-]{35})(?![A-Za-z0-9])"),
    ),
    ValueRule(
        name="service_key",
        guard=r"gh[opsur]_[0-9A-Za-z]{30}|github_pat_|glpat-|xox[abeprs]-[0-9A-Za-z]|[rs]k_(?:live|test)_|\bsk-[0-9A-Za-z_\-]{20}",
        exact=re.compile(
            r"(?:gh[opsur]_[0-9A-Za-z]{30,255}|github_pat_\w{20,255}|glpat-[\w\-]{16,255}|xox[abeprs]-[\w\-]{10,255}"
            r"|[rs]k_(?:live|test)_\w{8,255}|\bsk-[\w\-]{20,255})"
        ),
    ),
    ValueRule(
        name="card",
        guard=_CARD_LEFT + r"(?:[3-6]|2[2-7])(?:[0-9]{12}|[0-9]{2,3}[ \-][0-9]{4,6}[ \-][0-9]{4})",
        exact=re.compile(
            r"(?<![0-9A-Za-z_])(?<![0-9][.\-])(?:[3-6][0-9]{3}|2[2-7][0-9]{2})"
            r"(?:[0-9]{9,15}|([ \-])[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}|([ \-])[0-9]{6}\2[0-9]{4,5})"
            r"(?![0-9A-Za-z_]|[.\-][0-9])"
        ),
        replace=_card,
    ),
)

_DIGIT_EDGES = (r"(?<![0-9A-Za-z_\-.])", r"(?![0-9A-Za-z_]|[\-.][0-9A-Za-z])")

JAPANESE: tuple[ValueRule, ...] = (
    ValueRule(
        name="my_number",
        guard=r"[0-9]{4}[ \-]?[0-9]{4}[ \-]?[0-9]{4}",
        exact=re.compile(_DIGIT_EDGES[0] + r"[0-9]{4}([ \-]?)[0-9]{4}\1[0-9]{4}" + _DIGIT_EDGES[1]),
        replace=_my_number,
    ),
    ValueRule(
        name="phone",
        guard=r"0[0-9]{1,4}[\-(][0-9]{1,4}[\-)][0-9]{3,4}|0[5789]0[0-9]{8}|\+81",
        exact=re.compile(
            _DIGIT_EDGES[0] + r"(?:0[0-9]{1,4}(?:-[0-9]{1,4}-|\([0-9]{1,4}\))[0-9]{3,4}|0[5789]0[0-9]{8}"
            r"|\+81[ \-]?[0-9]{1,4}[ \-]?[0-9]{1,4}[ \-]?[0-9]{4})" + _DIGIT_EDGES[1]
        ),
    ),
    ValueRule(
        name="postal_code",
        guard=r"[0-9]{3}-[0-9]{4}",
        exact=re.compile(_DIGIT_EDGES[0] + r"(?:〒\s?)?[0-9]{3}-[0-9]{4}" + _DIGIT_EDGES[1]),
    ),
)
EMAIL = ValueRule(
    name="email",
    guard=r"[0-9A-Za-z_+\-]@[0-9A-Za-z]",
    exact=re.compile(r"(?<![\w.+\-])[\w.+\-]{1,128}@[0-9A-Za-z](?:[0-9A-Za-z\-]{0,62}\.){1,8}[A-Za-z]{2,24}"),
)
