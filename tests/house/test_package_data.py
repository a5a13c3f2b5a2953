"""What is not code and the program cannot do without is in the package."""

import re
from importlib.resources import files

import pytest
from source_tree import ROOT


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
        "demo/requests.jsonl",
        "forwarder/deploy/account.yaml",
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


def test_no_page_or_script_names_a_path_from_the_root_of_the_host() -> None:
    """mukiau may be below a path: addresses come from `{% url %}`, `{% static %}` and the page's data-root."""
    web = ROOT / "src" / "mukiau" / "web"
    own = [path for path in [*web.rglob("*.html"), *web.rglob("*.js")] if "vendor" not in path.parts]
    from_root = {
        ".html": re.compile(r"""(?:href|src|action|hx-[a-z]+)=["']/"""),
        ".js": re.compile(r"""["'`]/[a-z]|path=/[;`"']"""),
    }

    assert len(own) > 20
    assert [path.name for path in own if from_root[path.suffix].search(path.read_text(encoding="utf-8"))] == []
