"""A head that is known is not parsed again, and nobody can tell by what is kept or answered."""

import asyncio
import gzip
from collections.abc import Sequence
from typing import Any
from unittest.mock import MagicMock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from house import AUTH, EVENT, ID, PATH, House, proxies
from mukiau.intake import heads as heads_module
from mukiau.intake.edge import Edge
from mukiau.intake.heads import KnownHeads, cut_request
from mukiau.intake.meter import Meter
from mukiau.intake.ports import SpoolItem
from mukiau.intake.server import BoundedHttpProtocol, http_config
from mukiau.intake.short_way import ShortWay

OTHER = EVENT.replace(b'"x"', b'"something longer"')


def wire(body: bytes, *lines: str, start: str = f"POST {PATH} HTTP/1.1", length: str | None = None) -> bytes:
    given = [start, "Host: a", *(f"{name}: {value}" for name, value in AUTH.items()), *lines]
    given.append(f"Content-Length: {len(body)}" if length is None else length)
    return "\r\n".join([*given, "", ""]).encode("latin-1") + body


class Sent:
    """What a server made of the last of some requests; each came by its own connection."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self.house, self.known, self.answers = House(), 0, list[bytes]()
        asyncio.run(self._send_all(requests))

    @property
    def last(self) -> tuple[bytes, list[SpoolItem]]:
        return self.answers[-1], self.house.spool.items[-1:]

    async def _send_all(self, requests: Sequence[bytes]) -> None:
        doorway = self.house.doorway()
        await doorway.keys.refresh()
        way = ShortWay(doorway, proxies("127.0.0.1"), Meter())
        app = Edge(self.house.app(), proxies("127.0.0.1"), meter=Meter(), prefix="")
        config = http_config(app, short_way=way, loop="asyncio")
        config.load()
        for request in requests:
            self.house.spool.items.clear()
            self.answers.append(await self._send(config, request))

    async def _send(self, config: Any, request: bytes) -> bytes:
        written: list[bytes] = []
        peer = {"peername": ("127.0.0.1", 5000), "sockname": ("127.0.0.1", 8000)}
        transport = MagicMock(is_closing=lambda: False, get_extra_info=peer.get)
        transport.write = written.append
        protocol: BoundedHttpProtocol = config.http_protocol_class(
            config=config, server_state=ServerState(), app_state={}
        )
        protocol.connection_made(transport)
        self.known += _is_known(protocol._heads, request)
        protocol.data_received(request)
        for _ in range(30):
            await asyncio.sleep(0)
        protocol.connection_lost(None)
        return b"".join(written)


def _is_known(heads: KnownHeads, request: bytes) -> bool:
    cut = cut_request(request)
    return cut is not None and heads.find(cut) is not None


PLAIN = [
    [],
    ["Content-Encoding: gzip"],
    ["Connection: keep-alive"],
    ["X-Forwarded-For: 203.0.113.9"],
    ["X-Request-Id: {id}"],
    ["traceparent: 00-{trace}-00f067aa0ba902b7-01"],
    ["X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678"],
    ["X-Made-Up: anything at all", "User-Agent: sentry.python/2.1"],
    ["X_Sentry_Auth: somebody else's"],
]


@pytest.mark.parametrize("lines", PLAIN, ids=str)
def test_the_second_request_of_a_client_is_known_and_kept_as_the_first(lines: list[str]) -> None:
    one = [line.format(id="aaaaaaaa1", trace="a" * 32) for line in lines]
    two = [line.format(id="bbbbbbbb2", trace="b" * 32) for line in lines]
    pack = gzip.compress if "Content-Encoding: gzip" in lines else bytes
    first, second = wire(pack(EVENT), *one), wire(pack(OTHER), *two)

    known = Sent([first, second])

    assert known.known == 1
    assert known.last == Sent([second]).last
    assert known.answers[-1].startswith(b"HTTP/1.1 200")
    assert ID.encode() in known.answers[-1]
    assert [item.body for item in known.last[1]] == [pack(OTHER)]


FOR_THE_APP = [b'{}\n{"type":"session"}\n{}\n', b"no envelope", b"", b'{}\n{"type":"event"}\n[1]\n']


@pytest.mark.parametrize("body", FOR_THE_APP)
def test_what_the_short_way_leaves_to_the_app_is_answered_there_as_ever(body: bytes) -> None:
    known = Sent([wire(EVENT), wire(body)])

    assert known.known == 1
    assert known.last == Sent([wire(body)]).last


ODD = [
    ["Transfer-Encoding: chunked"],
    ["Expect: 100-continue"],
    ["Connection: close"],
    ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"],
    ["X-Made-Up: folded", " into two lines"],
    ["X-Request-Id: aaaaaaaa1", "X-Request-Id: with a space"],
    ["X-Request-Id:\taaaaaaaa1", "X-Request-Id: aaaaaaaa1"],
    ["Content-Length:\t5"],
]


@pytest.mark.parametrize("lines", ODD, ids=str)
def test_what_only_a_parser_should_judge_is_parsed_every_time(lines: list[str]) -> None:
    request = wire(EVENT, *lines)
    known = Sent([request, request])

    assert known.known == 0
    assert known.last == Sent([request]).last


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"",
        b"\r\n\r\n",
        wire(EVENT)[:-1],
        wire(EVENT) + b"\n",
        wire(EVENT) + wire(EVENT),
        wire(EVENT, length="Content-Length: -5"),
        wire(EVENT, length="Content-Length: +5"),
        wire(EVENT, length="Content-Length: 5 5"),
        wire(EVENT, length="X: 5"),
        wire(b"x" * 70_000),
        wire(EVENT, "X-Long: " + "x" * 3_000),
    ],
)
def test_only_one_whole_small_request_with_a_length_is_cut(request_bytes: bytes) -> None:
    assert cut_request(request_bytes) is None


def test_a_start_of_lines_in_the_body_is_no_head() -> None:
    request = wire(EVENT, length="Content-Length: 3\n\nab\r\nContent-Length: 60")
    known = Sent([request, request])

    assert known.known == 0


@pytest.mark.parametrize("head", ["Host: a\nX: b", "Host: a\rX: b", "Host: a\r\n b"])
def test_lines_that_readers_could_take_for_others_are_not_learned_from(head: str) -> None:
    cut = cut_request(f"POST / HTTP/1.1\r\n{head}\r\nContent-Length: 0\r\n\r\n".encode())
    known = KnownHeads()
    assert cut is not None

    known.learn(cut, {"http_version": "1.1", "headers": [(b"content-length", b"0")]}, MagicMock())

    assert known.find(cut) is None


def test_only_so_many_heads_are_remembered_and_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads_module, "MAX_HEADS", 2)
    requests = [wire(EVENT, f"X-Number: {number}") for number in range(3)]

    assert Sent([*requests, requests[0]]).known == 0
    assert Sent([*requests, requests[2]]).known == 1
    assert Sent([*requests, requests[1]]).known == 1


def _names() -> st.SearchStrategy[str]:
    names = "Content-Length content-length X-Request-Id traceparent Connection Expect Upgrade Transfer-Encoding X_A A".split()
    return st.sampled_from([*names, "X-Amzn-Trace-Id", "Content-Encoding", "X-Sentry-Auth", " ", ""])


def _lines() -> st.SearchStrategy[list[str]]:
    values = st.sampled_from(
        ["", "1", "5 5", "gzip", "chunked", "close", "keep-alive", "100-continue", "aaaaaaaa1", "é"]
    )
    line = st.tuples(_names(), st.sampled_from([":", ": ", ":  ", " : ", ":\t"]), values).map("".join)
    return st.lists(
        st.one_of(line, st.sampled_from([" folded", "\tfolded", "odd\nA: b", "odd\rA: b", "A: b\n\nc"])), max_size=3
    )


@given(
    lines=_lines(),
    start=st.sampled_from(["POST {} HTTP/1.1", "POST {} HTTP/1.0", "GET {} HTTP/1.1", "POST {}?a=b HTTP/1.1"]),
    body=st.sampled_from([OTHER, *FOR_THE_APP]),
)
@example(lines=["Content-Length: 1"], start="POST {} HTTP/1.1", body=OTHER)
def test_whatever_a_head_says_the_second_answer_is_that_of_a_first(lines: list[str], start: str, body: bytes) -> None:
    first, second = (wire(sent, *lines, start=start.format(PATH)) for sent in (EVENT, body))

    assert Sent([first, second]).last == Sent([second]).last
