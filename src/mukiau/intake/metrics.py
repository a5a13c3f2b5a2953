"""What `/metrics` says, in Prometheus' text format. Labels are words of ours: no project, service, path or address."""

import math
from collections.abc import Iterable, Iterator, Mapping

from mukiau import __version__
from mukiau.intake.condition import Condition, Figures, check
from mukiau.intake.meter import BOUNDS_SECONDS, Meter

# Reasons are few and ours; should one ever come from outside, what collects the metrics must not drown in it.
MAX_REASONS = 50

METRICS = (
    ("mukiau_build_info", "gauge", "1; the label says which version runs."),
    ("mukiau_ready", "gauge", "1 where the check of /readyz that the label names is well, else 0."),
    ("mukiau_http_requests_in_progress", "gauge", "Requests that are being read or answered now."),
    ("mukiau_http_requests_total", "counter", "Requests by door (or pages, health) and status; none: the client left."),
    ("mukiau_http_request_seconds", "histogram", "From a request's head to the end of its answer, by door."),
    ("mukiau_digest_heartbeat_age_seconds", "gauge", "Time since digest was last alive; +Inf for never."),
    ("mukiau_digest_lag_seconds", "gauge", "How long the oldest request not digested has been waiting; 0: none waits."),
    ("mukiau_spool_bytes", "gauge", "Bytes taken in the spool."),
    ("mukiau_spool_limit_bytes", "gauge", "Bytes it may take; then events are refused (503) until digest catches up."),
    ("mukiau_state_bytes", "gauge", "Size of the state file with its log."),
    ("mukiau_state_used_bytes", "gauge", "Bytes of it that hold something; the rest is free for new events."),
    ("mukiau_state_limit_bytes", "gauge", "What may be used before the oldest payloads are deleted; 0: no limit."),
    ("mukiau_disk_free_bytes", "gauge", "Bytes free for mukiau on the disk of the data folder."),
    ("mukiau_accepted_total", "counter", "Requests kept on disk."),
    ("mukiau_accepted_records_total", "counter", "Log records in them."),
    ("mukiau_refused_total", "counter", "Requests not taken, by reason."),
    ("mukiau_digested_total", "counter", "Requests digested, those set aside included."),
    ("mukiau_dropped_total", "counter", "What was sent and not kept, by reason."),
    ("mukiau_deleted_total", "counter", "Payloads and events that retention deleted, by what and why."),
    ("mukiau_duplicates_total", "counter", "Events and records that were known already."),
    ("mukiau_pending", "gauge", "Requests and open log entries that are not visible yet."),
    ("mukiau_open_entries", "gauge", "Log entries still being assembled, a part of mukiau_pending."),
    ("mukiau_set_aside", "gauge", "Requests that could not be digested and wait for somebody to look."),
    ("mukiau_issues", "gauge", "Issues kept."),
    ("mukiau_events", "gauge", "Events kept."),
    (
        "mukiau_process_resident_bytes",
        "gauge",
        "Memory of each process, with its makers' if it is digest; what is shared counts for each.",
    ),
    ("mukiau_process_cpu_seconds_total", "counter", "Processor time of each process since it started."),
    (
        "mukiau_process_start_time_seconds",
        "gauge",
        "When each process started, in unix time; changes when it starts again.",
    ),
)
"""Name, kind and explanation of each metric, in the order they are given out."""

Sample = tuple[str, Mapping[str, str], float]
"""What is added to the metric's name, labels, value."""


def render_metrics(condition: Condition, figures: Figures | None, meter: Meter, now_ms: int) -> str:
    """Return everything in Prometheus' text format; without figures only what is known without them."""
    samples = {
        **_condition_samples(condition, now_ms),
        **_meter_samples(meter),
        **(_figure_samples(figures, now_ms) if figures else {}),
    }
    return "".join(
        _metric(name, kind, explained, samples[name]) for name, kind, explained in METRICS if name in samples
    )


def _condition_samples(condition: Condition, now_ms: int) -> dict[str, list[Sample]]:
    age = (now_ms - condition.heartbeat_ms) / 1000 if condition.heartbeat_ms else math.inf
    ready = check(condition, now_ms).items()
    uses = condition.processes.items()
    return {
        "mukiau_build_info": [("", {"version": __version__}, 1)],
        "mukiau_ready": [("", {"check": name}, int(not obstacle)) for name, obstacle in ready],
        "mukiau_digest_heartbeat_age_seconds": _one(age),
        "mukiau_spool_bytes": _one(condition.spool_bytes),
        "mukiau_spool_limit_bytes": _one(condition.spool_limit_bytes),
        "mukiau_state_bytes": _one(condition.state_bytes),
        "mukiau_state_used_bytes": _one(condition.state_used_bytes),
        "mukiau_state_limit_bytes": _one(condition.state_limit_bytes),
        "mukiau_disk_free_bytes": [] if condition.disk_free_bytes is None else _one(condition.disk_free_bytes),
        "mukiau_process_resident_bytes": [("", {"process": role}, use.resident_bytes) for role, use in uses],
        "mukiau_process_cpu_seconds_total": [("", {"process": role}, use.cpu_seconds) for role, use in uses],
        "mukiau_process_start_time_seconds": [("", {"process": role}, use.started_at) for role, use in uses],
    }


def _meter_samples(meter: Meter) -> dict[str, list[Sample]]:
    counts = sorted(meter.counts.items())
    return {
        "mukiau_http_requests_in_progress": _one(meter.in_progress),
        "mukiau_http_requests_total": [("", {"door": door, "status": said}, n) for (door, said), n in counts],
        "mukiau_http_request_seconds": [sample for door in sorted(meter.seconds) for sample in _histogram(meter, door)],
    }


def _histogram(meter: Meter, door: str) -> Iterator[Sample]:
    """Buckets of Prometheus hold what is below them, too."""
    total = 0
    for bound, count in zip([*BOUNDS_SECONDS, math.inf], meter.buckets[door], strict=True):
        total += count
        yield "_bucket", {"door": door, "le": "+Inf" if bound == math.inf else f"{bound:g}"}, total
    yield "_sum", {"door": door}, meter.seconds[door]
    yield "_count", {"door": door}, total


def _figure_samples(figures: Figures, now_ms: int) -> dict[str, list[Sample]]:
    waiting_ms = now_ms - figures.oldest_waiting_ms if figures.oldest_waiting_ms else 0
    return {
        "mukiau_digest_lag_seconds": _one(max(0, waiting_ms) / 1000),
        "mukiau_accepted_total": _one(figures.accepted),
        "mukiau_accepted_records_total": _one(figures.accepted_records),
        "mukiau_refused_total": _by_reason(figures.refused),
        "mukiau_digested_total": _one(figures.digested),
        "mukiau_dropped_total": _by_reason(figures.dropped),
        "mukiau_deleted_total": _by_reason(figures.deleted),
        "mukiau_duplicates_total": _one(figures.duplicates),
        "mukiau_pending": _one(figures.pending),
        "mukiau_open_entries": _one(figures.open_entries),
        "mukiau_set_aside": _one(figures.set_aside),
        "mukiau_issues": _one(figures.issues),
        "mukiau_events": _one(figures.events),
    }


def _one(value: float) -> list[Sample]:
    return [("", {}, value)]


def _by_reason(counts: Mapping[str, int]) -> list[Sample]:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in most[MAX_REASONS:])
    return [*(("", {"reason": reason}, count) for reason, count in most[:MAX_REASONS]), *_others(rest)]


def _others(count: int) -> list[Sample]:
    return [("", {"reason": "other"}, count)] if count else []


def _metric(name: str, kind: str, explained: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {explained}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{added}{_labels(labels)} {_number(value)}" for added, labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return "+Inf" if value == math.inf else f"{value:.3f}" if isinstance(value, float) else str(value)
