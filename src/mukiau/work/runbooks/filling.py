"""Filling in: what stands in the place of each variable, by what is around it.

In a block of SQL, shell or JSON a value is one whole literal, in an address it is percent-encoded, everywhere else a chip
to be copied, with everything visible. A value goes in whole or not at all; what did not is noted, and the variable's name
stays in its place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote

import nh3
from markdown_it.common.utils import escapeHtml

from mukiau.work.runbooks.addresses import AUTHORITY, climbs, path_parts
from mukiau.work.runbooks.characters import is_hidden, visible
from mukiau.work.runbooks.literals import MAX_VALUE_CHARS, Language, Refusal, language_of, literal
from mukiau.work.runbooks.places import Place, places_in
from mukiau.work.runbooks.variables import MARK, Lifted, Variable

REQUEST = "request"
"""The language of a block that is asked of somebody with the privilege a step needs."""
_ENCODED_MARK = re.compile(r"%EE%80%80([0-9]{1,30})%EE%80%81", re.IGNORECASE)
_TAGS = set(
    "a blockquote br button code del em h1 h2 h3 h4 h5 h6 hr li mark ol p pre s span strong table tbody td th thead tr ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "button": {"class", "type", "data-copy-own", "title"},
    "code": {"class"},
    "mark": {"class", "title"},
    "ol": {"start"},
    "pre": {"class"},
    "span": {"class", "title"},
}


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A value that was not filled in."""

    name: str
    reason: Refusal
    shown: str = ""
    """The value with all its characters visible; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Code:
    """A block to be copied."""

    language: str
    """As written behind its fence, `request` for what is to be asked of somebody."""
    html: str
    """Its text with what was filled in marked; clean."""
    text: str
    """To be copied; a variable that is not filled in stands there by its name."""
    is_complete: bool
    """Every variable is filled in, and the text holds nothing that a value could have changed."""
    kind: str = "code"


class _Filled(NamedTuple):
    """What stands in one place."""

    html: str
    text: str
    is_filled: bool


@dataclass(slots=True)
class Filling:
    """The variables of one text, and the values of one occurrence."""

    lifted: Lifted
    values: Mapping[str, str]
    problems: list[Unfilled] = field(default_factory=list)

    def find(self, variable: Variable, *, is_code: bool = False) -> str | Refusal:
        """Return the value for a variable, if it may be shown in its place at all; of code somebody copies what is shown."""
        value = self.values.get(variable.name, "")
        if not value:
            return self.refuse(variable, Refusal.MISSING)
        if not variable.accepts(value):
            return self.refuse(variable, Refusal.NO_MATCH, value)
        if is_code and len(value) > MAX_VALUE_CHARS:
            return self.refuse(variable, Refusal.TOO_LONG, value)
        return value

    def refuse(self, variable: Variable, reason: Refusal, value: str = "") -> Refusal:
        self.problems.append(Unfilled(variable.name, reason, visible(value)))
        return reason

    def parts(self, text: str) -> Iterator[str | Variable]:
        """Yield the words of a text and the variables between them, in order."""
        for position, piece in enumerate(MARK.split(self.lifted.only_own(text))):
            variable = self.lifted.find(int(piece)) if position % 2 else None
            yield piece if variable is None else variable

    def chip(self, variable: Variable, *, is_code: bool = False) -> str:
        """HTML: a value to be copied, or the name of the variable."""
        value = self.find(variable, is_code=is_code)
        if isinstance(value, Refusal):
            return _unfilled(variable)
        shown, name = escapeHtml(visible(value)), escapeHtml(variable.name)
        if len(value) > MAX_VALUE_CHARS or any(map(is_hidden, value)):
            return f'<mark class="rb-odd" title="{name}">{shown}</mark>'
        return f'<button class="rb-chip" type="button" data-copy-own title="{name}">{shown}</button>'

    def chips(self, text: str, *, is_code: bool = False) -> str:
        """HTML of a text with its marks as chips."""
        parts = self.parts(text)
        return "".join(escapeHtml(one) if isinstance(one, str) else self.chip(one, is_code=is_code) for one in parts)

    def plain(self, text: str, *, is_code: bool = False) -> str:
        """A text with its marks as visible values, for places that hold no HTML."""
        parts = self.parts(text)
        return "".join(one if isinstance(one, str) else self._shown(one, is_code=is_code) for one in parts)

    def _shown(self, variable: Variable, *, is_code: bool) -> str:
        value = self.find(variable, is_code=is_code)
        return variable.written if isinstance(value, Refusal) else visible(value)

    def address(self, href: str) -> str:
        """An address with its values percent-encoded; "" where one would say to which host, or out of which path it leads."""
        host = AUTHORITY.match(href)
        for mark in _ENCODED_MARK.finditer(href):
            if host is None or mark.start() <= host.end():
                return ""
        return "" if self._refuses_climbing(href) else _ENCODED_MARK.sub(self._encoded, href)

    def _refuses_climbing(self, href: str) -> bool:
        """Say whether a value makes a part of the path lead elsewhere, and note that."""
        parts = [part for part in path_parts(href) if _ENCODED_MARK.search(part)]
        climbing = "".join(part for part in parts if climbs(_ENCODED_MARK.sub(self._peeked, part)))
        for mark in _ENCODED_MARK.finditer(climbing):
            if (variable := self.lifted.find(int(mark[1]))) is not None:
                self.refuse(variable, Refusal.DOTS, self.values.get(variable.name, ""))
        return bool(climbing)

    def _peeked(self, mark: re.Match[str]) -> str:
        """A value as `_encoded` will write it, with nothing noted."""
        variable = self.lifted.find(int(mark[1]))
        value = self.values.get(variable.name, "") if variable is not None else ""
        return quote(value, safe="", errors="replace") if variable is not None and variable.accepts(value) else "x"

    def _encoded(self, mark: re.Match[str]) -> str:
        variable = self.lifted.find(int(mark[1]))
        if variable is None:
            return "%EF%BF%BD"
        value = self.find(variable)
        return quote(variable.written if isinstance(value, Refusal) else value, safe="", errors="replace")

    def code(self, info: str, content: str) -> Code:
        """A block, its variables as whole literals of its language, or as chips where it has none."""
        name, content = (info.split() or [""])[0], self.lifted.only_own(content.removesuffix("\n"))
        language = language_of(info)
        if language is None:
            is_whole = name == REQUEST or MARK.search(content) is None
            html, text = cleaned(self.chips(content, is_code=True)), self.plain(content, is_code=True)
            return Code(name, html, text, is_whole)
        places = iter(places_in(language, content))
        filled = [self._fill(language, part, places) for part in self.parts(content)]
        html, text = "".join(one.html for one in filled), "".join(one.text for one in filled)
        return Code(name, cleaned(html), text, all(one.is_filled for one in filled))

    def _fill(self, language: Language, part: str | Variable, places: Iterator[Place]) -> _Filled:
        if isinstance(part, str):
            return _Filled(escapeHtml(part), part, is_filled=True)
        return self._fill_place(language, part, next(places))

    def _fill_place(self, language: Language, variable: Variable, place: Place) -> _Filled:
        if place.problem is not None:
            made: str | Refusal = self.refuse(variable, Refusal.PLACE)
        else:
            made = self._literal(language, variable, place)
        if isinstance(made, Refusal):
            return _Filled(_unfilled(variable), variable.written, is_filled=False)
        html = f'<span class="rb-filled" title="{escapeHtml(variable.name)}">{escapeHtml(made)}</span>'
        return _Filled(html, made, is_filled=True)

    def _literal(self, language: Language, variable: Variable, place: Place) -> str | Refusal:
        value = self.find(variable)
        if isinstance(value, Refusal):
            return value
        made = literal(
            language,
            value,
            has_pattern=bool(variable.pattern),
            is_read_again=place.is_read_again,
            wildcards=place.wildcards,
        )
        return self.refuse(variable, made, value) if isinstance(made, Refusal) else made


def _unfilled(variable: Variable) -> str:
    return f'<mark class="rb-unfilled">{escapeHtml(variable.written)}</mark>'


def cleaned(html: str) -> str:
    """Return HTML with nothing in it but what a runbook may hold; the last gate, whatever went wrong before."""
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=set(),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
