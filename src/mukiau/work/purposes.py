"""Customer and purpose of an environment, as its name says them: `acme-prod` is production of acme.

What people have registered always wins. A name that says nothing about a purpose counts as production wherever work
depends on it: an answer too many costs minutes, a customer who gets none costs more.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Purpose(StrEnum):
    """What an environment is for."""

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"
    LOADTEST = "loadtest"


_WORDS = {
    Purpose.PRODUCTION: ("production", "prod", "prd", "live", "honban", "本番"),
    Purpose.STAGING: ("staging", "stage", "stg", "stag", "preprod", "uat", "qa", "rc", "検証", "ステージング"),
    Purpose.DEVELOPMENT: ("development", "dev", "develop", "local", "test", "ci", "sandbox", "開発", "テスト"),
    Purpose.LOADTEST: ("loadtest", "load", "perf", "performance", "負荷", "負荷試験"),
}
_PURPOSES = {word: purpose for purpose, words in _WORDS.items() for word in words}
_TOKEN = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4_096)
def read_name(environment: str) -> tuple[str, Purpose | None]:
    """Return the customer (empty where the name has none) and the purpose that a name says.

    The last word that names a purpose counts, so that `test-corp-prod` is production of `test-corp`.
    """
    tokens = list(_TOKEN.finditer(environment))
    said = next((token for token in reversed(tokens) if token[0].lower() in _PURPOSES), None)
    if said is None:
        return "", None
    customer = (environment[: said.start()].rstrip("-_./: ") or environment[said.end() :].strip("-_./: ")).strip()
    return customer, _PURPOSES[said[0].lower()]


def find_purpose(environment: str, registered: str = "") -> Purpose | None:
    """Return the purpose of an environment; None where neither people nor its name say one."""
    return Purpose(registered) if registered in set(Purpose) else read_name(environment)[1]


def purpose_of(environment: str, registered: str = "") -> Purpose:
    """Return the purpose that work goes by: production where none is known."""
    return find_purpose(environment, registered) or Purpose.PRODUCTION


def customer_of(environment: str, registered: str = "") -> str:
    """Return the customer of an environment; empty where neither people nor its name say one."""
    return registered or read_name(environment)[0]
