"""A door to knock at."""

from collections.abc import Callable

import pytest

from house import House


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def make_house() -> Callable[..., House]:
    return House
