"""The audit log: everything that was done is on it, nothing takes it off again, and no secret is among it."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import translation
from web_world import World, read

from mukiau.stores.audit import Actor, AuditFilter, AuditLine, read_lines, record_line
from mukiau.web.accounts.joining import Refusal
from mukiau.web.accounts.people import create_admin
from mukiau.web.audit_words import VALUE_NAMES, read_changes
from mukiau.web.views.audit_log import without_formula

SECRET = "a long enough word"


def _lines() -> list[AuditLine]:
    return list(reversed(read_lines(AuditFilter())))


def _did() -> list[tuple[str, str, str]]:
    return [(line.actor, line.action, line.target) for line in _lines()]


def test_signing_in_and_out_is_on_record_with_address(charlie: Client, world: World) -> None:
    create_admin("dora", SECRET)

    charlie.post("/sign-in/", {"login": "dora", "password": "wrong"}, REMOTE_ADDR="192.0.2.7")
    charlie.post("/sign-in/", {"login": "dora", "password": SECRET})
    charlie.post("/sign-out/")

    assert _did() == [("", "sign_in_failed", "dora"), ("dora", "sign_in", ""), ("dora", "sign_out", "")]
    assert [line.address for line in _lines()] == ["192.0.2.7", "127.0.0.1", "127.0.0.1"]


def test_a_password_typed_as_a_name_is_not_written_down(charlie: Client, world: World) -> None:
    charlie.post("/sign-in/", {"login": SECRET, "password": "dora"})

    assert _did() == [("", "sign_in_failed", "")]


def test_what_administrators_change_is_on_record(alice: Client, bob: Client, world: World) -> None:
    user_id = User.objects.get(username="bob").pk
    start = len(_lines())

    alice.post("/sources/projects/", {"name": "Point"})
    alice.post("/sources/1/keys/", {"label": "batch", "service": "point", "environment": "acme-prod"})
    alice.post("/sources/keys/1/", {"active": "0"})
    alice.post("/sources/keys/1/", {"active": "1"})
    alice.post("/set-aside/replay/")
    alice.post("/people/invitations/", {"email": "dora@example.com", "role": "admin"})
    alice.post("/people/invitations/1/revoke/")
    alice.post(f"/people/{user_id}/role/", {"role": "admin"})
    alice.post(f"/people/{user_id}/active/", {"active": "0"})
    alice.post(f"/people/{user_id}/active/", {"active": "1"})
    alice.post(f"/people/{user_id}/password-link/")

    assert _did()[start:] == [
        ("alice", "project_made", "Point"),
        ("alice", "key_made", "batch"),
        ("alice", "key_switched_off", "Shop"),
        ("alice", "key_switched_on", "Shop"),
        ("alice", "replay_asked", ""),
        ("alice", "person_invited", "dora@example.com"),
        ("alice", "invitation_revoked", "dora@example.com"),
        ("alice", "role_changed", "bob"),
        ("alice", "person_deactivated", "bob"),
        ("alice", "person_activated", "bob"),
        ("alice", "password_link_made", "bob"),
    ]
    changed = next(line for line in _lines() if line.action == "role_changed")
    assert (changed.before, changed.after) == ({"role": "viewer"}, {"role": "admin"})


def test_what_is_refused_is_not_on_record_as_done(bob: Client, world: World) -> None:
    start = len(_lines())

    bob.post("/sources/projects/", {"name": "Point"})
    bob.post("/people/1/role/", {"role": "admin"})

    assert _did()[start:] == []


def test_no_secret_is_on_record(alice: Client, charlie: Client, world: World) -> None:
    html = read(alice.post("/people/invitations/", {"role": "viewer"}, follow=True))
    token = html.split("/invitation/")[1].partition("/")[0]
    charlie.post(f"/invitation/{token}/", {"name": "dora", "password": SECRET, "again": SECRET})

    told = str(_lines())

    assert "account_made" in told
    assert token not in told
    assert SECRET not in told
    assert str(User.objects.get(username="dora").password) not in told


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_lines_are_never_changed_or_deleted(alice: Client, world: World, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)

    assert _lines() != []


def test_a_line_outlives_the_account(alice: Client, bob: Client, world: World) -> None:
    User.objects.get(username="bob").delete()

    assert "bob" in {line.actor for line in _lines()}


def test_the_page_filters_by_action_and_by_who(alice: Client, bob: Client, world: World) -> None:
    alice.post("/sources/projects/", {"name": "Point"})

    of_bob = read(alice.get("/audit-log/?who=bob"))
    made = read(alice.get("/audit-log/?action=project_made"))
    none = read(alice.get("/audit-log/?action=project_made&who=bob"))

    assert ">bob</td>" in of_bob
    assert ">Point</td>" in made
    assert ">Point</td>" not in of_bob
    assert "No entry matches" in none


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Role:</span> Viewer → Administrator", "Method:</span> password", "Valid for:</span> 30 days"]),
        ("ja", ["役割:</span> 閲覧者 → 管理者", "方法:</span> パスワード", "有効期間:</span> 30 日"]),
    ],
)
def test_what_was_changed_is_said_in_words_of_the_reader(
    alice: Client, bob: Client, world: World, language: str, expected: list[str]
) -> None:
    create_admin("dora", SECRET)
    Client().post("/sign-in/", {"login": "dora", "password": SECRET})
    alice.post(f"/people/{User.objects.get(username='bob').pk}/role/", {"role": "admin"})
    record_line(Actor(name="dora"), "token_made", at_ms=0, after={"token": "mk_1", "scopes": "read", "days": 30})

    html = read(alice.get("/audit-log/", headers={"accept-language": language}))

    assert [words for words in expected if words not in html] == []


def test_facts_of_a_later_version_are_shown_as_they_are_stored() -> None:
    with translation.override("en"):
        changes = list(read_changes({}, {"colour": "blue", "role": "owner"}))

    assert changes == [("colour", "blue"), ("Role", "owner")]


def test_every_reason_of_a_refused_sign_in_has_words() -> None:
    assert set(VALUE_NAMES["reason"]) == set(Refusal)


def test_pages_follow_one_another_without_a_gap(alice: Client, world: World) -> None:
    for number in range(230):
        record_line(Actor(name="robot"), "project_made", at_ms=number, target=f"P{number:03}")

    first = read(alice.get("/audit-log/?who=robot"))
    second = read(
        alice.get(
            "/audit-log/?" + first.split('class="cardfoot"><a href="?')[1].partition('"')[0].replace("&amp;", "&")
        )
    )

    assert [f"P{n:03}" in first for n in (229, 130, 129)] == [True, True, False]
    assert [f"P{n:03}" in second for n in (130, 129, 30, 29)] == [False, True, True, False]


def test_the_file_for_a_spreadsheet_runs_no_formula(alice: Client, world: World) -> None:
    for name in ('=HYPERLINK("https://evil.example")', "+1", "-1", "@SUM(1)", "\t=1", "＝1+1", " =1"):
        record_line(Actor(name=name), "project_made", at_ms=0, target=name, after={"name": name})

    answer = alice.get("/audit-log/csv/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))

    assert rows[0][:2] == ["at", "who"]
    assert len(rows) >= 8
    assert [cell for row in rows for cell in row if cell.strip() and cell.strip()[0] in "=+-@＝＋－＠"] == []


@pytest.mark.parametrize("cell", ["alice", "", "2026-11-24", "名前", "a=b", "'"])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    assert without_formula(cell) == cell
