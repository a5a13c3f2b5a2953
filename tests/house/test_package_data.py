"""What is not code and the program cannot do without is in the package."""

from importlib.resources import files

import pytest


@pytest.mark.parametrize(
    "path",
    [
        "web/templates/base.html",
        "web/templates/issues/list.html",
        "web/static/mukiau/css/tokens.css",
        "web/static/mukiau/js/keys.js",
        "locale/ja/LC_MESSAGES/django.mo",
        "demo/records.jsonl.gz",
        "demo/events.jsonl.gz",
        "stores/migrations/0001_initial.py",
    ],
)
def test_the_package_carries(path: str) -> None:
    found = files("mukiau").joinpath(*path.split("/"))

    assert found.is_file()
    assert found.read_bytes()


def test_every_vendored_script_comes_with_its_licence() -> None:
    vendor = files("mukiau") / "web" / "static" / "mukiau" / "vendor"
    names = {entry.name for entry in vendor.iterdir()}

    unlicensed = {
        name for name in names if name.endswith(".js") and f"{name.removesuffix('.min.js')}.LICENSE.txt" not in names
    }

    assert unlicensed == set()
