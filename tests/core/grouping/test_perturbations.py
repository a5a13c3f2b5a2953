"""What a deploy, a host, a customer or a log's transport changes never makes another issue; another failure does.

Every case goes the whole way, from the lines of a stream to the fingerprint.
"""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mukiau.core.event_builder import build_event
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.normalize import normalize_payload
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry, entry_to_payload
from mukiau.core.records.record import Record

AT = 1_791_209_701_000
NOW = datetime(2026, 10, 6, tzinfo=UTC)

JAVA = """\
2026-10-05 12:00:00.123 ERROR 1 --- [exec-3] c.a.shop.OrderApi : order 118 of host ip-10-1-2-3 failed
com.acme.shop.OrderFailed: order 118 failed
	at com.acme.shop.Orders.confirm(Orders.java:52)
	at com.acme.shop.OrderApi.post(OrderApi.java:31)
	at org.springframework.web.Servlet.service(Servlet.java:885)
Caused by: java.io.IOException: store 10.1.2.3:6379 answered code=E4031 for 118
	at com.acme.shop.Store.lambda$read$7(Store.java:77)
	at com.acme.shop.Orders.confirm(Orders.java:48)
	... 2 more"""
PYTHON = """\
2026-10-05 12:00:00,123 ERROR [MainThread] shop.api - order 118 of host ip-10-1-2-3 failed
Traceback (most recent call last):
  File "/srv/shop/store.py", line 77, in read
    raise IOError(answer)
OSError: store 10.1.2.3:6379 answered code=E4031 for 118

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/api.py", line 31, in post
    orders.confirm(number)
  File "/srv/shop/orders.py", line 52, in confirm
    raise OrderFailed(number) from error
shop.errors.OrderFailed: order 118 failed"""
NODE = """\
2026-10-05T12:00:00.123Z [shop.api] error: order 118 of host ip-10-1-2-3 failed
OrderFailed: order 118 failed
    at Orders.confirm (/srv/shop/orders.js:52:11)
    at post (/srv/shop/api.js:31:9) {
  [cause]: Error: store 10.1.2.3:6379 answered code=E4031 for 118
      at Store.read (/srv/shop/store.js:77:13)
      at Orders.confirm (/srv/shop/orders.js:48:20)
}"""
DOTNET = """\
2026-10-05 12:00:00.123 +00:00 [ERR] order 118 of host ip-10-1-2-3 failed
Acme.Shop.OrderFailedException: order 118 failed
 ---> System.IO.IOException: store 10.1.2.3:6379 answered code=E4031 for 118
   at Acme.Shop.Store.<Read>d__7.MoveNext() in /src/Store.cs:line 77
   --- End of inner exception stack trace ---
   at Acme.Shop.Orders.Confirm(Int32 number) in /src/Orders.cs:line 52
   at Acme.Shop.Api.Post(Int32 number) in /src/Api.cs:line 31"""
RUBY = """\
E, [2026-10-05T12:00:00.123456 #1] ERROR -- shop: order 118 failed: store 10.1.2.3:6379 answered code=E4031 (IOError)
/srv/shop/store.rb:77:in `block in read'
/srv/shop/orders.rb:52:in `confirm'
/srv/shop/api.rb:31:in `post'"""
GO = """\
panic: store 10.1.2.3:6379 answered code=E4031 for 118

goroutine 118 [running]:
acme.example/shop/store.(*Store).Read.func7(0xc000118)
	/src/shop/store/store.go:77 +0x118
acme.example/shop/orders.Confirm(0x118)
	/src/shop/orders/orders.go:52 +0x31
main.main()
	/src/shop/main.go:31 +0x77"""
PLAIN = "2026-10-05 12:00:00.123 ERROR [exec-3] shop.api - store 10.1.2.3:6379 answered code=E4031 for order 118"

TEXTS = {"java": JAVA, "python": PYTHON, "node": NODE, "dotnet": DOTNET, "ruby": RUBY, "go": GO, "plain": PLAIN}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


def records_of(text: str, *, group: str = "/ecs/acme-prod/shop") -> list[Record]:
    lines = [line for line in text.split("\n") if line.strip()]
    return [
        Record(record_id=str(n), message=line, timestamp_ms=AT, log_group=group, log_stream="s")
        for n, line in enumerate(lines)
    ]


def hash_of(entry: LogEntry) -> str:
    payload, origin, _ = entry_to_payload(entry, project_id=1, source_id=1)
    normalized = normalize_payload(payload, received_at=NOW)
    return fingerprint_of(build_event(normalized.payload, origin=origin, received_at=NOW)).hash


def group(text: str, **more: str) -> str:
    assembler = Assembler()
    (entry,) = [*assembler.feed(records_of(text, **more)), *assembler.flush_all()]
    return hash_of(entry)


def with_lines_moved(text: str, by: int) -> str:
    return re.sub(
        r"(?<=[:\s])(77|52|48|31)(?=$|[:),]|\b)", lambda found: str(int(found[1]) + by), text, flags=re.MULTILINE
    )


@texts
@given(by=st.integers(min_value=100, max_value=700), order=st.integers(min_value=119, max_value=10**9))
@settings(max_examples=8)
def test_lines_ids_and_generated_numbers_make_no_other_issue(text: str, by: int, order: int) -> None:
    changed = with_lines_moved(text, by).replace("118", str(order))
    changed = changed.replace("$7(", f"${by}(").replace("d__7", f"d__{by}").replace("func7", f"func{by}")

    assert group(changed) == group(text)


@texts
@given(host=st.integers(min_value=1, max_value=255), hour=st.integers(min_value=10, max_value=23))
@settings(max_examples=8)
def test_hosts_times_threads_and_environments_make_no_other_issue(text: str, host: int, hour: int) -> None:
    changed = text.replace("10.1.2.3", f"10.{host}.0.9").replace("10-1-2-3", f"10-{host}-0-9")
    changed = changed.replace("12:00:00", f"{hour}:41:07").replace("exec-3", f"exec-{host}")

    assert group(changed, group=f"/ecs/other-stg{host}/shop") == group(text)


@texts
@pytest.mark.parametrize("folder", ["/opt/app/releases/20261005", "/usr/src/app"])
def test_the_folder_a_program_lies_in_makes_no_other_issue(text: str, folder: str) -> None:
    assert group(text.replace("/srv/shop", folder).replace("/src/", f"{folder}/")) == group(text)


PREFIXES: dict[str, Callable[[str], str]] = {
    "compose": "shop-1  | {}".format,
    "cri": "2026-10-05T12:00:00.123456789Z stderr F {}".format,
    "journal": "Oct  5 12:00:00 ip-10-1-2-3 shop[118]: {}".format,
    "docker": lambda line: '{{"log":"{}\\n","stream":"stderr","time":"2026-10-05T12:00:00Z"}}'.format(
        line.replace('"', '\\"').replace("\t", "\\t")
    ),
}


@texts
@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES.keys())
def test_a_transports_prefix_makes_no_other_issue(text: str, prefix: Callable[[str], str]) -> None:
    assert group("\n".join(prefix(line) for line in text.split("\n") if line)) == group(text)


@texts
@given(cuts=st.sets(st.integers(min_value=1, max_value=12)))
@settings(max_examples=8)
def test_batches_and_one_record_for_all_make_no_other_issue(text: str, cuts: set[int]) -> None:
    records = records_of(text)
    assembler = Assembler()
    entries: list[LogEntry] = []
    bounds = [0, *sorted(cut for cut in cuts if cut < len(records)), len(records)]
    for begin, end in itertools.pairwise(bounds):
        entries += assembler.feed(records[begin:end])
        assembler = _restarted(assembler)
    (entry,) = [*entries, *assembler.flush_all()]

    assert hash_of(entry) == group(text)
    assert _group_of_one_record(text) == group(text)


def _restarted(assembler: Assembler) -> Assembler:
    other = Assembler()
    other.restore(assembler.snapshot())
    return other


def _group_of_one_record(text: str) -> str:
    record = Record(record_id="1", message=text, timestamp_ms=AT, log_group="/ecs/acme-prod/shop", log_stream="s")
    assembler = Assembler()
    (entry,) = [*assembler.feed([record]), *assembler.flush_all()]
    return hash_of(entry)


def test_the_root_cause_first_makes_no_other_issue() -> None:
    head, *_ = JAVA.split("\n")
    turned = f"""{head}
java.io.IOException: store 10.1.2.3:6379 answered code=E4031 for 118
	at com.acme.shop.Store.lambda$read$7(Store.java:77)
	at com.acme.shop.Orders.confirm(Orders.java:48)
	... 2 common frames omitted
Wrapped by: com.acme.shop.OrderFailed: order 118 failed
	at com.acme.shop.Orders.confirm(Orders.java:52)
	at com.acme.shop.OrderApi.post(OrderApi.java:31)
	at org.springframework.web.Servlet.service(Servlet.java:885)"""

    assert group(turned) == group(JAVA)


@texts
def test_another_code_or_service_makes_another_issue(text: str) -> None:
    assert group(text.replace("E4031", "E5002")) != group(text)
    assert group(text, group="/ecs/acme-prod/cart") != group(text)


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "plain"])
def test_another_function_or_cause_makes_another_issue(name: str) -> None:
    text = TEXTS[name]
    crash = re.sub(r"(?i)(read)(?=\$|\b|>)", lambda found: "Write" if found[1][0] == "R" else "write", text)
    cause = text.replace("java.io.IOException", "java.lang.IllegalStateException").replace(
        "System.IO.IO", "System.Timeout"
    )
    cause = (
        cause.replace("OSError", "KeyError")
        .replace("(IOError)", "(KeyError)")
        .replace("[cause]: Error", "[cause]: TypeError")
    )

    assert group(crash) != group(text)
    assert name == "go" or group(cause) != group(text)
