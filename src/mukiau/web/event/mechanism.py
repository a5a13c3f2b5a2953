"""How an exception came to the sender: caught or not, by what, and what the operating system said."""

from dataclasses import dataclass

from mukiau.core.event import JSONObject
from mukiau.web.event.shapes import brief, mapping, text
from mukiau.web.event.sheet import Pairs, Sheet, Value

_SHOWN = frozenset(
    "handled type help_link description exception_id parent_id source is_exception_group synthetic meta".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanismView:
    """The mechanism of one exception."""

    type: str
    """What caught it, in the sender's word: `excepthook`, `logging`, `onerror`."""
    handled: bool | None
    is_synthetic: bool
    """The sender made the exception up (of a signal, say); its type means little."""
    source: str
    """By which attribute its parent leads to it: `__cause__`, `exceptions[2]`."""
    signal: str
    """What the operating system said: `SIGSEGV 11`, `ENOENT 2`."""
    help_link: str
    description: Value
    fields: Pairs
    """Numbers of the exception and its parent, data, and whatever else is said."""

    @property
    def has_detail(self) -> bool:
        return bool(self.type or self.signal or self.help_link or self.description.is_there or self.fields.count)


def mechanism_of(exception: JSONObject, path: str, sheet: Sheet) -> MechanismView:
    """Return the mechanism of a wire exception; its fields are empty where nothing is said."""
    given = mapping(exception.get("mechanism"))
    handled = given.get("handled")
    numbers = {name: given[name] for name in ("exception_id", "parent_id", "is_exception_group") if name in given}
    meta = mapping(given.get("meta"))
    rest = {name: value for name, value in given.items() if name not in _SHOWN}
    rest |= {f"meta.{name}": value for name, value in meta.items()}
    help_link = text(given.get("help_link"))
    if help_link and not is_web_address(help_link):
        rest["help_link"] = help_link
    return MechanismView(
        type=brief(given.get("type")),
        handled=handled if isinstance(handled, bool) else None,
        is_synthetic=given.get("synthetic") is True,
        source=brief(given.get("source"), 80),
        signal=_signal(meta),
        help_link=help_link if is_web_address(help_link) else "",
        description=sheet.value(given.get("description") or "", f"{path}.description"),
        fields=sheet.pairs({**numbers, **rest}, path),
    )


def _signal(meta: JSONObject) -> str:
    """Return the first of signal, errno, … as name and number."""
    for kind in ("signal", "errno", "mach_exception", "ns_error"):
        said = mapping(meta.get(kind))
        words = [brief(said.get(key), 60) for key in ("name", "domain", "number", "code") if said.get(key) is not None]
        if words:
            return " ".join(words[:2])
    return ""


def is_web_address(given: str) -> bool:
    """Tell whether an address is one a reader may follow; anything but the web is none."""
    return given.startswith(("https://", "http://"))
