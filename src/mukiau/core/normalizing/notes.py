"""What was mended while a payload is normalised."""

from mukiau.core.event import EventProblem, JSONValue
from mukiau.core.limits import MAX_PROBLEMS

_MAX_GIVEN_CHARS = 100


class Notes:
    """Collects the problems of one payload, a bounded number of them."""

    def __init__(self, *, limits_data: bool = False) -> None:
        self._problems: list[EventProblem] = []
        self._more = 0
        self.limits_data = limits_data
        """The payload is large or deep: its free-form data is held to the limits."""
        self.may_exceed = False
        """It is not, but may become so by what is mended."""

    def add(self, kind: str, path: str, given: JSONValue, note: str) -> None:
        """Note one problem; `given` is shortened."""
        if len(self._problems) < MAX_PROBLEMS - 1:
            self._problems.append(EventProblem(kind=kind, path=path[:200], given=shorten(given), note=note))
        else:
            self._more += 1

    def problems(self) -> tuple[EventProblem, ...]:
        """Return all problems, in the order they were met."""
        if not self._more:
            return tuple(self._problems)
        rest = EventProblem(kind="more_problems", given=str(self._more), note="Further problems are not listed.")
        return (*self._problems, rest)


def shorten(value: JSONValue) -> str:
    """Return a value as a short text: texts and numbers themselves, containers by their size."""
    match value:
        case str():
            return value if len(value) <= _MAX_GIVEN_CHARS else value[:_MAX_GIVEN_CHARS] + "..."
        case dict() | list():
            return f"{'object' if isinstance(value, dict) else 'list'} of {len(value)}"
        case int() if abs(value) > 10**30:
            return "a number of more than 30 digits"
    return str(value)[:_MAX_GIVEN_CHARS]
