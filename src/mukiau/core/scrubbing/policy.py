"""The scrub policy, and the decision about a field's name."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import IntEnum

MARK = "[scrubbed]"
"""Stands where a secret was."""
_HASHED = re.compile(r"#[0-9a-f]{16}")

STRONG_PARTS = (
    "password", "passwd", "passphrase", "passcode", "secret", "apikey", "accesskey", "privatekey", "signingkey",
    "encryptionkey", "credential", "authorization", "accesstoken", "refreshtoken", "authtoken", "idtoken", "bearertoken",
    "csrfmiddlewaretoken", "sessionid", "sessionkey", "sessid", "connectsid", "connectionstring", "creditcard",
    "cardnumber", "mysqlpwd",
)  # fmt: skip
"""A name that has one of these anywhere (letters and digits only, lower case) is a secret's."""
WEAK_WORDS = frozenset(
    """pass pwd pw token auth cookie cookies session csrf csrftoken xsrf jwt otp totp pin cvv cvc ssn sid bearer
    passwords secrets credentials""".split()
)
"""A name that has one of these as a word of its own (`db_pass`, `dbPass`, `DB-PASS`) is a secret's."""
JAPANESE_PARTS = ("パスワード", "暗証番号", "秘密鍵", "認証トークン", "アクセストークン")
HARMLESS_ENDINGS = frozenset(
    "at count enabled expired expires expiry length limit required size ttl type types timeout seconds".split()
)
"""`token_count`, `session_timeout`: about a secret, not one."""
IDENTITY_KEYS = frozenset(
    """build_id checksum code_id commit correlation_id debug_id dist event_id image_addr instruction_addr parent_id
    parent_span_id profile_id release replay_id request_id revision sha span_id symbol_addr thread_id trace_id
    transaction_id""".split()
)
"""Fields that tie things together: an id of digits may look like a card number and must survive."""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")


class KeyRule(IntEnum):
    """What a field's name says about its value."""

    PLAIN = 0
    KEEP = 1
    """Needed to handle the error: left alone."""
    HASH = 2
    """Replaced by a keyed hash: equal values stay equal."""
    SECRET = 3
    IDENTITY = 4
    """Left alone when it looks like an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubPolicy:
    """What is scrubbed; names are compared without case."""

    keep: frozenset[str] = frozenset()
    """Names of fields that are never touched (handling keys)."""
    hash: frozenset[str] = frozenset()
    """Names of fields whose value becomes `#` and 16 hex digits of a keyed hash."""
    hash_key: bytes = b""
    """Key of that hash; without one anybody could try values."""
    secret: frozenset[str] = frozenset()
    """Further names of fields that hold secrets."""
    japan: bool = False
    """Also Japanese phone numbers, postal codes and My Numbers."""
    email: bool = False

    def __post_init__(self) -> None:
        for names in ("keep", "hash", "secret"):
            object.__setattr__(self, names, frozenset(name.lower() for name in getattr(self, names)))

    def rule_of(self, name: str) -> KeyRule:
        """Decide what a field's name says; `keep` beats `hash`, which beats the rest."""
        lowered = name.lower()
        if lowered in self.keep:
            return KeyRule.KEEP
        if lowered in self.hash:
            return KeyRule.HASH
        if lowered in self.secret:
            return KeyRule.SECRET
        if lowered in IDENTITY_KEYS:
            return KeyRule.IDENTITY
        return KeyRule.SECRET if is_secret_name(name) else KeyRule.PLAIN

    def hashed(self, value: str) -> str:
        """Return the keyed hash of a value; a hash stays as it is."""
        if _HASHED.fullmatch(value):
            return value
        return "#" + hmac.new(self.hash_key, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]


def is_secret_name(name: str) -> bool:
    """Tell whether a field of this name holds a secret.

    >>> [is_secret_name(name) for name in ("dbPassword", "X-Api-Key", "csrf_token", "token_count", "author")]
    [True, True, True, False, False]
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if words and words[-1] in HARMLESS_ENDINGS:
        return False
    compact = _NOT_ALNUM.sub("", name.lower())
    if any(part in compact for part in STRONG_PARTS):
        return True
    return not WEAK_WORDS.isdisjoint(words) or compact in WEAK_WORDS or any(part in name for part in JAPANESE_PARTS)


def is_weak_name(name: str) -> bool:
    """Tell whether the name is a secret's only by a common word (`token`, `session`) that prose has too."""
    compact = _NOT_ALNUM.sub("", name.lower())
    return not any(part in compact for part in STRONG_PARTS) and not name.endswith(JAPANESE_PARTS)
