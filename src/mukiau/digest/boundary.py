"""The worker loop's boundary: the one place that catches whatever is raised.

What goes wrong inside is the fault of what was digested, so that is set aside and the line goes on. Who tries a thing
draws the boundary around it: an item, one log entry, one saved stream, the writing of a batch; the process that tells, one
route.
"""

from collections.abc import Callable
from dataclasses import dataclass
from traceback import extract_tb
from typing import ParamSpec, TypeVar

from mukiau import codec
from mukiau.digest.envelopes import Undigestible
from mukiau.digest.ports import AnotherDigester, MakerLost, StoreBusy

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

PASSING = (AnotherDigester, MakerLost, StoreBusy)
"""Raised through the boundary: they say something of this process or its store, and nothing of what is digested."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What was raised instead of a result."""

    error: Exception

    @property
    def reason(self) -> str:
        """What went wrong and where, in one line for the page of items set aside."""
        if isinstance(self.error, Undigestible | codec.BodyError):
            return str(self.error)
        frames = extract_tb(self.error.__traceback__)
        place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
        return f"{type(self.error).__name__}: {str(self.error)[:300]}{place}"


def attempt(call: Callable[_Given, _Result], *arguments: _Given.args, **options: _Given.kwargs) -> _Result | Failure:
    """Return the call's result, or how it failed."""
    try:
        return call(*arguments, **options)
    except PASSING:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        return Failure(error)
