"""Every field of the protocol's event: a marker of its own in each, and where a reader finds it.

`MARKED` names every attribute. Where a field takes any text its value is `mark`, which becomes one of a kind; where it
takes a number, `NUMBER`. After the event went through the stations of digest, each marker has to be on the event's page
or in its JSON, and those in `MARKED` are all on the page: what the sender did to a value (`_meta`) stands there in words.
"""

import html as html_escapes
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from test_page_hostile import HOSTILE, finder_of, spoiled
from test_page_issue import place_of
from web_world import World, message, read

mark = "mark"
NUMBER = 0


def _stack(**more: Any) -> dict[str, Any]:
    """Return a stack trace with every field a frame has."""
    frame = {
        "function": mark, "raw_function": mark, "symbol": mark, "module": mark, "package": mark, "filename": mark,
        "abs_path": mark, "lineno": NUMBER, "colno": NUMBER, "platform": mark, "pre_context": [mark, mark],
        "context_line": mark, "post_context": [mark], "in_app": True,
        "vars": {"plain": mark, "number": NUMBER, "deep": {"a": [mark, {"b": mark}]}},
        "data": {"sourcemap": mark}, "image_addr": mark, "instruction_addr": mark, "symbol_addr": mark,
        "addr_mode": mark, "trust": mark, "lang": mark, "stack_start": True, "lock": {"type": 1, "class_name": mark},
        "new_field": mark,
    }  # fmt: skip
    library = {"function": mark, "module": mark, "filename": mark, "abs_path": mark, "lineno": NUMBER, "in_app": False}
    return {"frames": [library, frame], "registers": {"rip": mark}, "lang": mark, "snapshot": False, **more}


def _mechanism(number: int, parent: int | None, **more: Any) -> dict[str, Any]:
    tree = {"exception_id": number} | ({} if parent is None else {"parent_id": parent})
    return {"type": mark, "description": mark, "help_link": f"https://example.com/{mark}", "handled": False,
            "synthetic": True, "data": {"relevant": mark}, "new_field": mark, **tree, **more,
            "meta": {"signal": {"number": NUMBER, "name": mark, "code": NUMBER, "code_name": mark},
                     "errno": {"number": NUMBER, "name": mark}, "mach_exception": {"exception": NUMBER, "name": mark},
                     "ns_error": {"code": NUMBER, "domain": mark}}}  # fmt: skip


MARKED: dict[str, Any] = {
    "level": "warning", "platform": "python", "logger": mark, "release": mark, "dist": "mark", "environment": mark,
    "server_name": mark, "site": mark, "transaction": mark, "culprit": mark, "checksum": mark,
    "transaction_info": {"source": mark},
    "logentry": {"message": f"{mark} %s", "formatted": f"{mark} done", "params": [mark]},
    "exception": {"new_field": mark, "values": [
        {"type": mark, "value": mark, "module": mark, "thread_id": NUMBER, "new_field": mark,
         "mechanism": _mechanism(2, 1, source="__cause__"), "stacktrace": _stack(), "raw_stacktrace": _stack()},
        {"type": mark, "value": mark, "module": mark, "mechanism": _mechanism(1, 0, source="exceptions[0]"),
         "stacktrace": _stack()},
        {"type": mark, "value": mark, "module": mark, "mechanism": _mechanism(0, None, is_exception_group=True)},
    ]},
    "stacktrace": _stack(),
    "threads": {"new_field": mark, "values": [
        {"id": NUMBER, "name": mark, "crashed": True, "current": True, "main": True, "state": mark,
         "held_locks": {"0x1": {"type": 1, "class_name": mark}}, "stacktrace": _stack(), "raw_stacktrace": _stack(),
         "new_field": mark},
        {"id": mark, "name": mark, "state": mark},
    ]},
    "breadcrumbs": {"new_field": mark, "values": [
        {"timestamp": 1_790_000_000, "type": "http", "category": mark, "level": "warning", "message": mark,
         "data": {"url": f"https://example.com/{mark}", "method": "PUT", "status_code": NUMBER, "reason": mark,
                  "new_field": mark}, "event_id": "abcdef0123456789abcdef0123456789", "origin": mark},
        {"type": "navigation", "data": {"from": f"/{mark}", "to": f"/{mark}"}},
        {"type": "query", "message": mark, "data": {"db.system": mark}},
        {"type": "user", "category": f"ui.{mark}", "message": mark},
        {"type": mark, "level": "error", "message": mark, "data": {"deep": {"a": [mark]}}, "new_field": mark},
    ]},
    "request": {"url": f"https://shop.example.com/{mark}", "method": "PATCH", "query_string": f"a={mark}&b={mark}",
                "fragment": mark, "data": {"plain": mark, "number": NUMBER}, "headers": {"X-One": mark, "Host": mark},
                "cookies": {"theme": "anything"}, "env": {"REMOTE_ADDR": mark}, "inferred_content_type": mark,
                "api_target": mark, "new_field": mark},
    "user": {"id": mark, "email": mark, "username": mark, "name": mark, "ip_address": mark, "segment": mark,
             "geo": {"city": mark, "country_code": mark, "region": mark}, "data": {"plan": mark}, "new_field": mark},
    "contexts": {
        "os": {"name": mark, "version": mark, "build": mark, "kernel_version": mark, "rooted": False},
        "device": {"name": mark, "family": mark, "model": mark, "arch": mark, "battery_level": NUMBER,
                   "orientation": mark, "memory_size": NUMBER, "simulator": True, "boot_time": mark},
        "runtime": {"name": mark, "version": mark, "build": mark, "raw_description": mark},
        "browser": {"name": mark, "version": mark},
        "app": {"app_start_time": mark, "device_app_hash": mark, "build_type": mark, "app_identifier": mark,
                "app_name": mark, "app_version": mark, "app_build": mark, "view_names": [mark]},
        "trace": {"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331",
                  "parent_span_id": "b7ad6b7169203332", "op": mark, "status": mark, "description": mark,
                  "data": {"a": mark}},
        "gpu": {"name": mark, "vendor_name": mark, "npot_support": mark}, "culture": {"locale": mark, "timezone": mark},
        "cloud_resource": {"cloud.provider": mark, "cloud.region": mark, "host.id": mark},
        "otel": {"attributes": {"a": mark}, "resource": {"service.name": mark}},
        "response": {"status_code": NUMBER, "body_size": NUMBER, "headers": {"X-Two": mark}, "data": mark},
        "flags": {"values": [{"flag": f"{mark}", "result": True}, {"flag": f"{mark}", "result": False}]},
        "state": {"state": {"type": mark, "value": {"cart": mark}}},
        "profile": {"profile_id": mark}, "replay": {"replay_id": mark}, "laravel": {"locale": mark},
        "own": {"type": mark, "list": [mark, [mark]], "nothing": None},
    },
    "tags": {"region": mark, "canary": mark, "long": mark},
    "extra": {"plain": mark, "number": NUMBER, "nested": {"a": [mark, {"b": mark}]}},
    "fingerprint": [mark, mark], "modules": {"django": mark, "package-mark": mark},
    "sdk": {"name": mark, "version": mark, "integrations": [mark], "features": [mark],
            "packages": [{"name": mark, "version": mark}], "new_field": mark},
    "debug_meta": {"sdk_info": {"sdk_name": mark}, "images": [{"type": mark, "debug_id": mark, "code_file": mark,
                                                              "image_addr": mark, "image_size": NUMBER}]},
    "errors": [{"type": mark, "name": mark, "value": mark, "reason": mark}],
    "measurements": {"lcp": {"value": NUMBER, "unit": mark}}, "spans": [{"op": mark, "span_id": mark}],
    "template": {"filename": mark, "abs_path": mark, "lineno": NUMBER, "context_line": mark, "pre_context": [mark]},
    "csp": {"document_uri": mark, "violated_directive": mark}, "hpkp": {"hostname": mark},
    "expectct": {"hostname": mark}, "expectstaple": {"hostname": mark},
    "start_timestamp": mark, "new_field": {"a": mark},
    "_meta": {"extra": {"plain": {"": {"len": 41_234, "rem": [["!limit", "x", 1, 2]]}},
                        "gone": {"": {"rem": [["mark-rule", "x"]], "err": ["mark-error"], "len": 999}}}},
}  # fmt: skip


class _Marker:
    """Gives each `mark` and `NUMBER` a value of its own and remembers where it stands."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def marked(self, value: Any, path: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self.marked(entry, f"{path}.{name}" if path else name) for name, entry in value.items()}
        if isinstance(value, list):
            return [self.marked(entry, f"{path}.{number}") for number, entry in enumerate(value)]
        if type(value) is int and value == NUMBER:
            self.places[path] = str(700_001 + len(self.places))
            return int(self.places[path])
        if isinstance(value, str) and mark in value and not path.startswith("_meta"):
            self.places[path] = f"mk{len(self.places):04d}z"
            return value.replace(mark, self.places[path])
        return value


@pytest.fixture
def shown(alice: Client, world: World) -> tuple[dict[str, str], str, str]:
    """Where each marker stands, the page's text and the JSON's."""
    marker = _Marker()
    world.send(marker.marked(MARKED))
    place = place_of(world)
    page = alice.get(place).content.decode()
    return marker.places, html_escapes.unescape(page), alice.get(f"{place}json/").content.decode()


def test_every_field_is_on_the_page_or_in_its_json(shown: tuple[dict[str, str], str, str]) -> None:
    places, page, raw = shown

    table = {path: "page" if value in page else "JSON" if value in raw else "" for path, value in places.items()}

    assert [path for path, where in table.items() if not where] == []
    assert [path for path, where in table.items() if where == "JSON"] == []
    assert len(table) > 250


def test_what_the_sender_cut_or_removed_is_said_at_the_value(shown: tuple[dict[str, str], str, str]) -> None:
    _, page, _ = shown

    assert re.search(r"<dt>plain</dt><dd>mk\d+z <span class=\"remark\">[^<]*originally of length 41,234", page)
    assert re.search(r"<dt>gone</dt><dd> <span class=\"remark\">[^<]*mark-rule[^<]*mark-error", page)


def test_the_words_of_flags_and_numbers_are_said(shown: tuple[dict[str, str], str, str]) -> None:
    _, page, _ = shown

    for words in ("Unhandled", "Made up by the sender", "Crashed", "Current", "Main", "Warning", "Member of the group"):
        assert words in page


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("part", ["", "?all=1", "raw/", "?log=raw"])
def test_hostile_text_in_every_field_is_text(alice: Client, world: World, text: str, part: str) -> None:
    world.send(spoiled(MARKED, text), raw=text)
    place = place_of(world)

    found = finder_of(alice.get(place + part)).found

    assert found == []


def test_the_thread_of_an_exception_and_its_stack_lead_to_each_other(alice: Client, world: World) -> None:
    crashed = {"id": 31, "name": "exec-3", "crashed": True}
    raised = {"type": "E", "value": "v", "thread_id": 31, "stacktrace": _stack()}
    world.send({"exception": {"values": [raised]}, "threads": {"values": [{"id": 1}, crashed]}})

    page = read(alice.get(place_of(world)))

    assert '<a href="#t-1">in thread exec-3</a>' in page
    assert '<a href="#x-0">Its stack is that of the exception</a>' in page
    assert page.index('id="t-1"') < page.index('id="t-0"')


@pytest.mark.parametrize(
    ("headers", "data", "shown"),
    [
        (
            {"Content-Type": "application/json"},
            '{"sku": "A-1207", "items": [1, 2, 3], "note": "' + "n" * 60 + '"}',
            '\n  "sku": "A-1207"',
        ),
        ({"Content-Type": "application/x-www-form-urlencoded"}, {"sku": "A-1207"}, "<dt>sku</dt><dd>A-1207</dd>"),
        ({}, {"sku": "A-1207", "items": [{"n": 1}]}, '{"sku": "A-1207", "items": [{"n": 1}]}'),
        ({}, "sku=A-1207&amp", "sku=A-1207&amp"),
        ({}, ["a", "b"], '["a", "b"]'),
    ],
)
def test_a_body_is_shown_in_the_form_that_reads_best(
    alice: Client, world: World, headers: dict[str, str], data: Any, shown: str
) -> None:
    world.send({**message("x"), "request": {"url": "https://a.example/", "headers": headers, "data": data}})

    page = alice.get(place_of(world)).content.decode()

    assert shown in html_escapes.unescape(page)


def _attributes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, entry in value.items():
            yield name
            yield from _attributes(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _attributes(entry)


def test_the_marked_event_has_every_attribute_the_protocol_names() -> None:
    named = """
        event level platform logger release dist environment server_name site transaction culprit checksum logentry
        message formatted params exception values type value module thread_id mechanism description help_link handled
        synthetic source exception_id parent_id is_exception_group data meta errno signal mach_exception ns_error
        stacktrace raw_stacktrace frames registers lang snapshot function raw_function symbol package filename abs_path
        lineno colno pre_context context_line post_context in_app vars image_addr instruction_addr symbol_addr addr_mode
        trust stack_start lock threads id name crashed current main state held_locks breadcrumbs timestamp category
        event_id origin request url method query_string fragment cookies headers env inferred_content_type api_target
        user email username ip_address geo contexts os device runtime browser app trace gpu culture cloud_resource otel
        response flags tags extra fingerprint modules sdk packages integrations features debug_meta images errors
        template csp hpkp expectct expectstaple _meta
    """.split()

    assert set(named) - set(_attributes(MARKED)) - {"event"} == set()
