"""Scrub: secrets out of a payload before it is stored."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mukiau.core.event import JSONObject


class Match(Protocol):
    def start(self) -> int: ...


class Pattern(Protocol):
    """What is needed of a regex engine: `re` and `google-re2` both have it."""

    def finditer(self, text: str, /) -> Iterator[Match]: ...


CompilePattern = Callable[[str], Pattern]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubPolicy:
    """What is scrubbed."""

    keep: frozenset[str] = frozenset()
    hash: frozenset[str] = frozenset()
    hash_key: bytes = b""
    japan: bool = False
    email: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubResult:
    """A scrubbed payload and how often each rule struck."""

    payload: JSONObject
    counts: Mapping[str, int] = field(default_factory=dict)


class Scrubber:
    """Removes secrets from payloads and texts by one policy."""

    def __init__(self, policy: ScrubPolicy, *, compile_pattern: CompilePattern = re.compile) -> None:
        self._policy = policy
        self._compile = compile_pattern

    def scrub(self, payload: JSONObject) -> ScrubResult:
        """Return the payload without secrets."""
        return ScrubResult(payload=payload)

    def scrub_text(self, text: str) -> str:
        """Return a text without secrets."""
        return text
