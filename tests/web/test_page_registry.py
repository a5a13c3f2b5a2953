"""Environments and services: seen by themselves, named by people, one and many at once, and taken back."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import World, message, read

from mukiau.stores.people import set_role
from mukiau.stores.queries.registry import read_changes, read_environments, read_services
from mukiau.web.views import registry as registry_view


@pytest.fixture
def dora(bob: Client) -> Client:
    """Bob as a developer."""
    set_role(User.objects.get(username="bob").pk, "developer")
    return bob


def _send(world: World, *names: str) -> None:
    world.send(*(message(f"failed in {name}", environment=name) for name in names))


def _environment_ids(world: World) -> dict[str, str]:
    return {entry.name: str(entry.id) for entry in read_environments(world.project.id)}


def _known(world: World) -> dict[str, tuple[str, str]]:
    return {entry.name: (entry.customer, entry.purpose or "") for entry in read_environments(world.project.id)}


def test_environments_appear_by_themselves_with_what_their_names_say(bob: Client, world: World) -> None:
    _send(world, "acme-prod", "みなと-本番", "main")

    html = read(bob.get("/environments/"))

    assert _known(world) == {
        "acme-prod": ("acme", "production"),
        "みなと-本番": ("みなと", "production"),
        "main": ("", ""),
    }
    assert "Of 1 environment, customer or purpose is not known." in html
    assert "set by people" not in html


def test_what_is_not_known_can_be_listed(bob: Client, world: World) -> None:
    _send(world, "acme-prod", "main")

    html = read(bob.get("/environments/?purpose=unknown"))

    assert ">main</a>" in html
    assert ">acme-prod</a>" not in html
    assert "1 of 2" in html


def test_many_environments_get_one_customer_at_once(dora: Client, world: World) -> None:
    _send(world, "acme-prod", "acme-stg", "zeta-prod")
    ids = _environment_ids(world)

    answer = dora.post(
        "/environments/name/",
        {
            "id": [ids["acme-prod"], ids["acme-stg"]],
            "set": "customer",
            "customer": " 青葉  商事 ",
            "purpose": "loadtest",
        },
        follow=True,
    )

    assert "Saved for 2 entries." in read(answer)
    assert read(answer).count("set by people") == 2
    assert _known(world) == {
        "acme-prod": ("青葉 商事", "production"),
        "acme-stg": ("青葉 商事", "staging"),
        "zeta-prod": ("zeta", "production"),
    }


def test_one_environment_is_named_and_the_name_is_shown_everywhere_on_the_page(dora: Client, world: World) -> None:
    _send(world, "main")
    pk = _environment_ids(world)["main"]

    html = read(
        dora.post(
            "/environments/name/",
            {"id": pk, "set": "all", "display_name": "Head office", "customer": "", "purpose": "staging"},
            follow=True,
        )
    )

    assert "Head office" in html
    assert _known(world)["main"] == ("", "staging")


def test_a_change_is_taken_back_where_nobody_has_changed_it_since(dora: Client, world: World) -> None:
    _send(world, "acme-prod", "acme-stg")
    ids = _environment_ids(world)
    dora.post("/environments/name/", {"id": list(ids.values()), "set": "customer", "customer": "Blue"})
    dora.post("/environments/name/", {"id": ids["acme-stg"], "set": "customer", "customer": "Green"})
    second, first = read_changes(world.project.id, "environment")

    html = read(dora.post(f"/environments/changes/{first.id}/undo/", follow=True))

    assert "Undone for 1 entry. 1 was changed since and stays as it is." in html
    assert {name: customer for name, (customer, _) in _known(world).items()} == {
        "acme-prod": "acme",
        "acme-stg": "Green",
    }
    assert "was undone before" in read(dora.post(f"/environments/changes/{first.id}/undo/", follow=True))
    assert second.undone_ms is None


def test_saying_what_is_said_already_changes_nothing(dora: Client, world: World) -> None:
    _send(world, "acme-prod")
    pk = _environment_ids(world)["acme-prod"]

    html = read(dora.post("/environments/name/", {"id": pk, "set": "customer", "customer": ""}, follow=True))

    assert "it says so already" in html
    assert read_changes(world.project.id, "environment") == ()


@pytest.mark.parametrize(
    "form",
    [
        {"set": "customer", "customer": "x"},
        {"id": "1", "set": "name", "name": "x"},
        {"id": "1", "set": "purpose", "purpose": "lunch"},
        {"id": "1", "set": "customer", "customer": "x" * 201},
        {"id": "1"},
    ],
    ids=["nothing chosen", "no such field", "no such purpose", "too long", "no field"],
)
def test_a_form_with_a_mistake_changes_nothing_and_says_so(dora: Client, world: World, form: dict[str, str]) -> None:
    _send(world, "acme-prod")

    html = read(dora.post("/environments/name/", form, follow=True))

    assert "Nothing was changed: choose entries" in html
    assert _known(world) == {"acme-prod": ("acme", "production")}


def test_entries_of_another_project_stay_as_they_are(dora: Client, world: World) -> None:
    other = world.another_project("Other")
    world.send(message("failed", environment="acme-prod"), project=other)
    pk = read_environments(other.id)[0].id

    dora.post("/environments/name/", {"id": pk, "set": "customer", "customer": "x", "project": world.project.id})

    assert read_environments(other.id)[0].customer == "acme"


def test_services_get_an_area_and_stand_together_by_it(dora: Client, world: World) -> None:
    names = ("order-api", "point-service", "batch")
    world.send(*(message("failed", tags={"service": name}) for name in names))
    ids = {entry.name: entry.id for entry in read_services(world.project.id)}

    html = read(
        dora.post(
            "/services/name/",
            {"id": [ids["point-service"], ids["order-api"]], "set": "area", "area": "Sales"},
            follow=True,
        )
    )

    assert [entry.name for entry in read_services(world.project.id)] == ["order-api", "point-service", "batch"]
    assert "Saved for 2 entries." in html
    assert ">batch</a>" not in read(dora.get("/services/?area=Sales"))


def test_naming_stands_in_the_audit_log_with_what_was_said_before(alice: Client, world: World) -> None:
    _send(world, "acme-prod")
    pk = _environment_ids(world)["acme-prod"]
    alice.post("/environments/name/", {"id": pk, "set": "customer", "customer": "Blue"})
    alice.post("/environments/name/", {"id": pk, "set": "customer", "customer": "Green"})

    html = read(alice.get("/audit-log/?action=environments_named"))

    assert "Blue → Green" in html


def test_a_viewer_sees_no_way_to_name(bob: Client, world: World) -> None:
    _send(world, "acme-prod")
    pk = _environment_ids(world)["acme-prod"]

    html = read(bob.get(f"/environments/?entry={pk}"))

    assert 'name="id"' not in html
    assert "Developers, operators and administrators can name it." in html


def test_hostile_names_stay_text(dora: Client, world: World) -> None:
    name = '"><img src=x onerror=alert(1)>-prod'
    _send(world, name)
    pk = _environment_ids(world)[name]

    html = read(dora.get(f"/environments/?entry={pk}"))
    dora.post("/environments/name/", {"id": pk, "set": "customer", "customer": "<script>alert(2)</script>"})

    assert "<img" not in html
    assert "<script>alert" not in read(dora.get("/environments/"))


def test_more_than_a_page_holds_are_counted(bob: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry_view, "MAX_SHOWN", 1)
    _send(world, "a-prod", "b-prod", "c-prod")

    html = read(bob.get("/environments/"))

    assert "2 more are not shown" in html


@pytest.mark.parametrize("address", ["/environments/", "/services/"])
def test_with_nothing_seen_the_page_says_what_to_do(bob: Client, world: World, address: str) -> None:
    html = read(bob.get(address))

    assert "No event has named one yet" in html
    assert "Set up a source" in html
