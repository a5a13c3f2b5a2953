"""Connections are closed when a test ends; in Lambda they live as long as their container."""

from collections.abc import Iterator
from typing import Any

import pytest

from mukiau.forwarder.door import Door


@pytest.fixture(autouse=True)
def doors_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    opened: list[Door] = []
    make = Door.__init__

    def noted(self: Door, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        opened.append(self)

    monkeypatch.setattr(Door, "__init__", noted)
    yield
    for door in opened:
        door.close()
