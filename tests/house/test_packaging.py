"""What deploys mukiau fits what it deploys."""

import json
import re
from pathlib import PurePosixPath

import pytest
from source_tree import ROOT

from mukiau.cli.main import COMMANDS
from mukiau.config import SETTINGS, find_unknown, load, path_prefix
from mukiau.intake.app import DOORS
from mukiau.intake.metrics import METRICS
from mukiau.supervisor.serve import STOP_SECONDS

CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")
UNIT = (ROOT / "packaging" / "mukiau.service").read_text(encoding="utf-8")
VARIABLES = {setting.variable for setting in SETTINGS}


@pytest.mark.parametrize("text", [CONTAINER, UNIT], ids=["container", "unit"])
def test_only_settings_that_exist_are_set(text: str) -> None:
    assert set(re.findall(r"\bMUKIAU_[A-Z_]+\b", text)) <= VARIABLES


def test_the_unit_starts_the_server_and_lets_it_stop_by_itself() -> None:
    unit = dict(line.split("=", 1) for line in UNIT.splitlines() if re.match(r"[A-Z]\w+=", line))

    program, command = unit["ExecStart"].split()
    assert (PurePosixPath(program).name, command in COMMANDS) == ("mukiau", True)
    assert int(unit["TimeoutStopSec"]) > STOP_SECONDS
    assert unit["User"] != "root"


def test_the_container_runs_without_rights_and_copies_what_is_there() -> None:
    copied = [
        name
        for names in re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINER, flags=re.MULTILINE)
        for name in names.split()
    ]
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert sorted(let_in) == sorted(copied)
    assert re.search(r"^USER [1-9]\d*:", CONTAINER, flags=re.MULTILINE)
    assert "/healthz" in CONTAINER


def test_alerts_ask_for_metrics_and_words_that_exist() -> None:
    alerts = (ROOT / "packaging" / "alerts.yml").read_text(encoding="utf-8")
    names = {name for name, _, _ in METRICS}
    asked = set(re.findall(r"\bmukiau_[a-z_]+", alerts))

    assert {re.sub(r"_bucket$", "", name) for name in asked} <= names
    assert set("|".join(re.findall(r'door=~?"([^"]+)"', alerts)).split("|")) <= {*DOORS, "pages", "health"}
    assert '"over quota"' in alerts
    assert alerts.count("- alert:") == alerts.count("summary:") == alerts.count("action:")


def test_ecs_runs_one_task_on_a_local_disk_and_lets_it_stop_by_itself() -> None:
    task = json.loads((ROOT / "packaging" / "ecs-task-definition.json").read_text(encoding="utf-8"))
    service = json.loads((ROOT / "packaging" / "ecs-service.json").read_text(encoding="utf-8"))
    (container,) = task["containerDefinitions"]
    given = {f"MUKIAU_{name}": value for name, value in (("PORT", "8000"), ("HOST", "0.0.0.0"))}
    given |= {variable["name"]: variable["value"] for variable in container["environment"]}

    assert find_unknown(given) == {}
    assert load(given).base_url
    assert container["stopTimeout"] > STOP_SECONDS
    assert "/healthz" in container["healthCheck"]["command"][-1]
    assert ":".join(re.findall(r"^USER (\d+):(\d+)", CONTAINER, flags=re.MULTILINE)[0]) == container["user"]
    assert [set(volume) for volume in task["volumes"]] == [{"name", "host"}]
    assert service["deploymentConfiguration"]["maximumPercent"] == 100
    assert service["desiredCount"] == 1
    assert service["loadBalancers"][0]["containerPort"] == container["portMappings"][0]["containerPort"]


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile", "haproxy.cfg"])
def test_what_the_proxies_files_say_of_settings_is_right(name: str) -> None:
    text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
    (base_url,) = set(re.findall(r"MUKIAU_BASE_URL=(\S+)", text))

    assert path_prefix(load({"MUKIAU_BASE_URL": base_url})) == "/mukiau"
    assert set(re.findall(r"\bMUKIAU_[A-Z_]+\b", text)) <= VARIABLES
