"""DSNs, and the key a request was sent with, in every form the protocol knows.

Sources of a key, of which a request may use one: `X-Sentry-Auth`, `Authorization` (Sentry, Basic; Bearer where the door
takes it), a header of the door's own, the query string, and for envelopes the `dsn` of their first line when there is
nothing else.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from mukiau.core.refusal import Refused

MAX_PROTOCOL_VERSION = 7
_MAX_AUTH_CHARS = 4_096
_KEY = re.compile(r"[0-9a-f]{32}")
_PROJECT = re.compile(r"[0-9]{1,18}")

MISSING_AUTH = Refused(reason="missing authorization information", status=401)
BAD_AUTH = Refused(reason="bad authorization information", status=401)
MANY_AUTHS = Refused(reason="multiple authorization payloads detected", status=401)
BAD_KEY = Refused(reason="malformed public key", status=400)
BAD_VERSION = Refused(reason="unsupported protocol version", status=400)
OTHER_PROJECT = Refused(reason="project id header mismatch between envelope and request", status=400)


class AuthSource(StrEnum):
    """Where a request carried its key."""

    X_SENTRY_AUTH = "x-sentry-auth"
    AUTHORIZATION = "authorization"
    BASIC = "basic"
    BEARER = "bearer"
    KEY_HEADER = "key header"
    QUERY = "query"
    ENVELOPE = "envelope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """The address and key an SDK is configured with."""

    scheme: str
    public_key: str
    host: str
    """With port, as in a URL: `localhost:8000`, `[::1]:8000`."""
    project_id: int
    path: str = ""
    """A prefix before `/api/…`, with leading and without trailing slash; mostly empty."""

    def render(self) -> str:
        """Return the DSN as text.

        >>> parse_dsn("https://" + "a" * 32 + "@example.com/sub/7").render().replace("a" * 32, "KEY")
        'https://KEY@example.com/sub/7'
        """
        return f"{self.scheme}://{self.public_key}@{self.host}{self.path}/{self.project_id}"

    def endpoint(self, name: str) -> str:
        """Return the URL to send to; `name` is `envelope`, `store` or `records`."""
        return f"{self.scheme}://{self.host}{self.path}/api/{self.project_id}/{name}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthResult:
    """The key a request was sent with."""

    public_key: str
    """32 lower-case hex digits; whether the key exists is not known yet."""
    source: AuthSource
    client: str = ""
    """`sentry.python/2.20.0`; empty when not given."""
    project_id: int | None = None
    """Only when the key came from an envelope's DSN."""


def parse_dsn(text: object) -> Dsn | None:
    """Return the DSN in a text, None when it is none."""
    if not isinstance(text, str) or len(text) > _MAX_AUTH_CHARS:
        return None
    try:
        url = urlsplit(text.strip())
        user = url.username
    except ValueError:
        return None
    path, _, project = url.path.rstrip("/").rpartition("/")
    key = parse_public_key(user or "")
    if url.scheme not in ("http", "https") or not key or not _PROJECT.fullmatch(project):
        return None
    host = url.netloc.rpartition("@")[2]
    return Dsn(scheme=url.scheme, public_key=key, host=host, project_id=int(project), path=path) if host else None


def parse_public_key(text: str) -> str:
    """Return a key in its one form (32 lower-case hex digits), "" when it is malformed.

    Flags behind a dot (`<key>.no-cache`) are cut.
    """
    key = text.strip().partition(".")[0].lower()
    return key if _KEY.fullmatch(key) else ""


def parse_auth(
    headers: Mapping[str, str],
    query_string: str,
    *,
    accepts_bearer: bool = False,
    key_header: str = "",
    envelope_dsn: object = None,
    project_id: int | None = None,
) -> AuthResult | Refused:
    """Return the key of a request.

    `headers` has lower-case names. `key_header` names one of them that is the key and nothing else. `envelope_dsn` is the `dsn` of an envelope's first line: it stands in for a missing
    key, and beside one it must name the same key and, where `project_id` (the URL's) is given, the same project.
    """
    found = _auths(headers, query_string, accepts_bearer=accepts_bearer)
    if key_header and (given := headers.get(key_header)) is not None:
        found.append((AuthSource.KEY_HEADER, {"sentry_key": given}))
    if len(found) > 1:
        return MANY_AUTHS
    auth = _checked(*found[0]) if found else MISSING_AUTH
    return auth if envelope_dsn is None else join_envelope_dsn(auth, envelope_dsn, project_id=project_id)


def join_envelope_dsn(
    auth: AuthResult | Refused, envelope_dsn: object, *, project_id: int | None = None
) -> AuthResult | Refused:
    """Hold the request's key and the envelope's `dsn` against each other; see `parse_auth`."""
    if isinstance(auth, Refused) and auth != MISSING_AUTH:
        return auth
    dsn = parse_dsn(envelope_dsn)
    if dsn is None:
        return BAD_AUTH if isinstance(auth, Refused) else auth
    if project_id is not None and dsn.project_id != project_id:
        return OTHER_PROJECT
    if isinstance(auth, Refused):
        return AuthResult(public_key=dsn.public_key, source=AuthSource.ENVELOPE, project_id=dsn.project_id)
    return replace(auth, project_id=dsn.project_id) if auth.public_key == dsn.public_key else OTHER_PROJECT


def _auths(
    headers: Mapping[str, str], query_string: str, *, accepts_bearer: bool
) -> list[tuple[AuthSource, dict[str, str]]]:
    found: list[tuple[AuthSource, dict[str, str]]] = []
    if (own := headers.get("x-sentry-auth")) is not None:
        found.append((AuthSource.X_SENTRY_AUTH, _header_fields(own)))
    authorization = _authorization(headers.get("authorization", ""), accepts_bearer=accepts_bearer)
    if authorization is not None:
        found.append(authorization)
    if "sentry_" in query_string:
        found.append((AuthSource.QUERY, _query_fields(query_string)))
    return found


def _authorization(value: str, *, accepts_bearer: bool) -> tuple[AuthSource, dict[str, str]] | None:
    """Return what an Authorization header says; None for a scheme that is none of ours (a proxy's, say)."""
    scheme, _, rest = value.strip().partition(" ")
    match scheme.lower():
        case "sentry":
            return AuthSource.AUTHORIZATION, _header_fields(value)
        case "basic":
            return AuthSource.BASIC, {"sentry_key": _basic_user(rest)}
        case "bearer" if accepts_bearer:
            return AuthSource.BEARER, {"sentry_key": rest.strip()}
    return None


def _header_fields(value: str) -> dict[str, str]:
    """Return the fields of `Sentry sentry_key=…, sentry_version=7`; none when the scheme is another."""
    value = value.strip()
    if len(value) > _MAX_AUTH_CHARS or value[:7].lower() != "sentry ":
        return {}
    pairs = (part.partition("=") for part in value[7:].split(","))
    return {name.strip().lower(): field.strip().strip('"') for name, _, field in pairs}


def _query_fields(query_string: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query_string[:_MAX_AUTH_CHARS], max_num_fields=100))
    except ValueError:
        return {}


def _basic_user(encoded: str) -> str:
    try:
        user = base64.b64decode(encoded.strip()[:_MAX_AUTH_CHARS], validate=True)
    except (binascii.Error, ValueError):
        return ""
    return user.decode("utf-8", errors="replace").partition(":")[0]


def _checked(source: AuthSource, fields: Mapping[str, str]) -> AuthResult | Refused:
    given = fields.get("sentry_key", "")
    if not given:
        return BAD_AUTH
    if not _is_known_version(fields.get("sentry_version", "")):
        return BAD_VERSION
    key = parse_public_key(given)
    return AuthResult(public_key=key, source=source, client=fields.get("sentry_client", "")[:200]) if key else BAD_KEY


def _is_known_version(text: str) -> bool:
    """Old clients send `2.0` or nothing; a version nobody can read is let pass like none."""
    major = text.strip().partition(".")[0]
    return not (major.isascii() and major.isdigit()) or (len(major) < 3 and int(major) <= MAX_PROTOCOL_VERSION)
