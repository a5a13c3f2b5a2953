r"""Traces of Erlang: error reports with the exit term, crash reports, escripts.

The exit term is `{Reason,[{module,function,arity,[{file,"…"},{line,N}]}, …]}`, broken over lines at any place; a crash
report prints the same in words (`exception error: bad argument …`, `in function  m:f/2 (src/m.erl, line 18)`), which
are turned back into the name of the reason. Chains do not exist.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import is_log_line
from mukiau.core.traces.libraries import ERLANG_MODULES
from mukiau.core.traces.text import MAX_LINE_CHARS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "erlang"
OPENINGS: tuple[str, ...] = (
    "=ERROR REPORT====", "=CRASH REPORT====", "crasher:", "exception error: ", "exception exit: ", "exception throw: ",
    "escript: exception ", "in function ", "in call from ", "Error in process ", "** Reason for termination", "** exception ",
    "[{", "{", "** {", "initial call: ",
)  # fmt: skip

MAX_TERM_LINES = 200
MAX_TERM_CHARS = 65_536
"""Of an exit term only this much is read: states are printed whole and may be huge."""

_REPORT = re.compile(r"=(?:ERROR|CRASH) REPORT====")
_WORDS = re.compile(r"(?:escript: |\*\* )?exception (error|exit|throw): (.{0,8000})$")
_CALL = re.compile(
    r"in (?:function|call from) {1,2}(?P<module>'?[\w.]{1,200}'?):(?P<name>[^\s(]{1,300}?)/(?P<arity>\d{1,3})"
    r"(?: \((?P<file>[^,()\n]{1,400}), line (?P<line>\d{1,9})\))?"
)
_HEAD_PLACE = re.compile(r" \((?P<file>[^,()\n]{1,400}), line (?P<line>\d{1,9})\)$")
_ENTRY = re.compile(
    r"\{(?P<module>'?[a-z][\w.@]{0,200}'?),\s{0,40}(?P<name>'[^'\n]{1,300}'|[a-z]\w{0,200}),\s{0,40}(?P<arity>\d{1,3}|\[[^\[\]]{0,2000}\])"
    r",\s{0,40}\[(?:\{error_info,[^\n]{0,200}\},\s{0,40})?(?:\{file,\s{0,8}\"(?P<file>[^\"\n]{1,400})\"\},\s{0,40}\{line,\s{0,8}(?P<line>\d{1,9})\})?"
)
_REASON = re.compile(
    r"(?:with exit value: ?|exit with reason |termination ==|termination = (?:error|exit|throw):)\s{0,8}(?:\*\* )?"
)
_NAMES = (
    ("bad argument in an arithmetic expression", "badarith"),
    ("no match of right hand side value", "badmatch"),
    ("no function clause matching", "function_clause"),
    ("no case clause matching", "case_clause"),
    ("no true branch found when evaluating an if", "if_clause"),
    ("no try clause matching", "try_clause"),
    ("undefined function", "undef"),
    ("bad argument", "badarg"),
    ("bad function", "badfun"),
    ("bad key", "badkey"),
    ("bad map", "badmap"),
    ("no such process", "noproc"),
)
"""What the shell prints for the reasons of the run time, most special first (erl_error of stdlib)."""


def kind_of(line: str) -> LineKind:
    """Classify one line by the words of reports and by the tuples of a stack."""
    text = line.strip()
    if _REPORT.match(text) or text.startswith(("Error in process <", "escript: exception ", "** exception ")):
        return LineKind.START
    if not line[:1].isspace():
        return (
            LineKind.BODY
            if text.startswith(("{{", "** {", "** Reason for term")) or _ENTRY.match(text)
            else LineKind.NONE
        )
    if _CALL.match(text) or _WORDS.match(text) or text.startswith(("crasher:", "initial call: ")):
        return LineKind.BODY
    return LineKind.BODY if _ENTRY.match(text.removeprefix("[")) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first exception told in words, else the first exit term that has a stack."""
    for index, line in enumerate(lines):
        text = line.strip()[:MAX_LINE_CHARS]
        if "exception " in text and (words := _WORDS.match(text)) is not None:
            return _parse_words(lines, index, words)
        if "{" in text and _ENTRY.search(text) is not None:
            return _parse_term(lines, index)
    return None


def is_in_app(module: str) -> bool:
    """Tell whether a module is the team's own: not of OTP and not of a well-known library."""
    return module not in ERLANG_MODULES


def _parse_words(lines: Sequence[str], begin: int, words: re.Match[str]) -> Trace:
    kind, message = words.groups()
    link = Link()
    place = _HEAD_PLACE.search(message)
    if place is not None:
        message = message[: place.start()]
    link.type = next((name for start, name in _NAMES if message.startswith(start)), kind)
    link.message = message
    end = begin + 1
    while end < len(lines) and (call := _CALL.match(lines[end].strip())) is not None:
        link.add_frame(_frame_of(call))
        end += 1
    return Trace(language=LANGUAGE, exceptions=close_chain([link]), first_line=begin, end_line=end)


def _parse_term(lines: Sequence[str], index: int) -> Trace:
    """Read the term around the first stack entry; it begins where the report says so, or with its line."""
    begin = index
    while begin > 0 and index - begin < MAX_TERM_LINES and not _REASON.search(lines[begin]):
        if is_log_line(lines[begin]) or not lines[begin - 1].strip():
            break
        begin -= 1
    if _REASON.search(lines[begin]) is None and "{{" not in lines[begin]:
        begin = index
    end = index + 1
    while end < len(lines) and end - index < MAX_TERM_LINES and _ENTRY.search(lines[end][:MAX_LINE_CHARS]):
        end += 1
    text = "\n".join(lines[begin:end])[:MAX_TERM_CHARS]
    entries = list(_ENTRY.finditer(text))
    marker = _REASON.search(text)
    name, message = _reason_of(text[marker.end() if marker else 0 : entries[0].start()])
    link = Link(type=name, message=message, frames=[_frame_of(entry) for entry in entries])
    return Trace(
        language=LANGUAGE, exceptions=close_chain([link]), first_line=begin, end_line=end, is_headless=not name
    )


def _reason_of(text: str) -> tuple[str, str]:
    """`{{badmatch,{error,enoent}},\n [` into the reason's name and the rest of it."""
    text = text[text.find("{") :] if "{" in text else text
    term = re.sub(r"\s{1,80}", " ", text.replace(" and stacktrace", ",").rstrip(" \n[").rstrip(","))
    term = term.removeprefix("{").rstrip().removesuffix(",")
    if not term.startswith("{"):
        return term.strip(), ""
    name, _, rest = term[1:].partition(",")
    return name.strip(), rest.strip().removesuffix("}")


def _frame_of(match: re.Match[str]) -> Frame:
    path = match["file"] or ""
    arity = match["arity"]
    module = match["module"].strip("'")
    return Frame(
        function=f"{match['name'].strip(chr(39))}/{arity if arity.isdigit() else arity.count(',') + 1}",
        module=module,
        filename=path,
        abs_path=path,
        lineno=int(match["line"]) if path else None,
        in_app=is_in_app(module),
    )
