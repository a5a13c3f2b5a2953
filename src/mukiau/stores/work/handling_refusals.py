"""Why something was not done with a handling: nothing went wrong, and nothing was written."""

from mukiau.work.handling import State


class HandlingRefused(Exception):  # noqa: N818 - nothing went wrong
    """The handling stays as it is; the message says why in one sentence."""


class UnknownHandling(HandlingRefused):
    """There is no such handling."""

    def __init__(self, handling_id: int) -> None:
        super().__init__(f"There is no handling {handling_id}.")
        self.handling_id = handling_id


class HandlingConflict(HandlingRefused):
    """Somebody else has changed it since it was read."""

    def __init__(self, handling_id: int, *, version: int) -> None:
        super().__init__(
            f"Handling {handling_id} was changed meanwhile and is at version {version} now; read it again."
        )
        self.handling_id, self.version = handling_id, version


class CannotBeDone(HandlingRefused):
    """In this state the act makes no sense."""

    def __init__(self, act: str, state: State) -> None:
        super().__init__(f"`{act}` cannot be done with a handling that is `{state}`.")
        self.act, self.state = act, state


class OpenedAgain(HandlingRefused):
    """Another handling of the same key or batch is open by now; it answers what comes."""

    def __init__(self, handling_id: int, other_id: int) -> None:
        super().__init__(f"Handling {other_id} is open for the same as {handling_id}; go on there.")
        self.handling_id, self.other_id = handling_id, other_id


class ReasonMissing(HandlingRefused):
    """Who says that nothing is needed says why."""

    def __init__(self) -> None:
        super().__init__("Say why nothing is needed.")


class BadMinutes(HandlingRefused):
    """No time somebody can have taken."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"{minutes} minutes are no time a handling takes; say 0 to 1440.")
        self.minutes = minutes


class NothingToUndo(HandlingRefused):
    """There is no such act, or it was undone before."""

    def __init__(self, history_id: int) -> None:
        super().__init__(f"Line {history_id} of the history is nothing that can be undone.")
        self.history_id = history_id
