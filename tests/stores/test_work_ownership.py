"""New issues come to the team whose they are by the rules, as their first event arrives; nothing else changes hands by itself."""

from contextlib import closing
from pathlib import Path

from state_files import NOON, batch, event, rows, write

from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.work.ownership import add_rule
from mukiau.work.ownership import OwnershipRule

NOON_MS = int(NOON.timestamp() * 1000)


def _rules(data: Path, *rules: OwnershipRule) -> None:
    with closing(connect(data / STATE_FILE)) as connection:
        for number in {rule.team_id for rule in rules}:
            connection.execute(
                "INSERT OR IGNORE INTO team (id, name, time_zone, created_ms) VALUES (?, ?, 'UTC', 0)",
                (number, f"team {number}"),
            )
        for rule in rules:
            add_rule(connection, rule, is_first=False, actor="alice", at_ms=NOON_MS)


def _teams(data: Path) -> list[tuple[int, int | None]]:
    return rows(data, "SELECT issue_id, team_id FROM issue_work ORDER BY issue_id")


def test_a_new_issue_is_the_team_s_of_the_first_rule_that_fits_its_first_event(data_folder: Path) -> None:
    special = OwnershipRule(team_id=2, environment="acme-*", path="shop.orders save")
    _rules(data_folder, special, OwnershipRule(team_id=1, service="orders"))

    write(
        data_folder,
        batch(event(1, environment="beta-prod", minutes=5), event(2), event(3, failure="load", minutes=1)),
    )

    assert _teams(data_folder) == [(1, 2), (2, 1)]


def test_without_a_rule_that_fits_a_new_issue_is_nobody_s(data_folder: Path) -> None:
    _rules(data_folder, OwnershipRule(team_id=1, service="points"))

    write(data_folder, batch(event(1)))

    assert _teams(data_folder) == [(1, None)]


def test_what_arrives_later_changes_no_owner(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    _rules(data_folder, OwnershipRule(team_id=1))

    write(data_folder, batch(event(2), after=1))

    assert _teams(data_folder) == [(1, None)]


def test_the_rules_of_a_closed_team_give_it_nothing(data_folder: Path) -> None:
    _rules(data_folder, OwnershipRule(team_id=1), OwnershipRule(team_id=2))
    with closing(connect(data_folder / STATE_FILE)) as connection:
        connection.execute("UPDATE team SET closed_ms = 1 WHERE id = 1")

    write(data_folder, batch(event(1)))

    assert _teams(data_folder) == [(1, 2)]
