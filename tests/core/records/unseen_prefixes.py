"""Prefixes that nobody told the code of, a line's number in, the text before the line out: written ones and made-up ones.

`DEVELOPED` are those that learning prefixes was developed on. `HELD_OUT` were written before and looked at only as figures:
nothing was mended for one of them. Made-up ones are put together from pieces by a seed, as teams put theirs together.
"""

import random
from collections.abc import Callable

Prefix = Callable[[int], str]

DEVELOPED: dict[str, Prefix] = {
    "compose, a name without number": lambda _: "checkout-web    | ",
    "pm2, name only": lambda _: "[PM2][api] ",
    "journald, short-precise": lambda at: f"Nov 24 10:00:00.{123400 + at:06d} ip-10-0-3-7 shop-api[4711]: ",
    "journald, short-iso": lambda _: "2026-11-24T10:00:00+0900 ip-10-0-3-7 shop-api[4711]: ",
    "systemd status": lambda _: "Nov 24 10:00:00 web01 java[812]: ",
    "supervisord": lambda _: "shop-api stderr | ",
    "heroku": lambda at: f"2026-11-24T10:00:00.{1000 + at:06d}+00:00 app[worker.3]: ",
    "kubectl prefix": lambda _: "[pod/checkout-5d9f7c6b8-xk2lp/app] ",
    "stern": lambda _: "checkout-5d9f7c6b8-xk2lp app › ",
    "syslog RFC 3164 with priority": lambda _: "<131>Nov 24 10:00:00 web01 shop: ",
    "syslog RFC 5424 with data": lambda at: (
        f'<131>1 2026-11-24T10:00:00.{100 + at:03d}Z web01 shop 4711 ID47 [ex@1 iut="3"] '
    ),
    "app|env|host": lambda _: "shop|prod|web-03| ",
    "bars around": lambda _: "| shop | prod | ",
    "key=value heads": lambda at: f"app=shop env=prod seq={at} msg=",
    "key=value, quoted": lambda at: f'pod="checkout-0" n={at} | ',
    "tabs": lambda at: f"{1795000000 + at}\tshop\tprod\t",
    "one tab": lambda _: "shop-api\t",
    "angle": lambda _: "<shop-api> ",
    "braces": lambda _: "{shop-api} ",
    "double colon": lambda _: "shop::api:: ",
    "arrow": lambda _: "web.1 -> ",
    "number and colon": lambda at: f"{at + 118:6d}: ",
    "epoch with micros": lambda at: f"1795000000.{100000 + at:06d} ",
    "european date": lambda at: f"24.11.2026 10:00:00.{100 + at:03d} | ",
    "am/pm in brackets": lambda _: "[11/24/2026 10:00:00 AM] ",
    "japanese word": lambda _: "【受注】 ",
    "japanese with time": lambda _: "2026年11月24日 10時00分00秒 受注 ",
    "windows export": lambda _: "Error\t11/24/2026 10:00:00 AM\tShopService\t0\tNone\t",
    "ansible-like": lambda _: "fatal: [web01]: ",
    "github actions job": lambda at: f"build\tRun tests\t2026-11-24T10:00:00.{1000000 + at:07d}Z ",
}

HELD_OUT: dict[str, Prefix] = {
    "concurrently": lambda _: "[1] ",
    "overmind": lambda _: "worker    | ",
    "foreman": lambda _: "10:00:00 worker.2 | ",
    "docker swarm": lambda _: "shop_api.1.k2j3h4g5f6d7s8a9q0w1e2r3t@node-2    | ",
    "nomad": lambda _: "alloc 8f3a1c52 (shop): ",
    "journald, cat with host": lambda _: "web01: ",
    "journald, unix": lambda at: f"1795000000.{123456 + at:06d} web01 shop-api[4711]: ",
    "supervisor tail": lambda _: "shop-api:shop-api_00 ",
    "runit svlogd": lambda at: f"@40000000{0x65600000 + at:08x}2c8a3b4c ",
    "runit, utc": lambda at: f"2026-11-24_10:00:00.{12345 + at:05d} ",
    "daemontools multilog readable": lambda at: f"2026-11-24 10:00:00.{123456789 + at:09d} ",
    "kubectl with times": lambda at: f"[pod/shop-0/app] 2026-11-24T10:00:00.{123456789 + at:09d}Z ",
    "stern with template": lambda _: "prod/checkout-7c9d8f-x2x4z/app: ",
    "kail": lambda _: "prod/checkout-7c9d8f-x2x4z[app]: ",
    "syslog, year": lambda _: "Nov 24 2026 10:00:00 web01 shop-api: ",
    "syslog RFC 5424, no data": lambda at: f"<27>1 2026-11-24T10:00:00.{100 + at:03d}+09:00 web01 shop - - - ",
    "rsyslog, file format": lambda at: f"2026-11-24T10:00:00.{123456 + at:06d}+09:00 web01 shop-api: ",
    "cloud foundry": lambda at: f"   2026-11-24T10:00:00.{100 + at:02d}+0000 [APP/PROC/WEB/0] ERR ",
    "dokku": lambda at: f"2026-11-24T10:00:00.{123456789 + at:09d}Z app[web.1]: ",
    "fly.io": lambda _: "2026-11-24T10:00:00Z app[4d891a] nrt [error]",
    "windows event source": lambda _: "11/24/2026 10:00:00 ShopService 1026 ",
    "iis style": lambda _: "2026-11-24 10:00:00 W3SVC1 web01 ",
    "apache error log": lambda _: "[Tue Nov 24 10:00:00.123456 2026] [php:error] [pid 4711] [client 10.0.0.7:50412] ",
    "nginx and fastcgi": lambda _: "2026/11/24 10:00:00 [error] 7#7: *12 FastCGI sent in stderr: ",
    "uwsgi worker": lambda _: "[uWSGI worker 3] ",
    "gunicorn": lambda _: "[2026-11-24 10:00:00 +0900] [12] [ERROR] ",
    "celery": lambda at: f"[2026-11-24 10:00:00,{100 + at:03d}: ERROR/ForkPoolWorker-3] ",
    "app;env;host": lambda _: "shop;prod;web-03; ",
    "hash heads": lambda at: f"#{at + 1:04d} shop# ",
    "request id in front": lambda _: "req-8f3a1c52b7 ",
    "uuid in front": lambda _: "8f3a1c52-1111-4222-8333-444455556666 ",
    "pipe and spaces": lambda _: "ERR |  shop-api      | ",
    "japanese brackets": lambda _: "〔在庫サービス〕",
    "japanese level": lambda _: "[エラー] 受注API: ",
    "japanese colon": lambda _: "在庫：",
    "equals": lambda at: f"ts=1795000000{at:03d} host=web-03 ",
    "dash list": lambda _: "- ",
    "greater": lambda _: "> ",
    "guillemets": lambda _: "shop » api » ",
    "emoji": lambda _: "🔥 shop ",
    "tab behind time": lambda at: f"10:00:00.{100 + at:03d}\t",
    "csv-like": lambda at: f"{at + 1},shop,prod,",
    "logspout": lambda _: "<11>1 2026-11-24T10:00:00Z 8f3a1c52b7d1 shop 4711 - - ",
    "day month": lambda _: "24/Nov/2026:10:00:00 +0900 shop ",
}

_TIMES: tuple[Prefix, ...] = (
    lambda at: f"2026-11-24T10:00:00.{100 + at:03d}Z",
    lambda at: f"24 Nov 2026 10:00:00.{100 + at:03d}",
    lambda at: f"20261124 100000.{100 + at:03d}",
    lambda _: "10h00m00s",
    lambda at: f"+{at}.{at % 10}s",
    lambda at: f"{1795000000000 + at}",
    lambda _: "2026-328 10:00:00",
    lambda _: "11-24 10:00",
    lambda _: "10:00:00",
    lambda _: "20261124T100000Z",
)
_NAMES: tuple[Prefix, ...] = (
    lambda _: "shop-api",
    lambda _: "billing_worker",
    lambda _: "web01.tokyo.example",
    lambda _: "checkout-5d9f7c6b8-xk2lp",
    lambda _: "pid=4711",
    lambda at: f"line={at}",
    lambda _: "env:prod",
    lambda _: "在庫",
    lambda _: "stderr",
    lambda _: "4711",
    lambda _: "AZ-1a",
    lambda _: "region/ap-northeast-1",
)
_AROUND = ("{}", "[{}]", "({})", "<{}>", "{{{}}}", '"{}"', "「{}」", "{}:", "{},", "*{}*")
_BETWEEN = (" ", "|", " | ", " - ", "/", "\t", ", ", "::", "  ")
_ENDS = (" ", ": ", " | ", "\t", " - ", " > ", "] ", "| ", " :: ", " → ", ":  ", "：")


def made_up(seed: int) -> Prefix:
    """A prefix of one to four pieces with or without a time, the same one for a seed."""
    pick = random.Random(seed)
    pieces = [pick.choice(_NAMES) for _ in range(pick.randint(1, 3))]
    if pick.random() < 0.5:
        pieces.insert(pick.choice((0, 0, len(pieces))), pick.choice(_TIMES))
    around = [pick.choice(_AROUND) for _ in pieces]
    between, end = pick.choice(_BETWEEN), pick.choice(_ENDS)
    colour = pick.choice(("", "", "", "\x1b[36m"))

    def prefix(at: int) -> str:
        text = between.join(form.format(piece(at)) for form, piece in zip(around, pieces, strict=True))
        return f"{colour}{text}\x1b[0m{end}" if colour else text + end

    return prefix
