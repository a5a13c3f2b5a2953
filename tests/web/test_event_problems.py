"""What was found wrong, in the reader's words: every note a station makes has them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import mukiau
from mukiau.web.event.problems import KINDS, NOTES, problems_of
from mukiau.web.event.remarks import Remarks
from mukiau.web.event.sheet import Sheet

PACKAGE = Path(mukiau.__file__).parent


def _text(node: ast.expr | None) -> str:
    """Return a text of the source, `7` in place of what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _notes() -> Iterator[tuple[str, str]]:
    """Yield kind and note of every problem the stations can find; "" for what is worked out at run time."""
    for room in ("core", "digest"):
        for path in PACKAGE.joinpath(room).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            named = {
                target.id: _text(node.value)
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            yield from ((_said(kind, named), _said(note, named)) for kind, note in _problems(tree))


def _said(node: ast.expr | None, named: dict[str, str]) -> str:
    return named.get(node.id, "") if isinstance(node, ast.Name) else _text(node)


def _problems(tree: ast.AST) -> Iterator[tuple[ast.expr | None, ast.expr | None]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr == "add" and len(node.args) == 4:
            yield node.args[0], node.args[3]
        elif isinstance(node.func, ast.Name) and node.func.id == "EventProblem":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            yield given.get("kind"), given.get("note")


def _shown(kind: str, note: str) -> tuple[str, str]:
    found = problems_of({"problems": [{"kind": kind, "note": note}]}, Sheet(Remarks({})))
    return str(found.problems[0].kind), str(found.problems[0].note)


def test_every_kind_and_note_has_words_in_japanese() -> None:
    said = {(kind, note) for kind, note in _notes() if kind or note}

    with translation.override("ja"):
        shown = {pair: _shown(*pair) for pair in said}

    assert [kind for kind, _ in said if kind and kind not in KINDS] == []
    assert [pair for pair, words in shown.items() if all(text.isascii() for text in words if text)] == []
    assert len(said) > 30


def test_no_words_are_kept_for_a_note_nobody_makes() -> None:
    made = {note for _, note in _notes()}

    assert [note for note in NOTES if note not in made] == []


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Cut to 8192 characters.", "Cut to 8,192 characters."),
        ("Cut to 8192 characters and 12 levels.", "Cut to 8,192 characters and 12 levels."),
        ("Only the newest 100 breadcrumbs are kept.", "Only 100 are kept."),
        ("Only the 100 outermost exceptions are kept.", "Only 100 are kept."),
        ("Something a later version says.", "Something a later version says."),
    ],
)
def test_a_note_with_numbers_keeps_them(note: str, words: str) -> None:
    with translation.override("en"):
        assert _shown("truncated", note)[1] == words
