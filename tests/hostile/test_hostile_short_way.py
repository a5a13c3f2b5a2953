"""The whole table of hostile requests at the short way: it answers as the app does, or not at all."""

import asyncio
from dataclasses import dataclass, field
from itertools import count

import pytest
from cases import CASES, Case
from siege import NOW_MS, MemorySpool, Siege, TwoKeys

from mukiau.core.addresses import read_networks
from mukiau.intake.answers import Answer
from mukiau.intake.doorway import Doorway
from mukiau.intake.keys import KeyRing
from mukiau.intake.meter import Meter
from mukiau.intake.ports import Settle, SpoolItem
from mukiau.intake.proxies import TrustedProxies
from mukiau.intake.quotas import Quotas
from mukiau.intake.short_way import ShortWay

ENVELOPES = [case for case in CASES if case.door == "envelope"]


@dataclass(slots=True)
class _AtOnce(MemorySpool):
    kept: list[SpoolItem] = field(default_factory=list)

    def put(self, item: SpoolItem, settle: Settle) -> None:
        self.kept.append(item)
        settle(len(self.kept))


def _take(case: Case, body: bytes, headers: dict[str, str], spool: _AtOnce) -> Answer | None:
    ids = count(1)

    async def take() -> list[Answer]:
        keys, found = KeyRing(TwoKeys(), clock=lambda: 0.0), list[Answer]()
        await keys.refresh()
        doorway = Doorway(
            spool=spool,
            keys=keys,
            quotas=Quotas(events=0, window_seconds=60, clock=lambda: 0.0),
            now_ms=lambda: NOW_MS,
            new_event_id=lambda: f"{next(ids):032x}",
        )
        proxies = TrustedProxies(read_networks(""), base_url="", new_request_id=lambda: "id")
        given = {"content-length": str(len(body)), **headers}
        scope = {
            "method": case.method,
            "path": case.path or "/api/1/envelope/",
            "query_string": case.query.encode("latin-1"),
            "client": None,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
        }
        way = ShortWay(doorway, proxies, Meter())
        head = way.read_head(scope)
        if head is not None:
            way.take(head, scope, body, found.append)
        keys.close()
        return found

    return next(iter(asyncio.run(take())), None)


@pytest.mark.parametrize("case", ENVELOPES, ids=lambda case: case.name)
def test_a_hostile_request_is_answered_as_by_the_app_or_left_to_it(request: pytest.FixtureRequest, case: Case) -> None:
    body, headers = case.make_request()
    spool = _AtOnce()

    short = _take(case, body, headers, spool)

    if short is None:
        assert spool.kept == []
        assert spool.refusals == []
        return
    siege: Siege = request.getfixturevalue("siege")  # only for those that are taken: it costs more than all else here
    before = len(siege.spool.items)
    long = siege.knock(case.path or "/api/1/envelope/", body, headers, method=case.method, query=case.query)
    kept = siege.spool.items[before]
    assert short.status == long.status == 200
    assert len(short.body) == len(long.body)
    assert (spool.kept[0].body, spool.kept[0].encoding) == (kept.body, kept.encoding)
