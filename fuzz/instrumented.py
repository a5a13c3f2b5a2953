"""The process that fuzzes one target: `python -m fuzz.instrumented TARGET [libFuzzer options]`; see `__main__`."""

import sys
import time

import atheris

with atheris.instrument_imports(include=["mukiau"], enable_loader_override=False):
    from fuzz.targets import TARGETS, Target

# By the processor's time, so that a busy machine makes no findings; under instruments code takes some ten times longer.
SLOW_UNIT_CPU_SECONDS = 5.0


class SlowUnitError(AssertionError):
    """An input that took too long."""


def main() -> None:
    """Hand the target over; returns only by ending the process."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, _timed(TARGETS[name]))
    atheris.Fuzz()


def _timed(target: Target) -> Target:
    def run(data: bytes) -> None:
        began = time.process_time()
        target(data)
        if (seconds := time.process_time() - began) > SLOW_UNIT_CPU_SECONDS:
            raise SlowUnitError(f"{len(data)} bytes took {seconds:.1f} s")

    return run


if __name__ == "__main__":
    main()
