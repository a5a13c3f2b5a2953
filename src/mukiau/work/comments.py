"""What people say about an issue: a little Markdown, and the people it names.

Paragraphs, lists, quotes, emphasis, code and links; no HTML, no images, no headings, no tables. Every line of the text is a line on
the page. `@name` names somebody whose account has that name (case makes no difference, `＠` is as good): outside of code, not in the
middle of a word or an address, and the longest name that fits. Behind a name that ends in a Latin letter or a digit no other
may follow, so `@mori` is not in `@morimoto`; Japanese may: `@moriさん`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

MAX_COMMENT_CHARS = 10_000
MAX_NAME_CHARS = 150
"""As Django stores names."""
_RULES = ("newline", "escape", "backticks", "emphasis", "link", "autolink", "list", "blockquote", "fence", "hr")
_AT = re.compile(r"(?<![A-Za-z0-9_@＠./+-])[@＠](?=\S)")
_LATIN = re.compile(r"[A-Za-z0-9_]")


def render_comment(text: str, names: Mapping[str, int]) -> str:
    """Return a comment as HTML; `names` are the accounts' names in lower case with their ids. Everything else is escaped.

    >>> render_comment("@Mori **看て** <b>", {"mori": 7})
    '<p><span class="mention">@Mori</span> <strong>看て</strong> &lt;b&gt;</p>\\n'
    """
    parser = _parser()
    renderer: Any = parser.renderer  # a renderer has no room for what it renders with
    renderer.names = names
    return str(parser.render(text[:MAX_COMMENT_CHARS]))


def find_mentioned(text: str, names: Mapping[str, int]) -> tuple[int, ...]:
    """Return the ids of the people a comment names, each once, in the order of the text.

    >>> find_mentioned("@moriさん、`@sato` ではなく @suzuki。", {"mori": 7, "sato": 8, "suzuki": 9})
    (7, 9)
    """
    tokens = _parser().parse(text[:MAX_COMMENT_CHARS])
    children = (child for token in tokens for child in token.children or ())
    found = (person for child in children if child.type == "text" for *_, person in _mentions(child.content, names))
    return tuple(dict.fromkeys(found))


def _mentions(text: str, names: Mapping[str, int]) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, person) of the names in words that are no code."""
    end, sizes = 0, sorted({len(name) for name in names}, reverse=True)
    for at in _AT.finditer(text):
        if at.start() < end:
            continue
        tail = text[at.end() : at.end() + MAX_NAME_CHARS]
        length = next((size for size in sizes if _is_name(tail, size, names)), 0)
        if length:
            end = at.end() + length
            yield at.start(), end, names[tail[:length].lower()]


def _is_name(tail: str, size: int, names: Mapping[str, int]) -> bool:
    goes_on = size < len(tail) and _LATIN.match(tail[size - 1]) and _LATIN.match(tail[size])
    return not goes_on and tail[:size].lower() in names


class _Renderer(RendererHTML):
    """Marks the people that are named; links say nothing about where they come from."""

    names: Mapping[str, int]

    def text(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        text, done, parts = tokens[index].content, 0, list[str]()
        for start, end, _person in _mentions(text, self.names):
            parts += [escapeHtml(text[done:start]), f'<span class="mention">{escapeHtml(text[start:end])}</span>']
            done = end
        return "".join([*parts, escapeHtml(text[done:])])

    def softbreak(self, *_: Any) -> str:
        return "<br>\n"

    def link_open(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        href = escapeHtml(str(tokens[index].attrGet("href") or ""))
        return f'<a href="{href}" rel="noopener noreferrer nofollow">'

    def fence(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return f"<pre><code>{escapeHtml(tokens[index].content)}</code></pre>\n"


def _parser() -> MarkdownIt:
    return MarkdownIt("zero", {"html": False}, renderer_cls=_Renderer).enable(_RULES)
