"""The table of hostile requests: what is sent, what is answered, and how many events are stored of it."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import brotli
import zstandard
from bodies import (
    BOMB_BYTES,
    DEEP,
    MEGABYTE,
    brotli_bomb,
    envelope,
    event,
    firehose,
    firehose_of,
    frames,
    gzip_bomb,
    honest_zstd_bomb,
    items,
    lambda_event,
    nested_gzip,
    nested_value,
    otlp,
    otlp_json,
    otlp_record,
    otlp_record_of,
    otlp_resource,
    protobuf_field,
    raw_deflate,
    raw_deflate_bomb,
    raw_event,
    record,
    record_of,
    subscription,
    wide_zstd,
    zlib_bomb,
    zstd_bomb,
)
from siege import AUTH, KEY, OTHER_KEY

Make = Callable[[], bytes]
MAX_PLAIN_BYTES = 10 * MEGABYTE
RECORD_DOORS = ("records", "firehose", "fluent", "otlp/v1/logs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request. Bodies are made when they are sent: some are large."""

    name: str
    door: str = "envelope"
    body: bytes | Make = b""
    status: int = 200
    events: int | None = None
    """Stored of it; None: one of what was accepted at the doors for events, any number at the door for records."""
    headers: dict[str, str] = field(default_factory=dict)
    """Beside the key's."""
    is_bare: bool = False
    """Without the key's header."""
    query: str = ""
    method: str = "POST"
    path: str = ""

    def make_body(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else self.body()

    def make_request(self) -> tuple[bytes, dict[str, str]]:
        """Return the body and all headers; a body of records that is too large to be sent as it is comes packed."""
        body, headers = self.make_body(), self.headers if self.is_bare else {**AUTH, **self.headers}
        if self.door in RECORD_DOORS and self.status == 200 and len(body) > MAX_PLAIN_BYTES:
            return gzip.compress(body, 1), {**headers, "content-encoding": "gzip"}
        return body, headers


GOOD = event(message="good")
GOOD_JSON = b'{"message":"good"}'
PACKED = gzip.compress(GOOD)


def _cases(group: str, status: int, bodies: dict[str, bytes | Make], **rest: object) -> list[Case]:
    return [Case(name=f"{group}: {name}", body=body, status=status, **rest) for name, body in bodies.items()]  # type: ignore[arg-type]


BROKEN_ENVELOPES = _cases("envelope", 400, {
    "empty": b"", "newlines": b"\n" * 1000, "blanks": b"   \t ", "NUL": b"\x00" * 100, "text": b"hello",
    "header is a list": b"[]\n", "header is a text": b'"x"\n', "header is a number": b"1\n", "header is null": b"null\n",
    "header is true": b"true\n", "header is NaN": b"NaN\n", "header is cut": b'{"event_id":"\n',
    "header with NUL": b'{"a":1}\x00\n', "header in UTF-16": GOOD.decode().encode("utf-16"),
    "header nested deeply": b'{"a":' + b"[" * 60_000 + b"\n", "header nested and closed":
    b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}\n{}", "header of 10 MB": b'{"a":"' + b"x" * 10 * MEGABYTE + b'"}\n',
    "header without end": b"{" * 10 * MEGABYTE, "header with something behind": b'{"a":1} x\n',
    "two headers in a line": b"{}{}\n", "item header is a list": b"{}\n[]\nx\n", "item header is text": b"{}\nx\nx\n",
    "item header is cut": b'{}\n{"type":\nx\n', "no type": b'{}\n{"length":1}\nx\n',
    "type is a number": b'{}\n{"type":1}\nx\n', "type is null": b'{}\n{"type":null}\nx\n',
    "type is empty": b'{}\n{"type":""}\nx\n', "type is a list": b'{}\n{"type":["event"]}\nx\n',
    "type is an object": b'{}\n{"type":{}}\nx\n', "length is negative": b'{}\n{"type":"event","length":-1}\nx\n',
    "length is a fraction": b'{}\n{"type":"event","length":1.5}\nx\n',
    "length is a text": b'{}\n{"type":"event","length":"1"}\nx\n',
    "length is true": b'{}\n{"type":"event","length":true}\nx\n',
    "length is a list": b'{}\n{"type":"event","length":[]}\nx\n',
    "length is NaN": b'{}\n{"type":"event","length":NaN}\nx\n',
    "length is huge": b'{}\n{"type":"event","length":%d}\nx\n' % 10**30,
    "length is huger": b'{}\n{"type":"event","length":' + b"9" * 5_000 + b"}\nx\n",
    "length is a float of 2^63": b'{}\n{"type":"event","length":1e19}\nx\n',
    "length is one too many": b'{}\n{"type":"event","length":20}\n{"message":"good"}\n',
    "length is one too few": b'{}\n{"type":"event","length":17}\n{"message":"good"}\n',
    "two events": items((b'{"type":"event"}', b"{}"), (b'{"type":"event"}', b"{}")),
    "event is empty": envelope(b""), "event is null": envelope(b"null"), "event is a list": envelope(b"[1]"),
    "event is a text": envelope(b'"x"'), "event is a number": envelope(b"1"), "event is NaN": envelope(b"NaN"),
    "event is cut": envelope(b'{"message":"x'), "event is no JSON": envelope(b"<event/>"),
    "event with something behind": envelope(b"{} x"), "event nested deeply": envelope(b"[" * DEEP + b"]" * DEEP),
    "event of one open brace after another": envelope(b'{"a":' * DEEP),
})  # fmt: skip

LARGE_ENVELOPES = _cases("large", 413, {
    "event of 2 MB": lambda: event(message="x" * 2 * MEGABYTE),
    "a thousand and one items": lambda: items(*[(b'{"type":"session"}', b"{}")] * 1_001),
    "a body of 21 MB": lambda: b"{}\n" + b"x" * 21 * MEGABYTE,
    "a body of 200 MB in gzip": lambda: gzip_bomb(200 * MEGABYTE),
})  # fmt: skip

EMPTY_OF_EVENTS = _cases("no event", 200, {
    "header alone": b"{}", "header and a newline": b"{}\n\n\n", "unknown items": items((b'{"type":"<script>"}', b"x")),
    "a thousand unknown items": items(*[(b'{"type":"t%d"}' % n, b"x") for n in range(1_000)]),
    "a transaction called event": envelope(b'{"type":"transaction"}'),
    "a report that is no JSON": items((b'{"type":"client_report"}', b"x")),
    "a report that is a list": items((b'{"type":"client_report"}', b"[]")),
    "a report of wrong types": items((b'{"type":"client_report"}', json.dumps({"discarded_events": [
        {"reason": ["a"], "quantity": 1}, {"reason": {}, "quantity": 1}, {"reason": None, "quantity": 10**400}, None, [],
        {"reason": "sample_rate", "quantity": True}, {"quantity": -1}, {"quantity": "9"}, 1, "x"]}).encode())),
    "a report that is nested deeply": items((b'{"type":"client_report"}', b"[" * DEEP)),
    "reports, a thousand": items(*[(b'{"type":"client_report"}', b'{"discarded_events":{}}')] * 1_000),
    "an attachment of NULs": items((b'{"type":"attachment","length":1000}', b"\x00" * 1_000)),
    "a type of a surrogate": items((b'{"type":"\\ud800"}', b"x")),
    "a type of 60 kB": items((b'{"type":"' + b"x" * 60_000 + b'"}', b"x")),
}, events=0)  # fmt: skip

MENDED_ENVELOPES = _cases("mended", 200, {
    "carriage returns": b'{}\r\n{"type":"event"}\r\n{"message":"good"}\r\n', "blank lines": GOOD.replace(b"\n", b"\n\n", 1),
    "a byte order mark in the event": envelope(b"\xef\xbb\xbf" + GOOD_JSON),
    "no length": envelope(GOOD_JSON, item=b'{"type":"event"}'),
    "length null": envelope(GOOD_JSON, item=b'{"type":"event","length":null}'),
    "doubled keys in headers": envelope(GOOD_JSON, header=b'{"a":1,"a":2}', item=b'{"type":1,"type":"event"}'),
    "header over lines": b'{\n"a":\n1}\n' + GOOD.partition(b"\n")[2],
    "event id of a wrong type": envelope(GOOD_JSON, header=b'{"event_id":[1]}'),
    "event id of a megabyte": envelope(b'{"event_id":"' + b"a" * 900_000 + b'"}'),
    "sent_at infinite": envelope(GOOD_JSON, header=b'{"sent_at":Infinity}'),
    "sent_at huge": envelope(GOOD_JSON, header=b'{"sent_at":1e308}'),
    "sent_at of many digits": envelope(GOOD_JSON, header=b'{"sent_at":' + b"9" * 5_000 + b"}"),
    "sent_at in the year 9999": envelope(GOOD_JSON, header=b'{"sent_at":"9999-12-31T23:59:59.999999Z"}'),
    "sent_at in the year 1": envelope(GOOD_JSON, header=b'{"sent_at":"0001-01-01T00:00:00+14:00"}'),
    "sent_at a list": envelope(GOOD_JSON, header=b'{"sent_at":["x"]}'),
    "dsn a number": envelope(GOOD_JSON, header=b'{"dsn":1}'), "dsn a list": envelope(GOOD_JSON, header=b'{"dsn":[]}'),
    "dsn a broken address": envelope(GOOD_JSON, header=b'{"dsn":"http://[::1"}'),
    "dsn of 60 kB": envelope(GOOD_JSON, header=b'{"dsn":"' + b"h" * 60_000 + b'"}'),
    "trailing newlines": GOOD + b"\n" * 100_000,
})  # fmt: skip

VALUES = _cases("value", 200, {
    "NaN": raw_event(b"NaN"), "Infinity": raw_event(b"-Infinity"), "a number no float holds": raw_event(b"1e999"),
    "an integer of 5,000 digits": raw_event(b"9" * 5_000), "an integer of 300 digits": raw_event(b"9" * 300),
    "an integer of 500,000 digits": raw_event(b"9" * 500_000), "-0.0": raw_event(b"-0.0"),
    "a float of 400,000 digits": raw_event(b"0." + b"1" * 400_000), "2^64": raw_event(b"18446744073709551616"),
    "a number with zeros": raw_event(b"1e-400"), "an escaped NUL": raw_event(b'"\\u0000"'), "a bare NUL": raw_event(b'"\x00"'),
    "control characters": raw_event(b'"\x01\x02\x1b\x7f"'), "a high surrogate": raw_event(b'"\\ud83d"'),
    "a low surrogate": raw_event(b'"\\udc00\\ud800"'), "a surrogate in upper case": raw_event(b'"\\uD800x"'),
    "a surrogate as a key": raw_event(b'{"\\ud800":1,"\\udfff":2}'), "surrogates as bytes": raw_event(b'"\xed\xa0\x80"'),
    "invalid UTF-8": raw_event(b'"\xff\xfe\xc0\x80\xf5"'), "invalid UTF-8 in a key": envelope(b'{"\xff":1,"\xfe":2}'),
    "UTF-8 that is cut": raw_event(b'"\xe3\x81"'), "noncharacters": raw_event('"\uffff\ufffe\U0010ffff"'.encode()),
    "doubled keys": envelope(b'{"message":"a","message":"b","level":1,"level":"error","level":null}'),
    "nested 400 deep": raw_event(b"[" * 400 + b"]" * 400), "nested 400 objects deep":
    raw_event(b'{"a":' * 400 + b"1" + b"}" * 400), "70,000 keys": raw_event(
        b"{" + b",".join(b'"%d":1' % n for n in range(70_000)) + b"}"),
    "150,000 nulls": raw_event(b"[" + b"null," * 150_000 + b"null]"), "a text of 1 MB": raw_event(b'"' + b"x" * 1_000_000 + b'"'),
    "a key of 1 MB": raw_event(b'{"' + b"k" * 1_000_000 + b'":1}'), "a message of 1 MB": event(message="m " * 500_000),
    "a message of escapes": envelope(b'{"message":"' + b"\\u0000" * 150_000 + b'"}'),
    "a message of percents": event(logentry={"message": "%s" * 100_000, "params": ["x"] * 1_000}),
    "a message of braces": event(logentry={"message": "{}{a}{0.__class__}" * 20_000, "params": {"a": "x" * 1_000}}),
    "a message of its own parameters": event(logentry={"message": "%(a)s" * 100_000, "params": {"a": "y" * 1_000}}),
    "50,000 tags": event(tags={f"t{n}": "v" for n in range(50_000)}),
    "50,000 pairs as tags": event(tags=[[f"t{n}", "v"] for n in range(40_000)]),
    "70,000 frames": lambda: frames(70_000), "20,000 exceptions": event(exception=[{"type": "E", "value": "v"}] * 20_000),
    "a ring of exceptions": event(exception=[{"type": "E", "mechanism": {"exception_id": n, "parent_id": (n + 1) % 9}}
                                             for n in range(9)]),
    "exceptions that hang on themselves": event(exception=[{"type": "E", "mechanism": {"exception_id": 0, "parent_id": 0}}]),
    "exceptions of one id": event(exception=[{"type": "E", "mechanism": {"exception_id": 1, "parent_id": 1}}] * 50),
    "40,000 breadcrumbs": event(breadcrumbs=[{"message": "b"}] * 40_000), "20,000 threads": event(threads=[{"id": 1}] * 20_000),
    "a frame with 50,000 lines around it": event(stacktrace={"frames": [{"pre_context": ["x"] * 50_000}]}),
    "a frame with 20,000 locals": event(stacktrace={"frames": [{"vars": {f"v{n}": n for n in range(20_000)}}]}),
    "a fingerprint of 50,000 parts": event(fingerprint=["p"] * 50_000), "20,000 modules":
    event(modules={f"m{n}": "1" for n in range(20_000)}), "9,000 contexts": event(contexts={f"c{n}": {"a": 1} for n in range(9_000)}),
    "20,000 unknown fields": event(**{f"f{n}": n for n in range(20_000)}), "headers as 30,000 pairs":
    event(request={"headers": [["a", "b"]] * 30_000}), "cookies of 500 kB": event(request={"cookies": "a=b; " * 100_000}),
    "a query of 500 kB": event(request={"query_string": "a=b&" * 120_000}), "a URL of 500 kB":
    event(request={"url": "https://u:p@h/" + "%00" * 150_000}), "a broken URL": event(request={"url": "http://[::1/\x00"}),
    "time infinite": envelope(b'{"timestamp":Infinity}'), "time of many digits": envelope(b'{"timestamp":' + b"9" * 400 + b"}"),
    "time in the year 0": event(timestamp="0000-00-00T00:00:00Z"), "time in the year 9999":
    event(timestamp="9999-12-31T23:59:59+00:00"), "time in the year 1": event(timestamp="0001-01-01T00:00:00+23:59"),
    "time 2^63": event(timestamp=2**63), "time before time": event(timestamp=-1e17), "time with much behind the point":
    event(timestamp="2026-10-05T12:00:00." + "1" * 10_000 + "Z"), "time in other digits": event(timestamp="２０２６-10-05T12:00:00Z"),
    "secrets by the thousand": event(extra={f"password{n}": "s" for n in range(10_000)}),
    "pairs by the thousand": event(message="password=a&token=b " * 20_000), "cards by the thousand":
    event(message="4111 1111 1111 1111 " * 40_000), "digits without end": event(message="4111" * 200_000),
    "an open private key": event(message="-----BEGIN RSA PRIVATE KEY-----" * 20_000), "an address without end":
    event(message="a@" * 300_000), "dots without end": event(message="a." * 300_000), "quotes without end":
    event(message="\"'" * 300_000), "equal signs without end": event(message="password" + "=" * 500_000),
    "backslashes without end": event(message="\\" * 400_000), "brackets without end": event(message="({[<" * 200_000),
    "a path without end": event(transaction="/a" * 300_000), "an environment of 500 kB": event(environment="e" * 500_000),
    "an environment tag of 500 kB": event(tags={"environment": "e" * 500_000}), "a type of 500 kB":
    event(exception=[{"type": "T" * 500_000, "value": "v"}]), "a function of 500 kB":
    event(stacktrace={"frames": [{"function": "f<" * 250_000, "filename": "x/" * 100_000}]}),
})  # fmt: skip

BROKEN_PACKAGES = [
    Case(name=f"packed: {name}", body=body, status=status, headers={"content-encoding": encoding}, events=0)
    for name, encoding, status, body in (
        ("gzip cut in its head", "gzip", 400, PACKED[:5]), ("gzip cut in the middle", "gzip", 400, PACKED[:30]),
        ("gzip cut before its end", "gzip", 400, PACKED[:-1]), ("gzip with a wrong sum", "gzip", 400, PACKED[:-8] + b"\0" * 8),
        ("gzip with a flipped bit", "gzip", 400, PACKED[:14] + bytes([PACKED[14] ^ 255]) + PACKED[15:]),
        ("gzip twice", "gzip", 400, nested_gzip(GOOD, 2)), ("gzip fifty times", "gzip", 400, nested_gzip(GOOD, 50)),
        ("gzip of nothing", "gzip", 400, gzip.compress(b"")), ("gzip magic alone", "", 400, b"\x1f\x8b"),
        ("plain as gzip", "gzip", 400, GOOD), ("gzip as zstd", "zstd", 400, PACKED), ("gzip as brotli", "br", 400, PACKED),
        ("gzip as deflate", "deflate", 400, PACKED), ("plain as deflate", "deflate", 400, GOOD),
        ("brotli as gzip", "gzip", 400, brotli.compress(GOOD)), ("plain as brotli", "br", 400, GOOD),
        ("deflate cut", "deflate", 400, zlib.compress(GOOD)[:-5]), ("raw deflate cut", "deflate", 400, raw_deflate(GOOD)[:-2]),
        ("brotli cut", "br", 400, brotli.compress(GOOD)[:-3]), ("zstd cut", "zstd", 400, zstandard.compress(GOOD)[:-3]),
        ("zstd cut in its head", "zstd", 400, zstandard.compress(GOOD)[:6]), ("plain as zstd", "zstd", 400, GOOD),
        ("zstd of a window of 128 MB", "zstd", 400, wide_zstd(GOOD)), ("zstd of a skippable frame of 4 GB", "zstd", 413,
         b"\x50\x2a\x4d\x18\xff\xff\xff\xff"), ("zstd with a dictionary nobody has", "zstd", 400,
         b"\x28\xb5\x2f\xfd\x23\x01\x00\x00\x80\x00" + zstandard.compress(GOOD)[6:]),
        ("gzip members without end", "gzip", 400, gzip.compress(b"") * 100_000), ("NULs as gzip", "gzip", 400, b"\0" * MEGABYTE),
        ("a bomb in gzip", "gzip", 413, gzip_bomb), ("a bomb in gzip without a header", "", 413, gzip_bomb),
        ("a bomb in zlib", "deflate", 413, zlib_bomb), ("a bomb in raw deflate", "deflate", 413, raw_deflate_bomb),
        ("a bomb in brotli", "br", 413, brotli_bomb), ("a bomb in zstd", "zstd", 413, zstd_bomb),
        ("an honest bomb in zstd", "zstd", 413, honest_zstd_bomb), ("a bomb in a bomb", "gzip", 400,
         lambda: gzip.compress(gzip_bomb())), ("a bomb of members", "gzip", 413, lambda: gzip.compress(b" " * 65_536) * 400),
        ("an unknown encoding", "rot13", 415, GOOD), ("two encodings", "gzip, gzip", 415, PACKED),
        ("an encoding with NUL", "gzip\x00", 415, PACKED), ("an encoding of 10 MB", "gzip," * 2 * MEGABYTE, 415, PACKED),
    )
]  # fmt: skip

GOOD_PACKAGES = [
    Case(name=f"packed: {name}", body=body, headers={"content-encoding": encoding})
    for name, encoding, body in (
        ("gzip without a header", "", PACKED), ("gzip in capitals", "GZIP", PACKED), ("identity", "identity", GOOD),
        ("gzip in members", "gzip", gzip.compress(GOOD[:9]) + gzip.compress(GOOD[9:])), ("raw deflate", "deflate", raw_deflate(GOOD)),
        ("gzip with something behind", "gzip", PACKED + b"\0" * 512), ("zstd", "zstd", zstandard.compress(GOOD)),
        ("a thousand empty members", "gzip", gzip.compress(b"") * 1_000 + PACKED), ("brotli", "br", brotli.compress(GOOD)),
    )
]  # fmt: skip

REQUESTS = [
    Case(name="request: a key of 10 MB", body=GOOD, status=401, is_bare=True,
         headers={"x-sentry-auth": "Sentry sentry_key=" + "a" * 10 * MEGABYTE}),
    Case(name="request: a million fields of auth", body=GOOD, status=401, is_bare=True,
         headers={"x-sentry-auth": "Sentry " + "a=b," * MEGABYTE}),
    Case(name="request: Basic that is none", body=GOOD, status=401, is_bare=True, headers={"authorization": "Basic \xff\xfe"}),
    Case(name="request: Basic of 10 MB", body=GOOD, status=400, is_bare=True,
         headers={"authorization": "Basic " + "A" * 10 * MEGABYTE}),
    Case(name="request: two keys", body=GOOD, status=401, query=f"sentry_key={KEY}"),
    Case(name="request: no key", body=GOOD, status=401, is_bare=True),
    Case(name="request: another project's key", body=GOOD, status=403, is_bare=True,
         headers={"x-sentry-auth": f"Sentry sentry_key={OTHER_KEY}"}),
    Case(name="request: another project's dsn", status=400,
         body=envelope(GOOD_JSON, header=json.dumps({"dsn": f"http://{KEY}@h/2"}).encode())),
    Case(name="request: a query of 10 MB", body=GOOD, status=401, is_bare=True, query="sentry_key=" + "&a=b" * 2 * MEGABYTE),
    Case(name="request: a query of percents", body=GOOD, status=400, is_bare=True, query="sentry_key=%00%ff%&%=%"),
    Case(name="request: 20,000 headers of 5 kB", body=GOOD,
         headers={**AUTH, **{f"x-{n}": "v" * 5_000 for n in range(20_000)}}),
    Case(name="request: a length that is none", body=GOOD, headers={"content-length": "abc"}),
    Case(name="request: a length of 5,000 digits", body=GOOD, status=413, headers={"content-length": "9" * 5_000}),
    Case(name="request: a length in other digits", body=GOOD, headers={"content-length": "\xb2\xb3"}),
    Case(name="request: a length too large", body=GOOD, status=413, headers={"content-length": str(10**12)}),
    Case(name="request: GET of many fields", door="store", method="GET", status=400, query="a=b&" * 1_000),
    Case(name="request: PUT", body=GOOD, status=405, method="PUT"),
    Case(name="request: a method of NULs", body=GOOD, status=405, method="\x00\x00"),
    *(Case(name=f"request: project {project!r}", body=GOOD, status=status, path=f"/api/{project}/envelope/")
      for project, status in (("0", 403), ("9" * 18, 403), ("9" * 19, 400), ("-1", 400), ("1e0", 400), ("１", 400),
                              ("%31", 400), ("\x00", 400), ("..", 400), ("1;drop table", 400), ("x" * 100_000, 400))),
]  # fmt: skip

STORE = [
    Case(name=f"store: {name}", door="store", body=body, status=status)
    for name, status, body in (
        ("empty", 400, b""), ("text", 400, b"hello"), ("a list", 400, b"[]"), ("cut", 400, b'{"a":'), ("NULs", 400, b"\0" * 999),
        ("base64 of nothing", 400, b"===="), ("base64 of noise", 400, base64.b64encode(bytes(range(256)))),
        ("base64 of a bomb", 413, lambda: base64.b64encode(zlib_bomb(100 * MEGABYTE))), ("base64 that is cut", 400,
         base64.b64encode(zlib.compress(GOOD_JSON))[:-9]), ("base64", 200, base64.b64encode(GOOD_JSON)),
        ("base64 of deflate", 200, base64.b64encode(zlib.compress(GOOD_JSON))), ("blanks before", 200, b" \n\t" + GOOD_JSON),
        ("2 MB", 413, b'{"message":"' + b"x" * 2 * MEGABYTE + b'"}'), ("deep", 400, b'{"a":' + b"[" * DEEP),
        ("deep and closed", 400, b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}"), ("invalid UTF-8", 200, b'{"message":"\xff"}'),
    )
] + [
    Case(name=f"store: GET {name}", door="store", method="GET", status=status, is_bare=True, query=f"sentry_key={KEY}{query}")
    for name, status, query in (
        ("without data", 400, ""), ("with data", 200, "&sentry_data=%7B%22message%22%3A1%7D"),
        ("of noise", 400, "&sentry_data=%ff%fe%00"), ("of an open bracket", 400, "&sentry_data=%5B"),
    )
]  # fmt: skip

TRACE_LINE = "\\tat shop.orders.Orders.place(Orders.java:12)"
RECORDS = _cases("records", 200, {
    "text": b"hello", "a list of everything": b'[1,"x",null,true,[],{}]', "NULs": b"\0" * 1_000, "newlines alone": b"\n" * 9_999 + b"x",
    "message of wrong types": b"".join(record_of(value) for value in (b"1", b"null", b"[]", b"{}", b"true", b"NaN", b"1e999")),
    "NaN": record_of(b'"ERROR a","timestamp":NaN'), "an infinite time": record_of(b'"ERROR a","timestamp":Infinity'),
    "a time of 5,000 digits": record_of(b'"ERROR a","timestamp":' + b"9" * 5_000), "a time of 400 digits":
    record_of(b'"ERROR a","timestamp":' + b"9" * 400) + b"{", "a negative time": record_of(b'"ERROR a","timestamp":-1e15'),
    "an id of 4,000 digits behind another": b"{}" + record_of(b'"ERROR a","id":' + b"9" * 4_000),
    "wrong types in every field": record("ERROR a", id=[1], account={}, log_group=None, log_stream=1.5, timestamp="now"),
    "numbers in every field": record("ERROR a", id=2**70, account=-1, log_group=0, log_stream=10**40, timestamp=2**80),
    "lone surrogates": record_of(b'"ERROR \\ud800 \\udfff","id":"\\ud800","log_group":"/ecs/\\ud800/\\udfff","account":"\\udc00"'),
    "lone surrogates in two documents in a row": (record_of(b'"ERROR \\ud800","id":"\\ud801","log_group":"\\udfff"') * 2).replace(b"}\n{", b"}{"),
    "lone surrogates over several lines": b"[\n" + record_of(b'"ERROR a\\ud800","log_group":"/ecs/\\ud800/\\udfff"') + b"]",
    "huge numbers over several lines": b"[\n" + record_of(b'"ERROR a","x":1e999,"id":' + b"9" * 4_000) + b"]",
    "NUL in every field": record("ERROR \x00 a", id="\x00", account="\x00", log_group="/ecs/\x00/\x00", log_stream="\x00"),
    "invalid UTF-8": b'{"message":"ERROR \xff\xfe"}\n' * 100, "a log group of 5 MB": lambda: record("ERROR a", log_group="/ecs/p/" + "g" * 5 * MEGABYTE),
    "an id of 5 MB": lambda: record("ERROR a", id="i" * 5 * MEGABYTE), "nested deeply": b'{"message":' + b"[" * DEEP + b"\n" + record("ERROR a"),
    "nested deeply and closed": b"[" * DEEP + b"]" * DEEP, "braces without end": b"{" * MEGABYTE, "a message of JSON, nested deeply":
    record('{"level":"error","message":"m","a":' + "[" * DEEP + "]" * DEEP + "}"), "a message of JSON that is cut":
    record('{"level":"error","message":"m' + "x" * 20_000), "a message of JSON with everything wrong":
    record(json.dumps({"level": ["error"], "message": {"a": 1}, "timestamp": {}, "exception": [[1]], "stack_trace": {"x": 1}, "logger": 1})),
    "a message of JSON with huge numbers": record('{"level":"error","message":"m","a":1e999,"b":' + "9" * 5_000 + ',"c":NaN}'),
    "a message of JSON with surrogates": record('{"level":"error","message":"\\ud800","\\udfff":"\\udc00"}'),
    "a line of 10 MB": lambda: record("ERROR " + "x" * 10 * MEGABYTE), "a line of 10 MB of blanks": lambda: record("ERROR a" + " " * 10 * MEGABYTE + "b"),
    "a line of 10 MB of colons": lambda: record("ERROR " + "a:" * 5 * MEGABYTE), "a line of 10 MB of digits": lambda: record("ERROR " + "9" * 10 * MEGABYTE),
    "a line of 10 MB of brackets": lambda: record("ERROR " + "[({" * 3 * MEGABYTE), "a line of 10 MB of JSON":
    lambda: record('{"level":"error","message":"m","a":[' + "1," * 5 * MEGABYTE + "1]}"),
    "a line of 10 MB of a trace": lambda: record("ERROR a\n" + TRACE_LINE * 200_000),
    "a million newlines in a message": lambda: record("ERROR a" + "\n" * 1_000_000), "a million frames in one message":
    lambda: record("ERROR a\njava.lang.Error: x\n" + "\tat a.B.c(D.java:1)\n" * 1_000_000), "100,000 causes":
    lambda: record("ERROR a\njava.lang.Error: x\n" + "Caused by: a.B: y\n\tat a.B.c(D.java:1)\n" * 100_000),
    "100,000 inner exceptions": lambda: record("ERROR a\nSystem.Exception: x\n" + " ---> (Inner Exception #1) A.B: y\n" * 100_000),
    "50,000 nested groups": lambda: record("ERROR a\n" + "  | ExceptionGroup: x (1 sub-exception)\n  +-+---------------- 1 ----------------\n" * 50_000),
    "100,000 goroutines": lambda: record("panic: x\n\n" + "goroutine 1 [running]:\nmain.f()\n\t/a/b.go:1 +0x1\n\n" * 100_000),
    "doubled ids": record("ERROR a", id="1") * 500, "doubled keys": b'{"message":"ERROR a","message":"ERROR b","id":"1","id":"2"}',
    "5,000 streams": b"".join(record("ERROR a", log_stream=f"s{n}") for n in range(5_000)),
    "201,000 lines": lambda: b'{"message":"INFO a"}\n' * 201_000, "201,000 bad lines": lambda: b"x\n" * 201_000, "a list of 201,000":
    lambda: b"[" + b'{"message":"INFO a"},' * 201_000 + b"1]", "a hundred thousand documents in a row": b"{}" * 100_000,
    "controls and colours": record("\x1b[31mERROR\x1b[0m \x1b]0;x\x07 \x08\x7f a"), "other blanks": record("ERROR\u2028\u2029\u0085\x0b\x0c a"),
    "subscription of wrong types": b"\n".join(subscription(logEvents=value) for value in (None, 1, "x", {}, [None, 1, "x", [], {}], [{"message": 1}])),
    "subscription with wrong names": subscription(logGroup=[1], logStream={"a": 1}, owner=None, messageType=7),
    "subscription that controls": subscription(messageType="CONTROL_MESSAGE"), "subscriptions in a row": subscription() * 50,
    "a function's event that is none": b'{"awslogs":{"data":1}}\n{"awslogs":{}}\n{"awslogs":{"data":"\\u0000%%"}}\n{"awslogs":[]}',
    "a function's event that is no gzip": lambda_event(b"hello"), "a function's event that is cut": lambda_event(gzip.compress(subscription())[:-20]),
    "a function's event that is a bomb": lambda: lambda_event(gzip_bomb(100 * MEGABYTE)), "a function's event of members without end":
    lambda: lambda_event(gzip.compress(b"") * 400_000), "a function's event in itself": lambda_event(gzip.compress(lambda_event(gzip.compress(b"{}")))),
    "a function's event of noise": lambda_event(gzip.compress(b"\xff\xfe{[")), "a function's event of a deep nest": lambda_event(gzip.compress(b"[" * DEEP)),
    "a formula": record('=HYPERLINK("http://example.com")  ERROR a'), "a template": record("ERROR {{ a }} ${jndi:ldap://x} %s %n <script>"),
    "a query": record("ERROR '; DROP TABLE event; --", log_group="/ecs/'; DROP TABLE issue; --/x", log_stream='"; --'),
})  # fmt: skip

BROKEN_RECORDS = [
    Case(name="records: empty", door="records", status=400),
    Case(name="records: a bomb", door="records", status=413, body=lambda: gzip_bomb(BOMB_BYTES)),
    Case(name="records: 21 MB", door="records", status=413, body=lambda: b"x" * 21 * MEGABYTE),
]

GOOD_LINE = b"2026-10-05 12:00:00 ERROR [main] shop.Orders - boom"
FIREHOSE = [
    Case(name=f"firehose: {name}", door="firehose", body=body, status=status)
    for name, status, body in (
        ("empty", 400, b""), ("text", 400, b"hello"), ("NULs", 400, b"\0" * 1_000), ("a list", 400, b"[]"), ("null", 400, b"null"),
        ("no records", 400, b"{}"), ("records of a wrong type", 400, b'{"records":{"data":"eA=="}}'), ("cut", 400, b'{"records":[{"da'),
        ("no record", 200, b'{"records":[]}'), ("ids of wrong types", 200, b'{"requestId":["a"],"timestamp":{},"records":[]}'),
        ("records of everything", 200, b'{"records":[1,null,"x",[],{},{"data":1},{"data":null},{"data":[]},{"data":""},true,1e999]}'),
        ("noise for base64", 200, firehose_of(b'"%%%"', b'"\\ud800"', b'"YQ"', b'"YQ==YQ=="', b'"\xe3\x81\x82"')),
        ("a plain line", 200, firehose(GOOD_LINE)), ("invalid UTF-8", 200, firehose(b"ERROR \xff\xfe")),
        ("NULs in a record", 200, firehose(b"\0" * 5_000)), ("newlines alone", 200, firehose(b"\n" * 90_000)),
        ("a document", 200, firehose(gzip.compress(subscription()))), ("a control message", 200,
         firehose(gzip.compress(subscription(messageType="CONTROL_MESSAGE")))),
        ("a gzip that is cut", 200, firehose(gzip.compress(subscription())[:-9])), ("gzip magic alone", 200, firehose(b"\x1f\x8b")),
        ("a gzip with something behind", 200, firehose(gzip.compress(subscription()) + b"more")),
        ("a gzip in a gzip", 200, firehose(gzip.compress(gzip.compress(subscription())))),
        ("members without end", 400, lambda: firehose(gzip.compress(b"") * 100_000)),
        ("a bomb in a record", 400, lambda: firehose(gzip_bomb())), ("bombs in many records", 400,
         lambda: firehose(*[gzip_bomb(20 * MEGABYTE)] * 9)), ("a bomb as a whole", 400, lambda: gzip_bomb(BOMB_BYTES)),
        ("21 MB", 400, lambda: b"x" * 21 * MEGABYTE), ("a million lists", 400, lambda: b'{"records":[' + b"[]," * 1_000_000 + b"1]}"),
        ("25,000 records that are none", 400,
         b'{"records":[' + b"1," * 25_000 + b"1]}"), ("deep", 400, b'{"records":' + b"[" * DEEP + b"]" * DEEP + b"}"),
        ("a document that is deep", 200, lambda: firehose(b'{"logEvents":' + b"[" * DEEP)), ("a document of a million lists", 400,
         lambda: firehose(gzip.compress(b'{"logEvents":[' + b"[]," * 1_000_000 + b"1]}"))),
        ("a line of 10 MB", 200, lambda: firehose(b"ERROR " + b"x" * 10 * MEGABYTE)), ("a line of 10 MB of JSON", 200,
         lambda: firehose(b'{"level":"error","message":"' + b"x" * 10 * MEGABYTE + b'"}')),
        ("two requests", 400, firehose(GOOD_LINE) * 2), ("lines of everything", 200,
         firehose(b'1\nnull\n[]\n{}\n{"message":1}\n{"messageType":[]}\n{"logEvents":7}\n{"message":1,"log_group":1}')),
        ("doubled keys", 200, b'{"records":1,"records":[{"data":1,"data":"eA=="}]}'), ("an id of 5 MB", 200,
         lambda: b'{"requestId":"' + b"i" * 5 * MEGABYTE + b'","records":[{"data":"RVJST1IgYQ=="}]}'),
        ("an id of surrogates", 200, b'{"requestId":"\\ud800","records":[{"data":"RVJST1IgYQ=="}]}'),
    )
] + [
    Case(name=f"firehose: attributes {name}", door="firehose", body=firehose(GOOD_LINE),
         headers={"x-amz-firehose-common-attributes": value})
    for name, value in (
        ("of noise", "\xff{"), ("that are a list", "[]"), ("that are null", '{"commonAttributes":null}'), ("of wrong types",
         '{"commonAttributes":{"log_group":1,"log_stream":[]}}'), ("of surrogates", '{"commonAttributes":{"log_group":"\\ud800"}}'),
        ("of newlines", '{"commonAttributes":{"log_group":"a\\n{\\"records\\":[]}"}}'), ("of 50 kB",
         '{"commonAttributes":{"log_group":"' + "g" * 50_000 + '"}}'), ("nested deeply", '{"commonAttributes":' + "[" * 50_000),
    )
]  # fmt: skip

PROTOBUF, JSON = {"content-type": "application/x-protobuf"}, {"content-type": "application/json"}
GOOD_EXPORT = otlp(otlp_record(b"boom"))
OTLP = [
    Case(name=f"otlp: {name}", door="otlp/v1/logs", body=body, status=status, headers=PROTOBUF)
    for name, status, body in (
        ("empty", 200, b""), ("text", 400, b"hello"), ("NULs", 400, b"\0" * 1_000), ("JSON", 400, b'{"resourceLogs":[]}'),
        ("good", 200, GOOD_EXPORT), ("good twice", 200, GOOD_EXPORT * 2), ("cut", 400, GOOD_EXPORT[:-1]),
        ("cut in its head", 400, GOOD_EXPORT[:1]), ("with noise behind", 200, GOOD_EXPORT + b"\xff\xff"),
        ("of noise", 400, bytes(range(256)) * 99), ("of endless numbers", 400, b"\xff" * 90_000), ("of groups", 400, b"\x0b\x0c" * 9_000),
        ("of unknown fields", 200, b"\x7a\x01x" * 90_000), ("of numbers in place of messages", 200, b"\x08\x01" * 90_000),
        ("a length of 2^63", 400, b"\x0a" + b"\xff" * 8 + b"\x7f"), ("two million empty resources", 400, lambda: b"\x0a\x00" * 2_000_001),
        ("100,000 empty scopes", 200, otlp_resource(b"\x12\x00" * 100_000)), ("100,000 empty records", 200, lambda: otlp(b"\x12\x00" * 100_000)),
        ("a record that is cut", 200, otlp(b"\x12\x05\x0a\xff\xff\xff\xff")), ("30,000 records that are cut", 200,
         lambda: otlp(b"\x12\x02\x0a\xff" * 30_000)), ("100,000 attributes", 200, lambda: otlp(protobuf_field(2, b"\x32\x00" * 100_000))),
        ("a value in itself, deeply", 200, lambda: otlp(otlp_record_of(nested_value(5_000)))), ("invalid UTF-8", 200,
         otlp(otlp_record(b"\xff\xfe\xc0"))), ("a body of 10 MB", 200, lambda: otlp(otlp_record(b"x" * 10 * MEGABYTE))),
        ("a number for a text", 200, otlp(protobuf_field(2, b"\x10\x11\x28\x01\x18\x01"))), ("not a number", 200,
         otlp(otlp_record_of(b"\x21\x00\x00\x00\x00\x00\x00\xf8\x7f"))), ("17 MB", 413, lambda: b"\0" * 17 * MEGABYTE),
        ("a bomb", 413, lambda: gzip_bomb(BOMB_BYTES)), ("a time of 2^64", 200, otlp(protobuf_field(2, b"\x09" + b"\xff" * 8 + b"\x10\x11"))),
        ("a severity of 2^64", 200, otlp(protobuf_field(2, b"\x10" + b"\xff" * 9 + b"\x01"))),
    )
] + [
    Case(name=f"otlp: JSON {name}", door="otlp/v1/logs", body=body, status=status, headers=JSON)
    for name, status, body in (
        ("that is text", 400, b"hello"), ("that is a list", 400, b"[]"), ("that is null", 400, b"null"), ("of nothing", 200, b"{}"),
        ("deep", 400, b'{"resourceLogs":' + b"[" * DEEP), ("of wrong types", 200, otlp_json(b'{"timeUnixNano":[],"severityNumber":"ERROR","body":1}')),
        ("of everything", 200, otlp_json(b'1,null,"x",[],{},{"body":{}},{"body":{"stringValue":1}},{"attributes":{}},{"attributes":[1,{},{"key":1}]}')),
        ("of huge numbers", 200, otlp_json(b'{"severityNumber":1e999,"timeUnixNano":"' + b"9" * 5_000 + b'","body":{"intValue":"' + b"9" * 30 + b'"}}')),
        ("of other digits", 200, otlp_json('{"timeUnixNano":"１２３","severityNumber":17}'.encode())), ("of surrogates", 200,
         otlp_json(b'{"severityNumber":17,"body":{"stringValue":"\\ud800"},"attributes":[{"key":"\\udfff","value":{"stringValue":"\\ud800"}}]}')),
        ("of a value in itself", 200, otlp_json(b'{"severityNumber":17,"body":' + b'{"arrayValue":{"values":[' * 60 + b"]}}" * 60 + b"}")),
        ("of a million lists", 400, lambda: b'{"resourceLogs":[' + b"[]," * 1_000_000 + b"1]}"), ("of a severity of 99", 200,
         otlp_json(b'{"severityNumber":99,"severityText":"\\u0000","body":{"stringValue":"boom"}}')), ("of an exception of wrong types", 200,
         otlp_json(b'{"severityNumber":17,"attributes":[{"key":"exception.type","value":{"intValue":"7"}},{"key":"exception.stacktrace"}]}')),
    )
] + [
    Case(name=f"otlp: content type {name}", door="otlp/v1/logs", body=GOOD_EXPORT, status=415, headers={"content-type": name})
    for name in ("", "text/plain", "application/grpc", ";", "application/json, application/x-protobuf", "\xff" * 9_000)
]  # fmt: skip

FLUENT = [
    Case(name=f"fluent: {name}", door="fluent", body=body, status=status)
    for name, status, body in (
        ("empty", 400, b""), ("text", 200, b"hello"), ("NULs", 200, b"\0" * 1_000), ("a list of everything", 200, b'[1,"x",null,true,[],{},{"log":1}]'),
        ("wrong types in every field", 200, b'{"log":"ERROR a","date":[],"kubernetes":[1],"ecs_task_arn":{},"container_name":7}'),
        ("wrong types below", 200, b'{"log":"ERROR a","kubernetes":{"labels":[1],"pod_name":{},"container_name":null,"namespace_name":1}}'),
        ("surrogates", 200, b'{"log":"ERROR \\ud800","date":1791200000.5,"kubernetes":{"pod_name":"\\udfff"}}'), ("an ARN that is none", 200,
         b'{"log":"ERROR a","ecs_task_arn":":::","ecs_cluster":"/","ecs_task_definition":":"}'), ("times of every kind", 200,
         b"".join(b'{"log":"ERROR a","date":%s}' % time for time in (b"1e999", b"-1", b"9" * 400, b'"now"', b'"' + b"9" * 5_000 + b'"', b"NaN"))),
        ("deep", 200, b'{"log":' + b"[" * DEEP), ("a line of 10 MB", 200, lambda: b'{"log":"ERROR ' + b"x" * 10 * MEGABYTE + b'"}'),
        ("pieces without end", 200, b'{"log":"ERROR a","partial_message":"true","container_id":"c"}' * 5_000),
        ("25,000 objects that are none", 200, b"{}" * 9_000 + b"\n1" * 25_000), ("a bomb", 413, lambda: gzip_bomb(BOMB_BYTES)),
    )
] + [Case(name="fluent: msgpack", door="fluent", body=b"\x92\x01\x80", status=415, headers={"content-type": "application/msgpack"})]  # fmt: skip

CASES: list[Case] = [
    *BROKEN_ENVELOPES, *LARGE_ENVELOPES, *EMPTY_OF_EVENTS, *MENDED_ENVELOPES, *VALUES, *BROKEN_PACKAGES, *GOOD_PACKAGES,
    *REQUESTS, *STORE, *BROKEN_RECORDS, *FIREHOSE, *OTLP, *FLUENT,
    *(Case(name=case.name, body=case.body, door="records") for case in RECORDS),
]  # fmt: skip
