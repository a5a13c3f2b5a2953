"""The pages that the door shows while it has none of the web process."""

import asyncio
import re
from base64 import b64encode
from hashlib import sha256

import pytest

from mukiau.intake.asgi import Message
from mukiau.intake.notices import send_notice


@pytest.mark.parametrize("status", [400, 413, 414, 503, 504])
def test_a_page_of_the_door_allows_its_own_style_and_nothing_else(status: int) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(send_notice(status, {"headers": [(b"accept", b"text/html")]}, send))

    policy = dict(sent[0]["headers"])[b"content-security-policy"].decode()
    style = re.search("<style>(.*)</style>", sent[1]["body"].decode(), re.DOTALL)
    assert style is not None
    assert f"'sha256-{b64encode(sha256(style[1].encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
