"""Why a request was not filed or changed: nothing went wrong, and nothing was written."""

from collections.abc import Collection

from mukiau.work.request_content import Gap
from mukiau.work.requests import Act, Why


class RequestRefused(Exception):  # noqa: N818 - nothing went wrong
    """The request stays as it is; the message says why in one sentence."""


class UnknownRequest(RequestRefused):
    """There is no such request."""

    def __init__(self, request_id: int) -> None:
        super().__init__(f"There is no request {request_id}.")
        self.request_id = request_id


class UnknownOccurrence(RequestRefused):
    """It is to be about an event, an issue or a project that is not there."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no {what} in this project.")
        self.what = what


class Conflict(RequestRefused):
    """Somebody else changed it since it was read."""

    def __init__(self, request_id: int, *, version: int, changed_by: str) -> None:
        super().__init__(
            f"Request {request_id} was changed by {changed_by} meanwhile and is at version {version} now; read it again."
        )
        self.request_id, self.version, self.changed_by = request_id, version, changed_by


class NotAllowed(RequestRefused):
    """This person cannot do this now."""

    def __init__(self, act: Act, why: Why) -> None:
        super().__init__(f"You cannot do `{act}` with this request: {why}.")
        self.act, self.why = act, why


class MayNotFile(RequestRefused):
    """Who only reads files customers' inquiries alone."""

    def __init__(self) -> None:
        super().__init__("Your role files customers' inquiries only.")


class Incomplete(RequestRefused):
    """Something has to be filled in before it can be asked."""

    def __init__(self, gaps: Collection[Gap]) -> None:
        super().__init__(f"Fill in first: {', '.join(gaps)}.")
        self.gaps = tuple(gaps)


class TooMuch(RequestRefused):
    """Fields that hold more than they may, or anything where their kind has none."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(f"These hold more than they may, or what their kind does not have: {', '.join(names)}.")
        self.names = tuple(names)


class HiddenCharacter(RequestRefused):
    """The statement holds a character that nobody sees: what is approved has to be what is read."""

    def __init__(self, char: str) -> None:
        super().__init__(f"The statement holds the invisible character U+{ord(char):04X}; take it out.")
        self.char = char


class NoteMissing(RequestRefused):
    """The act has to say why."""

    def __init__(self, act: Act) -> None:
        super().__init__(f"Say why: `{act}` needs a note.")
        self.act = act


class ResultMissing(RequestRefused):
    """What came of it has to be told."""

    def __init__(self) -> None:
        super().__init__("Say what came of it: the result is empty.")
