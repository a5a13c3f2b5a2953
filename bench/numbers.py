"""Numbers of measurements: percentiles, and the best of several runs."""

from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of all values do not pass (nearest rank); raise ValueError without values."""
    if not values:
        raise ValueError("There are no values to take a percentile of.")
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(0, int(rank) - 1)]
