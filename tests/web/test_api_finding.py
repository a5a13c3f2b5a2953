"""Finding runbooks by the API, and answering proposals as far as the role of the token's owner goes."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from test_api_runbooks import _ask, _id
from web_world import World, message

from mukiau.stores.people import set_role
from mukiau.stores.state_file import changing
from mukiau.stores.work.known_runbooks import KnownRunbooks
from mukiau.stores.work.runbooks import Author, create_runbook, publish
from mukiau.stores.work.suggestions import find_proposals, record_proposals

FIND, PROPOSALS = "/api/v1/runbooks/find", "/api/v1/runbooks/proposals"


@pytest.fixture(autouse=True)
def proposed(alice: Client, bob: Client, world: World) -> None:
    """Bob is an operator, vera reads; a runbook is proposed for issue 1."""
    User.objects.create_user("vera")
    set_role(_id("bob"), "operator")
    world.send(message("在庫 KNB-16055 を引き当てられません"))
    by = Author(id=9, name="zoe", at_ms=1)
    with changing(world.folder) as state:
        saved = create_runbook(state, "---\ntitle: 在庫を引き当てられません\n---\n", prefix="ORD", by=by)
        publish(state, saved.id, number=1, by=by)
        found = find_proposals(state, [saved.id], known=KnownRunbooks(), since_ms=0)
        record_proposals(state, found, at_ms=1)


def test_an_error_finds_its_runbook_with_the_reasons() -> None:
    asked = _ask("vera", "GET", f"{FIND}?text=在庫 XYZ-1 を引き当てられません", may_write=False)
    posted = _ask("vera", "POST", FIND, {"text": "在庫 XYZ-1 を引き当てられません"}, may_write=False)

    assert (asked[0], posted[0]) == (200, 201)
    assert asked[1] == posted[1]
    (hit,) = asked[1]["items"]
    assert hit["code"] == "ORD-1"
    assert 0 < hit["share"] <= 1
    assert hit["words"]
    assert hit["rule"] is None


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 7}, {"text": "x" * 100_001}])
def test_what_is_no_text_is_refused(body: dict[str, object]) -> None:
    assert _ask("vera", "POST", FIND, body, may_write=False)[0] == 400


def test_a_proposal_is_answered_once() -> None:
    (one,) = _ask("vera", "GET", PROPOSALS, may_write=False)[1]["items"]

    answers = [_ask("bob", "POST", f"{PROPOSALS}/{one['id']}/{act}")[0] for act in ("decline", "reconsider", "accept")]

    assert answers == [201, 201, 201]
    assert _ask("bob", "POST", f"{PROPOSALS}/{one['id']}/accept")[0] == 404
    assert _ask("bob", "POST", f"{PROPOSALS}/{one['id']}/forget")[0] == 404


def test_who_only_reads_answers_nothing() -> None:
    assert _ask("vera", "POST", f"{PROPOSALS}/1/accept")[0] == 403
