"""`mukiau forwarder`: build, template, try."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mukiau.cli.main import main
from mukiau.core.records.log_groups import DEFAULT_TABLE

TRACE = (
    'Traceback (most recent call last):\n  File "/srv/order.py", line 4, in take\n    raise E\nValueError: no stock\n'
)
CORPUS = Path(__file__).resolve().parents[1] / "data/corpus/subscription"


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(main, ["forwarder", *arguments], env=environ)


def test_build_names_the_zip_by_its_content(tmp_path: Path) -> None:
    done = run("build", "--output", str(tmp_path))

    (built,) = tmp_path.iterdir()
    assert done.exit_code == 0
    assert done.stdout.strip() == str(built)
    assert built.name.startswith("mukiau-forwarder-")
    assert built.read_bytes()[:2] == b"PK"


def test_build_says_where_it_cannot_write(tmp_path: Path) -> None:
    done = run("build", "--output", str(tmp_path / "none" / "a.zip"))

    assert done.exit_code == 1
    assert "cannot be written: No such file or directory." in done.output


@pytest.mark.parametrize("target", ["mukiau", "sentry"])
def test_the_template_for_every_log_group_leaves_out_its_own(target: str) -> None:
    printed = run("template", "--target", target).stdout

    assert f"MUKIAU_TARGET: {target}\n" in printed
    assert """SelectionCriteria: !Sub 'LogGroupName NOT IN ["/aws/lambda/${Name}"]'""" in printed
    assert "LogGroupName: !Sub /aws/lambda/${Name}" in printed
    assert "AWS::Logs::SubscriptionFilter" not in printed
    assert "@@" not in printed


def test_the_template_for_named_log_groups_subscribes_each() -> None:
    printed = run("template", "--log-group", "/ecs/a/x", "--log-group", "/ecs/a/y").stdout

    assert printed.count("AWS::Logs::SubscriptionFilter") == 2
    assert "LogGroupName: '/ecs/a/y'" in printed
    assert "AWS::Logs::AccountPolicy" not in printed
    assert "@@" not in printed


def test_the_template_for_many_accounts_is_a_stack_set() -> None:
    printed = run("template", "--accounts", "many").stdout

    assert "AWS::CloudFormation::StackSet" in printed
    assert "@@" not in printed


@pytest.mark.parametrize("accounts", ["one", "many"])
def test_a_template_starts_from_the_same_rules_as_the_server(accounts: str) -> None:
    printed = run("template", "--accounts", accounts).stdout

    assert f"  LogGroupPattern:\n    Type: String\n    Default: '{DEFAULT_TABLE}'\n" in printed


@pytest.mark.parametrize("options", [("--log-group", "a b"), ("--accounts", "many", "--log-group", "/a")])
def test_a_template_that_cannot_be_is_refused(options: tuple[str, ...]) -> None:
    assert run("template", *options).exit_code == 2


def test_try_shows_the_requests_and_what_the_table_says() -> None:
    shown = run("try", str(CORPUS / "001.json"), MUKIAU_LOG_GROUP_PATTERN="/ecs/{customer}-{purpose}/{service}").stdout

    assert "service backoffice, environment acme-prod, customer acme, purpose prod" in shown
    assert "18 records in a request of" in shown


def test_try_shows_the_events_for_a_sentry_server(tmp_path: Path) -> None:
    file = tmp_path / "order.log"
    file.write_text("2026-11-24 10:00:00,000 ERROR order - order 118 failed\n" + TRACE, encoding="utf-8")

    shown = run("try", "--target", "sentry", str(file)).stdout
    event = json.loads(run("try", "--target", "sentry", "--json", str(file)).stdout)

    assert shown.startswith("ERROR  order 118 failed\n    ValueError: no stock\n")
    assert f"fingerprint {event['fingerprint'][0]}  event {event['event_id']}" in shown


def test_try_names_a_mistake_in_the_table() -> None:
    done = run("try", str(CORPUS / "001.json"), MUKIAU_LOG_GROUP_PATTERN="/{team}")

    assert done.exit_code == 2
    assert "MUKIAU_LOG_GROUP_PATTERN is '/{team}'; it must be rules such as" in done.output
