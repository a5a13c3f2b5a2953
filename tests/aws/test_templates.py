"""Every template that can be printed passes cfn-lint."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("cfnlint", reason="NOT TESTED: the deploy templates; `make aws` does.")

from mukiau.cli.forwarder.template import render_account, render_stack_set

TEMPLATES = {
    "one group, mukiau": render_account("mukiau", ["/ecs/a/b"]),
    "two groups, sentry": render_account("sentry", ["/ecs/a/b", "/ecs/c.d#e_f-1"]),
    "every group, mukiau": render_account("mukiau", []),
    "every group, sentry": render_account("sentry", []),
    "many accounts, mukiau": render_stack_set("mukiau"),
    "many accounts, sentry": render_stack_set("sentry"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_cfn_lint_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATES[name], encoding="utf-8")

    linted = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), "--regions", "us-east-1", "ap-northeast-1", "--", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (linted.stdout, linted.stderr, linted.returncode) == ("", "", 0)
