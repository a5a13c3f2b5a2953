"""Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first."""

import json
import logging
import sys


class GateLocked(Exception):
    pass


def read(text):
    return int(text)


def open_gate():
    try:
        read("gate seven")
    except ValueError as error:
        raise KeyError("no number") from error


def enter(message):
    try:
        open_gate()
    except KeyError:
        raise GateLocked(message)  # noqa: B904 - a context, not a cause


def name_of(error):
    kind = type(error)
    return (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )


how = sys.argv[1]
try:
    enter("gate 7\nis locked: for good" if how == "lines" else "gate 7 is locked")
except GateLocked as raised:
    links, link = [], raised
    while link is not None:
        links.append([name_of(link), str(link)])
        link = link.__cause__ or link.__context__
    print(json.dumps(links), flush=True)
    if how == "crash":
        raise
    logging.exception("could not enter")
