"""What is measured and what it should come to, with the figures of other trackers on the same corpus and machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Better(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    EQUAL = "equal"
    """The target itself; more is as wrong as less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One row of the table."""

    key: str
    what: str
    unit: str
    part: str
    """The part of the benchmark that measures it, one of PARTS."""
    better: Better = Better.HIGHER
    goal: float | None = None
    """None: measured to be known, nothing is promised."""
    peers: str = ""
    """Bugsink 2.6.1 · GlitchTip 5.2 · foxray 0.1.2."""

    def best(self, values: Sequence[float]) -> float:
        """Return the best of several runs: whatever else runs on the machine only makes a run worse."""
        if self.better is Better.LOWER:
            return min(values)
        if self.better is Better.EQUAL:
            return values[0]
        return max(values)

    def verdict(self, value: float) -> str:
        """Say `hit` or `MISS`; nothing where no goal is set."""
        if self.goal is None:
            return ""
        is_hit = {
            Better.HIGHER: value >= self.goal,
            Better.LOWER: value <= self.goal,
            Better.EQUAL: value == self.goal,
        }[self.better]
        return "hit" if is_hit else "**MISS**"


def _lower(
    key: str, what: str, unit: str, *, goal: float | None = None, part: str = "events", peers: str = ""
) -> Target:
    return Target(key=key, what=what, unit=unit, part=part, better=Better.LOWER, goal=goal, peers=peers)


_EVENTS = (
    Target(
        key="accepted",
        what="events accepted, durable, 32 connections",
        unit="/s",
        part="events",
        goal=4_000,
        peers="48–130 · 52–62 · 72",
    ),
    _lower("accepted_p50", "answer to an event, p50", "ms"),
    _lower("accepted_p99", "answer to an event, p99", "ms", goal=50, peers="127–288 · 216–388 · 250"),
    Target(
        key="digested",
        what="events digested, end to end from the first request",
        unit="/s",
        part="events",
        goal=1_500,
        peers="20–37 · 49–59 · 70–72",
    ),
    Target(
        key="issues",
        what="issues from the 40 failures",
        unit="",
        part="events",
        better=Better.EQUAL,
        goal=40,
        peers="125–195 · 1,511–4,385 · 40",
    ),
    Target(
        key="issues_exact",
        what="failures that are exactly one issue",
        unit="",
        part="events",
        better=Better.EQUAL,
        goal=40,
    ),
    _lower("cpu_per_event", "CPU of all processes", "ms per event", peers="31–47 · 27–29 · 12"),
    _lower("cpu_intake", "of it intake", "ms per event"),
    _lower("cpu_digest", "of it digest", "ms per event"),
    _lower("memory_idle", "memory (PSS) of all processes, idle", "MiB", goal=180, peers="185 · 430 · 17"),
    _lower("memory_load", "memory (PSS) of all processes, under load", "MiB", goal=300, peers="220 · 690 · 30"),
    _lower("disk_per_event", "disk, spool trimmed", "KiB per event", goal=4, peers="30 · 9 · 14"),
    _lower("host", "the machine itself: a million turns of a loop in Python, before each load", "ms"),
    _lower("visible", "an event is stored after it was sent, p95 of 50", "s", goal=1, peers="0.5 · 2 · at once"),
)
_ISOLATION = (
    Target(
        key="accepted_readers",
        what="events accepted, durable, beside two busy readers of pages",
        unit="/s",
        part="isolation",
        goal=2_500,
    ),
    _lower("accepted_readers_p99", "answer to an event meanwhile, p99", "ms", goal=50, part="isolation"),
    Target(key="lost_readers", what="events lost or doubled", unit="", part="isolation", better=Better.EQUAL, goal=0),
    Target(key="readers_pages", what="pages read meanwhile", unit="/s", part="isolation"),
    _lower("readers_p95", "a page meanwhile, p95", "ms", part="isolation"),
    _lower("killed_p99", "answer to an event, p99, web killed every second", "ms", goal=50, part="isolation"),
    Target(key="killed_lost", what="events lost or doubled", unit="", part="isolation", better=Better.EQUAL, goal=0),
)
_PAGE_KINDS = (
    ("list", "issue list"),
    ("search", "search"),
    ("issue", "issue page"),
    ("inbox", "inbox"),
    ("preview", "preview of the inbox"),
    ("handlings", "queue of handlings"),
    ("handling", "a handling"),
    ("runbooks", "runbooks, and finding one by an error"),
    ("runbook", "a runbook"),
    ("matrix", "matrix"),
)
_PAGES = (
    *(_lower(f"page_{key}", f"{what}, p95, one reader", "ms", goal=100, part="pages") for key, what in _PAGE_KINDS),
    *(
        _lower(f"page_{key}_busy", f"{what}, p95, 1,000 events/s arriving", "ms", goal=250, part="pages")
        for key, what in _PAGE_KINDS
    ),
)
_PEER = (
    Target(key="peer_accepted", what="events accepted, 32 connections", unit="/s", part="peer"),
    _lower("peer_p99", "answer to an event, p99", "ms", part="peer"),
    Target(key="peer_digested", what="events stored, from the first request", unit="/s", part="peer"),
    Target(key="peer_issues", what="issues from the 40 failures", unit="", part="peer"),
    _lower("peer_cpu", "CPU of all processes", "ms per event", part="peer"),
    _lower("peer_memory", "memory (PSS) after the load", "MiB", part="peer"),
    _lower("peer_disk", "disk", "KiB per event", part="peer"),
)
_LOGS = (
    Target(key="noise_lines", what="log lines assembled: lines of no event", unit="/s", part="logs", goal=100_000),
    Target(
        key="trace_lines", what="log lines assembled and parsed: lines of events", unit="/s", part="logs", goal=20_000
    ),
    Target(key="demo_lines", what="the whole demo corpus, one process, core alone", unit="lines/s", part="logs"),
    Target(
        key="door_lines",
        what="the whole demo corpus through the records door until all is visible (one idle second with it)",
        unit="lines/s",
        part="logs",
    ),
)

_FORWARDER = (
    _lower("forwarder_zip", "the Lambda's zip", "KB", goal=500, part="forwarder"),
    *(
        target
        for name in ("mukiau", "sentry")
        for target in (
            _lower(f"forwarder_{name}_import_ms", f"target {name}: cold import", "ms", goal=150, part="forwarder"),
            _lower(f"forwarder_{name}_seconds", f"target {name}: 10,000 log events", "s", goal=2, part="forwarder"),
            _lower(f"forwarder_{name}_memory_mib", f"target {name}: memory", "MiB", goal=128, part="forwarder"),
        )
    ),
)

STATIONS = (
    ("decompress", "unpack the body (gzip)"),
    ("envelope", "read the envelope"),
    ("decode", "decode JSON"),
    ("assemble", "read the lines, assemble and parse log entries"),
    ("wire", "log entry to payload"),
    ("normalize", "normalise"),
    ("scrub", "scrub"),
    ("build", "build the typed event"),
    ("group", "template, fingerprint, title"),
    ("write", "encode and write, batches of 200"),
    ("encode", "of it encoding JSON and compressing (zstd)"),
    ("all", "all stations"),
)
KINDS = (("sdk", "SDK event of 22 KB"), ("log", "log event"))
_STATION_GOALS = {"sdk_scrub": 300.0}
_STATIONS = tuple(
    _lower(
        f"{kind}_{name}",
        f"{words}: {shown}",
        "µs per event",
        part="stations",
        goal=_STATION_GOALS.get(f"{kind}_{name}"),
    )
    for kind, shown in KINDS
    for name, words in STATIONS
)

_TEMPLATES = tuple(
    Target(key=key, what=what, unit=unit, part="templates", goal=goal)
    for key, what, unit, goal in (
        ("grouping_accuracy", "grouping accuracy (GA), by itself", "", 0.85),
        ("group_f1", "F1 over groups (FGA), by itself", "", None),
        ("template_f1", "F1 over templates (FTA), by itself", "", None),
        ("pair_precision", "precision of pairs, by itself", "", None),
        ("pair_f1", "F1 of pairs, by itself", "", None),
        ("unlearned_grouping_accuracy", "before words that vary are learned: GA", "", None),
        ("unlearned_group_f1", "before words that vary are learned: FGA", "", None),
        ("unlearned_pair_precision", "before words that vary are learned: precision of pairs", "", None),
        ("suggested_grouping_accuracy", "with every suggested pattern accepted: GA", "", None),
        ("suggested_group_f1", "with every suggested pattern accepted: FGA", "", None),
        ("suggested_pair_precision", "with every suggested pattern accepted: precision of pairs", "", None),
        ("template_lines", "templates made, none remembered", "lines/s", 30_000.0),
    )
)

_LAB = (
    _lower("lab_try", "what a policy would do to a million events", "s", goal=60.0, part="lab"),
    _lower("lab_apply", "putting it in force", "s", part="lab"),
    _lower("lab_undo", "taking it back", "s", part="lab"),
    Target(
        key="lab_kept",
        what="issues and events more or less afterwards",
        unit="",
        part="lab",
        better=Better.EQUAL,
        goal=0.0,
    ),
)
TARGETS = (*_EVENTS, *_ISOLATION, *_PAGES, *_LAB, *_LOGS, *_TEMPLATES, *_FORWARDER, *_STATIONS, *_PEER)
PARTS = ("events", "isolation", "pages", "lab", "logs", "templates", "forwarder", "stations", "peer")
