"""Filing requests and what is done with them, each in one transaction with its line of history.

Who changes a request says which version they read; an older one is refused and nothing is overwritten. Whether somebody may
do something is decided inside the transaction, by what is stored at that moment: two people who approve and change at once
never get an approval of something else.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from mukiau.stores.sqlite import Connection, transaction
from mukiau.stores.work.issue_work import Who
from mukiau.stores.work.request_links import About, links_of
from mukiau.stores.work.request_refusals import (
    Conflict,
    HiddenCharacter,
    Incomplete,
    MayNotFile,
    NotAllowed,
    NoteMissing,
    ResultMissing,
    TooMuch,
    UnknownRequest,
)
from mukiau.stores.work.request_rows import COLUMNS, FoundRequest, request_of
from mukiau.stores.work.request_turns import tell_turn
from mukiau.stores.work.requested import move_handlings
from mukiau.work.handling import MAX_MINUTES
from mukiau.work.request_content import (
    MAX_ROWS,
    MAX_TEXT_CHARS,
    Content,
    find_excess,
    find_gaps,
    find_hidden,
    repeat_key,
    tidy,
)
from mukiau.work.requests import (
    CLOSED,
    NEEDS_NOTE,
    Act,
    Person,
    Standing,
    State,
    Why,
    decide_act,
    may_file,
)

MAX_CLIENT_KEY_CHARS = 100
FILE = "file"
"""What the first line of each history says was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who does something, and when."""

    person: Person
    name: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said by an act."""

    note: str = ""
    result: str = ""
    """Of `report`: what the executor pasted."""
    actual_rows: int | None = None
    minutes: int | None = None
    """Of `verify`: what the handling that is done by it took in all."""


def file_request(
    connection: Connection, content: Content, about: About, *, by: By, client_key: str = "", ask: bool = True
) -> tuple[FoundRequest, bool]:
    """File a request, as a draft or asked at once; return it and whether it is new.

    With a `client_key` that this person used before, the request filed then is returned and nothing is written.
    """
    if not may_file(by.person, content.kind):
        raise MayNotFile
    with transaction(connection):
        before = _find_by_client_key(connection, by.person.id, client_key[:MAX_CLIENT_KEY_CHARS])
        if before is not None:
            return before, False
        links = links_of(connection, about)
        request_id = _insert(connection, content, about, links, by=by, client_key=client_key[:MAX_CLIENT_KEY_CHARS])
        _record(connection, request_id, by, act=FILE, states=("", State.DRAFT))
        if ask:
            _act(connection, get_request(connection, request_id), Act.ASK, Said(), by=by)
        return get_request(connection, request_id), True


def edit_request(connection: Connection, request_id: int, content: Content, *, version: int, by: By) -> FoundRequest:
    """Write a request anew; its kind stays. It becomes a draft: whatever was approved, this was not."""
    with transaction(connection):
        found = _read_version(connection, request_id, version)
        moved = _decide(found.standing, Act.EDIT, by.person)
        content = tidy(replace(content, kind=found.kind))
        _check(content)
        fingerprint_ids = _fingerprints_of(connection, request_id)
        values = {name: getattr(content, name) for name in Content.__slots__ if name != "kind"}
        former = {name: getattr(found, name) for name, value in values.items() if getattr(found, name) != value}
        _save(connection, found, moved, by, **values, repeat_key=repeat_key(content, fingerprint_ids))
        states = (found.state, moved.state)
        _record(connection, request_id, by, act=Act.EDIT, states=states, details={"before": former})
        return get_request(connection, request_id)


def act_on_request(
    connection: Connection, request_id: int, act: Act, said: Said, *, version: int, by: By
) -> FoundRequest:
    """Do anything but editing with a request."""
    with transaction(connection):
        _act(connection, _read_version(connection, request_id, version), act, said, by=by)
        return get_request(connection, request_id)


def get_request(connection: Connection, request_id: int) -> FoundRequest:
    """Return a request; raises UnknownRequest."""
    row = connection.execute(f"SELECT {COLUMNS} FROM request WHERE id = ?", (request_id,)).fetchone()  # noqa: S608
    if row is None:
        raise UnknownRequest(request_id)
    return request_of(row)


def _act(connection: Connection, found: FoundRequest, act: Act, said: Said, *, by: By) -> None:
    moved = _decide(found.standing, act, by.person)
    _check_said(found, act, said)
    values = _told(act, said)
    _save(connection, found, moved, by, **values)
    who = Who(name=by.name, id=by.person.id)
    move_handlings(
        connection, found.id, act, may_handle=by.person.may_ask, who=who, at_ms=by.at_ms, minutes=said.minutes
    )
    states, details = (found.state, moved.state), _details(found, act, said)
    _record(connection, found.id, by, act=act, states=states, note=said.note.strip(), details=details)
    now = get_request(connection, found.id)
    tell_turn(connection, now, act, actor_id=by.person.id, actor=by.name, note=said.note)


def _decide(standing: Standing, act: Act, person: Person) -> Standing:
    decided = decide_act(standing, act, person)
    if isinstance(decided, Why):
        raise NotAllowed(act, decided)
    return decided


def _check(content: Content) -> None:
    if excess := find_excess(content):
        raise TooMuch(excess)
    if hidden := find_hidden(content.statement + content.rollback):
        raise HiddenCharacter(hidden)


def _check_said(found: FoundRequest, act: Act, said: Said) -> None:
    if len(said.note) > MAX_TEXT_CHARS or len(said.result) > MAX_TEXT_CHARS:
        raise TooMuch(["note" if len(said.note) > MAX_TEXT_CHARS else "result"])
    if said.actual_rows is not None and not 0 <= said.actual_rows <= MAX_ROWS:
        raise TooMuch(["actual_rows"])
    if said.minutes is not None and not 0 <= said.minutes <= MAX_MINUTES:
        raise TooMuch(["minutes"])
    if act in NEEDS_NOTE and not said.note.strip():
        raise NoteMissing(act)
    if act is Act.REPORT and not said.result.strip():
        raise ResultMissing
    if act is Act.ASK and (gaps := find_gaps(found.content)):
        raise Incomplete(gaps)


def _told(act: Act, said: Said) -> dict[str, Any]:
    """Return what else an act changes: a result stands until the request is asked or written anew."""
    if act is Act.REPORT:
        return {"result": said.result, "actual_rows": said.actual_rows}
    if act is Act.ASK:
        return {"result": "", "actual_rows": None}
    return {}


def _details(found: FoundRequest, act: Act, said: Said) -> dict[str, Any]:
    if act in {Act.APPROVE, Act.START} and found.statement.strip():
        texts = {"statement": found.statement, "rollback": found.rollback}
        return {name: sha256(text.encode("utf-8", "replace")).hexdigest() for name, text in texts.items()}
    return {"result": said.result, "actual_rows": said.actual_rows} if act is Act.REPORT else {}


def _save(connection: Connection, found: FoundRequest, moved: Standing, by: By, **values: Any) -> None:
    """Write the state, who is on record, and further values; the names of people follow their ids."""
    known = {found.approver_id: found.approver, found.executor_id: found.executor, found.verifier_id: found.verifier}
    names = {**known, by.person.id: by.name, None: ""}
    for role in ("approver", "executor", "verifier"):
        who = getattr(moved, f"{role}_id")
        values |= {f"{role}_id": who, role: names[who]}
    values |= {"state": moved.state, "updated_ms": max(by.at_ms, found.updated_ms), "version": found.version + 1}
    values["closed_ms"] = by.at_ms if moved.state in CLOSED else None
    assignments = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"UPDATE request SET {assignments} WHERE id = ?", (*values.values(), found.id))  # noqa: S608


def _insert(
    connection: Connection,
    content: Content,
    about: About,
    links: Collection[tuple[Any, ...]],
    *,
    by: By,
    client_key: str,
) -> int:
    content = tidy(content)
    _check(content)
    values = {name: getattr(content, name) for name in Content.__slots__}
    values |= {"project_id": about.project_id, "state": State.DRAFT, "requester_id": by.person.id, "requester": by.name}
    values |= {"created_ms": by.at_ms, "updated_ms": by.at_ms, "client_key": client_key, "version": 1}
    values["repeat_key"] = repeat_key(content, {link[0] for link in links})
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    sql = f"INSERT INTO request ({names}) VALUES ({marks}) RETURNING id"  # noqa: S608
    request_id = int(connection.execute(sql, tuple(values.values())).fetchone()[0])
    connection.executemany(
        "INSERT INTO request_occurrence (request_id, fingerprint_id, event_pk, occurred_ms, environment, message) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [(request_id, *link) for link in links],
    )
    return request_id


def _read_version(connection: Connection, request_id: int, version: int) -> FoundRequest:
    found = get_request(connection, request_id)
    if found.version != version:
        raise Conflict(request_id, version=found.version, changed_by=_last_actor(connection, request_id))
    return found


def _last_actor(connection: Connection, request_id: int) -> str:
    sql = "SELECT actor FROM request_event WHERE request_id = ? ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql, (request_id,)).fetchone()
    return str(row[0]) if row else ""


def _find_by_client_key(connection: Connection, requester_id: int, client_key: str) -> FoundRequest | None:
    if not client_key:
        return None
    sql = f"SELECT {COLUMNS} FROM request WHERE requester_id = ? AND client_key = ?"  # noqa: S608
    row = connection.execute(sql, (requester_id, client_key)).fetchone()
    return None if row is None else request_of(row)


def _fingerprints_of(connection: Connection, request_id: int) -> set[int]:
    sql = "SELECT fingerprint_id FROM request_occurrence WHERE request_id = ?"
    rows: Iterable[tuple[int]] = connection.execute(sql, (request_id,))
    return {row[0] for row in rows}


def _record(
    connection: Connection,
    request_id: int,
    by: By,
    *,
    act: str,
    states: tuple[str, str],
    note: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the history."""
    connection.execute(
        "INSERT INTO request_event (request_id, at_ms, actor_id, actor, act, from_state, to_state, note, details) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            request_id,
            by.at_ms,
            by.person.id,
            by.name,
            act,
            *states,
            note,
            json.dumps(details or {}, ensure_ascii=False),
        ),
    )
