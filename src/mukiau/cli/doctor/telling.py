"""Whether people are told: the process that tells, and routes whose messages do not arrive."""

from collections.abc import Iterator
from contextlib import closing

from mukiau.cli.doctor.finding import Finding, Patient, fine, note, wrong
from mukiau.notify.channels.plan import MailServer
from mukiau.stores.locks import RoleLock
from mukiau.stores.notify.deliveries import State, list_deliveries
from mukiau.stores.notify.routes import StoredRoute, list_routes_in_use
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.state_file import read_schema_version


def look_at_telling(patient: Patient) -> Iterator[Finding]:
    state = patient.folder / STATE_FILE
    if not patient.has_state or read_schema_version(state) != SCHEMA_VERSION:
        return
    with closing(connect(state, readonly=True)) as connection:
        used = list_routes_in_use(connection)
        latest = {stored.id: list_deliveries(connection, stored.id, limit=1) for stored in used}
    if not used:
        yield fine("notifications", "there is no route: nobody is told anything")
        return
    yield from _process(patient)
    yield from _mail_server(patient, used)
    behind = [stored for stored in used if any(one.reason for one in latest[stored.id])]
    for stored in behind:
        yield _behind(stored, is_over=latest[stored.id][0].state is State.DEAD)
    if not behind:
        yield fine("notifications", f"{len(used)} routes, all of them up to date")


def _process(patient: Patient) -> Iterator[Finding]:
    lock = RoleLock(patient.folder, "notify")
    if lock.acquire():
        lock.release()
        why = "There are routes, and nobody is told anything; what happens is kept and told later."
        todo = "Start `mukiau serve`; where it runs already, look at mukiau's log for why notify ends."
        yield wrong("notify", "not running", why=why, todo=todo)
    else:
        yield fine("notify", f"running (process {lock.find_holder()})")


def _mail_server(patient: Patient, used: tuple[StoredRoute, ...]) -> Iterator[Finding]:
    if MailServer.of(patient.settings) is None and any(stored.route.channel == "email" for stored in used):
        todo = "Set MUKIAU_SMTP_HOST and MUKIAU_SMTP_FROM."
        yield wrong("mail server", "none is set up", why="There are routes by e-mail.", todo=todo)


def _behind(stored: StoredRoute, *, is_over: bool) -> Finding:
    found = f"the latest message of route {stored.id} ({stored.route.channel}) was given up"
    if is_over:
        todo = "Look at the route's page: it says why, and can send the message again."
        return wrong("notifications", found, why="Somebody was not told something.", todo=todo)
    todo = "The route's page says why; it is tried again by itself for a day."
    found = f"the latest message of route {stored.id} ({stored.route.channel}) did not arrive yet"
    return note("notifications", found, why="Somebody is told late.", todo=todo)
