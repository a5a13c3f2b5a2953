"""One's own account: sessions that can be ended, a password that ends them, codes that work once."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from web_world import World, read

from mukiau import clock
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.one_time_links import LinkKind, make_link
from mukiau.stores.sessions import list_sessions
from mukiau.web.accounts.people import create_admin

PASSWORD = "a long enough word"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def dora(world: World) -> User:
    """Dora is an administrator with a password."""
    return create_admin("dora", PASSWORD)


def _sign_in(**headers: str) -> Client:
    client = Client(headers={"accept-language": "en", **headers})
    client.post("/sign-in/", {"login": "dora", "password": PASSWORD})
    return client


def _is_in(client: Client) -> bool:
    return client.get("/issues/").status_code == 200


def _code(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def _add_authenticator(client: Client) -> tuple[str, list[str]]:
    """Go the whole way; return the secret and the recovery codes."""
    client.post("/account/confirm/", {"password": PASSWORD})
    found = re.search(r'id="secret">([A-Z2-7]+)<', read(client.get("/account/authenticator/add/")))
    assert found is not None
    html = read(client.post("/account/authenticator/add/", {"code": _code(found[1])}, follow=True))
    return found[1], re.findall(r"\b\d{8}\b", html.split('id="codes"')[1].split("</pre>")[0])


def _actions() -> list[str]:
    return [line.action for line in reversed(read_lines(AuditFilter()))]


def test_the_page_names_every_browser_and_the_one_that_asks(dora: User) -> None:
    here = _sign_in(**{"user-agent": FIREFOX})
    _sign_in(**{"user-agent": "curl/8"})

    html = read(here.get("/account/"))

    assert "Firefox · Linux" in html
    assert "curl/8" in html
    assert html.count("this browser</span>") == 1


def test_one_session_is_ended_and_the_others_go_on(dora: User) -> None:
    here, there, elsewhere = _sign_in(), _sign_in(), _sign_in()
    theirs = list_sessions(dora.pk)
    ended = next(session.id for session in theirs if session.id == min(s.id for s in theirs) + 1)

    here.post(f"/account/sessions/{ended}/end/")

    assert [_is_in(client) for client in (here, there, elsewhere)] == [True, False, True]


def test_all_other_sessions_are_ended_at_once(dora: User) -> None:
    here, there, elsewhere = _sign_in(), _sign_in(), _sign_in()

    here.post("/account/sessions/end-others/")

    assert [_is_in(client) for client in (here, there, elsewhere)] == [True, False, False]


def test_nobody_ends_the_session_of_somebody_else(alice: Client, dora: User) -> None:
    client = _sign_in()
    (session,) = list_sessions(dora.pk)

    answer = alice.post(f"/account/sessions/{session.id}/end/")

    assert answer.status_code == 404
    assert _is_in(client)


def test_an_administrator_signs_somebody_out_everywhere(alice: Client, dora: User) -> None:
    client = _sign_in()

    alice.post(f"/people/{dora.pk}/sessions/end/")

    assert not _is_in(client)
    assert list_sessions(dora.pk) == ()


def test_signing_in_gives_a_session_a_new_key(dora: User) -> None:
    client = Client()
    client.get("/sign-in/?next=/status/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["mukiau_session"] = str(session.session_key)

    client.post("/sign-in/", {"login": "dora", "password": PASSWORD})

    assert _is_in(client)
    assert client.cookies["mukiau_session"].value != session.session_key
    assert not _is_in_with(str(session.session_key))


def _is_in_with(key: str) -> bool:
    client = Client()
    client.cookies["mukiau_session"] = key
    return _is_in(client)


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(dora: User) -> None:
    cookie = _sign_in().cookies["mukiau_session"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_changed_password_ends_every_other_session(dora: User) -> None:
    here, there = _sign_in(), _sign_in()
    new = "another long enough word"

    answer = here.post("/account/password/", {"current": PASSWORD, "password": new, "again": new})

    assert answer["Location"] == "/account/"
    assert (_is_in(here), _is_in(there)) == (True, False)
    assert [session.is_current for session in list_sessions(dora.pk, current_key=here.session.session_key)] == [True]
    assert _actions()[-1] == "password_changed"
    assert Client().post("/sign-in/", {"login": "dora", "password": PASSWORD}).status_code == 200


def test_the_password_is_not_changed_without_the_present_one(dora: User) -> None:
    client, new = _sign_in(), "another long enough word"

    html = read(client.post("/account/password/", {"current": "guess", "password": new, "again": new}))

    assert "This is not your password." in html
    assert _is_in(_sign_in())


def test_guessing_the_present_password_is_limited_like_signing_in(dora: User) -> None:
    client = _sign_in()
    for _ in range(8):
        client.post("/account/password/", {"current": "guess", "password": "x", "again": "x"})

    html = read(client.post("/account/password/", {"current": PASSWORD, "password": "x", "again": "x"}))

    assert "Too many attempts" in html


def test_with_an_authenticator_the_password_alone_opens_nothing(dora: User) -> None:
    _add_authenticator(_sign_in())

    client = Client()
    answer = client.post("/sign-in/", {"login": "dora", "password": PASSWORD, "next": "/status/"})

    assert answer["Location"] == "/sign-in/code/"
    assert not _is_in(client)
    assert client.get("/account/").status_code == 302


def test_a_code_signs_in_and_works_once(dora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = _add_authenticator(_sign_in())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # both tries fall into one step
    first, second = _sign_in(), _sign_in()
    code = _code(secret)

    answer = first.post("/sign-in/code/", {"code": code})
    replayed = second.post("/sign-in/code/", {"code": code})

    assert answer["Location"] == "/issues/"
    assert (_is_in(first), _is_in(second)) == (True, False)
    assert "This code is wrong" in read(replayed)
    assert _actions()[-1] == "second_factor_failed"


@pytest.mark.parametrize("steps", [-1, 1, -2, 100])
def test_a_code_of_another_time_is_refused(dora: User, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _ = _add_authenticator(_sign_in())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    client = _sign_in()

    client.post("/sign-in/code/", {"code": _code(secret, steps)})

    assert not _is_in(client)


def test_a_recovery_code_signs_in_once(dora: User) -> None:
    _, codes = _add_authenticator(_sign_in())
    first, second = _sign_in(), _sign_in()

    first.post("/sign-in/code/", {"code": codes[0]})
    second.post("/sign-in/code/", {"code": codes[0]})

    assert len(set(codes)) == 10
    assert (_is_in(first), _is_in(second)) == (True, False)


def test_recovery_codes_are_shown_once(dora: User) -> None:
    client = _sign_in()
    _, codes = _add_authenticator(client)

    again = read(client.get("/account/recovery-codes/"))

    assert codes[0] not in again
    assert "10 codes are left" in again


def test_recovery_codes_are_copied_one_a_line(dora: User) -> None:
    client = _sign_in()
    client.post("/account/confirm/", {"password": PASSWORD})
    secret = re.search(r'id="secret">([A-Z2-7]+)<', read(client.get("/account/authenticator/add/")))
    assert secret is not None

    page = client.post("/account/authenticator/add/", {"code": _code(secret[1])}, follow=True).content.decode()

    assert re.search(r'id="codes">(?:\d{8}\n){9}\d{8}</pre>', page)


def test_guessing_codes_is_limited(dora: User) -> None:
    _, codes = _add_authenticator(_sign_in())
    client = _sign_in()
    for number in range(8):
        client.post("/sign-in/code/", {"code": f"00000{number}"})

    html = read(client.post("/sign-in/code/", {"code": codes[0]}))

    assert "Too many attempts" in html
    assert not _is_in(client)


def test_security_is_not_changed_in_a_session_that_somebody_left_open(dora: User) -> None:
    client = _sign_in()

    answer = client.get("/account/authenticator/add/")

    assert answer["Location"] == "/account/confirm/?next=%2Faccount%2Fauthenticator%2Fadd%2F"
    wrong = read(client.post("/account/confirm/", {"password": "guess"}))
    assert "This is not your password." in wrong
    assert client.get("/account/authenticator/add/").status_code == 302


def test_the_authenticators_secret_is_not_readable_in_the_database(dora: User) -> None:
    secret, codes = _add_authenticator(_sign_in())

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in kept
    assert codes[0] not in kept


def test_an_administrator_helps_who_lost_the_authenticator(alice: Client, dora: User) -> None:
    _add_authenticator(_sign_in())

    alice.post(f"/people/{dora.pk}/authenticator/remove/")

    assert _is_in(_sign_in())
    assert "second_factor_removed" in _actions()


def test_the_way_of_an_authenticator_is_on_record(dora: User) -> None:
    client = _sign_in()
    _add_authenticator(client)
    client.post("/account/recovery-codes/new/")
    client.post("/account/authenticator/remove/")

    assert _actions() == ["sign_in", "second_factor_added", "recovery_codes_made", "second_factor_removed"]


def test_a_link_of_the_command_line_signs_in_once_and_needs_a_click(dora: User) -> None:
    _add_authenticator(_sign_in())
    link = f"/sign-in/link/{make_link(LinkKind.SIGN_IN, now_ms=clock.unix_ms(), created_by='', user_id=dora.pk)}/"
    client = Client()

    client.get(link)
    before = _is_in(client)
    client.post(link)

    assert (before, _is_in(client)) == (False, True)
    assert Client().post(link).status_code == 410


def test_somebody_switched_off_signs_in_by_no_way(alice: Client, dora: User) -> None:
    token = make_link(LinkKind.SIGN_IN, now_ms=clock.unix_ms(), created_by="", user_id=dora.pk)
    alice.post(f"/people/{dora.pk}/active/", {"active": "0"})

    client = Client(headers={"accept-language": "en"})
    told = read(client.post("/sign-in/", {"login": "dora", "password": PASSWORD}, follow=True))

    assert "This account is switched off" in told
    assert client.post(f"/sign-in/link/{token}/").status_code == 410
    assert not _is_in(client)


def test_sessions_that_ran_out_are_cleared_away(dora: User) -> None:
    client = _sign_in()
    session = client.session
    session.set_expiry(-1)
    session.save()

    call_command("clearsessions")

    assert list_sessions(dora.pk) == ()
