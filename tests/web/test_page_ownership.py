"""Ownership rules on their page: their order, what each owns, what a draft would change, and undoing."""

from collections.abc import Sequence

import pytest
from django.test import Client
from web_world import POINTS, World, message, read

from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.ownership import load_rules, read_recent_issues
from mukiau.stores.work.teams import add_team, close_team
from mukiau.web.teams.ownership import effect_of, unowned_services
from mukiau.work.ownership import OwnershipRule

NAMES = {1: "Points", 2: "Orders"}


@pytest.fixture
def teams(alice: Client, world: World) -> None:
    """Two teams; an issue of the point service and two of the orders'."""
    for name in NAMES.values():
        add_team(name, time_zone="UTC", now_ms=0)
    world.send(POINTS)
    world.send(message("order is lost", environment="acme-prod"))
    world.send(message("printer is out", environment="beta-stg"))


def _add(client: Client, team: int, **fields: str) -> None:
    client.post("/teams/ownership/add/", {"team": team, **fields})


def _order() -> list[int]:
    return [rule.id for rule in load_rules(own_connection())]


def test_a_rule_shows_how_many_issues_of_the_last_30_days_are_its_own(alice: Client, world: World, teams: None) -> None:
    world.send(message("long ago"), hours_ago=24 * 31)

    _add(alice, 1, service="point-*")
    _add(alice, 2, environment="acme-*")
    html = read(alice.get("/teams/ownership/"))

    assert html.count('<td class="num" data-l="Issues">1</td>') == 2
    assert "issues of the last 30 days: 3" in html
    assert "1 issue that no rule fits" in html


def test_a_draft_says_whose_the_issues_are_now_before_it_is_added(alice: Client, teams: None) -> None:
    _add(alice, 2, service="order-*")

    first = read(alice.get("/teams/ownership/?team=1&place=first&service=&environment=acme-*&path="))
    last = read(alice.get("/teams/ownership/?team=1&place=last&service=&environment=acme-*&path="))

    assert "It fits 2 issues of the last 30 days. 2 would be its own:" in first
    assert "<dt>from nobody</dt><dd> 1 </dd><dt>from Orders</dt><dd> 1 </dd>" in first
    assert "order is lost" in first
    assert "It fits 2 issues of the last 30 days. 1 would be its own:" in last
    assert "from Orders" not in last
    assert len(_order()) == 1


def test_rules_are_moved_removed_and_put_back_where_they_were(alice: Client, teams: None) -> None:
    for service in ("a", "b", "c"):
        _add(alice, 1, service=service)
    _add(alice, 1, service="z", place="first")
    made = _order()

    alice.post("/teams/ownership/3/move/", {"way": "up"})
    moved = _order()
    page = read(alice.post("/teams/ownership/3/remove/", follow=True))
    removed = _order()
    alice.post("/teams/ownership/3/restore/")

    assert made == [4, 1, 2, 3]
    assert moved == [4, 1, 3, 2]
    assert "The rule is removed." in page
    assert removed == [4, 1, 2]
    assert _order() == moved


@pytest.mark.parametrize(("rule", "way"), [(1, "up"), (2, "down")])
def test_a_rule_at_the_end_stays_there(alice: Client, teams: None, rule: int, way: str) -> None:
    for service in ("a", "b"):
        _add(alice, 1, service=service)

    alice.post(f"/teams/ownership/{rule}/move/", {"way": way})

    assert _order() == [1, 2]


def test_the_rules_of_a_closed_team_say_nothing(alice: Client, teams: None) -> None:
    _add(alice, 1, service="**")
    _add(alice, 2, service="point-*")

    close_team(1, now_ms=1)

    assert [rule.team_id for rule in load_rules(own_connection())] == [2]
    assert alice.get("/teams/ownership/").status_code == 200


def test_no_rule_is_added_for_no_team_or_with_a_pattern_without_end(alice: Client, teams: None) -> None:
    for fields in ({"team": "9"}, {"team": "x"}, {}, {"team": "1", "service": "a" * 201}):
        alice.post("/teams/ownership/add/", fields)

    assert _order() == []


def test_a_pattern_is_shown_as_text(alice: Client, teams: None) -> None:
    _add(alice, 1, service="<script>alert(1)")

    for address in ("/teams/ownership/", "/teams/ownership/?team=1&service=<script>alert(1)"):
        assert "<script>alert(1)" not in alice.get(address).content.decode()


def test_every_change_of_the_rules_is_on_record(alice: Client, teams: None) -> None:
    _add(alice, 1, service="a")
    _add(alice, 2, path="shop.**")
    alice.post("/teams/ownership/1/move/", {"way": "down"})
    alice.post("/teams/ownership/1/remove/")
    alice.post("/teams/ownership/1/remove/")  # nothing changes
    alice.post("/teams/ownership/1/restore/")

    lines = [line for line in reversed(read_lines(AuditFilter())) if line.action.startswith("ownership")]
    assert [(line.action, line.target) for line in lines] == [
        ("ownership_rule_added", "Points"),
        ("ownership_rule_added", "Orders"),
        ("ownership_rule_moved", "Points"),
        ("ownership_rule_removed", "Points"),
        ("ownership_rule_restored", "Points"),
    ]
    assert lines[3].before == {"service": "a", "environment": "", "path": ""}


def test_what_a_draft_changes_adds_up(alice: Client, teams: None) -> None:
    rules = (OwnershipRule(id=1, team_id=1, service="point-*"), OwnershipRule(id=2, team_id=2, environment="beta-*"))
    issues = read_recent_issues(own_connection(), since_ms=0)

    def sums(draft: OwnershipRule, placed: Sequence[OwnershipRule] = rules) -> tuple[int, int, int, int, int]:
        effect = effect_of(draft, placed, issues, NAMES, is_first=True)
        others = sum(count for _, count in effect.from_others)
        assert len(effect.own) == effect.from_nobody + others + effect.same
        return effect.fitting, len(effect.own), effect.from_nobody, others, effect.same

    assert sums(OwnershipRule(team_id=1)) == (3, 3, 1, 1, 1)
    assert sums(OwnershipRule(team_id=2, path="shop.orders append_grant")) == (1, 1, 0, 1, 0)
    assert sums(OwnershipRule(team_id=2, path="elsewhere.**")) == (0, 0, 0, 0, 0)
    assert unowned_services(rules, issues) == (("order-api", 1),)
