"""Fuzz one target, or all of them one after the other: `python -m fuzz [TARGET …] --seconds 60`.

An input that makes a target raise, hang or grow is written to `.fuzz/<target>/` and the command fails. To keep it as a
test, move it to `fuzz/findings/<target>/`. What was learnt of a target's branches stays in `.fuzz/<target>/corpus`.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fuzz import seeds

WORK = Path(".fuzz")
# Ends an input that never would; what is slow is judged by the processor's time, in `instrumented`.
HANG_SECONDS = 120
MAX_MEMORY_MB = 1_024
MAX_INPUT_BYTES = 64 * 1024


def main(arguments: Sequence[str]) -> int:
    """Run each target in a process of its own; return how many failed."""
    from fuzz.targets import TARGETS  # noqa: PLC0415 - the process that fuzzes imports it under instruments

    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz mukiau's parsers.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)}; all when left out")
    parser.add_argument("--seconds", type=int, default=60, help="time for each target (60)")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    failed = [name for name in chosen.targets or TARGETS if not _run(name, chosen.seconds)]
    print(f"failed: {', '.join(failed)}" if failed else "no findings")
    return len(failed)


def _run(name: str, seconds: int) -> bool:
    folder = WORK / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    (folder / "seeds").mkdir(exist_ok=True)
    for number, seed in enumerate(seeds.seeds_of(name)):
        (folder / "seeds" / f"{number:04d}").write_bytes(seed)
    words = folder / "words.dict"
    words.write_text(seeds.dictionary(), encoding="ascii")
    options = (
        f"-max_total_time={seconds} -timeout={HANG_SECONDS} -report_slow_units={HANG_SECONDS} "
        f"-rss_limit_mb={MAX_MEMORY_MB} -max_len={MAX_INPUT_BYTES} -dict={words} -artifact_prefix={folder}/ "
        "-print_final_stats=1"
    ).split()
    command = [sys.executable, "-m", "fuzz.instrumented", name, *options, f"{folder}/corpus", f"{folder}/seeds"]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
