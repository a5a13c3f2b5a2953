"""What varies between two occurrences of one failure: ids, amounts, hosts, times, names of people and things."""

import base64
import re
import uuid
from collections.abc import Callable
from random import Random

_NAMES = "佐藤 太郎|鈴木 花子|高橋 一郎|田中 美咲|伊藤 健|渡辺 さくら|山本 大輔|中村 陽子|小林 直樹|加藤 恵|吉田 蓮|サリバン マリア".split(
    "|"
)
_FONTS = "ヒラギノ明朝|游ゴシック|MS 明朝|源ノ角ゴシック|IPAexフォント".split("|")
_FILES = "事故現場.jpg|領収書1.png|車両 前面.heic|IMG_0412.JPG|診断書.pdf|写真 (3).jpeg".split("|")
_BOTS = "Hikari|WeatherBot|poll-master|Kotori|standup|Lunch Roulette".split("|")
_SITES = "yasui-shop|marunaka|kakaku-hiroba|megastore|otoku".split("|")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


def _hex(rng: Random, digits: int) -> str:
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


def _date(rng: Random) -> str:
    return f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def _time(rng: Random) -> str:
    return f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"


def _ip(rng: Random) -> str:
    return f"10.{rng.randint(0, 9)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def _host(rng: Random) -> str:
    name = rng.choice(("api", "gw", "core", "node"))
    return (
        f"{name}-{rng.randint(1, 9)}.{rng.choice(('tokyo', 'osaka'))}.example.{rng.choice(('jp', 'com', 'internal'))}"
    )


def _path(rng: Random) -> str:
    return f"/{rng.choice(('data', 'mnt/share', 'var/spool'))}/{_date(rng).replace('-', '')}/{rng.choice('abcdxyz')}_{rng.randint(1, 9999)}.{rng.choice(('csv', 'dat', 'bin'))}"


VALUES: dict[str, Callable[[Random], str]] = {
    "id": lambda rng: str(rng.randint(1_000, 99_999_999)),
    "n": lambda rng: str(rng.randint(0, 400)),
    "digit": lambda rng: str(rng.randint(2, 9)),
    "letter": lambda rng: rng.choice("<tnx0q"),
    "float": lambda rng: f"{rng.uniform(24, 145):.6f}",
    "ms": lambda rng: str(rng.randint(100, 60_000)),
    "money": lambda rng: rng.choice((f"{rng.randint(1, 999)},{rng.randint(0, 999):03d}", str(rng.randint(100, 99_999)))),
    "ref": lambda rng: f"{rng.choice(('FB', 'R', 'Q7', 'K'))}-{rng.randint(2020, 2026)}-{rng.randint(1, 99_999):05d}",
    "sku": lambda rng: f"{rng.choice(('SKU', 'TEA', 'RM'))}-{rng.choice('ABCDEF')}{rng.randint(100, 9999)}",
    "code": lambda rng: f"C{rng.randint(10_000, 99_999)}",
    "job": lambda rng: f"JBL{rng.randint(100, 999):04d}",
    "seat": lambda rng: f"{rng.randint(1, 40)}{rng.choice('ABCDEF')}",
    "hex": lambda rng: f"0x{_hex(rng, 8)}",
    "hex4": lambda rng: rng.choice(("2460", "9ad9", "fa11", "301c")),
    "hexid": lambda rng: _hex(rng, 12),
    "sha": lambda rng: _hex(rng, 64),
    "b64": lambda rng: base64.b64encode(rng.randbytes(16)).decode(),
    "uuid": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "date": _date,
    "time": _time,
    "iso": lambda rng: f"{_date(rng)}T{_time(rng)}:{rng.randint(0, 59):02d}Z",
    "month": lambda rng: f"2026年{rng.randint(1, 12)}月",
    "ip": _ip,
    "port": lambda rng: str(rng.randint(30_000, 60_999)),
    "host": _host,
    "url": lambda rng: f"https://{_host(rng)}/v{rng.randint(1, 3)}/{rng.choice(('items', 'ports', 'check'))}/{rng.randint(1, 99_999)}?lang=ja",
    "path": _path,
    "email": lambda rng: f"{''.join(rng.choices(_LETTERS, k=rng.randint(3, 9)))}{rng.choice(('', '.', '_'))}{rng.randint(1, 99)}@example.{rng.choice(('jp', 'com'))}",
    "pid": lambda rng: f"#PID<0.{rng.randint(100, 9999)}.0>",
    "jname": lambda rng: rng.choice(_NAMES),
    "jfont": lambda rng: rng.choice(_FONTS),
    "jfile": lambda rng: rng.choice(_FILES),
    "botname": lambda rng: rng.choice(_BOTS),
    "site": lambda rng: f"{rng.choice(_SITES)}.example.com",
    "bank": lambda rng: f"{rng.randint(1, 9999):04d}",
    "branch": lambda rng: f"{rng.randint(1, 999):03d}",
}  # fmt: skip
_NAMED = re.compile(r"\{(" + "|".join(VALUES) + r")\}")


class Filler:
    """Fills the values of one occurrence: a name stands for one value in all of its texts, the second time for another."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given: dict[tuple[str, int], str] = {}

    def fill(self, text: str) -> str:
        """Return the text with each `{name}` replaced."""
        seen: dict[str, int] = {}

        def value(found: re.Match[str]) -> str:
            name = found[1]
            seen[name] = seen.get(name, 0) + 1
            key = (name, seen[name])
            if key not in self._given:
                self._given[key] = VALUES[name](self._rng)
            return self._given[key]

        return _NAMED.sub(value, text)
