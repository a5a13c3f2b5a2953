"""Reads `platform.txt`: services, their kinds of failure, and each kind's log call and exception chain."""

import re
from dataclasses import dataclass
from pathlib import Path

_PLATFORM = Path(__file__).with_name("platform.txt")
_FIELD = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))')


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One function on the stack."""

    place: str
    """Class, module, package or file without ending."""
    function: str
    is_library: bool = False
    recurses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One exception of a chain; its message holds `{name}` values."""

    type: str
    message: str
    calls: tuple[Call, ...]
    """The crash first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Who logs, in which language and format."""

    name: str
    language: str
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One unit of handling."""

    name: str
    service: Service
    logger: str
    message: str
    fields: tuple[tuple[str, str], ...]
    chain: tuple[Link, ...]
    """Outermost first; empty for a log call without an exception."""


def read_platform(text: str | None = None) -> list[Kind]:
    """Return all kinds in the order of the text."""
    kinds: list[Kind] = []
    service, lines = None, (_PLATFORM.read_text(encoding="utf-8") if text is None else text).splitlines()
    for block in _blocks(lines):
        if block[0].startswith("service "):
            _, name, language, layout = block[0].split()
            service = Service(name=name, language=language, format=layout)
        elif service is not None:
            kinds.append(_kind(service, block))
    return kinds


def _blocks(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith(("service ", "kind ")):
            blocks.append([line])
        elif line and not line.startswith("#") and blocks:
            blocks[-1].append(line)
    return blocks


def _kind(service: Service, block: list[str]) -> Kind:
    head, call, *links = block
    logger, _, said = call.removeprefix("> ").partition(": ")
    message, _, fields = said.partition(" | ")
    return Kind(
        name=f"{service.name}.{head.removeprefix('kind ')}",
        service=service,
        logger=logger,
        message=message,
        fields=tuple((name, quoted or bare) for name, quoted, bare in _FIELD.findall(fields)),
        chain=tuple(_link(line) for line in links),
    )


def _link(line: str) -> Link:
    said, _, calls = line.rpartition(" @ ")
    kind, _, message = said.partition(": ")
    return Link(type=kind, message=message, calls=tuple(_call(text) for text in calls.split(" < ")))


def _call(text: str) -> Call:
    bare = text.strip().removeprefix("~").removesuffix("*")
    place, function = _split(bare)
    return Call(
        place=place, function=function, is_library=text.strip().startswith("~"), recurses=text.strip().endswith("*")
    )


def _split(name: str) -> tuple[str, str]:
    for separator in ("->", "::"):
        if separator in name:
            place, _, function = name.rpartition(separator)
            return place, function
    if (method := re.fullmatch(r"(.+?)\.(\(\*\w+\)\.\w+)", name)) is not None:
        return method[1], method[2]
    place, _, function = name.rpartition(".")
    return place, function
