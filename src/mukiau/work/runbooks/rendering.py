"""A runbook as it is shown to somebody who acts: sections, a check list of steps, values filled in.

The text's variables are taken out before Markdown reads it, and each is filled in where the Markdown's tokens say what is
around it: in a block of SQL, shell or JSON as one whole literal, in an address percent-encoded, everywhere else as a chip
to be copied, with everything visible. What comes out is cleaned once more by a list of what HTML may hold, so that a
mistake in here is no hole.

A value is filled in whole or not at all; what was not is in `problems`, and its place shows the variable's name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common import normalize_url
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from mukiau.work.runbooks.addresses import AUTHORITY
from mukiau.work.runbooks.filling import REQUEST, Code, Filling, Unfilled, cleaned
from mukiau.work.runbooks.front_matter import FrontMatter, parse_runbook
from mukiau.work.runbooks.literals import Language, language_of
from mukiau.work.runbooks.places import places_in
from mukiau.work.runbooks.problems import ProblemKind, TextProblem, problem
from mukiau.work.runbooks.sections import SectionKind, section_of, take_privilege
from mukiau.work.runbooks.variables import MARK, Lifted, lift, pattern_problems

_CHECKBOX = re.compile(r"\s*\[[ xX]\]\s+")


@dataclass(frozen=True, slots=True)
class Prose:
    """Words, lists, tables."""

    html: str
    """Clean: nothing in it but the tags and attributes of the list above."""
    kind: str = "prose"


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of the check list."""

    number: int
    """From 1, through all lists of the section."""
    parts: tuple[Prose | Code, ...]
    needs_privilege: bool = False
    kind: str = "step"

    @property
    def text(self) -> str:
        """Its words without the blocks, in one line."""
        words = re.sub(r"<[^<>]*>", " ", " ".join(part.html for part in self.parts if isinstance(part, Prose)))
        plain = words.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
        return " ".join(plain.split())

    @property
    def statements(self) -> tuple[Code, ...]:
        """Its blocks of commands and statements."""
        return tuple(part for part in self.parts if isinstance(part, Code) and part.language != REQUEST)

    @property
    def request(self) -> str:
        """What to ask of somebody with the privilege; empty where the runbook has no words for it."""
        return next((part.text for part in self.parts if isinstance(part, Code) and part.language == REQUEST), "")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows it."""

    section: SectionKind | None
    """None for a section of the author's own, and for what comes before the first heading."""
    heading: str
    parts: tuple[Prose | Code | Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedRunbook:
    """A runbook filled in."""

    front: FrontMatter
    sections: tuple[Section, ...]
    problems: tuple[Unfilled, ...]
    """Each name once for each reason, in the order of the text."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The check list."""
        return tuple(part for section in self.sections for part in section.parts if isinstance(part, Step))


def render_runbook(text: str, values: Mapping[str, str]) -> RenderedRunbook:
    """Return a runbook's text as it is shown, filled in from the values by their names; never raises."""
    parsed = parse_runbook(text)
    lifted = lift(parsed.body)
    filling = Filling(lifted, values)
    markdown = _markdown(filling)  # one for all parts: making it takes longer than what it does with most of them
    root = SyntaxTreeNode(markdown.parse(lifted.text))
    sections = tuple(_Sections(filling, markdown, title=parsed.front.title).read(root.children))
    return RenderedRunbook(front=parsed.front, sections=sections, problems=tuple(dict.fromkeys(filling.problems)))


def check_runbook(text: str) -> tuple[TextProblem, ...]:
    """Return everything that is wrong with a text, in the order of its lines."""
    parsed = parse_runbook(text)
    lifted = lift(parsed.body)
    found = [*parsed.problems, *(_moved(one, parsed.body_line) for one in pattern_problems(parsed.body))]
    for token in _parser().parse(lifted.text):
        if token.type == "fence" and (language := language_of(token.info)) is not None:
            found += (
                _moved(one, parsed.body_line) for one in _problems_in(language, lifted.only_own(token.content), lifted)
            )
    return tuple(sorted(found, key=lambda one: one.line))


def _problems_in(language: Language, code: str, lifted: Lifted) -> Iterator[TextProblem]:
    """Yield what is wrong with the places of a block; that there are too many is told once."""
    for place in places_in(language, code):
        variable = lifted.find(place.number)
        if place.problem is not None and variable is not None:
            yield problem(place.problem, variable.line, variable.written)
        if place.problem is ProblemKind.MANY_VARIABLES:
            return


def _moved(one: TextProblem, body_line: int) -> TextProblem:
    return problem(one.kind, one.line + body_line - 1, one.given)


# --- Markdown ---------------------------------------------------------------------------------------------------------


class _Renderer(RendererHTML):
    """Renders tokens to HTML; what the runbook's author wrote as HTML is text."""

    filling: Filling

    def text(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return self.filling.chips(tokens[index].content)

    def code_inline(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        parts = self.filling.parts(tokens[index].content)
        whole = (_in_code(one) if isinstance(one, str) else self.filling.chip(one, is_code=True) for one in parts)
        return "".join(whole)

    def code_block(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return self._block("", tokens[index].content)

    def fence(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        return self._block(tokens[index].info, tokens[index].content)

    def _block(self, info: str, content: str) -> str:
        return f'<pre class="rb-code"><code>{self.filling.code(info, content).html}</code></pre>\n'

    def image(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        """Not loaded: whoever looks at a runbook tells nobody. Its address is a link."""
        href = self.filling.address(str(tokens[index].attrGet("src") or ""))
        return f'<a href="{escapeHtml(href)}">{self.filling.chips(tokens[index].content or href)}</a>'

    def link_open(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        href = self.filling.address(str(tokens[index].attrGet("href") or ""))
        return f'<a href="{escapeHtml(href)}">' if href else "<a>"


def _in_code(text: str) -> str:
    return f"<code>{escapeHtml(text)}</code>" if text else ""


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _markdown(filling: Filling) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable(["table", "strikethrough"])
    markdown: Any = parser  # a renderer has no room for what it renders with, and a link's rule none for a check
    markdown.renderer.filling = filling
    markdown.normalizeLink = _normalized
    return parser


def _normalized(url: str) -> str:
    """Return an address as a browser writes it; "" where a variable would say to which host it leads."""
    host = AUTHORITY.match(url)
    return "" if MARK.search(url[: host.end()] if host else url) else normalize_url.normalizeLink(url)


@dataclass(slots=True)
class _Sections:
    """Groups what stands at the top level of a document by its headings."""

    filling: Filling
    markdown: MarkdownIt
    title: str
    _step: int = 0

    def read(self, nodes: Sequence[SyntaxTreeNode]) -> Iterator[Section]:
        kind, heading, kept, level = None, "", list[SyntaxTreeNode](), 7
        for node in nodes:
            if node.type != "heading":
                kept.append(node)
                continue
            words = self.filling.plain(_words(node))
            found, depth = section_of(words), int(node.tag[1:])
            if found is None and depth > level:
                kept.append(node)  # a heading within a section
                continue
            if kept or (heading and heading != self.title):
                yield self._section(kind, heading, kept)
            kind, heading, kept, level = found, words, [], depth if found is not None else level
        if kept or (heading and heading != self.title):
            yield self._section(kind, heading, kept)

    def _section(self, kind: SectionKind | None, heading: str, nodes: Sequence[SyntaxTreeNode]) -> Section:
        shown = "" if heading == self.title else heading
        return Section(kind, shown, tuple(self._parts(nodes, has_steps=kind is SectionKind.STEPS)))

    def _parts(self, nodes: Sequence[SyntaxTreeNode], *, has_steps: bool) -> Iterator[Prose | Code | Step]:
        for node in nodes:
            if node.type in {"fence", "code_block"}:
                yield self.filling.code(node.info, node.content)
            elif has_steps and node.type in {"ordered_list", "bullet_list"}:
                yield from map(self._step_of, node.children)
            else:
                yield Prose(self._html(node))

    def _step_of(self, item: SyntaxTreeNode) -> Step:
        self._step += 1
        number = self._step
        needs_privilege = _take_marker(item)
        parts = tuple(part for part in self._parts(item.children, has_steps=False) if not isinstance(part, Step))
        return Step(number, parts, needs_privilege)

    def _html(self, node: SyntaxTreeNode) -> str:
        tokens = node.to_tokens()
        tokens[0].hidden = tokens[-1].hidden = (
            False  # the paragraph of a step, as of any entry of a dense list, is hidden
        )
        return cleaned(self.markdown.renderer.render(tokens, self.markdown.options, {}))


def _words(heading: SyntaxTreeNode) -> str:
    inline = heading.children[0] if heading.children else None
    texts = (child.content for child in inline.children if child.type in {"text", "code_inline"}) if inline else ()
    return "".join(texts).strip()


def _take_marker(item: SyntaxTreeNode) -> bool:
    """Take check box and privilege marker out of a step's first words; say whether it needs a privilege."""
    needs_privilege = False
    first = next((node for node in item.children if node.type == "paragraph"), None)
    inline = first.children[0] if first is not None and first.children else None
    for index, child in enumerate(inline.children if inline is not None else ()):
        token = child.token
        if child.type == "text" and token is not None:
            box = _CHECKBOX.match(token.content) if index == 0 else None
            token.content, is_marked = take_privilege(token.content[box.end() if box else 0 :])
            needs_privilege = needs_privilege or is_marked
    return needs_privilege
