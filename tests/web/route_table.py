"""Every route and what each kind of visitor gets from it. A route without a line fails a test."""

from dataclasses import dataclass

SIGN_IN, ALL_WELL = 302, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One route: the answers to GET and POST."""

    path: str
    anonymous: tuple[int, int] = (SIGN_IN, SIGN_IN)
    """Also what somebody whose account was switched off gets, and whoever only holds a token."""
    viewer: tuple[int, int]
    admin: tuple[int, int]


def read(path: str, get: int = ALL_WELL, post: int = ALL_WELL) -> Line:
    """A page for everybody who is signed in; posting to it shows it as well and changes nothing."""
    return Line(path=path, viewer=(get, post), admin=(get, post))


def act(path: str, post: int = 302) -> Line:
    """A form that everybody who is signed in may send."""
    return Line(path=path, viewer=(405, post), admin=(405, post))


def admin_page(path: str, get: int = ALL_WELL, post: int = ALL_WELL) -> Line:
    """A page for administrators."""
    return Line(path=path, viewer=(403, 403), admin=(get, post))


def admin_act(path: str, post: int = 302) -> Line:
    """A form that administrators may send."""
    return Line(path=path, viewer=(405, 403), admin=(405, post))


def anybody(path: str, get: int = ALL_WELL, post: int = ALL_WELL) -> Line:
    """A page for everybody, signed in or not."""
    return Line(path=path, anonymous=(get, post), viewer=(get, post), admin=(get, post))


def api(path: str, post: int = 401) -> Line:
    """An address of the API: a session opens nothing; see test_api_door.py for tokens."""
    return Line(path=path, anonymous=(401, post), viewer=(401, post), admin=(401, post))


# Issue 1 with event 1, project 1 with key 1; person 1 is the viewer, invitation 1 is open.
TABLE = {
    "home": read("/", 302, 302),
    "issues": read("/issues/"),
    "issues-news": read("/issues/news/"),
    "issue": read("/issues/1/"),
    "issue-events": read("/issues/1/events/"),
    "event": read("/issues/1/events/1/"),
    "event-by-id": read("/events/" + "0" * 32 + "/", 404, 404),
    "event-raw": read("/issues/1/events/1/raw/"),
    "event-json": read("/issues/1/events/1/json/"),
    "event-markdown": read("/issues/1/events/1/markdown/"),
    "palette": read("/palette/"),
    "sources": read("/sources/"),
    "project-add": admin_act("/sources/projects/"),
    "key-add": admin_act("/sources/1/keys/"),
    "key-switch": admin_act("/sources/keys/1/"),
    "test-error": act("/sources/keys/1/test/"),
    "test-error-sent": read("/sources/keys/1/test/" + "0" * 32 + "/"),
    "status": read("/status/"),
    "set-aside": read("/set-aside/"),
    "set-aside-replay": admin_act("/set-aside/replay/"),
    "people": admin_page("/people/"),
    "invite": admin_page("/people/invitations/", 302, 302),
    "invitation-revoke": admin_act("/people/invitations/1/revoke/"),
    "person": admin_page("/people/1/"),
    "person-role": admin_act("/people/1/role/"),
    "person-active": admin_act("/people/1/active/"),
    "person-sessions-end": admin_act("/people/1/sessions/end/"),
    "person-tokens-revoke": admin_act("/people/1/tokens/revoke/"),
    "person-authenticator-remove": admin_act("/people/1/authenticator/remove/"),
    "person-password-link": admin_act("/people/1/password-link/"),
    "audit-log": admin_page("/audit-log/"),
    "audit-log-csv": admin_page("/audit-log/csv/"),
    "help": read("/help/"),
    "set-language": anybody("/preferences/language/", 405, 302),
    "set-density": act("/preferences/density/"),
    "set-theme": anybody("/preferences/theme/", 405, 302),
    "account_login": Line(path="/sign-in/", anonymous=(200, 200), viewer=(302, 302), admin=(302, 302)),
    "company-sign-in": anybody("/sign-in/company/", 404, 405),  # none is configured
    "company-sign-in-back": anybody("/sign-in/company/back/", 404, 405),
    "mfa_authenticate": anybody("/sign-in/code/", 302, 302),  # leads elsewhere: no password was given before
    "account_inactive": anybody("/sign-in/switched-off/", 200, 405),
    "sign-in-link": anybody("/sign-in/link/guessed/", 410, 410),
    "sign-out": act("/sign-out/"),
    "account": read("/account/"),
    "account-password": read("/account/password/"),
    "session-end": act("/account/sessions/1/end/", 404),  # 1 is nobody's
    "sessions-end-others": act("/account/sessions/end-others/"),
    "token-new": read("/account/tokens/new/", 302, 302),
    "token-revoke": act("/account/tokens/1/revoke/", 404),
    "account_reauthenticate": read("/account/confirm/"),
    "mfa_reauthenticate": read("/account/confirm/code/", 302, 302),  # by password: there is no authenticator
    "mfa_index": read("/account/authenticator/", 302, 302),
    "mfa_activate_totp": read("/account/authenticator/add/", 302, 302),  # first confirm that it is you
    "mfa_deactivate_totp": read("/account/authenticator/remove/", 404, 404),
    "mfa_view_recovery_codes": read("/account/recovery-codes/", 404, 405),
    "mfa_generate_recovery_codes": read("/account/recovery-codes/new/", 302, 302),
    "invitation": anybody("/invitation/guessed/", 410, 410),
    "new-password": anybody("/new-password/guessed/", 410, 410),
    "first-start": anybody("/first-start/guessed/", 410, 410),
    "api-projects": api("/api/v1/projects"),
    "api-keys": Line(path="/api/v1/projects/1/keys", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-key": Line(path="/api/v1/keys/1", anonymous=(405, 405), viewer=(405, 405), admin=(405, 405)),
    "api-issues": api("/api/v1/issues", 405),
    "api-issue": api("/api/v1/issues/1", 405),
    "api-issue-events": api("/api/v1/issues/1/events", 405),
    "api-event": api("/api/v1/events/1", 405),
    "api-nothing": api("/api/v1/users", 405),
}

FIELDS = {"role": "viewer", "active": "1", "name": "Shop", "label": "key"}
"""What every form of the table gets."""
