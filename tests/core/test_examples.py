"""Examples in docstrings are run."""

import doctest
import importlib
import pkgutil

import pytest

import mukiau.core

MODULES = sorted(module.name for module in pkgutil.walk_packages(mukiau.core.__path__, "mukiau.core."))


@pytest.mark.parametrize("name", MODULES)
def test_examples_show_what_happens(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
