"""The one known failure that an event belongs to although its fingerprint is another: what it lacks was cut off, or an id
in its message happens to have no digit.

Fingerprints are of what an event says. Two kinds of events say less than others of the same failure, and no rule for one
event alone can mend that:

* **A cut trace** has no root cause, or not its frames. It belongs to the failure of its service whose chain begins with the
  same links: same types, the same functions wherever it names any, the same message and codes.
* **An id of capitals and digits** is replaced by `<num>`, as in `no calendar for depot 8X2X`; of four such characters one
  id in four is letters alone (`KWXE`), and that looks like a constant. It belongs to the failure that is the same in all but
  this word, where the known message has an id of just that length and mixed characters in its place. A word that the known
  template keeps, as it keeps codes, is never taken for an id.

In both cases only where exactly one issue fits; else it stays an issue of its own, for people to decide. Whole events with
other parts never come together by this, and which fits is the same in whatever order the known ones came.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from mukiau.core.event import Event
from mukiau.core.grouping.chain import root_cause
from mukiau.core.grouping.explanation import Part, leaves_of
from mukiau.core.grouping.message import first_line
from mukiau.core.templates import codes_of, template_of
from mukiau.core.traces.cut import CAUSES_KNOWN, is_cut

MAX_IDS = 4
"""Words of one message that are tried as an id."""
MAX_MESSAGES = 8
"""Of one fingerprint that are kept, each with ids of other lengths."""

_CAPITALS = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]{4,12}(?![A-Za-z0-9])")
_VERBS = frozenset({"POST", "HEAD", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
_BEFORE = re.compile(r"[A-Za-z_-]{0,40}$")


class Because(StrEnum):
    """Why an event belongs to an issue of another fingerprint; screens have words for each."""

    CUT_TRACE = "cut_trace"
    LETTERS_OF_AN_ID = "letters_of_an_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A fingerprint that is known, by one of its events."""

    id: str | int
    """Its hash, or how it is stored; `issue` likewise."""
    issue: str | int
    tree: Part
    messages: tuple[str, ...]
    """Of the root cause, or of the log call: those of some of its events."""


class Doubt(StrEnum):
    """Why a fingerprint may not be all that there is to say."""

    NONE = ""
    CUT = "cut"
    CUT_BELOW_TYPES = "cut_below_types"
    """The trace is cut, and all types of its chain were named before."""
    LETTERS = "letters"
    """A word of its message may be an id without digits."""


CUT = frozenset({Doubt.CUT, Doubt.CUT_BELOW_TYPES})
"""No failure is known by such a fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """A fingerprint that may belong to the issue of another one."""

    tree: Part
    message: str
    doubt: Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where an event belongs."""

    known: Known
    because: Because


def message_of(event: Event) -> str:
    """Return the message whose words count."""
    root = root_cause(event.exceptions)
    return first_line(root.message if root is not None and root.message else event.message)


def doubt_of(event: Event, tree: Part) -> Doubt:
    """Say, without a look at others, whether an event may belong to the issue of another fingerprint."""
    if event.exceptions and is_cut(event.origin.raw, event.origin.language):
        return Doubt.CUT_BELOW_TYPES if event.origin.language in CAUSES_KNOWN else Doubt.CUT
    if event.message_template and not event.exceptions:
        return Doubt.NONE
    return Doubt.LETTERS if any(True for _ in _ids(message_of(event), tree)) else Doubt.NONE


class Gathered:
    """The fingerprints of some logs, whatever the order of their events, and which of them belong to another's issue."""

    def __init__(self) -> None:
        self._trees: dict[str, Part] = {}
        self._messages: dict[str, dict[tuple[int, ...], str]] = {}
        self._doubts: dict[str, Doubt] = {}

    def add(self, event: Event, fingerprint_hash: str, tree: Part) -> bool:
        """Keep what matters of an event; say whether its fingerprint may belong to another's issue."""
        doubt = doubt_of(event, tree)
        known = self._doubts.setdefault(fingerprint_hash, doubt)
        if known in CUT and doubt not in CUT:
            self._doubts[fingerprint_hash] = doubt
        self._trees.setdefault(fingerprint_hash, tree)
        message = message_of(event)
        lengths = tuple(found.chars for word, found in _marked(message) if not word.isalpha())
        messages = self._messages.setdefault(fingerprint_hash, {})
        if len(messages) < MAX_MESSAGES:
            messages.setdefault(lengths, message)
        return Doubt.NONE not in {known, doubt}

    def homes(self) -> dict[str, Home]:
        """Return the homes of those fingerprints that belong to another's issue, by their hashes."""
        found = self._settled(self._found({Doubt.LETTERS}, {}))
        return found | self._settled(self._found(CUT, found))

    def _found(self, doubts: Set[Doubt], settled: Mapping[str, Home]) -> dict[str, Home]:
        known, found = self._known(settled), {}
        for one, doubt in self._doubts.items():
            if doubt in doubts:
                tree = self._trees[one]
                doubtful = Doubtful(tree=tree, message=next(iter(self._messages[one].values())), doubt=doubt)
                home = find_home(doubtful, [other for other in known[_value(tree, "service")] if other.id != one])
                if home is not None:
                    found[one] = home
        return found

    def _known(self, settled: Mapping[str, Home]) -> dict[str, list[Known]]:
        """The whole fingerprints of each service."""
        known: dict[str, list[Known]] = defaultdict(list)
        for one in sorted(one for one, doubt in self._doubts.items() if doubt not in CUT):
            tree, issue = self._trees[one], settled[one].known.issue if one in settled else one
            messages = tuple(self._messages[one].values())
            known[_value(tree, "service")].append(Known(id=one, issue=issue, tree=tree, messages=messages))
        return known

    def _settled(self, found: Mapping[str, Home]) -> dict[str, Home]:
        """Of a fingerprint whose home has a home, the last one; each has one id more replaced, so that there is a last."""
        last = {}
        for one, home in found.items():
            end = home.known
            while str(end.issue) in found:
                end = found[str(end.issue)].known
            last[one] = replace(home, known=replace(home.known, issue=end.issue))
        return last


def has_mixed_id(message: str) -> bool:
    """Say whether a message has a word of capitals and digits."""
    return any(not word.isalpha() and not word.isdigit() for word in _CAPITALS.findall(message))


def find_home(doubtful: Doubtful, known: Iterable[Known]) -> Home | None:
    """Return the fingerprint a doubtful one belongs to, of those of its project and service that are known; None unless
    all that fit are one issue. `known` must not hold cut ones."""
    every = sorted(known, key=lambda one: str(one.id))
    ids = tuple(_ids(doubtful.message, doubtful.tree)) if every else ()
    reasons = [(Because.LETTERS_OF_AN_ID, [one for one in every if ids and _differs_in_id(doubtful, ids, one)])]
    if doubtful.doubt in CUT:
        reasons.append((Because.CUT_TRACE, [one for one in every if _goes_on(doubtful, one.tree)]))
    for because, fitting in reasons:
        if len({one.issue for one in fitting}) == 1:
            return Home(known=fitting[0], because=because)
    return None


# --- A cut trace --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """One exception of an explanation."""

    type: str
    function: str
    """Empty where none is known for sure: one that was cut off, or a place without its function."""
    template: str
    is_root: bool
    """Its message's template counts."""
    codes: frozenset[str]


def _goes_on(doubtful: Doubtful, whole: Part) -> bool:
    """Say whether a whole chain begins as a cut one and goes on."""
    links, others = _links(doubtful.tree), _links(whole)
    if _value(doubtful.tree, "service") != _value(whole, "service") or not links or len(links) > len(others):
        return False
    if doubtful.doubt is Doubt.CUT_BELOW_TYPES and len(links) < len(others):
        return False
    pairs = list(zip(links, others, strict=False))
    agreed = len(pairs) - 1 + sum(link.function == other.function != "" for link, other in pairs)
    return agreed > 0 and all(_is_begun(link, other) for link, other in pairs)


def _is_begun(link: _Link, other: _Link) -> bool:
    if link.type != other.type or (link.function and link.function != other.function):
        return False
    return link.template == other.template if other.is_root else link.codes == other.codes


def _links(tree: Part) -> list[_Link]:
    chains = [part for part in tree.parts if part.name == "exceptions" and part.contributes]
    return [_link(part) for chain in chains for part in chain.parts if part.name == "exception" and part.contributes]


def _link(part: Part) -> _Link:
    named = {leaf.name: leaf for leaf in part.parts}
    nothing = Part(name="")
    function, template = (named.get(name, nothing) for name in ("function", "template"))
    return _Link(
        type=named.get("type", nothing).value,
        function=function.value if " " in function.value else "",
        template=template.value,
        is_root=bool(template.value) and template.contributes,
        codes=frozenset(codes_of(template.value)),
    )


def _value(tree: Part, name: str) -> str:
    return next((leaf.value for leaf in leaves_of(tree) if leaf.name == name), "")


# --- An id without digits -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Id:
    """A message with one of its words taken for an id."""

    chars: int
    before: str
    """What is written together with it: `col_`."""
    around: str
    """The template with a mark in its place."""
    template: str
    """As it would be had the id a digit."""


def _ids(message: str, tree: Part) -> Iterator[_Id]:
    """Words of capitals alone that stay in the template, each taken for an id."""
    templates = _templates(tree)
    for word, found in _marked(message):
        if word.isalpha() and word not in _VERBS and any(word in template for template in templates):
            yield found


@lru_cache(maxsize=4096)
def _marked(message: str) -> tuple[tuple[str, _Id], ...]:
    return tuple(_each_marked(message))


def _each_marked(message: str) -> Iterator[tuple[str, _Id]]:
    for match in list(_CAPITALS.finditer(message))[:MAX_IDS]:
        if match.group().isdigit():
            continue
        head, tail = message[: match.start()], message[match.end() :]
        before = _BEFORE.search(head)
        yield (
            match.group(),
            _Id(
                chars=len(match.group()),
                before=before.group() if before else "",
                around=template_of(f"{head}<shape>{tail}"),
                template=template_of(f"{head}{match.group()[:-1]}0{tail}"),
            ),
        )


def _differs_in_id(doubtful: Doubtful, ids: Sequence[_Id], known: Known) -> bool:
    """Say whether a known fingerprint is the same but for an id that has digits there."""
    templates = _templates(known.tree)
    mixed = {
        replace(found, template="")
        for message in known.messages
        for word, found in _marked(message)
        if not word.isalpha() and not any(word in template for template in templates)
    }
    wanted = {found.template for found in ids if mixed and replace(found, template="") in mixed}
    if not wanted:
        return False
    own, others = ([(leaf.name, leaf.value) for leaf in leaves_of(one)] for one in (doubtful.tree, known.tree))
    apart = [pair for pair in zip(own, others, strict=False) if pair[0] != pair[1]]
    return len(own) == len(others) and len(apart) == 1 and apart[0][0][0] == "template" and apart[0][1][1] in wanted


def _templates(tree: Part) -> list[str]:
    return [leaf.value for leaf in leaves_of(tree) if leaf.name == "template"]
