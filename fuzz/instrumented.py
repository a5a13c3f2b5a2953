"""The process that fuzzes one target: `python -m fuzz.instrumented TARGET [libFuzzer options]`; see `__main__`."""

import sys

import atheris

with atheris.instrument_imports(include=["mukiau"], enable_loader_override=False):
    from fuzz.targets import TARGETS


def main() -> None:
    """Hand the target over; returns only by ending the process."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
