"""A whole mukiau below a path, behind the proxies people put in front of it, with the very files of `packaging/`."""

import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx
import pytest

from mukiau.core.dsn import parse_dsn
from serving import MUKIAU, Server, free_port, wait_until

pytestmark = pytest.mark.slow

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
NAME = "tools.example.com"
MAX_PAGES = 60
HREF = re.compile(r'<a [^>]*?href="(/[^"]*)"')
LINKS = re.compile(r'(?:href|src|action|hx-get|hx-post)="(/[^"]*)"')


@dataclass(frozen=True, slots=True)
class Proxy:
    """How one kind of proxy is run on the file that we ship: with our ports, and a certificate of this test's."""

    program: str
    file: str
    adapt: Callable[[str, Path, int, int], str]
    command: Callable[[Path], list[str]]


def _nginx(text: str, folder: Path, port: int, target: int) -> str:
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace("/etc/ssl", str(folder))
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{target}")
    own = [f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    head = f"daemon off; pid {folder}/nginx.pid; error_log stderr; events {{}}"
    return f"{head} http {{ access_log off; {' '.join(own)}\n{text}\n}}"


def _caddy(text: str, folder: Path, port: int, target: int) -> str:
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{target}")
    certificate = f"\tbind 127.0.0.1\n\ttls {folder}/{NAME}.crt {folder}/{NAME}.key\n"
    site = text.replace(f"{NAME} {{\n", f"https://{NAME}:{port} {{\n{certificate}")
    return f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {folder}/caddy\n}}\n{site}"


def _haproxy(text: str, folder: Path, port: int, target: int) -> str:
    text = text.replace("bind :443", f"bind 127.0.0.1:{port}").replace("/etc/ssl", str(folder))
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{target}")


PROXIES = [
    Proxy("nginx", "nginx.conf", _nginx, lambda path: ["-c", str(path)]),
    Proxy("caddy", "Caddyfile", _caddy, lambda path: ["run", "--adapter", "caddyfile", "--config", str(path)]),
    Proxy("haproxy", "haproxy.cfg", _haproxy, lambda path: ["-db", "-f", str(path)]),
]


@dataclass(frozen=True, slots=True)
class Site:
    """A server with a proxy in front, and somebody who looks at it from outside."""

    server: Server
    base_url: str
    visitor: httpx.Client


@pytest.fixture(params=PROXIES, ids=lambda proxy: proxy.program)
def site(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Site]:
    proxy: Proxy = request.param
    program = shutil.which(proxy.program) or shutil.which(proxy.program, path="/usr/sbin")
    if program is None or shutil.which("openssl") is None:
        pytest.skip(f"{proxy.program} or openssl is not installed: mukiau is not tried behind it")
    port = free_port()
    _make_certificate(tmp_path)
    configuration = tmp_path / proxy.file
    text = (PACKAGING / proxy.file).read_text(encoding="utf-8")
    configuration.write_text(proxy.adapt(text, tmp_path, port, server.port), encoding="utf-8")
    base_url = f"https://{NAME}:{port}/mukiau"
    server.environment = {"MUKIAU_BASE_URL": base_url}
    server.start_ready()
    with (tmp_path / "proxy.log").open("wb") as log:
        running = subprocess.Popen([program, *proxy.command(configuration)], stdout=log, stderr=log, cwd=tmp_path)
    try:
        wait_until(lambda: _is_listening(port), 20, f"{proxy.program}: {(tmp_path / 'proxy.log').read_text()}")
        with httpx.Client(transport=_ToThisMachine(port), timeout=30) as visitor:
            wait_until(lambda: visitor.get(f"{base_url}/sign-in/").status_code == 200, 30, "the first page")
            yield Site(server, base_url, visitor)
    finally:
        running.terminate()
        running.wait(10)


class _ToThisMachine(httpx.HTTPTransport):
    """Finds the made-up host on this machine, as a name server would."""

    def __init__(self, port: int) -> None:
        super().__init__(verify=False)
        self._port = port

    # The request keeps its own address: cookies belong to it.
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(host="127.0.0.1", port=self._port)
        extensions = {**request.extensions, "sni_hostname": NAME}
        here = httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)
        return super().handle_request(here)


def _make_certificate(folder: Path) -> None:
    key, certificate = folder / f"{NAME}.key", folder / f"{NAME}.crt"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    named = [
        "-subj",
        f"/CN={NAME}",
        "-addext",
        f"subjectAltName=DNS:{NAME}",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run([*made, *named], check=True, capture_output=True)
    folder.joinpath(f"{NAME}.pem").write_bytes(certificate.read_bytes() + key.read_bytes())


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_everything_works_below_a_path_behind(site: Site) -> None:
    """One visit from the first link to an event on its page."""
    visitor, base = site.visitor, site.base_url

    way = visitor.get(f"{base}/", follow_redirects=True)
    assert way.url.path == "/mukiau/sign-in/"
    assert _outside(way.text) == []
    for link in LINKS.findall(way.text):
        if "/static/" in link:
            assert visitor.get(f"https://{NAME}{link}").status_code == 200, link

    answers = _make_first_account(site)
    page = visitor.get(f"{base}/sources/")
    assert page.status_code == 200
    cookies = [cookie for answer in [*answers, way] for cookie in answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 2
    assert [c for c in cookies if "path=/mukiau/" not in c.lower() or "; secure" not in c.lower()] == []
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert len(page.headers["x-request-id"]) >= 8

    dsn = parse_dsn(re.search(r"https://[0-9a-f]{32}@[^\s\"<&]+", page.text)[0])  # type: ignore[index]
    assert dsn is not None
    assert dsn.endpoint("store").startswith(f"{base}/api/")
    sent = visitor.post(dsn.endpoint("store"), params={"sentry_key": dsn.public_key}, json={"message": "boom below"})
    assert sent.status_code == 200
    wait_until(lambda: "boom below" in visitor.get(f"{base}/issues/").text, 20, "the event on the list")

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token is not None
    test_error = visitor.post(
        f"{base}/sources/keys/1/test/", data={"csrfmiddlewaretoken": token[1]}, headers={"Referer": f"{base}/sources/"}
    )
    assert test_error.headers["location"].startswith("/mukiau/sources/keys/1/test/")
    ingest = [*MUKIAU, "ingest", "-", "--data", str(site.server.data)]
    subprocess.run(
        ingest, input=b"ERROR brought in by hand\n", env=site.server.full_environment, check=True, capture_output=True
    )

    seen = _walk(site, "/mukiau/issues/")
    assert {path: status for path, status in seen.items() if status >= 400} == {}
    assert {"/mukiau/issues/1/", "/mukiau/sources/", "/mukiau/status/", "/mukiau/help/"} <= set(seen)


def _walk(site: Site, path: str) -> dict[str, int]:
    """Follow every link from a page on, as far as MAX_PAGES; no page may lead out of our path."""
    seen: dict[str, int] = {}
    waiting = [path]
    while waiting and len(seen) < MAX_PAGES:
        path = waiting.pop(0)
        answer = site.visitor.get(f"https://{NAME}{path}", follow_redirects=True)
        seen[path] = answer.status_code
        if "text/html" in answer.headers["content-type"]:
            assert _outside(answer.text) == [], path
            found = {unescape(link).partition("?")[0].partition("#")[0] for link in HREF.findall(answer.text)}
            waiting += sorted(link for link in found if "/static/" not in link and link not in {*seen, *waiting})
    return seen


def test_what_a_visitor_claims_of_itself_is_not_believed_behind(site: Site) -> None:
    lies = {"X-Forwarded-Host": "evil.example", "X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example"}

    answer = site.visitor.get(f"{site.base_url}/sign-in/", headers={**lies, "X-Forwarded-Proto": "http"})

    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    assert answer.headers["strict-transport-security"]
    assert site.visitor.get(f"{site.base_url}/metrics").status_code == 403
    assert site.visitor.get(f"{site.base_url}/healthz").text == "ok\n"


def _outside(page: str) -> list[str]:
    return [link for link in LINKS.findall(page) if not link.startswith("/mukiau/")]


def _make_first_account(site: Site) -> list[httpx.Response]:
    link = re.search(r"https://\S+/first-start/\S+", site.server.log.read_text())
    assert link is not None
    assert link[0].startswith(f"{site.base_url}/first-start/")
    form = site.visitor.get(link[0])
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token is not None
    fields = {
        "csrfmiddlewaretoken": token[1],
        "name": "dora",
        "password": "a long enough word",
        "again": "a long enough word",
    }
    made = site.visitor.post(link[0], data=fields, headers={"Referer": link[0]})
    assert made.status_code == 302, made.text
    assert made.headers["location"].startswith("/mukiau/")
    return [form, made]
