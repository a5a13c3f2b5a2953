"""What a whole mukiau logs of itself: every line in one format, an id through all of a request, and no secret."""

import json
import re
from collections.abc import Iterable

import httpx
import pytest

from serving import Server, wait_until

pytestmark = pytest.mark.slow

PLANTED = "planted5ecret"


def _lines(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.read_text().splitlines()]


def _of_access(lines: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return [line for line in lines if line["logger"] == "mukiau.access"]


@pytest.fixture
def visitor(server: Server) -> Iterable[httpx.Client]:
    server.environment = {"MUKIAU_LOG_FORMAT": "json", "MUKIAU_LOG_LEVEL": "debug", "MUKIAU_LOG_ACCESS": "true"}
    server.start_ready()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as visitor:
        wait_until(lambda: visitor.get("/sign-in/").status_code == 200, 30, "the first page")
        yield visitor


def test_no_line_of_any_process_holds_a_body_a_key_a_cookie_or_a_query(server: Server, visitor: httpx.Client) -> None:
    key = {"X-Sentry-Auth": f"Sentry sentry_key={server.public_key}"}
    wrong = {"X-Sentry-Auth": f"Sentry sentry_key={PLANTED * 3}"}
    event = {"message": f"password={PLANTED}", "extra": {"secret": PLANTED}}
    form = visitor.get("/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token is not None

    visitor.post("/api/1/store/", headers=key, json=event)
    visitor.post("/api/1/store/", headers=wrong, json=event)
    visitor.get("/api/1/store/", params={"sentry_key": server.public_key, "sentry_data": PLANTED})
    visitor.post("/api/1/envelope/", headers=key, content=b'{}\n{"type":"event"}\n' + PLANTED.encode())
    visitor.post("/api/1/records/", headers={"Authorization": f"Bearer {server.public_key}"}, content=PLANTED)
    visitor.post("/sign-in/", data={"username": PLANTED, "password": PLANTED, "csrfmiddlewaretoken": token[1]})
    visitor.post("/sign-in/", data={"password": PLANTED}, headers={"Cookie": f"mukiau_session={PLANTED}"})
    visitor.get(f"/first-start/{PLANTED}/")
    visitor.get("/issues/", params={"q": PLANTED}, headers={"Authorization": f"Basic {PLANTED}"})
    visitor.get("/nowhere/", params={"token": PLANTED})
    visitor.get("/", headers={"Host": f"{PLANTED} {PLANTED}"})
    wait_until(lambda: len(_of_access(_lines(server))) >= 13, 20, "a line for each request")
    server.stop()

    lines = _lines(server)
    told = [line for line in lines if "first-start" in str(line["message"]) and line["process"] == "serve"]
    seen = "\n".join(json.dumps(line) for line in lines if line not in told)
    assert len(told) == 1
    assert PLANTED not in seen
    assert server.public_key not in seen
    assert token[1] not in seen
    assert {str(line["level"]) for line in lines} <= {"DEBUG", "INFO", "WARNING"}, seen


def test_a_request_has_one_id_in_its_answer_and_in_every_line(server: Server, visitor: httpx.Client) -> None:
    given = visitor.get("/issues/", headers={"X-Request-Id": "from-our-own-proxy", "X-Forwarded-For": "203.0.113.9"})
    made = visitor.get("/healthz")
    forged = visitor.post("/sign-in/", headers={"X-Request-Id": "no-csrf-token-here"})  # web logs why it refuses

    assert given.headers["x-request-id"] == "from-our-own-proxy"
    assert re.fullmatch(r"[0-9a-f]{32}", made.headers["x-request-id"])
    assert forged.status_code == 403
    id_of_last = "no-csrf-token-here"
    wait_until(lambda: id_of_last in {line.get("request_id") for line in _of_access(_lines(server))}, 20, "its line")
    line = next(line for line in _of_access(_lines(server)) if line.get("request_id") == "from-our-own-proxy")
    assert (line["process"], line["method"], line["path"], line["status"]) == ("intake", "GET", "/issues/", 302)
    assert line["client"] == "203.0.113.9"
    of_forged = {line["process"] for line in _lines(server) if line.get("request_id") == id_of_last}
    assert of_forged == {"intake", "web"}
