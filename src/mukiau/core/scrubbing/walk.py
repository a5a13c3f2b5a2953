"""Every text of a payload: first all of them without their places, then those of suspicious parts with theirs, and the copy
that is made of what has to change.

Gathering is what scrubbing costs on an ordinary event, so it does little per value: a list of texts counts as one text, and
an object whose names all say nothing is not asked again. The walk is for the parts in which something may be found; places
are only worked out for the texts that were hit.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.scrubbing.policy import KeyRule
from mukiau.core.scrubbing.values import is_card_number

SEPARATOR = "\x00"
"""Stands between texts that are searched together; no normalised text has one."""

_MAX_CACHED_NAMES = 20_000
_MAX_CACHED_NAME_CHARS = 100
_SECRETS = frozenset({KeyRule.HASH, KeyRule.SECRET})
_ID_SHAPE = re.compile(r"[0-9a-fA-FxTZ:.+\-]{1,64}")
_NAME_SHAPE = re.compile(r"[\w.\-]{1,64}")
_MIN_CARD, _MAX_CARD = 10**13, 10**19
# Names of packages, not of fields: `secretstorage: 3.3.3` is no secret.
_NAMES_ARE_DATA = frozenset({"modules", "sdk", "debug_meta"})


class Names:
    """What the names of fields say, each decided once; names repeat from event to event."""

    def __init__(self, decide: Callable[[str], tuple[KeyRule, str]]) -> None:
        self._decide = decide
        self._decided: dict[str, tuple[KeyRule, str]] = {}
        self.plain: set[str] = set()
        """Names that say nothing and hold nothing."""
        self.harmless: set[str] = set()
        """These, and names that only save a value from being scrubbed."""

    def decided(self, name: str) -> tuple[KeyRule, str]:
        """Return what the name says of its value, and the name itself without secrets."""
        known = self._decided.get(name)
        if known is not None:
            return known
        decision = self._decide(name)
        if len(name) <= _MAX_CACHED_NAME_CHARS:
            self._remember(name, decision)
        return decision

    def _remember(self, name: str, decision: tuple[KeyRule, str]) -> None:
        if len(self._decided) >= _MAX_CACHED_NAMES:
            self._decided.clear()
            self.plain.clear()
            self.harmless.clear()
        self._decided[name] = decision
        if decision == (KeyRule.PLAIN, name):
            self.plain.add(name)
        if decision[0] not in _SECRETS and decision[1] == name:
            self.harmless.add(name)

    def is_secret_pair(self, pair: list[JSONValue]) -> bool:
        """Tell a name and its secret value as a list of two: headers and query strings come so."""
        name, value = pair
        if not value or isinstance(value, bool) or type(name) is not str or not _NAME_SHAPE.fullmatch(name):
            return False
        return self.decided(name)[0] in _SECRETS


def gather(part: JSONValue, names: Names, texts: list[str]) -> bool:
    """Add every text of a part of a payload to `texts`; False, with some of them added, where a name or a number tells that
    the part has to be walked, whatever its texts hold."""
    nodes: list[JSONValue] = [part] if isinstance(part, dict | list) else [[part]]
    for node in nodes:  # grows while it is read
        entries: Iterable[JSONValue] = node
        if type(node) is dict:
            if not node.keys() <= names.harmless:
                return False
            entries = node.values()
        else:
            if len(node) == 2 and names.is_secret_pair(node):
                return False
            try:
                texts.append(SEPARATOR.join(node))
                continue
            except TypeError:
                pass
        for entry in entries:
            kind = type(entry)
            if kind is str:
                texts.append(entry)
            elif kind is dict or kind is list:
                nodes.append(entry)
            elif kind is int and _MIN_CARD <= entry < _MAX_CARD and is_card_number(entry):
                return False
    return True


class Walk:
    """One payload, walked level by level."""

    def __init__(self, payload: JSONObject, *, names: Names) -> None:
        self._names = names
        self.nodes: list[JSONValue] = [payload]
        """Objects and lists, parents before children."""
        self._origins: list[tuple[int, str | int]] = [(-1, "")]
        self._copies: dict[int, JSONValue] = {}
        self.texts: list[str] = []
        """Every text; those of a list of texts are one, joined by SEPARATOR."""
        self._first_text: list[int] = []
        """By node: index of its first text."""
        self._keys_of: dict[int, list[str]] = {}
        """Keys of the texts, for objects that not all texts were taken of."""
        self.named: list[tuple[int, str | int, KeyRule]] = []
        """Entries whose name is a secret's."""
        self.cards: list[tuple[int, str | int]] = []
        """Numbers that are a card's."""
        self.renamed: list[tuple[int, str, str]] = []
        """Names that hold a secret themselves."""
        plain = names.plain
        for index, node in enumerate(self.nodes):  # grows while it is walked
            self._first_text.append(len(self.texts))
            if type(node) is not dict:
                self._look_at_list(index, node)
            elif node.keys() <= plain:
                self._look_at(index, node.items())
            else:
                self._look_at_names(index, node)

    def _look_at(self, index: int, items: Iterable[tuple[str | int, JSONValue]]) -> None:
        texts = self.texts
        for key, value in items:
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict or kind is list:
                self.nodes.append(value)
                self._origins.append((index, key))
            elif kind is int and _MIN_CARD <= value < _MAX_CARD and is_card_number(value):
                self.cards.append((index, key))

    def _look_at_names(self, index: int, node: JSONObject) -> None:
        """Walk an object that has a name which may say something of its value."""
        rest: JSONObject = {}
        for key, value in node.items():
            rule, name = self._names.decided(key)
            if name != key:
                self.renamed.append((index, key, name))
            if not rule or not self._is_settled(index, key, value, rule):
                rest[key] = value
        self._keys_of[index] = [key for key, value in rest.items() if type(value) is str]
        self._look_at(index, rest.items())

    def _is_settled(self, index: int, key: str, value: JSONValue, rule: KeyRule) -> bool:
        """Handle a value whose name says something; True when its content need not be looked at."""
        is_container = isinstance(value, dict | list)
        if rule is KeyRule.KEEP:
            return not is_container
        if rule is KeyRule.IDENTITY:
            return not is_container and (not isinstance(value, str) or _ID_SHAPE.fullmatch(value) is not None)
        if value is None or value == "" or isinstance(value, bool) or self._origins[index][1] in _NAMES_ARE_DATA:
            return False
        self.named.append((index, key, rule))
        return True

    def _look_at_list(self, index: int, node: list[JSONValue]) -> None:
        if len(node) == 2 and self._names.is_secret_pair(node):
            self.named.append((index, 1, self._names.decided(node[0])[0]))
            node = node[:1]
        try:
            self.texts.append(SEPARATOR.join(node))
        except TypeError:
            self._look_at(index, enumerate(node))

    def entries_of(self, text_index: int) -> Iterator[tuple[int, str | int, str]]:
        """Yield node, key and text of the entries that one of `texts` stands for."""
        index = bisect_right(self._first_text, text_index) - 1
        node = self.nodes[index]
        offset = text_index - self._first_text[index]
        if type(node) is dict:
            keys = self._keys_of.get(index) or [key for key, value in node.items() if type(value) is str]
            yield index, keys[offset], node[keys[offset]]
            return
        entries = [(key, value) for key, value in enumerate(node) if type(value) is str]
        for key, value in entries if len(entries) == len(node) else entries[offset : offset + 1]:
            yield index, key, value

    def set(self, index: int, key: str | int, value: JSONValue) -> None:
        """Change one entry, in a copy."""
        self._copy_of(index)[key] = value

    def rename(self, index: int, key: str, name: str) -> None:
        """Change one name, in a copy; an entry that has the new name already is not overwritten.

        After this nothing may be changed below the entry any more: it could no longer be found.
        """
        copy = self._copy_of(index)
        while name in copy:
            name += "_"
        copy[name] = copy.pop(key)

    def result(self) -> JSONObject:
        """Return the payload with all changes."""
        payload: JSONObject = self._copies[0] if 0 in self._copies else self.nodes[0]
        return payload

    def _copy_of(self, index: int) -> JSONValue:
        """Copy a container once, and those above it."""
        copy = self._copies.get(index)
        if copy is None:
            copy = self._copies[index] = self.nodes[index].copy()
            above, key = self._origins[index]
            if above >= 0:
                self._copy_of(above)[key] = copy
        return copy
