"""`python mukiau_by_wrong_clock.py OFFSET_FILE ARGUMENT…`: the command `mukiau` by a clock that is as wrong as a file says (seconds).

The time of day is moved for Python's `time.time` and for all of mukiau; the monotonic clock is left alone, as it is when
somebody sets a real clock.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from mukiau import clock
from mukiau.cli.main import main

_right_ns = time.time_ns
_offset = Path(sys.argv.pop(1))


def _wrong_ns() -> int:
    return _right_ns() + int(_offset.read_text()) * 10**9


time.time_ns = _wrong_ns
time.time = lambda: _wrong_ns() / 10**9
clock.utc_now = lambda: datetime.fromtimestamp(time.time(), UTC)
main()
