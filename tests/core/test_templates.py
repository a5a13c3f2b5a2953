"""Templates: what varies becomes a placeholder, what tells failures apart stays."""

import json
import re
from ipaddress import IPv4Address
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mukiau.core import templates
from mukiau.core.templates import codes_of, template_of

SAME = [
    ("order A1 paid by x@example.com", "order B22 paid by y@example.org"),
    ("took 1.5s", "took 22s"),
    ("worker 3 lost shard 77", "worker 31 lost shard 8"),
    ("GET https://a.example/x?y=1 failed", "GET http://b.example:8080/z failed"),
    ("カート 510966ec-cc2e-4d18-a5f4-f2b5d6c80a40 が空です", "カート 7b2e9c3d-1111-4222-8333-444455556666 が空です"),
    ("担当=田中 翔 帳票=in/a_1.csv", "担当=松本 真由美 帳票=in/b_2.csv"),
    ("unknown SKUs: AB-1, CD-22", "unknown SKUs: AB-1, CD-22, EF-333"),
    ("ユーザー「tanaka01」が見つかりません", "ユーザー「suzuki-x」が見つかりません"),
    ("file /var/data/2026/a.csv missing", "file /srv/b/c.csv missing"),
    ('unexpected reply: {"id": 1, "items": []}', 'unexpected reply: {"id": 2, "items": [{"a": 1'),
    ("berth 12A is taken", "berth 12B is taken"),
    ("token 0a1b2c3d4e5f refused", "token 012345678901 refused"),
    ("gateway 00:1a:2b:3c:4d:5e lost", "gateway aa:bb:cc:dd:ee:ff lost"),
    ("gateway 00:1a:2b:3c:4d:5e lost", "gateway 00:11:22:33:44:55 lost"),
    ("shrunk from 1,2 to 1", "shrunk from 4,222,333 to 7"),
    ("shard [1] lost", "shard [12] lost"),
    ("amount=1,234 JPY", "amount=99 JPY"),
    ("login of user 'tanaka' failed", "login of user 'o_brien' failed"),
    ("顧客 佐藤 太郎 様に送信できません", "顧客 サリバン マリア 様に送信できません"),
    ("店舗「梅田」から届いていません", "店舗「新宿東口店」から届いていません"),
    ("retry 1/3 at 2026-10-01T00:00:00Z", "retry 3/9 at 2026-11-30 23:59:59,123"),
]
DIFFERENT = [
    ("answered HTTP 502", "answered HTTP 404"),
    ("gateway result=21 msg=a1", "gateway result=34 msg=b2"),
    ("refused: code=E4031", "refused: code=E5002"),
    ("GET refused", "POST refused"),
    ("ORA-00942: no table", "ORA-01555: no table"),
    ("CBS_E_MANIFEST_INVALID_ITEM", "CBS_E_MANIFEST_INVALID_PACKAGE"),
    ("(reading 'rate')", "(reading 'price')"),
    ('failed: {"code": "MERGE_CONFLICT"}', 'failed: {"code": "NOT_FOUND"}'),
    ("UNIQUE constraint failed: member.email", "CHECK constraint failed: rank"),
    ("在庫がありません", "在庫が足りません"),
    ("[Errno 13] denied", "[Errno 2] denied"),
    ("ジョブ J1 が異常終了 終了コード=8", "ジョブ J1 が異常終了 終了コード=16"),
    ("送信失敗 理由=宛先不明", "送信失敗 理由=容量超過"),
    ("HRESULT 0x80070005", "HRESULT 0x80004005"),
    ("process 77 exited on signal 9", "process 77 exited on signal 11"),
    ("exit code 137", "exit code 1"),
    ("probe failed with statuscode: 500", "probe failed with statuscode: 503"),
    ("moderation answered 502 for 8", "moderation answered 402 for 8"),
    ("said: 550 5.1.1 no", "said: 550 5.7.1 no"),
    ("SQLCODE=-904 on T", "SQLCODE=-911 on T"),
    ("ABEND S0C7 in P1", "ABEND S322 in P1"),
    ("rebooted: cause=WATCHDOG", "rebooted: cause=BROWNOUT"),
    ("{orders=LEADER_NOT_AVAILABLE}", "{orders=UNKNOWN_TOPIC}"),
    ("同様のエラー", "多様のエラー"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_messages_that_differ_in_values_have_one_template(one: str, other: str) -> None:
    assert template_of(one) == template_of(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_messages_that_differ_in_codes_or_words_have_two_templates(one: str, other: str) -> None:
    assert template_of(one) != template_of(other)


@example("@=''0")
@example("a='b'. c=\"d\"")
@settings(derandomize=True)  # quotes inside of words are known not to hold
@given(st.text(max_size=300) | st.from_regex(r"(?:error=|理由=)?[a-z=\"'{}<>\[\]/:. 0-9A-Z-]{0,200}", fullmatch=True))
def test_a_template_is_its_own_template(message: str) -> None:
    once = template_of(message)

    assert template_of(once) == once


@pytest.mark.parametrize("piece", ["a=", "/a", "[{", '"', "1,", "a.", "「", "'x", "-1", "<a "])
def test_repeated_pieces_do_not_make_the_work_explode(piece: str) -> None:
    assert isinstance(template_of(piece * 100_000), str)


STATUS = st.integers(min_value=400, max_value=599).map(str)
CONSTANT = st.from_regex(r"[A-Z]{2,8}(_[A-Z]{2,8}){1,3}", fullmatch=True)
KEPT = st.one_of(
    st.builds("HTTP {}".format, STATUS),
    st.builds("status={}".format, STATUS),
    st.builds("answered {}".format, STATUS),
    st.builds("ステータス {}".format, STATUS),
    st.builds("code={}".format, st.from_regex(r"[A-Z]{1,4}\d{2,5}", fullmatch=True)),
    st.builds("ORA-{:05d}".format, st.integers(min_value=1, max_value=65_000)).map("failed: {}: no table".format),
    st.builds("exit code {}".format, st.integers(min_value=0, max_value=255)),
    st.builds("終了コード={}".format, st.integers(min_value=0, max_value=255)),
    st.builds("[Errno {}]".format, st.integers(min_value=1, max_value=133)),
    st.builds("HRESULT 0x{:08X}".format, st.integers(min_value=0x80000000, max_value=0xFFFFFFFF)),
    st.builds("state={}".format, CONSTANT),
    st.builds("{}".format, CONSTANT),
    st.sampled_from(["GET", "POST", "DELETE", "PATCH", "HGETALL"]),
    st.from_regex(r"([A-Z][a-z]{2,8}){1,3}(Error|Exception|Refused)", fullmatch=True),
    st.from_regex(r"([a-z]{2,6}\.){1,3}[A-Z][a-z]{2,8}Exception", fullmatch=True),
)
"""What tells two failures apart."""
AROUND = st.sampled_from(["", "order 77 ", "注文 12 の", "[worker-3] ", "carrier refused: ", "10:20:30 at 10.1.2.3: "])


@given(
    before=AROUND, kept=KEPT, after=st.sampled_from(["", " for order OD-118", " (3 tries)", "、注文 5", ", took 1.5s"])
)
@settings(derandomize=True)
def test_a_code_a_verb_or_a_class_is_never_swallowed(before: str, kept: str, after: str) -> None:
    assert kept in template_of(f"{before}{kept}{after}")


@given(st.integers(min_value=0, max_value=10**12), st.uuids(), st.ip_addresses(v=4), st.binary(min_size=6, max_size=20))
@settings(derandomize=True)
def test_ids_and_addresses_make_no_other_template(number: int, uuid: UUID, ip: IPv4Address, data: bytes) -> None:
    def line(*values: object) -> str:
        return "order {} of {} on {} refused token {}a1".format(*values)

    assert template_of(line(number, uuid, ip, data.hex())) == template_of(line(7, UUID(int=1), "10.0.0.1", "0b" * 8))


FROZEN = json.loads((Path(__file__).parents[1] / "data" / "templates.json").read_text(encoding="utf-8"))


def test_known_messages_keep_their_templates() -> None:
    """A template is part of a fingerprint: with another one a stored issue would not be found again."""
    assert {message: template_of(message) for message in FROZEN} == FROZEN


def test_passing_plain_words_in_one_step_changes_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "with code 500 status 404: exit code 1 returned 502 abend S0C7 error 401, on signal 9 HTTP 503 close code 1009"
    )
    messages = [*FROZEN, *(" ".join(some) for some in permutations(words.split(), 2))]
    fast = [template_of.__wrapped__(message) for message in messages]
    rules = [rule for rule in enumerate(templates._RULES) if rule[1][0] != "plain"]
    one_by_one = re.compile("|".join(f"(?P<{name}_{index}>{rule})" for index, (name, rule) in rules))

    monkeypatch.setattr(templates, "_PATTERN", one_by_one)

    assert [template_of.__wrapped__(message) for message in messages] == fast


def test_the_order_of_messages_changes_no_template() -> None:
    forwards = {message: template_of.__wrapped__(message) for message in FROZEN}
    backwards = {message: template_of.__wrapped__(message) for message in reversed(FROZEN)}

    assert forwards == backwards


def test_codes_are_read_from_a_template_once_each() -> None:
    template = template_of("HTTP 502 then HTTP 502, code=E4031 order=77")

    assert codes_of(template) == ("HTTP 502", "code=E4031")
