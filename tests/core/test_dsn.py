"""Every form in which a request may carry its key."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.dsn import (
    BAD_AUTH,
    BAD_KEY,
    BAD_VERSION,
    MANY_AUTHS,
    MISSING_AUTH,
    OTHER_PROJECT,
    AuthResult,
    AuthSource,
    parse_auth,
    parse_dsn,
)
from mukiau.core.refusal import Refused

KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "f" * 32
BASIC = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()


def test_a_dsn_gives_its_parts_and_the_url_to_send_to() -> None:
    dsn = parse_dsn(f"https://{KEY}:old-secret@[::1]:8000/sub/path/42")

    assert dsn is not None
    assert (dsn.public_key, dsn.host, dsn.path, dsn.project_id) == (KEY, "[::1]:8000", "/sub/path", 42)
    assert dsn.render() == f"https://{KEY}@[::1]:8000/sub/path/42"
    assert dsn.endpoint("envelope") == "https://[::1]:8000/sub/path/api/42/envelope/"


@pytest.mark.parametrize(
    "text",
    ["", "https://example.com/1", f"https://{KEY}@example.com/", f"https://{KEY}@example.com/abc", f"ftp://{KEY}@a/1",
     "https://short@example.com/1", "https://[::1", f"https://{KEY}@/1", 7, None, {}, f"https://{KEY}@a:b:c/٣"],
)  # fmt: skip
def test_what_is_no_dsn_is_none(text: object) -> None:
    assert parse_dsn(text) is None


@pytest.mark.parametrize(
    ("headers", "query", "source"),
    [
        ({"x-sentry-auth": f"Sentry sentry_version=7, sentry_key={KEY}, sentry_client=a/1"}, "", "x-sentry-auth"),
        ({"x-sentry-auth": f"sentry sentry_key={KEY},sentry_version=7,sentry_secret=x"}, "", "x-sentry-auth"),
        ({"x-sentry-auth": f'SENTRY sentry_key="{KEY.upper()}"'}, "", "x-sentry-auth"),
        ({"authorization": f"Sentry sentry_key={KEY}, sentry_version=2.0"}, "", "authorization"),
        ({"authorization": BASIC}, "", "basic"),
        ({}, f"sentry_key={KEY}&sentry_version=7&sentry_client=js%2F9", "query"),
        ({}, f"sentry_key={KEY}.no-cache", "query"),
        ({"authorization": "Bearer of-a-proxy"}, f"sentry_key={KEY}", "query"),
    ],
)
def test_a_key_is_found_in_each_form(headers: dict[str, str], query: str, source: str) -> None:
    auth = parse_auth(headers, query)

    assert isinstance(auth, AuthResult)
    assert (auth.public_key, auth.source) == (KEY, source)


def test_bearer_is_a_key_only_where_the_door_takes_it() -> None:
    headers = {"authorization": f"Bearer {KEY}"}

    assert parse_auth(headers, "") == MISSING_AUTH
    assert parse_auth(headers, "", accepts_bearer=True) == AuthResult(public_key=KEY, source=AuthSource.BEARER)


@pytest.mark.parametrize(
    ("headers", "query", "refusal"),
    [
        ({}, "", MISSING_AUTH),
        ({}, "page=2", MISSING_AUTH),
        ({"x-sentry-auth": "nonsense"}, "", BAD_AUTH),
        ({"x-sentry-auth": ""}, "", BAD_AUTH),
        ({"x-sentry-auth": "Sentry sentry_version=7"}, "", BAD_AUTH),
        ({"authorization": "Basic !!!"}, "", BAD_AUTH),
        ({}, "sentry_version=7", BAD_AUTH),
        ({"x-sentry-auth": f"Sentry sentry_key={KEY}, sentry_version=8"}, "", BAD_VERSION),
        ({"x-sentry-auth": f"Sentry sentry_key={KEY}, sentry_version=99999999999"}, "", BAD_VERSION),
        ({"x-sentry-auth": "Sentry sentry_key=short"}, "", BAD_KEY),
        ({"x-sentry-auth": f"Sentry sentry_key={KEY}"}, f"sentry_key={KEY}", MANY_AUTHS),
        ({"x-sentry-auth": f"Sentry sentry_key={KEY}", "authorization": BASIC}, "", MANY_AUTHS),
        ({"authorization": BASIC}, f"sentry_key={KEY}", MANY_AUTHS),
    ],
)
def test_a_request_without_one_good_key_is_refused(headers: dict[str, str], query: str, refusal: Refused) -> None:
    assert parse_auth(headers, query) == refusal


def test_statuses_are_those_of_the_protocol() -> None:
    refusals = (MISSING_AUTH, BAD_AUTH, MANY_AUTHS, BAD_KEY, BAD_VERSION, OTHER_PROJECT)

    assert [refusal.status for refusal in refusals] == [401, 401, 401, 400, 400, 400]


def test_the_envelopes_dsn_stands_in_for_a_missing_key() -> None:
    auth = parse_auth({}, "", envelope_dsn=f"https://{KEY}@a.example/7", project_id=7)

    assert auth == AuthResult(public_key=KEY, source=AuthSource.ENVELOPE, project_id=7)
    assert parse_auth({}, "", envelope_dsn="nonsense", project_id=7) == BAD_AUTH


@pytest.mark.parametrize("dsn", [f"https://{OTHER_KEY}@a.example/7", f"https://{KEY}@a.example/8"])
def test_an_envelopes_dsn_must_agree_with_the_requests_key(dsn: str) -> None:
    headers = {"x-sentry-auth": f"Sentry sentry_key={KEY}"}

    assert parse_auth(headers, "", envelope_dsn=dsn, project_id=7) == OTHER_PROJECT
    assert isinstance(parse_auth(headers, "", envelope_dsn=f"https://{KEY}@a.example/7", project_id=7), AuthResult)


@given(st.text(), st.text(), st.text())
def test_nothing_in_a_request_raises(own: str, authorization: str, query: str) -> None:
    parse_auth({"x-sentry-auth": own}, "")
    parse_auth({"authorization": authorization}, query, accepts_bearer=True)
    parse_auth({}, f"sentry_key={query}", envelope_dsn=own)
