"""What a new runbook takes over from the errors it is written for: the rule, the exception chain, messages, tags.

All of it came from outside. It stands in blocks of code, whose fence is longer than any in the text, and double braces
are taken apart, so that no message becomes Markdown or a variable of the runbook.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from mukiau.core.event import Event, ExceptionInfo
from mukiau.core.grouping.chain import root_cause, suppressed
from mukiau.core.grouping.message import first_line
from mukiau.work.finding.proposing import rule_for
from mukiau.work.runbooks.rules import MatchRule

MAX_SAMPLES = 3
MAX_SAMPLE_CHARS = 500
MAX_TAGS = 10
_TICKS = re.compile(r"`+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DOUBLE = re.compile(r"(?<=\{)(?=\{)|(?<=\})(?=\})")
"""Between two braces: together they would be a variable."""


def rule_of_event(event: Event, *, template: str, fingerprint_hash: str = "") -> MatchRule:
    """Return the match rule for errors like an event; `template` is its message as the issue shows it."""
    root = root_cause(event.exceptions)
    return rule_for(
        service=event.service,
        root_type=root.type if root is not None else "",
        root_message=first_line(root.message) if root is not None else "",
        template=template,
        fingerprint_hash=fingerprint_hash,
    )


def write_examples(events: Sequence[Event]) -> str:
    """Return the section of examples: the chain of the latest event, messages that differ, and its tags; "" for none."""
    if not events:
        return ""
    latest = events[0]
    chain, tags = list(_chain(latest.exceptions)), [f"{key}={value}" for key, value in latest.tags[:MAX_TAGS]]
    blocks = (["\n".join(chain)] if len(chain) > 1 else []) + _samples(events) + (["\n".join(tags)] if tags else [])
    return "\n".join(map(_fenced, blocks))


def _chain(exceptions: tuple[ExceptionInfo, ...]) -> Iterator[str]:
    aside = suppressed(exceptions)
    for at, link in enumerate(exceptions):
        if at not in aside:
            said = f"{link.type}: {first_line(link.message)}".removeprefix(": ").removesuffix(": ")
            yield f"{'  ' * min(at, 10)}{said}"


def _samples(events: Iterable[Event]) -> list[str]:
    messages = (event.message.strip()[:MAX_SAMPLE_CHARS] for event in events)
    return list(dict.fromkeys(message for message in messages if message))[:MAX_SAMPLES]


def _fenced(text: str) -> str:
    shown = _DOUBLE.sub(" ", _CONTROL.sub("�", text))
    fence = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}\n"
