"""What was written elsewhere as the text of a runbook: a line of a list, and Markdown without front matter.

Nothing of a text is changed but that front matter is put before it; a text that has some stays as it is.
"""

from dataclasses import replace

from mukiau.work.exchange.listing import Manual
from mukiau.work.runbooks.front_matter import FENCE, MAX_TITLE_CHARS, FrontMatter, parse_runbook, write_runbook


def text_of_manual(manual: Manual) -> str:
    """Return the runbook that leads to a manual kept elsewhere."""
    front = FrontMatter(
        title=manual.title[:MAX_TITLE_CHARS], services=manual.services, keywords=manual.keywords, url=manual.url
    )
    return write_runbook(front, "")


def text_of_markdown(text: str, *, name: str) -> str:
    """Return a Markdown file as a runbook; its title is its first heading, else `name` (of the file, without its ending)."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.split("\n", 1)[0].rstrip() == FENCE:
        return text
    parsed = parse_runbook(text)
    title = parsed.front.title or " ".join(name.replace("_", " ").split())
    return write_runbook(replace(parsed.front, title=title[:MAX_TITLE_CHARS]), text)
