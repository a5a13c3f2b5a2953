"""What the pages offer between inbox, runbook, handling and request, so that nobody types twice what is known."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from web_world import POINTS, World, read

from mukiau.stores.people import set_role
from mukiau.stores.queries.requests import find_request
from mukiau.stores.queries.rows import read_rows

RUNBOOK = """---
title: Points are missing
services: [point-service]
match: [{service: point-service, type: PointGrantError}]
proposes: handle_each
key: order_id
minutes: 15
---
## Steps

1. Look at order {{ order_id }}.
"""
ORDER = {"extra": {"order_id": "ORD-20481"}}


def somebody(name: str, role: str) -> Client:
    user = User.objects.create_user(name)
    set_role(user.pk, role)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def dora(world: World) -> Client:
    """Dora is a developer; issue 1 waits for a decision."""
    world.send(POINTS | ORDER)
    return somebody("dora", "developer")


@pytest.fixture
def otto(world: World) -> Client:
    """Otto is an operator."""
    return somebody("otto", "operator")


def publish(client: Client) -> None:
    client.post("/runbooks/new/", {"text": RUNBOOK, "prefix": "PT", "wish": "publish"})


def act(client: Client, name: str, **said: str) -> None:
    found = find_request(1)
    assert found is not None
    assert client.post("/requests/1/act/", {"act": name, "version": found.version, **said}).status_code == 302


def decided() -> tuple[Any, ...]:
    return read_rows("SELECT decision, key FROM issue_work WHERE issue_id = 1")[0]


def test_the_decision_that_a_runbook_proposes_is_said_and_its_key_filled_in(dora: Client) -> None:
    assert "proposes:" not in read(dora.get("/inbox/1/"))
    publish(dora)

    preview = read(dora.get("/inbox/1/"))
    dora.post(
        "/inbox/decide/",
        {"issue": "1", "decision": "handle_each", "key": "order_id", "scoped": "1", "purpose": "production"},
    )
    issue = read(dora.get("/issues/1/"))

    assert "proposes: Handle each · one answer per order_id" in preview
    assert 'placeholder="order_id" value="order_id"' in preview
    assert "Handle each</b> · one answer per order_id" in issue
    assert "proposes:" not in issue


def test_one_key_in_the_inbox_decides_by_the_key_of_the_runbook_and_the_form_by_its_own(dora: Client) -> None:
    publish(dora)

    dora.post("/inbox/decide/", {"issue": "1", "decision": "handle_each"})
    by_list = decided()
    dora.post("/inbox/decide/", {"issue": "1", "decision": "handle_each", "key": ""})

    assert (by_list, decided()) == (("handle_each", "order_id"), ("handle_each", ""))


def test_occurrences_of_one_order_are_one_handling_also_where_only_a_field_names_it(dora: Client, world: World) -> None:
    publish(dora)
    dora.post("/inbox/decide/", {"issue": "1", "decision": "handle_each"})

    world.send(POINTS | ORDER, POINTS | ORDER, POINTS | {"extra": {"order_id": "ORD-2"}})

    found = read_rows("SELECT kind, key, occurrence_count FROM handling WHERE kind <> 'batch' ORDER BY id")
    assert found == [("keyed", "ORD-20481", 2), ("keyed", "ORD-2", 1)]


def test_who_decides_beside_the_list_goes_on_with_the_list(dora: Client) -> None:
    beside = {"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?view=all&project=1&line=7"}

    assert 'name="next" value="/inbox/?view=all&amp;project=1"' in read(dora.get("/inbox/1/", headers=beside))
    for odd in ("", "http://[", "https://evil.example/?view=%ff%00&x"):
        assert 'name="next" value="/inbox/' in read(dora.get("/inbox/1/", headers={"HX-Current-URL": odd}))
    assert 'name="next" value="/issues/1/"' in read(dora.get("/issues/1/"))


def test_who_is_to_write_a_runbook_is_led_to_its_draft_and_asked_for_no_printout(otto: Client, dora: Client) -> None:
    otto.post("/requests/new/", {"kind": "write_runbook", "side": "development", "title": "How?", "issue": "1"})
    asked = read(dora.get("/requests/1/"))
    act(dora, "start")
    running = read(dora.get("/requests/1/"))

    assert "/runbooks/new/" not in asked
    assert 'href="/runbooks/new/?issue=1"' in running
    assert "Say what came of it" in running
    assert "mukiau runs nothing itself" not in running
    assert "/runbooks/new/" not in read(otto.get("/requests/1/"))


def test_who_verifies_says_what_the_handling_took(otto: Client, dora: Client, world: World) -> None:
    publish(dora)
    dora.post("/inbox/decide/", {"issue": "1", "decision": "handle_each"})
    world.send(POINTS | ORDER)
    otto.post("/requests/new/", {"kind": "investigate", "side": "development", "title": "Why?", "handling": "2"})
    act(dora, "start")
    act(dora, "report", result="the queue was full")

    page = read(otto.get("/requests/1/"))
    assert 'By it 1 handling is done. <a href="/handlings/2/">#2</a>' in page
    assert 'value="15" checked' in page
    too_many = otto.post("/requests/1/act/", {"act": "verify", "version": "4", "minutes_typed": "9999"})
    act(otto, "verify", minutes="30")

    assert too_many.status_code == 409
    assert read_rows("SELECT state, minutes, outcome FROM handling WHERE id = 2") == [("done", 30, "worked")]


def test_support_reads_the_order_of_a_handling_and_not_that_of_a_later_one(
    bob: Client, dora: Client, world: World
) -> None:
    publish(dora)
    dora.post("/inbox/decide/", {"issue": "1", "decision": "handle_each"})
    world.send(POINTS | ORDER)
    later = POINTS | {"extra": {"order_id": "ORD-9"}, "exception": exceptions("ORD-9")}
    world.send(later, hours_ago=0.1)

    found = read(bob.get("/customers/?q=ORD-20481"))

    assert (
        '（注文 <span class="ph">num</span>）</a></p><p class="small sub">acme-prod · <span class="mono">ORD-20481'
        in found
    )
    assert "ORD-9" not in found


def exceptions(order: str) -> dict[str, Any]:
    return json.loads(json.dumps(POINTS["exception"]).replace("ORD-20481", order))


@pytest.mark.parametrize(("language", "heading", "left"), [("en", "Meaning", "Impact"), ("ja", "意味", "影響")])
def test_what_a_draft_only_prompts_for_is_not_put_in_force(
    dora: Client, language: str, heading: str, left: str
) -> None:
    draft = dora.get("/runbooks/new/?issue=1", headers={"accept-language": language}).context["text"]
    begun = re.sub(rf"(## {heading}\n\n)[^\n]+", r"\1The points are missing.", draft)

    dora.post("/runbooks/new/", {"text": begun, "prefix": "PT", "wish": "publish"})
    dora.post("/runbooks/new/", {"text": begun, "prefix": "PT", "wish": "save"})

    texts = [row[0] for row in read_rows("SELECT text FROM runbook_version ORDER BY id")]
    assert f"## {left}\n" in draft
    assert re.findall(r"^## .*", texts[0], re.MULTILINE) == [
        f"## {heading}",
        "## Examples" if language == "en" else "## 例",
    ]
    assert texts[1] == begun


def test_addresses_of_this_mukiau_in_a_result_lead_there_and_no_others(otto: Client, dora: Client) -> None:
    otto.post("/requests/new/", {"kind": "write_runbook", "side": "development", "title": "How?", "issue": "1"})
    act(dora, "start")
    act(dora, "report", result='http://testserver/r/PT-1. <b> http://testserver.evil.example/ http://testserver/"><i>')

    page = read(otto.get("/requests/1/"))

    result = page.partition('id="t-result"')[2].partition("</pre>")[0]
    assert '<a href="http://testserver/r/PT-1">http://testserver/r/PT-1</a>. &lt;b&gt; ' in result
    assert result.count("<a ") == 1
    assert "<i>" not in result
