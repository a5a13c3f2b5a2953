"""Signing in at the company: a real provider, a real mukiau, everything over HTTP."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from company import TIMEOUT_SECONDS, Traveller, settings_for, start_provider

from serving import Server, free_port, wait_until

pytestmark = pytest.mark.slow
PASSWORD = "a long enough word"


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=10, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def mukiau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A mukiau whose company signs people in, with one administrator; shared by this file's tests."""
    folder = tmp_path_factory.mktemp("company")
    port = free_port()
    provider = f"http://127.0.0.1:{port}"
    server = Server(folder / "data", environment=settings_for(provider))
    at_company = start_provider(port, folder, f"http://127.0.0.1:{server.port}")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "mukiau",
            "createadmin",
            "--data",
            server.data,
            "--password",
            PASSWORD,
            "mori@example.com",
        ],
        check=True,
    )
    server.start()
    try:
        wait_until(lambda: _answers(f"http://127.0.0.1:{server.port}/sign-in/"), 90, "mukiau")
        wait_until(lambda: _answers(f"{provider}/o/.well-known/openid-configuration"), 90, "the provider")
        yield server
    finally:
        at_company.send_signal(signal.SIGTERM)
        server.stop()
        at_company.wait(20)


@pytest.fixture
def newcomer(mukiau: Server) -> Iterator[Callable[[], Traveller]]:
    """Makes people with a browser of their own."""
    with ExitStack() as opened:

        def make() -> Traveller:
            client = opened.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False))
            return Traveller(mukiau=f"http://127.0.0.1:{mukiau.port}", client=client)

        yield make


@pytest.fixture
def somebody(newcomer: Callable[[], Traveller]) -> Traveller:
    return newcomer()


@pytest.fixture
def administrator(mukiau: Server) -> Iterator[httpx.Client]:
    """Mori, signed in with name and password."""
    base = f"http://127.0.0.1:{mukiau.port}"
    headers = {"accept-language": "en", "origin": base}
    with httpx.Client(base_url=base, timeout=TIMEOUT_SECONDS, trust_env=False, headers=headers) as client:
        _post(client, "/sign-in/", login="mori@example.com", password=PASSWORD)
        yield client


def _post(client: httpx.Client, path: str, *, form_at: str = "", **fields: str) -> httpx.Response:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(form_at or path).text)
    assert token is not None
    return client.post(path, data={"csrfmiddlewaretoken": token[1], **fields}, follow_redirects=True)


def test_the_sign_in_page_offers_the_company(somebody: Traveller) -> None:
    html = somebody.go(f"{somebody.mukiau}/sign-in/").text

    assert "Sign in with Example Inc." in html
    assert 'name="password"' in html


def test_somebody_of_an_allowed_domain_becomes_a_viewer(somebody: Traveller) -> None:
    page = somebody.sign_in("sato")

    assert page.url.path == "/status/"
    assert "sato@example.co.jp" in page.text
    assert somebody.client.get(f"{somebody.mukiau}/people/").status_code == 403


def test_the_request_carries_state_nonce_and_a_challenge(somebody: Traveller) -> None:
    somebody.sign_in("sato")

    asked = somebody.parameters("/o/authorize/")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 16
    assert "openid" in asked["scope"].split()


def test_each_sign_in_asks_anew(newcomer: Callable[[], Traveller]) -> None:
    asked = []
    for _ in range(2):
        traveller = newcomer()
        traveller.sign_in("sato")
        asked.append(traveller.parameters("/o/authorize/"))

    assert all(asked[0][name] != asked[1][name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("guest", "its domain is not one whose people join by themselves"),
        ("near", "its domain is not one whose people join by themselves"),
        ("unproven", "does not say that your e-mail address is verified"),
        ("texty", "does not say that your e-mail address is verified"),
        ("silent", "does not say that your e-mail address is verified"),
        ("nameless", "does not say that your e-mail address is verified"),
    ],
)
def test_others_are_told_why_they_are_not_let_in(somebody: Traveller, name: str, sentence: str) -> None:
    page = somebody.sign_in(name)

    assert page.status_code == 403
    assert sentence in page.text
    assert not somebody.is_in()


def test_a_verified_address_leads_to_the_account_that_has_it(somebody: Traveller) -> None:
    page = somebody.sign_in("mori")

    assert page.url.path == "/status/"
    assert somebody.client.get(f"{somebody.mukiau}/people/").status_code == 200  # the administrator's
    assert somebody.client.get(f"{somebody.mukiau}/account/password/").status_code == 200  # who keeps the password


def test_an_invitation_lets_somebody_of_another_domain_in(
    somebody: Traveller, administrator: httpx.Client, newcomer: Callable[[], Traveller]
) -> None:
    html = _post(
        administrator, "/people/invitations/", form_at="/people/", role="viewer", email="invited@elsewhere.example"
    ).text
    link = re.search(r'id="once">(http[^<]+)<', html)
    assert link is not None
    offered = somebody.go(link[1]).text
    query = re.search(r'href="/sign-in/company/\?(invitation=[^"]+)"', offered)
    assert query is not None

    other = newcomer().sign_in("sato", query=query[1])
    page = somebody.sign_in("invited", query=query[1])
    again = newcomer().go(link[1])

    assert other.status_code == 200  # for another address, so sato joins by the domain and the invitation stays
    assert page.status_code == 200
    assert somebody.is_in()
    assert again.status_code == 410


def test_a_state_that_was_not_begun_here_is_refused(somebody: Traveller) -> None:
    address = somebody.way_back("sato")

    tampered = somebody.go(re.sub(r"state=[^&]+", "state=guessed", address))

    assert tampered.status_code == 403
    assert "could not be used" in tampered.text
    assert not somebody.is_in()


def test_an_answer_meant_for_another_browser_is_refused(somebody: Traveller, newcomer: Callable[[], Traveller]) -> None:
    address = somebody.way_back("sato")
    victim = newcomer()

    page = victim.go(address)

    assert page.status_code == 403
    assert not victim.is_in()


def test_an_answer_counts_once(somebody: Traveller) -> None:
    address = somebody.way_back("sato")
    first = somebody.go(address)
    somebody.client.cookies.delete("mukiau_session")

    again = somebody.go(address)

    assert first.status_code == 200
    assert again.status_code == 403


@pytest.mark.parametrize("answer", ["error=access_denied", "error=server_error", "code=guessed", "nothing=1"])
def test_what_the_provider_refuses_is_told_in_a_sentence(somebody: Traveller, answer: str) -> None:
    state = re.search(r"state=([^&]+)", somebody.way_back("sato"))
    assert state is not None

    page = somebody.go(f"{somebody.mukiau}/sign-in/company/back/?state={state[1]}&{answer}")

    assert page.status_code == 403
    assert ("was cancelled" if "denied" in answer else "could not be used") in page.text


def test_it_is_on_record_who_came_in_and_who_did_not(
    somebody: Traveller, administrator: httpx.Client, newcomer: Callable[[], Traveller]
) -> None:
    somebody.sign_in("sato")
    newcomer().sign_in("near")

    log = administrator.get("/audit-log/csv/").text

    assert "account_made,sato@example.co.jp" in log
    assert "sign_in_failed,near@example.co.jp.evil.example" in log
    assert "reason: domain" in log
    assert "by: socialaccount" in log
