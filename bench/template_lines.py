"""Lines whose template is known, made of the log calls in `template_systems.txt`.

The public sets of the field (loghub) come with no package of a registry and are not ours to copy into the repository.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.unseen.values import VALUES

_SYSTEMS = Path(__file__).with_name("template_systems.txt")
LINES_A_SYSTEM = 2_000
_WORDS = (
    "orders billing users stock ledger invoice audit coupon session catalog member shipping search news photos".split()
)
_PEOPLE = "Tanaka|Suzuki|maria.lopez|O'Brien|Jean Dupont|user1207|Müller|Li Wei|admin|sato_k|高橋|Anna-Lena Vogt".split(
    "|"
)
_USERS = "root admin postgres oracle test1 deploy git ubuntu suzuki m.lopez svc-backup guest www-data tanaka01".split()

_MORE: dict[str, Callable[[Random], str]] = {
    "word": lambda rng: rng.choice(_WORDS),
    "table": lambda rng: rng.choice(_WORDS) + rng.choice(("", "_2026", "_old", "_v2")),
    "user": lambda rng: rng.choice(_USERS),
    "person": lambda rng: rng.choice(_PEOPLE),
    "room": lambda rng: rng.choice(("Fuji", "Sakura", "3F-A", "Asahi", "B12")),
    "branch_name": lambda rng: rng.choice(("main", f"fix/{rng.randint(1, 999)}", "release-2026.1", "feature/login")),
    "locale": lambda rng: rng.choice(("ja_JP", "en-GB", "fr", "pt_BR", "zh-Hant")),
    "shop": lambda rng: rng.choice(("新宿東口店", "梅田", "札幌1号店", "天神")),
    "pod": lambda rng: f"{rng.choice(_WORDS)}-{rng.getrandbits(36):09x}-{''.join(rng.choices('bcdfghjklmnpqrstvwxz2456789', k=5))}",
    "ec2": lambda rng: f"ip-10-0-{rng.randint(0, 255)}-{rng.randint(1, 254)}.ap-northeast-1.compute.internal",
    "node": lambda rng: f"{rng.choice(('es', 'data', 'node'))}-{rng.randint(0, 12)}",
    "pkg": lambda rng: f"com.example.{rng.choice(_WORDS)}",
    "cls": lambda rng: rng.choice(("Main", "Login", "Sync", "Player", "Camera")),
    "device": lambda rng: rng.choice(("Pixel 8", "SM-G991B", "iPhone15,2", "SO-53C")),
    "svc": lambda rng: rng.choice(("Spooler", "W32Time", "Acme Agent", "MSSQL$PROD")),
    "exe": lambda rng: f"{rng.choice(('acme', 'sync', 'Report'))}.exe",
    "wpath": lambda rng: f"C:\\{rng.choice(('Data', 'Program Files', 'Temp'))}\\{rng.choice(_WORDS)}\\{rng.randint(1, 999)}.log",
    "mac": lambda rng: ":".join(f"{rng.randint(0, 255):02x}" for _ in range(6)),
    "prog": lambda rng: f"PGM{rng.choice('ABC')}{rng.randint(10, 99)}",
    "iban": lambda rng: f"DE{rng.randint(10, 99)}{rng.randint(10**17, 10**18 - 1)}",
    "cur": lambda rng: rng.choice(("USD", "JPY", "EUR", "GBP")),
}  # fmt: skip
_VALUES = {**VALUES, **_MORE}
_HOLE = re.compile(r"\{(?:(" + "|".join(_VALUES) + r")|\?([^{}]*))\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledLine:
    """One line and the log call it is from."""

    text: str
    template: str
    """With `<*>` for each value; where a part is optional the template is without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """Lines of one system."""

    name: str
    lines: tuple[LabelledLine, ...]


def generated_sets(*, seed: int) -> Iterator[LabelledSet]:
    """Yield one set a system; how often a log call is drawn follows 1/rank."""
    for name, calls in _read_systems().items():
        rng = Random(f"{seed} {name}")
        ranked = rng.sample(calls, len(calls))
        weights = [1 / rank for rank in range(1, len(ranked) + 1)]
        drawn = rng.choices(ranked, weights, k=LINES_A_SYSTEM)
        yield LabelledSet(name=name, lines=tuple(_line(call, rng) for call in drawn))


def _read_systems() -> dict[str, list[str]]:
    systems: dict[str, list[str]] = {}
    for line in _SYSTEMS.read_text(encoding="utf-8").splitlines():
        if line.startswith("system "):
            systems[line.removeprefix("system ")] = calls = []
        elif line and not line.startswith("#"):
            calls.append(line)
    return systems


def _line(call: str, rng: Random) -> LabelledLine:
    def value(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[2] if rng.random() < 0.3 else ""
        return _VALUES[found[1]](rng)

    return LabelledLine(text=_HOLE.sub(value, call), template=_HOLE.sub(lambda found: "<*>" if found[1] else "", call))
