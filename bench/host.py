"""How fast the machine itself is at the moment: figures of two runs can be compared only where this agrees.

A virtual machine shares its cores with others; the same loop has taken from 47 to 93 ms within one afternoon.
"""

import time

LOOPS = 1_000_000
REPEATS = 5


def loop_ms() -> float:
    """Return the CPU time of a fixed loop of Python, the best of some."""
    return min(_timed() for _ in range(REPEATS))


def _timed() -> float:
    began = time.process_time()
    total = 0
    for number in range(LOOPS):
        total += number * number
    return (time.process_time() - began) * 1000
