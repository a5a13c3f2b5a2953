"""Comments: a little Markdown that lets nothing through, and the people it names."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.comments import MAX_COMMENT_CHARS, find_mentioned, render_comment

NAMES = {"mori": 1, "mori.k": 2, "dora@example.com": 3, "田中": 4, "o'hara & co": 5, "<b>": 6}
PIECES = st.sampled_from(
    [
        "@mori",
        "＠田中",
        "<script>",
        "](javascript:x)",
        "[a",
        "`",
        "```\n",
        "\n",
        "\n\n",
        "- ",
        "> ",
        "**",
        "&",
        '"',
        "'",
        "<b>",
        "@<b>",
        "https://a.example/?q=<",
        "![x](http://h/y)",
        "\\",
        "<https://b.example>",
        "# ",
        "text",
        "\x00",
        "|",
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=200)
TAGS = re.compile(r"<(/?)([a-z]+)([^<>]*)>")
KNOWN = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "a", "hr", "span"}


@given(text=TEXTS)
def test_nothing_but_a_few_tags_ever_comes_out(text: str) -> None:
    html = render_comment(text, NAMES)

    for closing, name, attributes in TAGS.findall(html):
        assert name in KNOWN
        assert closing or re.fullmatch(
            r' href="(?!javascript|data|vbscript)[^"]*" rel="noopener noreferrer nofollow"| class="mention"| start="\d+"| /|',
            attributes,
        )
    assert "<" not in TAGS.sub("", html)


@given(text=TEXTS)
def test_who_is_marked_on_the_page_is_who_is_told(text: str) -> None:
    html = render_comment(text, NAMES)

    marked = re.findall(r'<span class="mention">[@＠](.*?)</span>', html)
    plain = [name.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").lower() for name in marked]
    assert tuple(dict.fromkeys(NAMES[name] for name in plain)) == find_mentioned(text, NAMES)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@mori", (1,)),
        ("対応は@moriさん、お願いします", (1,)),
        ("@MORI and ＠田中さん", (1, 4)),
        ("@mori.k, not @mori.", (2, 1)),
        ("(@mori)", (1,)),
        ("**@mori** @mori", (1,)),
        ("@dora@example.com", (3,)),
        ("@o'hara & co: look", (5,)),
        ("@morimoto @mori_2 @mori2", ()),
        ("x@mori mori@mori git@mori", ()),
        ("https://example.com/@mori", ()),
        ("`@mori` \n```\n@mori\n```", ()),
        ("@ mori @", ()),
        ("@nobody", ()),
    ],
)
def test_a_name_behind_the_sign_is_a_mention_where_no_word_or_address_goes_on(
    text: str, people: tuple[int, ...]
) -> None:
    assert find_mentioned(text, NAMES) == people


def test_addresses_lead_out_only_as_far_as_http_goes() -> None:
    html = render_comment(
        "[a](javascript:alert(1)) [b](DATA:text/html,x) [c](https://c.example/) ![d](https://d.example/x)", {}
    )

    assert re.findall(r'href="([^"]*)"', html) == ["https://c.example/", "https://d.example/x"]
    assert "<img" not in html


def test_every_line_of_the_text_is_a_line_on_the_page() -> None:
    assert render_comment("一行目\n二行目", {}) == "<p>一行目<br>\n二行目</p>\n"


@pytest.mark.parametrize("piece", ["@mori ", "@", "[(", ">", "*_", "`", "- ", "\\", "<", "[a](", "**a", "@田"])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (MAX_COMMENT_CHARS // len(piece))

    start = time.process_time()
    render_comment(text, NAMES)
    find_mentioned(text, NAMES)

    assert time.process_time() - start < 3
