"""The documentation says what the program does: reference pages come from the code, links lead somewhere."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_tree import ROOT

from mukiau.cli.main import COMMANDS
from mukiau.config import SETTINGS
from mukiau.intake.app import DOORS
from mukiau.intake.metrics import METRICS

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)")


def test_the_reference_says_what_the_code_says() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (checked.stdout, checked.stderr, checked.returncode) == ("", "", 0)


def test_every_setting_is_documented_and_in_the_example() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    missing = [s.variable for s in SETTINGS if f"`{s.variable}`" not in page or f"\n#{s.variable}=" not in example]

    assert missing == []


def test_every_setting_is_explained_in_a_sentence() -> None:
    mute = [setting.name for setting in SETTINGS if not setting.help.endswith(".")]

    assert mute == []


def test_every_command_is_documented() -> None:
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")

    missing = [name for name in COMMANDS if f"\n## mukiau {name}\n" not in page]

    assert missing == []


def test_every_door_is_documented() -> None:
    page = (ROOT / "docs/reference/http.md").read_text(encoding="utf-8")

    missing = [name for name in DOORS if f"/api/<project>/{name}/" not in page]

    assert missing == []


def test_every_address_of_the_api_is_documented() -> None:
    page = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    source = (ROOT / "src/mukiau/web/api/urls.py").read_text(encoding="utf-8")
    door = (ROOT / "src/mukiau/web/api/door.py").read_text(encoding="utf-8")
    names = {"project_id": "project", "source_id": "key", "issue_id": "issue", "event_pk": "event"}
    names |= {"change_id": "change", "run_id": "run", "comment_id": "comment", "line_id": "line"}
    names |= {"route_id": "route"}
    names |= {"proposal_id": "proposal", "handling_id": "handling"}
    names |= {"change_id": "change", "run_id": "run", "request_id": "request", "act": "act", "code": "code"}
    routes = [route for route in re.findall(r'path\(\s*"([^"]+)"', source) if route != "<path:rest>"]
    scopes = re.findall(r'^    [A-Z_]+ = "([a-z:]+)"$', door, flags=re.MULTILINE)

    shown = [re.sub(r"<\w+:(\w+)>", lambda found: f"{{{names[found[1]]}}}", route) for route in routes]

    assert len(routes) == source.count("path(") - 1
    assert [route for route in shown if f"`/api/v1/{route}`" not in page] == []
    assert [scope for scope in scopes if f"| `{scope}` |" not in page] == []


def test_every_metric_is_documented() -> None:
    page = (ROOT / "docs/reference/http.md").read_text(encoding="utf-8")

    missing = [name for name, _, _ in METRICS if f"`{name}`" not in page]

    assert missing == []


def _links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from LINK.findall(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(page: Path) -> None:
    broken = [link for link in _links(page) if not (page.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_that_is_shown_exists(page: Path) -> None:
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    shown = {name for block in blocks for name in re.findall(r"\bmukiau ([a-z][a-z-]*)", block)}

    assert shown <= set(COMMANDS)


def test_no_page_holds_two_versions_of_itself() -> None:
    marks = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)

    assert [path.name for path in PAGES if marks.search(path.read_text(encoding="utf-8"))] == []
