"""What is scrubbed, and what must survive."""

import json
import time
from typing import Any

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mukiau.core.event import EventProblem
from mukiau.core.scrub import MARK, Scrubber, ScrubPolicy

SCRUBBER = Scrubber(ScrubPolicy(), compile_pattern=re2.compile)
JAPAN = Scrubber(ScrubPolicy(japan=True, email=True), compile_pattern=re2.compile)
CARD = "4111111111111111"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

SECRETS_IN_TEXT = {
    "password=hunter2": f"password={MARK}",
    "login failed: password: hunter2, user: ann": f"login failed: password: {MARK}, user: ann",
    "https://shop.example/pay?token=abc123&page=2": f"https://shop.example/pay?token={MARK}&page=2",
    '{"user": "ann", "password": "hun\\"ter2", "n": 1}': f'{{"user": "ann", "password": "{MARK}", "n": 1}}',
    "{'api_key': 'k-1', 'n': 1}": f"{{'api_key': '{MARK}', 'n': 1}}",
    r'payload="{\"password\":\"hunter2\",\"n\":1}"': rf'payload="{{\"password\":\"{MARK}\",\"n\":1}}"',
    '{"secret": ["a", "b"], "n": 1}': f'{{"secret": {MARK}, "n": 1}}',
    '{"password": "cut off here': f'{{"password": "{MARK}',
    "Authorization: Basic dXNlcjpwYXNz\r\nHost: a": f"Authorization: {MARK}\r\nHost: a",
    "Cookie: a=1; b=2\nHost: a": f"Cookie: {MARK}\nHost: a",
    "sent with Bearer abcdef123456": f"sent with Bearer {MARK}",
    f"jwt {JWT} refused": f"jwt {MARK} refused",
    "key AKIAIOSFODNN7EXAMPLE used": f"key {MARK} used",
    "postgres://app:s3cret@db:5432/x": f"postgres://app:{MARK}@db:5432/x",
    f"card {CARD} declined": f"card {MARK} declined",
    "card 4111 1111 1111 1111 declined": f"card {MARK} declined",
    "card 3782-822463-10005 declined": f"card {MARK} declined",
    "os.environ['DB_PASSWORD'] = 'x1'": f"os.environ['DB_PASSWORD'] = '{MARK}'",
    "[('password', 'hunter2'), ('a', 'b')]": f"[('password', '{MARK}'), ('a', 'b')]",
    "mysql --password hunter2 -h db": f"mysql --password {MARK} -h db",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend": f"{MARK}\nend",
    "パスワード: hunter2": f"パスワード: {MARK}",
    "dbPass=x9 ok": f"dbPass={MARK} ok",
    "user-pin:1234": f"user-pin:{MARK}",
    "password=correct.horse&x=1": f"password={MARK}&x=1",
    "db.password:12345": f"db.password:{MARK}",
}

HARMLESS_TEXTS = [
    "Invalid token: unexpected end of input",
    "SyntaxError: Unexpected token < in JSON at position 0",
    "session 8f14e45f expired",
    "token_count: 4096, max_tokens=100",
    "def login(user: str, password: str) -> Token:",
    "token = get_token()",
    "password=%s",
    "password={password}",
    "password: None",
    "Basic authentication failed",
    "order 4111111111111112 not found",
    "took 0.4111111111111111 s",
    "id 41111111-1111-1111-1111-111111111111",
    "2026-03-01T12:00:00.123456Z",
    "at org.h2.engine.SessionLocal.prepare(SessionLocal.java:631)",
    "/app/auth.rb:10:in `call'",
    "connect to token-service:8080 refused",
    "GET http://auth:8080/x",
    "Session::Store failed",
    "async def run(session: AsyncSession) -> None:",
    "connect(password=settings.db_password, token=token)",
    "the author: Ann, shopping: 3 items",
    "passed: 12",
]


@pytest.mark.parametrize(("text", "expected"), SECRETS_IN_TEXT.items())
def test_a_secret_in_a_text_is_replaced_and_the_rest_stays(text: str, expected: str) -> None:
    scrubbed = SCRUBBER.scrub_text(text)

    assert scrubbed == expected
    assert SCRUBBER.scrub_text(scrubbed) == scrubbed


@pytest.mark.parametrize("text", HARMLESS_TEXTS)
def test_a_text_without_a_secret_stays_as_it_is(text: str) -> None:
    assert SCRUBBER.scrub_text(text) == text


@pytest.mark.parametrize("text", SECRETS_IN_TEXT)
def test_both_regex_engines_find_the_same(text: str) -> None:
    assert Scrubber(ScrubPolicy()).scrub_text(text) == SCRUBBER.scrub_text(text)


@pytest.mark.parametrize(
    "name",
    "password dbPassword DB_PASS X-Api-Key apiKey secret client_secret Authorization Cookie set-cookie sessionid "
    "PHPSESSID access_token csrfmiddlewaretoken pwd passwd パスワード cvv".split(),
)
@pytest.mark.parametrize("value", ["plain words", 12345, ["a"], 1.5])
def test_a_value_under_a_secret_name_is_replaced_whatever_it_is(name: str, value: Any) -> None:
    result = SCRUBBER.scrub({"extra": {"a": {name: value, "n": 1}}})

    assert result.payload == {"extra": {"a": {name: MARK, "n": 1}}}
    assert result.counts == {"key": 1}


def test_cookies_keep_their_names() -> None:
    result = SCRUBBER.scrub({"request": {"cookies": {"theme": "dark", "sid": "1"}}})

    assert result.payload == {"request": {"cookies": {"theme": MARK, "sid": MARK}}}


@pytest.mark.parametrize("value", [None, "", True, False])
def test_a_secret_that_is_not_there_stays_visible_as_such(value: Any) -> None:
    payload = {"extra": {"password": value}}

    assert SCRUBBER.scrub(payload).payload == payload


def test_ids_of_digits_that_look_like_cards_survive() -> None:
    payload = {
        "event_id": CARD * 2,
        "contexts": {"trace": {"trace_id": CARD * 2, "span_id": CARD, "parent_span_id": "6011000990139424"}},
        "breadcrumbs": {"values": [{"event_id": CARD + CARD, "timestamp": "2026-03-01T12:00:00Z"}]},
        "timestamp": "2026-03-01T12:00:00.411111Z",
        "release": "5105105105105100",
        "threads": {"values": [{"id": 140735340871680}]},
    }

    result = JAPAN.scrub(payload)

    assert result.payload is payload
    assert result.counts == {}


def test_package_names_are_no_field_names() -> None:
    payload = {"modules": {"secretstorage": "3.3.3", "itsdangerous": "2.2.0"}}

    assert SCRUBBER.scrub(payload).payload == payload


def test_a_card_number_as_a_json_number_is_replaced() -> None:
    assert SCRUBBER.scrub({"extra": {"no": int(CARD), "at": 1767323045123}}).payload["extra"] == {
        "no": MARK,
        "at": 1767323045123,
    }


def test_a_pair_as_a_list_of_two_is_a_pair() -> None:
    result = SCRUBBER.scrub({"extra": {"headers": [["Authorization", "x"], ["Host", "y"]]}})

    assert result.payload == {"extra": {"headers": [["Authorization", MARK], ["Host", "y"]]}}


def test_a_secret_inside_a_name_is_replaced() -> None:
    result = SCRUBBER.scrub({"extra": {f"card {CARD}": 1, f"card {CARD[:-1]}1 ": 2}})

    assert CARD not in json.dumps(result.payload)
    assert sorted(result.payload["extra"].values()) == [1, 2]


@pytest.mark.parametrize(
    "inner", [{"PASS=x1": None}, {"a": "PASS=x1"}, {"password": "x1"}, [{"PASS=x1": [f"no {CARD}"]}]]
)
def test_what_is_inside_an_entry_whose_name_holds_a_secret_is_scrubbed_too(inner: Any) -> None:
    result = SCRUBBER.scrub({"a": {"key AKIAIOSFODNN7EXAMPLE used": inner}})

    assert list(result.payload["a"]) == [f"key {MARK} used"]
    assert "x1" not in json.dumps(result.payload)
    assert CARD not in json.dumps(result.payload)


def test_a_kept_field_is_never_touched() -> None:
    scrubber = Scrubber(ScrubPolicy(keep=frozenset({"order_token", "Card"})), compile_pattern=re2.compile)
    payload = {"extra": {"order_token": "t-1", "card": CARD, "text": f"order_token=t-1 card={CARD} password=x1"}}

    scrubbed = scrubber.scrub(payload).payload["extra"]

    assert scrubbed["order_token"] == "t-1"
    assert scrubbed["card"] == CARD
    assert scrubbed["text"] == f"order_token=t-1 card={CARD} password={MARK}"


def test_a_hashed_field_keeps_equal_values_equal() -> None:
    scrubber = Scrubber(ScrubPolicy(hash=frozenset({"customer_no"}), hash_key=b"k"), compile_pattern=re2.compile)

    first = scrubber.scrub({"extra": {"customer_no": "C-77", "text": "customer_no=C-77 failed"}}).payload["extra"]
    again = scrubber.scrub({"extra": first}).payload["extra"]
    other = Scrubber(ScrubPolicy(hash=frozenset({"customer_no"}), hash_key=b"other")).scrub(
        {"extra": {"customer_no": "C-77"}}
    )

    assert first["customer_no"][0] == "#"
    assert len(first["customer_no"]) == 17
    assert first["text"] == f"customer_no={first['customer_no']} failed"
    assert again == first
    assert other.payload["extra"]["customer_no"] != first["customer_no"]


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "tel 03-1234-5678.": f"tel {MARK}.",
        "tel 09012345678": f"tel {MARK}",
        "tel +81-90-1234-5678": f"tel {MARK}",
        "〒150-0001 東京": f"{MARK} 東京",
        "number 1234 5678 9018": f"number {MARK}",
        "number 123456789018": f"number {MARK}",
        "number 123456789012": "number 123456789012",
        "mail ann.b+c@example.co.jp now": f"mail {MARK} now",
        "2026-03-01 12:00:00 order 150-00012": "2026-03-01 12:00:00 order 150-00012",
    }.items(),
)
def test_options_for_japan_and_mail(text: str, expected: str) -> None:
    assert JAPAN.scrub_text(text) == expected
    assert SCRUBBER.scrub_text(text) == text


def test_places_are_right_beside_texts_that_are_not_ascii() -> None:
    payload = {"extra": {"a": "日本語😀", "b": "password=x1", "c": ["é", "token=y1", "z"], "d": ["password=z1", 1]}}

    result = SCRUBBER.scrub(payload)

    assert result.payload["extra"] == {
        "a": "日本語😀",
        "b": f"password={MARK}",
        "c": ["é", f"token={MARK}", "z"],
        "d": [f"password={MARK}", 1],
    }
    assert result.counts == {"pair": 3}


def test_problems_are_scrubbed_with_their_payload() -> None:
    problem = EventProblem(kind="wrong_type", path="extra.password=abc1", given="token=abc123", note="n")

    (scrubbed,) = SCRUBBER.scrub({}, (problem,)).problems

    assert "abc1" not in scrubbed.path + scrubbed.given


def test_the_input_is_not_changed_and_clean_parts_are_shared() -> None:
    payload = {"extra": {"password": "x"}, "user": {"id": "1"}}

    result = SCRUBBER.scrub(payload)

    assert payload["extra"] == {"password": "x"}
    assert result.payload["user"] is payload["user"]


# --- Properties ---------------------------------------------------------------------------------------------------

NAMES = st.sampled_from("a user order event_id vars token password data items value note session x-y".split())
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20) | st.sampled_from(
    [
        *SECRETS_IN_TEXT,
        *(text for text in HARMLESS_TEXTS if CARD not in text),
        MARK,
        f"password={MARK}",
        "password='",
        '"token": ',
        "a=b",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=4),
    max_leaves=20,
)
PAYLOADS = st.dictionaries(NAMES, VALUES, max_size=5)

PLANTED = {
    "s3cretPlanted9": [
        "password=s3cretPlanted9", "x password: s3cretPlanted9", '{"token":"s3cretPlanted9"}',
        "https://u:s3cretPlanted9@h/", "Bearer s3cretPlanted9", "?api_key=s3cretPlanted9&x=1",
        "Authorization: Token s3cretPlanted9", r'{\"secret\": \"s3cretPlanted9\"}',
    ],
    CARD: [CARD, f"no {CARD}.", f"({CARD})", f"card={CARD}"],
    JWT: [JWT, f"got {JWT}"],
}  # fmt: skip


def _plant(value: Any, secret: str, draw: st.DrawFn) -> Any:
    """Put a secret at a random place of a value."""
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _plant(value[key], secret, draw)}
    if isinstance(value, list) and value:
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], _plant(value[index], secret, draw), *value[index + 1 :]]
    return secret


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, Any]:
    secret = draw(st.sampled_from(sorted(PLANTED)))
    text = draw(st.sampled_from(PLANTED[secret]))
    around = draw(st.sampled_from(["", "\n", " and more", "; n=1"]))
    return secret, _plant(draw(PAYLOADS.filter(lambda payload: "event_id" not in payload)), text + around, draw)


@settings(max_examples=400)
@given(planted())
def test_a_planted_secret_survives_nowhere(case: tuple[str, Any]) -> None:
    secret, value = case
    payload = value if isinstance(value, dict) else {"extra": value}

    scrubbed = SCRUBBER.scrub(payload).payload

    assert secret not in json.dumps(_without_ids(scrubbed))


def _without_ids(value: Any) -> Any:
    """Ids are kept by design when they look like one."""
    if isinstance(value, dict):
        return {key: _without_ids(entry) for key, entry in value.items() if key != "event_id"}
    return [_without_ids(entry) for entry in value] if isinstance(value, list) else value


@settings(max_examples=400)
@given(PAYLOADS)
@example({"a": {"key AKIAIOSFODNN7EXAMPLE used": {"PASS=0": None}}})
def test_scrubbing_twice_changes_nothing(payload: dict[str, Any]) -> None:
    once = JAPAN.scrub(payload)

    twice = JAPAN.scrub(once.payload)

    assert twice.payload == once.payload


@settings(max_examples=400)
@given(PAYLOADS.filter(lambda payload: "password" not in payload))
@example({"items": {"note": ["token", "s3cret"]}, "data": {"value": int(CARD)}})
@example({"value": [[["x", {"event_id": CARD}], {"event_id": "nothing"}]], "note": f"no {CARD}"})
def test_parts_that_are_passed_over_are_those_in_which_a_walk_finds_nothing(payload: dict[str, Any]) -> None:
    walked = JAPAN.scrub({**payload, "password": ""}).payload  # a name that says something: everything is walked

    scrubbed = JAPAN.scrub(payload).payload

    assert {**scrubbed, "password": ""} == walked


@settings(max_examples=300)
@given(st.lists(TEXTS, max_size=6).map("".join))
def test_scrubbing_a_text_twice_changes_nothing(text: str) -> None:
    once = JAPAN.scrub_text(text)

    assert JAPAN.scrub_text(once) == once


@pytest.mark.parametrize("scrubber", [JAPAN, Scrubber(ScrubPolicy(japan=True, email=True))], ids=["re2", "re"])
@pytest.mark.parametrize(
    "piece",
    ["password=", 'password="', "a", "eyJ", "://a:", "BEGIN ", "-----BEGIN RSA PRIVATE KEY", "4111 ", "{", "password={",
     "token ", "token", "-", "--pass", '\\"', 'password:\\"', "Bearer ", "0", "a@", "a.", "('password', '", "\\"],
)  # fmt: skip
def test_no_text_takes_long(piece: str, scrubber: Scrubber) -> None:
    text = "password=x " + piece * (200_000 // len(piece))
    began = time.process_time()

    scrubber.scrub_text(text)

    assert time.process_time() - began < 2
