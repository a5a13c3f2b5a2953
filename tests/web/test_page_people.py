"""People: invitations, roles, new passwords, and an administrator who is always left."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import World, read

from mukiau import clock
from mukiau.stores import one_time_links
from mukiau.stores.one_time_links import LIFE_MS, LinkKind
from mukiau.stores.people import LastAdminError, find_person, set_active, set_role

PASSWORD = {"password": "a long enough word", "again": "a long enough word"}


def _link_on(html: str) -> str:
    found = re.search(r'id="once">https?://[^/]+(/[^<]+)<', html)
    assert found is not None
    return found[1]


def _invite(alice: Client, **fields: str) -> str:
    return _link_on(read(alice.post("/people/invitations/", {"role": "viewer", **fields}, follow=True)))


def test_an_invitation_makes_one_account_with_the_role_it_gives(alice: Client, charlie: Client, world: World) -> None:
    link = _invite(alice, email="dora@example.com", role="admin")

    form = read(charlie.get(link))
    answer = charlie.post(link, {"name": "dora@example.com", **PASSWORD})

    assert "alice has invited you" in form
    assert 'value="dora@example.com"' in form
    assert answer["Location"] == "/issues/"
    assert charlie.get("/people/").status_code == 200
    assert User.objects.get(username="dora@example.com").email == "dora@example.com"
    assert Client().get(link).status_code == 410
    assert Client().post(link, {"name": "eve", **PASSWORD}).status_code == 410


def test_the_link_of_an_invitation_is_shown_once(alice: Client, world: World) -> None:
    _invite(alice)

    assert 'id="once"' not in read(alice.get("/people/"))


def test_the_language_can_be_changed_where_an_invitation_has_a_mistake(alice: Client, world: World) -> None:
    alice.post("/people/invitations/", {"email": "no address", "role": "viewer"})

    answer = alice.post("/preferences/language/", {"language": "ja", "next": "/people/invitations/"}, follow=True)

    assert (answer.status_code, answer.request["PATH_INFO"]) == (200, "/people/")


def test_a_revoked_or_old_invitation_opens_nothing(alice: Client, charlie: Client, world: World) -> None:
    revoked = _invite(alice)
    alice.post("/people/invitations/1/revoke/")
    made_ms = clock.unix_ms() - LIFE_MS[LinkKind.INVITATION] - 1
    old = one_time_links.make_link(LinkKind.INVITATION, now_ms=made_ms, created_by="alice", role="admin")

    assert charlie.get(revoked).status_code == 410
    assert charlie.get(f"/invitation/{old}/").status_code == 410


def test_a_link_is_spent_by_one_of_two_who_follow_it_at_once(world: World) -> None:
    now = clock.unix_ms()
    token = one_time_links.make_link(LinkKind.INVITATION, now_ms=now, created_by="alice", role="viewer")
    link = one_time_links.find_link(LinkKind.INVITATION, token, now_ms=now)
    assert link is not None

    assert [one_time_links.spend_link(link.id, now_ms=now) for _ in range(2)] == [True, False]


def test_a_link_of_one_kind_opens_no_page_of_another(alice: Client, charlie: Client, world: World) -> None:
    token = _invite(alice).split("/")[2]

    assert charlie.get(f"/new-password/{token}/").status_code == 410
    assert charlie.get(f"/first-start/{token}/").status_code == 410


@pytest.mark.parametrize("name", ["alice", "ALICE", "Alice@Example.com"])
def test_an_invited_person_cannot_take_the_name_of_somebody_else(
    alice: Client, charlie: Client, world: World, name: str
) -> None:
    answer = charlie.post(_invite(alice), {"name": name, **PASSWORD})

    assert "This name is taken." in read(answer)
    assert User.objects.count() == 1


def test_a_new_password_ends_the_sessions_that_began_with_the_old_one(
    alice: Client, bob: Client, charlie: Client, world: World
) -> None:
    user_id = User.objects.get(username="bob").pk
    link = _link_on(read(alice.post(f"/people/{user_id}/password-link/", follow=True)))

    weak = read(charlie.post(link, {"password": "bob", "again": "bob"}))
    answer = charlie.post(link, PASSWORD)

    assert "too short" in weak
    assert answer["Location"] == "/sign-in/"
    assert bob.get("/issues/").status_code == 302
    assert charlie.post("/sign-in/", {"login": "bob", "password": PASSWORD["password"]})["Location"] == "/issues/"
    assert Client().get(link).status_code == 410


def test_a_second_password_link_replaces_the_first(alice: Client, bob: Client, world: World) -> None:
    address = f"/people/{User.objects.get(username='bob').pk}/password-link/"

    first, second = (_link_on(read(alice.post(address, follow=True))) for _ in range(2))

    assert (Client().get(first).status_code, Client().get(second).status_code) == (410, 200)


def test_roles_are_changed_and_the_change_counts_at_once(alice: Client, bob: Client, world: World) -> None:
    user_id = User.objects.get(username="bob").pk

    before = bob.get("/people/").status_code
    alice.post(f"/people/{user_id}/role/", {"role": "admin"})

    assert (before, bob.get("/people/").status_code) == (403, 200)


@pytest.mark.parametrize(("action", "fields"), [("role", {"role": "viewer"}), ("active", {"active": "0"})])
def test_the_last_administrator_stays(
    alice: Client, bob: Client, world: World, action: str, fields: dict[str, str]
) -> None:
    user_id = User.objects.get(username="alice").pk

    html = read(alice.post(f"/people/{user_id}/{action}/", fields, follow=True))

    assert "This is the last administrator" in html
    assert alice.get("/people/").status_code == 200


def test_a_switched_off_administrator_does_not_count_as_one_who_is_left(alice: Client, world: World) -> None:
    other = User.objects.create_user("dora", "", "x", is_superuser=True, is_active=False)
    user_id = User.objects.get(username="alice").pk

    with pytest.raises(LastAdminError):
        set_role(user_id, "viewer")
    with pytest.raises(LastAdminError):
        set_active(user_id, is_active=False)

    person = find_person(user_id)
    assert person is not None
    assert (person.role, person.is_active, other.is_active) == ("admin", True, False)


def test_an_unknown_role_is_no_role(alice: Client, bob: Client, world: World) -> None:
    user_id = User.objects.get(username="bob").pk

    assert alice.post(f"/people/{user_id}/role/", {"role": "owner"}).status_code == 404


def test_the_list_says_who_is_there_and_when_they_were_last_seen(alice: Client, bob: Client, world: World) -> None:
    bob.get("/issues/")

    html = read(alice.get("/people/"))

    assert "bob@example.com" in html
    assert "just now" in html
