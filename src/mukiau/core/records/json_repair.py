"""A JSON text that was cut, closed so that its beginning can be read."""

_CLOSERS = {"{": "}", "[": "]"}
_MAX_CHARS = 1_048_576


def close_json(text: str) -> str:
    r"""Close the strings, objects and arrays a cut left open; a half-written last member is dropped.

    >>> close_json('{"level":"error","stack":"main.go')
    '{"level":"error","stack":"main.go"}'
    >>> close_json('{"level":"error","sta')
    '{"level":"error"}'
    """
    text = text[:_MAX_CHARS].rstrip("\r\n")
    stack, in_string, member_ends = _scan(text)
    if in_string:
        closed = _cut_escape(text) + '"' + "".join(reversed(stack))
        if _is_value(text, member_ends):
            return closed
    elif text.rstrip()[-1:] in '"}]' and _is_value(text, member_ends):
        return text + "".join(reversed(stack))
    return _without_last_member(text, member_ends)


def _scan(text: str) -> tuple[list[str], bool, list[tuple[int, int]]]:
    """Open brackets' closers, whether a string is open, and (index, depth) where a member of an object ended or began."""
    stack: list[str] = []
    marks: list[tuple[int, int]] = []
    at, length = 0, len(text)
    while at < length:
        char = text[at]
        if char == '"':
            at = _string_end(text, at + 1)
            if at < 0:
                return stack, True, marks
        elif char in "{[":
            stack.append(_CLOSERS[char])
            marks.append((at, len(stack)))
        elif char in "}]" and stack:
            stack.pop()
        elif char in ",:":
            marks.append((at, len(stack)))
        at += 1
    return stack, False, marks


def _string_end(text: str, at: int) -> int:
    """Index of the closing quote of the string whose content begins at `at`; -1 when it is open."""
    while True:
        quote = text.find('"', at)
        if quote < 0:
            return -1
        back = quote - 1
        while back >= at and text[back] == "\\":
            back -= 1
        if (quote - back) % 2:
            return quote
        at = quote + 1


def _cut_escape(text: str) -> str:
    r"""Drop a half escape (`\` or `\u30`) at the end."""
    back = text.rfind("\\", max(0, len(text) - 6))
    if back < 0:
        return text
    tail = text[back:]
    is_half = tail == "\\" or (tail.startswith("\\u") and len(tail) < 6)
    runs = len(text[: back + 1]) - len(text[: back + 1].rstrip("\\"))
    return text[:back] if is_half and runs % 2 else text


def _is_value(text: str, marks: list[tuple[int, int]]) -> bool:
    """The text ends inside or after a value (behind a colon, or in an array), not inside a key."""
    return bool(marks) and text[marks[-1][0]] in ":["


def _without_last_member(text: str, marks: list[tuple[int, int]]) -> str:
    for at, depth in reversed(marks):
        if text[at] == "," and depth == 1:
            return text[:at] + "}"
    return "{}"
