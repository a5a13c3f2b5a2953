"""The door for Fluent Bit and Fluentd."""

import gzip
from typing import Any

from mukiau.intake.ports import ItemKind

HEADERS = {"authorization": "Bearer " + "0123456789abcdef" * 2}
LINES = b'{"date":1795169740.76,"log":"one\\n"}\n{"date":1795169740.77,"log":"two\\n"}\n'


def test_a_chunk_is_kept_as_it_came(house: Any) -> None:
    body = gzip.compress(LINES)

    answer = house.send("/api/7/fluent/", body, HEADERS | {"content-encoding": "gzip"})

    assert (answer.status, answer.json) == (200, {"accepted": 2, "rejected": []})
    (item,) = house.spool.items
    assert (item.kind, item.body, item.record_count) == (ItemKind.FLUENT, body, 2)


def test_msgpack_is_refused_with_what_to_set_instead(house: Any) -> None:
    answer = house.send("/api/7/fluent/", b"\x92\x01\x80", HEADERS | {"content-type": "application/msgpack"})

    assert (answer.status, house.spool.items) == (415, [])
    assert answer.json["detail"] == "msgpack is not read here: set the output's format to json_lines"
