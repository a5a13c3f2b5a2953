"""Makes the logs: records as log events of a stream, and the truth about every error among them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from bench.unseen.formats import FORMATS, QUIET, Said
from bench.unseen.platform import Kind
from bench.unseen.traces import TRACES, Build
from bench.unseen.values import Filler
from mukiau.core.event import JSONObject

BEGIN = datetime(2026, 10, 5, tzinfo=UTC)
ENVIRONMENTS = ("kita-prod", "minami-prod", "minami-stg", "kita-load")
DEPLOYS = 3
MIN_OCCURRENCES = 4
SPLIT_LINES_SHARE = 0.7
"""Of the streams that write one log event a line; the others write one an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One error: its truth and its log events."""

    truth: JSONObject
    records: tuple[JSONObject, ...]


def generate(kinds: Sequence[Kind], *, occurrences: int, seed: int) -> Iterator[Occurrence]:
    """Yield occurrences in the order of time, each stream's with quiet lines between them.

    Each kind has at least MIN_OCCURRENCES; how many more follows 1/(rank + 10), ranks drawn by the seed: no single kind
    is so frequent that the pairs of it alone make the score.
    """
    rng = Random(seed)
    ranked = rng.sample(list(kinds), len(kinds))
    weights = [1 / (rank + 10) for rank in range(1, len(ranked) + 1)]
    drawn = [kind for kind in kinds for _ in range(MIN_OCCURRENCES)]
    drawn += rng.choices(ranked, weights, k=max(0, occurrences - len(drawn)))
    rng.shuffle(drawn)
    for number, kind in enumerate(drawn):
        deploy = number * DEPLOYS // len(drawn)
        at = BEGIN + timedelta(seconds=60 * number, milliseconds=rng.randint(0, 999))
        yield _occurrence(kind, number, Build(deploy=deploy, rng=rng), at)


def _occurrence(kind: Kind, number: int, build: Build, at: datetime) -> Occurrence:
    rng, filler = build.rng, Filler(build.rng)
    chain = [replace(link, message=filler.fill(link.message)) for link in kind.chain]
    said = Said(
        at=at,
        logger=kind.logger,
        message=filler.fill(kind.message),
        fields={name: filler.fill(value) for name, value in kind.fields},
        chain=chain,
        trace=TRACES[kind.service.language](kind, chain, build) if chain else "",
        build=build,
        rng=rng,
    )
    environment = rng.choice(ENVIRONMENTS)
    text = FORMATS[kind.service.format](said)
    is_split = rng.random() < SPLIT_LINES_SHARE
    stream = f"app/{'lines' if is_split else 'entries'}/{environment}"
    lines = [line for line in text.split("\n") if line.strip()] if is_split else [text]
    records = [
        _record(kind, environment, stream, f"{number:07d}-{index:03d}", at, line) for index, line in enumerate(lines)
    ]
    return Occurrence(
        truth=_truth(kind, number, environment, records, chain_of(said)), records=(*records, *_quiet(kind, records[-1]))
    )


def chain_of(said: Said) -> list[list[str]]:
    """Return type and message of every link, outermost first."""
    return [[link.type, link.message] for link in said.chain]


def _record(kind: Kind, environment: str, stream: str, name: str, at: datetime, message: str) -> JSONObject:
    return {
        "id": name,
        "message": message,
        "timestamp": int(at.timestamp() * 1000),
        "account": "210987654321",
        "log_group": f"/ecs/{environment}/{kind.service.name}",
        "log_stream": stream,
    }


def _quiet(kind: Kind, last: JSONObject) -> list[JSONObject]:
    """A line of no error after every third entry; in most streams, the next entry is all that ends a trace."""
    layout = QUIET.get(kind.service.format)
    if layout is None or int(last["id"][:7]) % 3:
        return []
    at = datetime.fromtimestamp(last["timestamp"] / 1000, UTC)
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}" if kind.service.format == "rails-text" else f"{at:%Y-%m-%d %H:%M:%S}"
    return [{**last, "id": f"{last['id']}-quiet", "message": layout.format(stamp)}]


def _truth(kind: Kind, number: int, environment: str, records: list[JSONObject], chain: list[list[str]]) -> JSONObject:
    return {
        "occurrence": f"u{number:07d}",
        "kind": kind.name,
        "service": kind.service.name,
        "environment": environment,
        "record_ids": [record["id"] for record in records],
        "is_error": True,
        "chain": chain,
        "language": kind.service.language,
        "format": kind.service.format,
    }
