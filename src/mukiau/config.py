"""One table of settings; the only reader of the environment."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mukiau.core.addresses import read_networks
from mukiau.core.records.log_groups import DEFAULT_TABLE, compile_table
from mukiau.core.settings import Setting, Settings, SettingsError, read_values

__all__ = ["SETTINGS", "Settings", "SettingsError", "find_unknown", "load", "local_url", "own_url", "path_prefix"]


# What every proxy and browser understands without quoting.
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/*")


def _check_base_url(text: str) -> None:
    url = urlsplit(text)
    is_good = url.scheme in {"http", "https"} and url.hostname and text.isascii() and _PATH.fullmatch(url.path)
    if text and not (is_good and not (url.query or url.fragment or url.username)):
        raise ValueError(text)
    _ = url.port  # raises for what is no port


def _check_issuer(text: str) -> None:
    url = urlsplit(text)
    is_near = url.scheme == "http" and url.hostname in {"localhost", "127.0.0.1", "::1"}
    if text and not ((url.scheme == "https" or is_near) and url.hostname and not (url.query or url.fragment)):
        raise ValueError(text)


def _check_learn_words(text: str) -> None:
    from mukiau.core.grouping.varying import MIN_VALUES  # noqa: PLC0415 - every process and command reads settings

    if 0 < int(text) < MIN_VALUES or int(text) < 0:
        raise ValueError(text)


SETTINGS = (
    Setting(name="data", type=Path, default=Path("data"), help="Folder that holds everything mukiau keeps."),
    Setting(name="host", type=str, default="127.0.0.1", help="Address to listen on."),
    Setting(name="port", type=int, default=8000, help="Port to listen on."),
    Setting(
        name="base_url",
        type=str,
        default="",
        help=(
            "Address people reach mukiau at; shown in DSNs and links. With a path (https://tools.example.com/mukiau) "
            "everything is below it. Empty: http://HOST:PORT."
        ),
        check=_check_base_url,
        must="an address such as https://tools.example.com/mukiau",
    ),
    Setting(
        name="trusted_proxies",
        type=str,
        default="127.0.0.0/8,::1",
        help=(
            "Addresses or networks, comma-separated, of the proxies whose X-Forwarded-For, -Proto, -Host, Forwarded and "
            "X-Request-Id are believed."
        ),
        check=read_networks,
        must="addresses or networks such as 10.0.0.0/16, separated by commas",
    ),
    Setting(
        name="secure_cookies",
        type=str,
        default="auto",
        help="Whether browsers may send cookies over HTTPS only. auto: yes if base_url is https.",
        choices=("auto", "always", "never"),
    ),
    Setting(
        name="hsts_seconds",
        type=int,
        default=365 * 24 * 3600,
        unit="seconds",
        help="How long browsers remember to come by HTTPS only (this host, no other), once they came by it; 0: not told.",
    ),
    Setting(
        name="log_format",
        type=str,
        default="text",
        help="How mukiau's own log on standard error is written; json: one object a line.",
        choices=("text", "json"),
    ),
    Setting(
        name="log_level",
        type=str,
        default="info",
        help="From which level on mukiau's own log is written.",
        choices=("debug", "info", "warning", "error"),
    ),
    Setting(
        name="log_access",
        type=bool,
        default=False,
        help="Also log a line for each request: method, path (no query), status, duration, client.",
    ),
    Setting(
        name="password_sign_in",
        type=bool,
        default=True,
        help="Whether people sign in with a name and a password. false needs oidc_issuer.",
    ),
    Setting(
        name="oidc_issuer",
        type=str,
        default="",
        help="Issuer of your company's sign-in (OpenID Connect), as it names itself. Empty: there is none.",
        check=_check_issuer,
        must="an https:// address without ? and #, such as https://login.example.com/realms/staff",
    ),
    Setting(name="oidc_client_id", type=str, default="", help="Client id that the issuer gave mukiau."),
    Setting(
        name="oidc_client_secret", type=str, default="", help="Client secret that the issuer gave mukiau.", secret=True
    ),
    Setting(
        name="oidc_name",
        type=str,
        default="",
        help="Name on the button of the sign-in page. Empty: the issuer's host.",
    ),
    Setting(
        name="oidc_trust_email",
        type=bool,
        default=False,
        help=(
            "Whether the issuer's addresses count as verified even if it does not say so. Only for an issuer that has "
            "nobody but your own people."
        ),
    ),
    Setting(
        name="allowed_domains",
        type=str,
        default="",
        help=(
            "E-mail domains, comma-separated, whose people become viewers when they first sign in at oidc_issuer. Others "
            "need an invitation."
        ),
    ),
    Setting(
        name="notify_allowed_hosts",
        type=str,
        default="",
        help=(
            "Hosts of your own network, comma-separated, that notifications may be sent to; every other host must have a "
            "public address and be reached by https."
        ),
    ),
    Setting(
        name="smtp_host",
        type=str,
        default="",
        help="SMTP server that takes notifications by e-mail. Empty: there is no e-mail.",
    ),
    Setting(name="smtp_port", type=int, default=587, help="Its port."),
    Setting(
        name="smtp_security",
        type=str,
        default="starttls",
        help="How the connection to it is encrypted; none: not at all, for a server on the same machine.",
        choices=("starttls", "tls", "none"),
    ),
    Setting(name="smtp_user", type=str, default="", help="User name at the SMTP server. Empty: it asks for none."),
    Setting(name="smtp_password", type=str, default="", help="Password at the SMTP server.", secret=True),
    Setting(name="smtp_from", type=str, default="", help="Sender's address of notifications by e-mail."),
    Setting(
        name="secret_key",
        type=str,
        default="",
        help="Signs sessions. Empty: made at first start and kept in the data folder.",
        secret=True,
    ),
    Setting(
        name="scrub_key",
        type=str,
        default="",
        help="Key of the hash that replaces values kept as handling keys. Empty: made at first start.",
        secret=True,
    ),
    Setting(
        name="scrub_japan",
        type=bool,
        default=False,
        help="Also scrub Japanese phone numbers, postal codes and My Numbers.",
    ),
    Setting(name="scrub_email", type=bool, default=False, help="Also scrub e-mail addresses."),
    Setting(
        name="scrub_keep",
        type=str,
        default="",
        help="Comma-separated field names that are never scrubbed by key (handling keys).",
    ),
    Setting(
        name="scrub_hash",
        type=str,
        default="",
        help="Comma-separated field names whose value is replaced by a keyed hash: equal values stay equal.",
    ),
    Setting(
        name="log_group_pattern",
        type=str,
        default=DEFAULT_TABLE,
        help=(
            "Service, environment, customer and purpose of a log group: rules, parted by ; (see how-to/send-logs.md)."
        ),
        check=compile_table,
        must="rules such as /ecs/{environment}/{service}, parted by ;",
    ),
    Setting(
        name="quota_events",
        type=int,
        default=10_000,
        unit="events",
        help="Events a key may send within quota_window_seconds; 0: no limit.",
    ),
    Setting(name="quota_window_seconds", type=int, default=60, unit="seconds", help="Window of quota_events."),
    Setting(
        name="idle_flush_seconds",
        type=float,
        default=1.0,
        unit="seconds",
        help="A stream silent for this long has its open log entry closed.",
    ),
    Setting(
        name="digest_processes",
        type=int,
        default=0,
        help="Processes that digest; one of them writes. 0: as many as there are cores, 4 at most.",
    ),
    Setting(
        name="learn_words",
        type=int,
        default=10,
        help=(
            "So many different words in one place of the messages of one logger or root cause are taken for names: their "
            "issues are joined by a rule that can be undone in the grouping lab. 0: never."
        ),
        check=_check_learn_words,
        must="0, or at least 4",
    ),
    Setting(
        name="max_spool_bytes",
        type=int,
        default=4 * 1024**3,
        unit="bytes",
        help="Beyond this the door answers 503 until digest has caught up.",
    ),
    Setting(
        name="min_free_bytes",
        type=int,
        default=128 * 1024**2,
        unit="bytes",
        help="With less free on the disk the door answers 503, so that digest and the pages still have room.",
    ),
    Setting(
        name="max_state_bytes",
        type=int,
        default=0,
        unit="bytes",
        help="When issues and events take more, the oldest payloads are deleted down to nine tenths of it; 0: no limit.",
    ),
    Setting(
        name="retention_payload_days",
        type=int,
        default=90,
        unit="days",
        help="An event's payload is deleted so long after it was digested; its time, message and counts stay. 0: never.",
    ),
    Setting(
        name="retention_event_days",
        type=int,
        default=365,
        unit="days",
        help="After so long the rest of the event goes, too; counts stay. At least 16. 0: never.",
    ),
    Setting(
        name="retention_newest_events",
        type=int,
        default=20,
        unit="events",
        help="So many latest events of each issue stay whole however old they are.",
    ),
)


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    if values["oidc_issuer"] and not values["oidc_client_id"]:
        return ["MUKIAU_OIDC_ISSUER is set; MUKIAU_OIDC_CLIENT_ID must be set as well."]
    if not values["password_sign_in"] and not values["oidc_issuer"]:
        return ["MUKIAU_PASSWORD_SIGN_IN is false; without MUKIAU_OIDC_ISSUER nobody could sign in."]
    if values["smtp_host"] and "@" not in values["smtp_from"]:
        return ["MUKIAU_SMTP_HOST is set; MUKIAU_SMTP_FROM must be an e-mail address."]
    return []


def load(environ: Mapping[str, str], *, read_file: Any = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read every setting from `environ`; raise SettingsError with all mistakes at once.

    A secret may be given by file: MUKIAU_SECRET_KEY_FILE names it. `overrides` (from the command line) win.
    """
    values = read_values(environ, SETTINGS, read_file=read_file or _read_text)
    if mistakes := _contradictions(values):
        raise SettingsError("\n".join(mistakes))
    values.update({name: value for name, value in (overrides or {}).items() if value is not None})
    return Settings(values=values)


def own_url(settings: Settings) -> str:
    """Return where people reach this server: the setting base_url, else the address it listens on."""
    if settings.base_url:
        return str(settings.base_url).rstrip("/")
    host = "localhost" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def local_url(settings: Settings) -> str:
    """Return where programs on this machine reach this server: past every proxy."""
    return own_url(Settings(values={**settings.values, "base_url": ""}))


def path_prefix(settings: Settings) -> str:
    """Return the path everything is below: base_url's, without a slash at its end; empty without one."""
    return urlsplit(str(settings.base_url)).path.rstrip("/")


def find_unknown(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the MUKIAU_ variables that are no setting, each with the one that may be meant (empty: none is near)."""
    known = {setting.variable for setting in SETTINGS} | {f"{s.variable}_FILE" for s in SETTINGS if s.secret}
    unknown = [name for name in environ if name.upper().startswith("MUKIAU_") and name not in known]
    return {name: next(iter(get_close_matches(name.upper(), known, 1, 0.8)), "") for name in sorted(unknown)}


def _read_text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
