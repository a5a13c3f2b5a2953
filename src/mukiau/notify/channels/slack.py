"""Slack: an incoming webhook, which posts into one channel. Its URL is the key to it.

Whatever comes from events is text: `&`, `<` and `>` are escaped everywhere, so that no title becomes a link, a mention or
a call to the whole channel, and Slack is told to look for no links of its own (`verbatim`).
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from mukiau.notify.answers import Answer, Reason
from mukiau.notify.channels.plan import Means, Parcel
from mukiau.notify.message import Item, Message
from mukiau.notify.route import Address

# Slack refuses a message with longer ones as a whole.
MAX_HEADER_CHARS, MAX_TEXT_CHARS = 150, 3_000
MEMBER_ID = re.compile(r"[UW][A-Z0-9]{5,20}")
"""What Slack calls a person by: `U012ABCDEF`."""

Block = dict[str, Any]


def find_mistake(to: str, means: Means) -> Reason:
    return Reason.ADDRESS if means.outside.find_target(to) is None else Reason.NONE


def send(parcel: Parcel, address: Address, means: Means) -> Answer:
    return means.outside.post(address.to, render_body(parcel), {"Content-Type": "application/json; charset=utf-8"})


def render_body(parcel: Parcel) -> bytes:
    """Return the body; `text` is what a phone shows before the message is opened."""
    message = parcel.message
    body = {
        "text": _escaped(message.subject),
        "blocks": list(_blocks(message, parcel.key)),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _blocks(message: Message, key: str) -> Iterator[Block]:
    subject = _cut(message.subject, MAX_HEADER_CHARS)
    yield {"type": "header", "text": {"type": "plain_text", "text": subject, "emoji": False}}
    if message.text:
        yield _section(_escaped(message.text))
    for item in message.items:
        yield _section(_item(item))
    if message.more or message.link:
        leads = f"<{message.url}|{_escaped(message.link)}>" if message.link else ""
        yield _section(" · ".join(part for part in (_escaped(message.more), leads) if part))
    # A message that came twice is known by this.
    yield {"type": "context", "elements": [_text(f"mukiau · {key[:8]}")]}


def _item(item: Item) -> str:
    title = _escaped(item.title).replace("|", "¦")  # what stands before a bar would be an address
    mentions = [f"<@{one}>" for one in item.slack_ids if MEMBER_ID.fullmatch(one)]
    said = " · ".join([*mentions, _escaped(item.label), *(_escaped(fact) for fact in item.facts)])
    return f"*<{item.url}|{title}>*\n{said}"


def _section(text: str) -> Block:
    return {"type": "section", "text": _text(text)}


def _text(text: str) -> Block:
    return {"type": "mrkdwn", "text": text[:MAX_TEXT_CHARS], "verbatim": True}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, most: int) -> str:
    """Return text escaped and not longer than Slack takes it; no escape is cut in two."""
    pieces: Sequence[str] = [_escaped(char) for char in text]
    said, room = "", most - 1
    for piece in pieces:
        if len(said) + len(piece) > room:
            return said + "…"
        said += piece
    return said
