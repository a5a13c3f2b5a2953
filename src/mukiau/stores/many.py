"""Queries with many values in `IN (…)`: a bounded number of them at a time."""

from collections.abc import Iterator, Sequence

_MAX_NAMES_A_QUERY = 500


def chunks(names: Sequence[int] | Sequence[str]) -> Iterator[Sequence[int] | Sequence[str]]:
    """Yield the names in parts that one query takes."""
    for start in range(0, len(names), _MAX_NAMES_A_QUERY):
        yield names[start : start + _MAX_NAMES_A_QUERY]


def marks(names: Sequence[object]) -> str:
    """Return as many parameter marks as there are names."""
    return ",".join("?" * len(names))
