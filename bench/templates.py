"""How well one configuration tells log calls apart by their lines alone, and how fast.

The measures are those of the field's papers. *Grouping accuracy* (GA): the share of lines whose group is exactly the
true one, no line more or less. *FGA*: the F1 over groups, each exactly right or wrong, so that a rare log call counts
as much as a frequent one. *FTA*: as FGA, and the template must be the true one too, each placeholder being `<*>`.
Pairs: of two lines in one group, how often they are from one log call. No logger, level or place helps here, which an
event of mukiau nearly always has: in production these figures are a lower bound.

Three rows: by itself, with the words that vary learned as the product does with its default settings; the templates alone, as
they are until then; and with every pattern accepted that is suggested to people.
"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from statistics import mean

from bench.learned import learned_policy
from bench.measure import Results
from bench.template_lines import LabelledSet, generated_sets
from mukiau.core.event import Event, Origin
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.explanation import Part, leaves_of
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.varying import find_patterns
from mukiau.core.grouping.wording import matches
from mukiau.core.templates import template_of

SEED = 1
_NOW = datetime(2026, 12, 1, tzinfo=UTC)
RUNS = 3
_PLACEHOLDER = re.compile(r"<[a-z]{2,8}(?: [^<>\n]{0,80})?>")
_HOLES = re.compile(r"<\*>(?:[^\w\s]?<\*>)*")


class How(StrEnum):
    """By what lines are grouped; the first needs nobody."""

    BY_ITSELF = "by itself"
    """The product as it comes: words that vary are learned."""
    TEMPLATES = "templates alone"
    ACCEPTED = "suggestions accepted"
    """As when somebody had accepted every pattern that `mukiau policy suggest` proposes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Shares, 0 … 1, of one set of lines."""

    grouping_accuracy: float
    group_f1: float
    template_f1: float
    pair_precision: float
    pair_f1: float


def measure_templates(results: Results) -> None:
    """Measure on the lines of all generated systems."""
    sets = list(generated_sets(seed=SEED))
    scores = {one.name: score(one) for one in sets}
    for name in ("grouping_accuracy", "group_f1", "template_f1", "pair_precision", "pair_f1"):
        results.add(name, mean(getattr(found, name) for found in scores.values()))
    for prefix, how in (("unlearned", How.TEMPLATES), ("suggested", How.ACCEPTED)):
        others = [score(one, how) for one in sets]
        for name in ("grouping_accuracy", "group_f1", "pair_precision"):
            results.add(f"{prefix}_{name}", mean(getattr(found, name) for found in others))
    for _ in range(RUNS):
        results.add("template_lines", _lines_a_second(sets))
    each = ", ".join(f"{name} {found.grouping_accuracy:.2f}" for name, found in sorted(scores.items()))
    results.note(f"Templates: grouping accuracy of {len(sets)} systems: {each}.")


def score(one: LabelledSet, how: How = How.BY_ITSELF) -> Scores:
    """Return how well the templates of the lines agree with the true ones."""
    true = [line.template for line in one.lines]
    found = found_templates([line.text for line in one.lines], how)
    cells, of_true, of_found = Counter(zip(true, found, strict=True)), Counter(true), Counter(found)
    exact = [(right, ours) for (right, ours), count in cells.items() if count == of_true[right] == of_found[ours]]
    same_text = sum(_bare(right) == _bare(_PLACEHOLDER.sub("<*>", ours)) for right, ours in exact)
    pairs, true_pairs, found_pairs = (
        sum(n * (n - 1) / 2 for n in counts.values()) for counts in (cells, of_true, of_found)
    )
    return Scores(
        grouping_accuracy=sum(of_true[right] for right, _ in exact) / len(true),
        group_f1=2 * len(exact) / (len(of_true) + len(of_found)),
        template_f1=2 * same_text / (len(of_true) + len(of_found)),
        pair_precision=pairs / found_pairs if found_pairs else 1.0,
        pair_f1=2 * pairs / (true_pairs + found_pairs) if pairs else 0.0,
    )


def found_templates(texts: Sequence[str], how: How) -> list[str]:
    """Return the template of each line."""
    if how is How.BY_ITSELF:
        return _learned(texts)
    found = [template_of(text) for text in texts]
    return _with_patterns(found) if how is How.ACCEPTED else found


def _learned(texts: Sequence[str]) -> list[str]:
    """The template by the policy that is in force when nothing more is learned."""
    events = {text: _event(text) for text in texts}
    policy = learned_policy(list(events.values()))
    templates = {text: _template(fingerprint_of(event, policy).explanation) for text, event in events.items()}
    return [templates[text] for text in texts]


def _event(text: str) -> Event:
    return build_event({"logentry": {"formatted": text}}, origin=Origin(project_id=1, source_id=1), received_at=_NOW)


def _template(tree: Part) -> str:
    return next(leaf.value for leaf in leaves_of(tree) if leaf.name == "template")


def _with_patterns(templates: Sequence[str]) -> list[str]:
    """Each template, or the narrowest proposed pattern that fits it."""
    patterns = sorted(find_patterns(templates), key=lambda pattern: (pattern.count("{"), -len(pattern), pattern))
    pattern_of = {
        template: next((pattern for pattern in patterns if matches(pattern, template)), template)
        for template in set(templates)
    }
    return [pattern_of[template] for template in templates]


def _bare(template: str) -> str:
    """Without what annotators do in two ways: blanks, and placeholders beside each other."""
    return " ".join(_HOLES.sub("<*>", template).split())


def _lines_a_second(sets: Sequence[LabelledSet]) -> float:
    """In CPU time of one process, each line's template made anew: repeats are remembered in production."""
    texts = [line.text for one in sets for line in one.lines]
    make = template_of.__wrapped__
    started = time.process_time()
    for text in texts:
        make(text)
    return len(texts) / (time.process_time() - started)


def confused(one: LabelledSet, how: How = How.BY_ITSELF) -> dict[str, list[str]]:
    """Return, for reading, the true templates that are not exactly one group, with what they became."""
    became: dict[str, set[str]] = defaultdict(set)
    came_from: dict[str, set[str]] = defaultdict(set)
    for line, ours in zip(one.lines, found_templates([line.text for line in one.lines], how), strict=True):
        became[line.template].add(ours)
        came_from[ours].add(line.template)
    return {
        right: sorted(ours)
        for right, ours in sorted(became.items())
        if len(ours) > 1 or any(len(came_from[name]) > 1 for name in ours)
    }


def main() -> None:
    """Print, for each system, the scores and the log calls that are not exactly one group."""
    for one in generated_sets(seed=SEED):
        found = score(one)
        print(
            f"{one.name}: GA {found.grouping_accuracy:.3f}, FGA {found.group_f1:.3f}, pairs {found.pair_precision:.3f}"
        )
        for right, ours in confused(one).items():
            print(f"  {right}", *ours[:4], *["…"] * (len(ours) > 4), sep="\n    ")


if __name__ == "__main__":
    main()
