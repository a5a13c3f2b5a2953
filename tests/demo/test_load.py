"""The demo's records look as if they had been written just now."""

import pytest

from mukiau.demo.load import move_times

DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("line", "moved"),
    [
        ("2026-10-31 23:59:59.123 ERROR x", "2026-11-01 23:59:59.123 ERROR x"),
        ("[2026-10-01T00:00:00+09:00] y", "[2026-10-02T00:00:00+09:00] y"),
        ("2026/12/31 10:00:00 [error] z", "2027/01/01 10:00:00 [error] z"),
        ('{"level":50,"time":1791203187034}', '{"level":50,"time":1791289587034}'),
        ('{"level":"error","ts":1792165151.402}', '{"level":"error","ts":1792251551.402}'),
        ("version 2026-13-45T99:00:00 stays", "version 2026-13-45T99:00:00 stays"),
        ("file in/2026/10/05/a.csv order OD20261005", "file in/2026/10/05/a.csv order OD20261005"),
    ],
)
def test_times_in_a_line_are_moved_and_nothing_else(line: str, moved: str) -> None:
    assert move_times(line, DAY_MS) == moved
