"""A rendered runbook: sections, steps, values filled in whole or not at all, and no HTML but its own."""

from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hostile_values import INJECTIONS
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.runbooks.filling import Code, Unfilled
from mukiau.work.runbooks.front_matter import MAX_TEXT_CHARS
from mukiau.work.runbooks.literals import Refusal
from mukiau.work.runbooks.problems import ProblemKind
from mukiau.work.runbooks.rendering import Prose, RenderedRunbook, Step, check_runbook, render_runbook
from mukiau.work.runbooks.sections import HEADINGS, SectionKind, section_of

TEXT = r"""---
title: Orders cannot be saved
---
# Orders cannot be saved

See {{ order_id }}.

## 意味

Look at [the log](https://logs.example/search?q={{ order_id }}).

## Steps

1. Find the order **{{ order_id }}**.

   ```sql
   SELECT * FROM orders WHERE id = {{ order_id|match:^ORD-\d+$ }};
   ```

2. [ ] Delete the row (needs privilege)

   ```request
   Please delete {{ order_id }}.
   ```

Between.

- Tell them （要権限）

## Background
### Deeper

| a | b |
|---|---|
| {{ a|match:^x|y$ }} | `{{ a }}` |
"""


def parts_of(rendered: RenderedRunbook) -> list[Prose | Code]:
    found: list[Prose | Code] = []
    for section in rendered.sections:
        for part in section.parts:
            found.extend(part.parts if isinstance(part, Step) else [part])
    return found


def html_of(rendered: RenderedRunbook) -> str:
    return "\n".join(part.html for part in parts_of(rendered))


def test_sections_are_known_by_their_headings_in_both_languages() -> None:
    rendered = render_runbook(TEXT, {})

    assert [(one.section, one.heading) for one in rendered.sections] == [
        (None, ""),
        (SectionKind.MEANING, "意味"),
        (SectionKind.STEPS, "Steps"),
        (None, "Background"),
    ]
    assert all(section_of(name) is kind for kind, names in HEADINGS.items() for name in names)


def test_the_entries_of_the_steps_lists_are_the_check_list() -> None:
    steps = render_runbook(TEXT, {"order_id": "ORD-7"}).steps

    assert [(one.number, one.needs_privilege, one.text) for one in steps] == [
        (1, False, "Find the order ORD-7 ."),
        (2, True, "Delete the row"),
        (3, True, "Tell them"),
    ]
    assert [one.text for one in steps[0].statements] == ["SELECT * FROM orders WHERE id = 'ORD-7';"]
    assert steps[1].request == "Please delete ORD-7."
    assert steps[1].statements == ()


def test_what_is_not_filled_in_is_told_and_shows_its_name() -> None:
    rendered = render_runbook(TEXT, {"order_id": "'; DROP TABLE orders; --", "a": "z"})

    assert rendered.problems == (
        Unfilled("order_id", Refusal.NO_MATCH, "'; DROP TABLE orders; --"),
        Unfilled("a", Refusal.NO_MATCH, "z"),
    )
    statement = rendered.steps[0].statements[0]
    assert (statement.text, statement.is_complete) == ("SELECT * FROM orders WHERE id = {{ order_id }};", False)


def test_a_pattern_goes_for_the_whole_value_with_or_without_anchors() -> None:
    text = "{{ a|match:ORD-[0-9]+ }}"

    assert "ORD-1" in html_of(render_runbook(text, {"a": "ORD-1"}))
    assert render_runbook(text, {"a": "ORD-1; x"}).problems[0].reason is Refusal.NO_MATCH
    assert render_runbook(text, {"a": "ORD-1\n"}).problems[0].reason is Refusal.NO_MATCH


@pytest.mark.parametrize("pattern", ["(", "(?=x)", "a" * 300, "(a{900}){900}"])
def test_a_pattern_that_cannot_be_read_accepts_nothing(pattern: str) -> None:
    text = f"# t\n\n{{{{ a|match:{pattern} }}}}"

    assert render_runbook(text, {"a": "x"}).problems[0].reason is Refusal.NO_MATCH
    assert [one.kind for one in check_runbook(text)] == [ProblemKind.BAD_PATTERN]


def test_a_value_in_an_address_stays_one_part_of_it() -> None:
    html = html_of(render_runbook("[x](https://logs.example/q?id={{a}}&b=1)", {"a": "1&admin=1#/../\u202e"}))

    assert 'href="https://logs.example/q?id=1%26admin%3D1%23%2F..%2F%E2%80%AE&amp;b=1"' in html


@pytest.mark.parametrize(
    "href",
    [
        "https:///{{a}}",
        "https://\\{{a}}",
        "https:/{{a}}",
        "https://{{a}}/x",
        "{{a}}",
        "https://x.example{{a}}",
        "//{{a}}",
        "mailto:{{a}}",
        "javascript:{{a}}",
    ],
)
def test_no_value_says_where_a_link_leads(href: str) -> None:
    assert "href" not in html_of(render_runbook(f"[x]({href})", {"a": "evil.example"}))


@pytest.mark.parametrize(
    ("href", "value"),
    [
        ("https://a.example/o/{{a}}", ".."),
        ("https://a.example/o/{{a}}", "."),
        ("https://a.example/o/{{a}}/x", "%2e%2e"),
        ("https://a.example/o/{{a}}/x", ".%2E"),
        ("https://a.example/o/{{a}}/x", "%252e%252e"),
        ("https://a.example/o/{{a}}", "../../admin"),
        ("https://a.example/o/{{a}}", "x/../admin"),
        ("https://a.example/o/{{a}}", "x/./y"),
        ("https://a.example/o/{{a}}", "..\\admin"),
        ("https://a.example/o/{{a}}", "..;x"),
        ("https://a.example/o/{{a}}{{a}}/x", "."),
        ("https://a.example/o/.{{a}}/x", "."),
        ("https://a.example/o/%2e{{a}}?q=1", "."),
        ("https://a.example/o/{{a}}#x", ".."),
    ],
)
def test_no_value_climbs_out_of_the_path_of_a_link(href: str, value: str) -> None:
    rendered = render_runbook(f"[x]({href})", {"a": value})

    assert "href" not in html_of(rendered)
    assert [(one.name, one.reason) for one in rendered.problems] == [("a", Refusal.DOTS)]


@pytest.mark.parametrize("value", ["a..b", "...", "1.2.3", ".hidden", "a/b", "x;y"])
def test_dots_within_a_value_lead_nowhere_and_stay(value: str) -> None:
    html = html_of(render_runbook("[x](https://a.example/o/{{a}}/x)", {"a": value}))

    assert f'href="https://a.example/o/{quote(value, safe="")}/x"' in html


def test_dots_in_a_query_stay() -> None:
    assert 'href="https://a.example/?q=.."' in html_of(render_runbook("[x](https://a.example/?q={{a}})", {"a": ".."}))


def test_other_tools_double_braces_stay_as_they_are() -> None:
    text = "# t\n\n```sh\ndocker ps --format '{{.ID}}'\n```\n"
    rendered = render_runbook(text, {})

    assert parts_of(rendered)[-1] == Code(
        "sh", "docker ps --format '{{.ID}}'", "docker ps --format '{{.ID}}'", is_complete=True
    )
    assert [one.kind for one in check_runbook(text)] == [ProblemKind.BAD_VARIABLE]


def test_a_block_of_no_known_language_is_not_copied_whole_with_a_value_in_it() -> None:
    block = parts_of(render_runbook("```\nkill {{ a }}\n```", {"a": "1"}))[0]

    assert isinstance(block, Code)
    assert not block.is_complete
    assert "rb-chip" in block.html


@pytest.mark.parametrize("length", [499, 500, 501, 999, 1_000, 1_001, 5_000])
@pytest.mark.parametrize(
    "place", ["```request\n{}\n```", "```\n{}\n```", "```sql\n{}\n```", "```sh\n{}\n```", "`{}`", "    {}"]
)
def test_code_holds_a_value_whole_or_not_at_all(place: str, length: int) -> None:
    value = "x" * (length - 1) + "y"
    rendered = render_runbook("# t\n\n" + place.format("{{ a }}"), {"a": value})
    part = parts_of(rendered)[-1]

    is_whole = length <= 1_000
    assert (value in part.html, "x…" in part.html) == (is_whole, False)
    assert not isinstance(part, Code) or (value in part.text) is is_whole
    assert [one.reason for one in rendered.problems] == ([] if is_whole else [Refusal.TOO_LONG])


def test_prose_shows_the_beginning_of_a_long_value_and_does_not_offer_to_copy_it() -> None:
    html = html_of(render_runbook("See {{ a }}.", {"a": "x" * 1_001}))

    assert "x…" in html
    assert "data-copy-own" not in html


def test_mistakes_are_told_with_the_line_of_the_whole_text() -> None:
    text = "---\ntitle: x\n---\nwords\n\n1. step\n\n   ```sql\n   SELECT\n     '{{ a }}'\n   ```\n"

    assert [(one.kind, one.line) for one in check_runbook(text)] == [(ProblemKind.VARIABLE_IN_QUOTES, 10)]
    assert check_runbook(TEXT) == ()


def test_a_block_of_too_many_variables_is_told_once_and_stays_empty() -> None:
    text = "# t\n\n```sql\n" + "SELECT {{ a }};\n" * 201 + "```\n"

    assert [(one.kind, one.line) for one in check_runbook(text)] == [(ProblemKind.MANY_VARIABLES, 4)]
    assert render_runbook(text, {"a": "1"}).problems == (Unfilled("a", Refusal.PLACE, ""),)


class _Strict(HTMLParser):
    """Notes every tag and attribute that a runbook must not hold."""

    ALLOWED = frozenset(
        "a blockquote br button code del em h1 h2 h3 h4 h5 h6 hr li mark ol p pre s span strong table tbody td th thead tr ul".split()
    )

    def __init__(self) -> None:
        super().__init__()
        self.stray: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.ALLOWED:
            self.stray.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "id", "src"}:
                self.stray.append(name)
            if name == "href" and not (value or "").startswith(("https://", "http://", "mailto:", "/", "#")):
                self.stray.append(str(value))


def assert_clean(html: str) -> None:
    parser = _Strict()
    parser.feed(html)
    parser.close()
    assert parser.stray == []


@pytest.mark.parametrize("value", INJECTIONS)
def test_no_value_makes_html_of_its_own(value: str) -> None:
    rendered = render_runbook(TEXT, {"order_id": value, "a": value})

    assert_clean(html_of(rendered))
    assert "<script" not in html_of(rendered)


@given(st.dictionaries(st.sampled_from(["order_id", "a"]), st.text(), max_size=2))
def test_no_value_changes_a_block_but_in_its_own_place(values: dict[str, str]) -> None:
    rendered = render_runbook(TEXT, values)

    assert_clean(html_of(rendered))
    for part in parts_of(rendered):
        if isinstance(part, Code) and part.language == "sql":
            assert part.text.startswith("SELECT * FROM orders WHERE id = ")
            assert part.text.endswith(";")
    assert len(rendered.sections) == 4
    assert len(rendered.steps) == 3


_FORGED = ["&#xE000;{}&#xE001;", "&#57344;{}&#57345;", "%EE%80%80{}%EE%80%81", "\ue000{}\ue001", "&#xE000;", "&#xE001;"]


@pytest.mark.parametrize("number", [0, 1, 7, 10**29])
@pytest.mark.parametrize("mark", _FORGED)
@pytest.mark.parametrize(
    "place",
    [
        "{}",
        "# {}",
        "`{}`",
        "[x](https://a.example/{})",
        "[x](<https://a.example/{}>)",
        '[x](https://a.example "{}")',
        "[x]\n\n[x]: https://a.example/{}",
        "![{}](/)",
        "```sql\n{}\n```",
        "```{}\n{}\n```",
        "## Steps\n- {}",
    ],
)
def test_no_text_forges_the_mark_of_a_variable(place: str, mark: str, number: int) -> None:
    text = place.replace("{}", mark.format(number)) + "\n\n{{ a }}"
    rendered = render_runbook(text, {"a": "planted"})

    assert html_of(rendered).count("planted") == 1
    assert not set("\ue000\ue001") & set(html_of(rendered))
    assert rendered.problems == ()
    check_runbook(text)


@pytest.mark.parametrize("mark", _FORGED)
def test_no_value_forges_the_mark_of_a_variable(mark: str) -> None:
    text = "{{ a }} [x](https://a.example/{{ a }}?b={{ b }})\n\n```sh\nls {{ a }}\n```\n\n```json\n[{{ a }}]\n```\n"
    rendered = render_runbook(text, {"a": mark.format(1), "b": "planted"})

    assert html_of(rendered).count("planted") == 1


_MARKDOWN = st.text("#*_`[]()<>!|-{}\n 1.ab:/'\"\\&=~>\ue000\ue0010", max_size=120)


@given(_MARKDOWN | st.text(max_size=60), st.text(max_size=20))
def test_no_text_makes_rendering_fail_or_unclean(text: str, value: str) -> None:
    rendered = render_runbook(text + "{{ a }}\n## Steps\n- {{a}}\n" + text, {"a": value})

    assert_clean(html_of(rendered))
    check_runbook(text)


@pytest.mark.parametrize(
    "piece", ["{{ a }}", "[", "> ", "- ", "`", "*a ", "{{", "| a ", "![", "<a ", "```sql\n{{a}}\n"]
)
def test_rendering_takes_bounded_time(piece: str) -> None:
    text = piece * (20_000 // len(piece))

    assert len(html_of(render_runbook(text, {"a": "1"}))) < 60 * MAX_TEXT_CHARS
