"""How people and programs reach it: address, proxies, keys, accounts."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from mukiau.cli.doctor.finding import Finding, Patient, fine, note, wrong
from mukiau.core.addresses import parse_address
from mukiau.intake.arrivals import Arrivals
from mukiau.stores.arrivals import find_arrivals
from mukiau.stores.examination import count_people
from mukiau.stores.projects import list_projects

# Below them, it is somebody who tries things.
MIN_REQUESTS, SHARE = 5, 0.1


def look_at_address(patient: Patient) -> Iterator[Finding]:
    url, host = patient.settings.base_url, patient.settings.host
    address = parse_address(host)
    if url:
        yield fine("base URL", url)
    elif host == "localhost" or (address is not None and address.is_loopback):
        yield fine("base URL", "not set; only this machine can reach it")
    else:
        why = "DSNs, links and the one-time link name this machine as it calls itself, and any Host is answered."
        yield note("base URL", "not set", why=why, todo="Set MUKIAU_BASE_URL to the address people use.")


def look_at_arrivals(patient: Patient) -> Iterator[Finding]:
    """How requests for pages have arrived since the server started."""
    arrivals = find_arrivals(patient.folder)
    if arrivals is None or not arrivals.total:
        return
    findings = [*_untrusted(arrivals), *_insecure(patient, arrivals), *_misdirected(patient, arrivals)]
    yield from findings or [fine("proxies", f"{arrivals.total:,} requests for pages arrived as they should")]


def _untrusted(arrivals: Arrivals) -> Iterator[Finding]:
    count = arrivals.unheeded.total()
    if _are_many(count, arrivals.total):
        peers = ", ".join(name for name, _ in arrivals.unheeded.most_common(3))
        found = (
            f"{count:,} of {arrivals.total:,} requests have X-Forwarded-… headers from {peers}, which is not trusted"
        )
        why = "To limits and logs every client has the proxy's address, and HTTPS is not seen."
        todo = "If it is your proxy, name it or its network in MUKIAU_TRUSTED_PROXIES."
        yield wrong("proxies", found, why=why, todo=todo)


def _insecure(patient: Patient, arrivals: Arrivals) -> Iterator[Finding]:
    is_https = urlsplit(patient.settings.base_url).scheme == "https"
    if is_https and _are_many(arrivals.insecure, arrivals.total):
        found = f"the base URL is https, and the proxy says that {arrivals.insecure:,} requests came by http"
        why = "Cookies go over HTTPS only: by http nobody stays signed in."
        todo = "Redirect http to https at the proxy, and let it set X-Forwarded-Proto to what the client used."
        yield wrong("https", found, why=why, todo=todo)


def _misdirected(patient: Patient, arrivals: Arrivals) -> Iterator[Finding]:
    own = urlsplit(patient.settings.base_url).hostname
    strange = Counter({host: count for host, count in arrivals.hosts.items() if not _is_own(host, own)})
    count = strange.total()
    if own and _are_many(count, arrivals.total):
        hosts = ", ".join(name for name, _ in strange.most_common(3))
        found = f"{count:,} of {arrivals.total:,} requests asked for {hosts} instead of {own}"
        why = "Pages answer to the base URL's host only; others are told where to go."
        todo = "Set MUKIAU_BASE_URL to the address people use, or let the proxy pass the Host on."
        yield wrong("host", found, why=why, todo=todo)


def _is_own(host: str, own: str | None) -> bool:
    return urlsplit(f"//{host}").hostname in {own, "localhost", "127.0.0.1", "::1"}


def _are_many(count: int, total: int) -> bool:
    return count >= max(MIN_REQUESTS, SHARE * total)


def look_at_keys(patient: Patient) -> Iterator[Finding]:
    if not patient.has_state:
        return
    projects = list_projects(patient.folder)
    active = sum(source.is_active for project in projects for source in project.sources)
    todo = "`mukiau project create NAME` makes a project with a key, `mukiau project key NAME` another key."
    if active:
        yield fine("keys", f"{active} active")
    else:
        found = "none is active" if projects else "there is no project"
        yield wrong("keys", found, why="Nobody can send anything.", todo=todo)


def look_at_people(patient: Patient) -> Iterator[Finding]:
    if not patient.has_state:
        return
    people, admins = count_people(patient.folder)
    if admins:
        yield fine("accounts", f"{people} can sign in, {admins} of them as administrator")
    else:
        found = "nobody can sign in" if not people else "nobody who can sign in is an administrator"
        todo = "Open the link that `mukiau serve` prints at its start, or run `mukiau createadmin NAME`."
        yield wrong("accounts", found, why="Nobody can make keys or look after people.", todo=todo)
