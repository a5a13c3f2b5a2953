"""Errors whose end is missing: their last lines are taken away, as a container that dies or a limit of the log does."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from bench.unseen.generate import Occurrence
from mukiau.core.event import JSONObject

MIN_LINES = 4
"""Of an error that is cut; shorter ones have no trace to speak of."""
KEPT_LINES = 2
"""At least."""


def cut_some(occurrences: Sequence[Occurrence], *, share: float, seed: int) -> Iterator[Occurrence]:
    """Yield the occurrences, a share of those with a trace cut at a random line."""
    rng = Random(seed)
    for one in occurrences:
        yield _cut(one, rng) if rng.random() < share else one


def _cut(one: Occurrence, rng: Random) -> Occurrence:
    ids = one.truth["record_ids"]
    own = [record for record in one.records if record["id"] in ids]
    lines = own[0]["message"].split("\n")
    if len(own) >= MIN_LINES:
        lost = {record["id"] for record in own[rng.randint(KEPT_LINES, len(own) - 1) :]}
        kept = tuple(record for record in one.records if record["id"] not in lost)
        left = [name for name in ids if name not in lost]
        return replace(one, records=kept, truth={**one.truth, "record_ids": left, "truncated": True})
    if len(own) == 1 and len(lines) >= MIN_LINES:
        message = "\n".join(lines[: rng.randint(KEPT_LINES, len(lines) - 1)])
        records = tuple({**record, "message": message} if record is own[0] else record for record in one.records)
        return replace(one, records=records, truth={**one.truth, "truncated": True})
    return one


def fate_of_cut(
    occurrences: Sequence[Occurrence], events: Sequence[JSONObject], homes: Mapping[str, str]
) -> Counter[str]:
    """Return how many cut errors are where their kind is (`right`), where another is (`wrong`), or by themselves
    (`apart`); `by its fingerprint` or, because it belongs to another one's issue, `joined`."""
    truth_of = {name: one.truth for one in occurrences for name in one.truth["record_ids"]}
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    cut: list[tuple[str, str, str]] = []
    for event in events:
        truth = truth_of.get(event["record_ids"][0])
        if truth is None:
            continue
        if truth.get("truncated"):
            cut.append((truth["kind"], event["fingerprint"], event["group"]))
        else:
            kinds[event["group"]][truth["kind"]] += 1
    fates: Counter[str] = Counter()
    for kind, fingerprint, group in cut:
        how = "joined" if fingerprint in homes else "by its fingerprint"
        most = kinds[group].most_common(1)
        fates["apart" if not most else f"{'right' if most[0][0] == kind else 'wrong'}, {how}"] += 1
    return fates
