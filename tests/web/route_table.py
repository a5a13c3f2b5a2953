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
    developer: tuple[int, int] | None = None
    """None: what a viewer gets; so for an operator."""
    operator: tuple[int, int] | None = None


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


def worker_act(path: str, post: int = 302) -> Line:
    """A form that developers, operators and administrators may send."""
    sent = (405, post)
    return Line(path=path, viewer=(405, 403), developer=sent, operator=sent, admin=sent)


def worker_page(path: str, get: int = ALL_WELL, post: int = 302) -> Line:
    """A page for developers, operators and administrators."""
    shown = (get, post)
    return Line(path=path, viewer=(403, 403), developer=shown, operator=shown, admin=shown)


def developer_act(path: str, post: int = 302) -> Line:
    """A form that developers and administrators may send."""
    return Line(path=path, viewer=(405, 403), developer=(405, post), admin=(405, post))


def operator_act(path: str, post: int = 302) -> Line:
    """A form that operators and administrators may send."""
    return Line(path=path, viewer=(405, 403), operator=(405, post), admin=(405, post))


def anybody(path: str, get: int = ALL_WELL, post: int = ALL_WELL) -> Line:
    """A page for everybody, signed in or not."""
    return Line(path=path, anonymous=(get, post), viewer=(get, post), admin=(get, post))


def api(path: str, post: int = 401) -> Line:
    """An address of the API: a session opens nothing; see test_api_door.py for tokens."""
    return Line(path=path, anonymous=(401, post), viewer=(401, post), admin=(401, post))


# Issue 1 with event 1 and handling 1, project 1 with key 1, request 1 of somebody else; person 1 is the viewer and in
# team 1, invitation 1 is open.
TABLE = {
    "home": read("/", 302, 302),
    "issues": read("/issues/"),
    "inbox": read("/inbox/"),
    "inbox-preview": read("/inbox/1/"),
    "inbox-effect": read("/inbox/effect/?issue=1"),
    "inbox-save": act("/inbox/views/"),
    "inbox-forget": act("/inbox/views/1/delete/", 404),  # there is none
    "inbox-decide": developer_act("/inbox/decide/"),
    "inbox-resolve": developer_act("/inbox/resolve/"),
    "inbox-assign": worker_act("/inbox/assign/"),
    "inbox-undo": worker_act("/inbox/undo/"),
    "issues-news": read("/issues/news/"),
    "issue": read("/issues/1/"),
    "issue-events": read("/issues/1/events/"),
    "issue-comments": read("/issues/1/comments/"),
    "comment-write": worker_act("/issues/1/comments/write/", 200),  # without a text: it shows what is wrong
    "comment-edit": act("/comments/1/edit/", 404),  # there is none
    "comment-switch": act("/comments/1/deleted/", 404),
    "mentions": read("/mentions/"),
    "mentions-seen": act("/mentions/seen/"),
    "issue-grouping": read("/issues/1/grouping/"),
    "issue-split": read("/issues/1/split/"),
    "issue-split-confirm": admin_act("/issues/1/split/confirm/"),
    "issues-merge": read("/issues/merge/?issue=1"),
    "issues-merge-confirm": admin_act("/issues/merge/confirm/"),
    "change-undo": admin_act("/issues/changes/1/undo/"),
    "compare": read("/issues/compare/?event=1"),
    "event": read("/issues/1/events/1/"),
    "event-by-id": read("/events/" + "0" * 32 + "/", 404, 404),
    "event-raw": read("/issues/1/events/1/raw/"),
    "event-json": read("/issues/1/events/1/json/"),
    "event-markdown": read("/issues/1/events/1/markdown/"),
    "runbook-find": read("/runbooks/find/"),
    "runbook-answer": worker_act("/issues/1/runbooks/1/"),
    "runbook-proposals": read("/runbooks/proposals/"),
    "runbook-accept": worker_act("/runbooks/proposals/1/accept/"),
    "runbook-decline": worker_act("/runbooks/proposals/1/decline/"),
    "runbook-reconsider": worker_act("/runbooks/proposals/1/reconsider/"),
    "palette": read("/palette/"),
    "runbook-link": worker_act("/issues/1/runbook/link/"),
    "runbook-unlink": worker_act("/issues/1/runbook/unlink/"),
    "runbook-short": read("/r/ORD-1/", 404, 404),  # there is none
    "runbooks": read("/runbooks/"),
    "runbook-new": worker_page("/runbooks/new/"),
    "runbook-preview": worker_act("/runbooks/preview/", 200),
    "runbook-rules": worker_act("/runbooks/rules/", 200),
    "runbook": read("/runbooks/ORD-1/", 404, 404),
    "runbook-edit": worker_page("/runbooks/ORD-1/edit/", 404, 404),
    "runbook-publish": worker_act("/runbooks/ORD-1/publish/", 404),
    "runbook-retire": worker_act("/runbooks/ORD-1/retire/", 404),
    "runbook-review": worker_act("/runbooks/ORD-1/review/", 404),
    "runbook-comment": worker_act("/runbooks/ORD-1/comments/", 404),
    "runbook-version": read("/runbooks/ORD-1/versions/1/", 404, 404),
    "lab": read("/grouping/"),
    "lab-try": admin_act("/grouping/try/", 200),  # without a text: it shows what is wrong
    "lab-version": read("/grouping/1/versions/1/"),
    "lab-run": read("/grouping/runs/1/", 404, 404),  # nothing was tried
    "lab-apply": admin_act("/grouping/runs/1/apply/"),
    "lab-undo": admin_act("/grouping/runs/1/undo/"),
    "lab-stop": admin_act("/grouping/runs/1/stop/"),
    "matrix": read("/matrix/"),
    "customers": read("/customers/"),
    "customer": read("/customers/acme/"),
    "deploys": read("/deploys/"),
    "deploy-add": worker_act("/deploys/add/", 200),  # without an environment: it shows what is wrong
    "deploy-remove": worker_act("/deploys/1/remove/", 404),
    "environments": read("/environments/"),
    "environments-name": worker_act("/environments/name/"),
    "services": read("/services/"),
    "services-name": worker_act("/services/name/"),
    "registry-undo": worker_act("/environments/changes/1/undo/", 404),  # nobody has named anything
    "requests": read("/requests/"),
    "request-new": read("/requests/new/"),
    "requests-csv": read("/requests/csv/"),
    "request": read("/requests/1/"),
    "request-edit": read("/requests/1/edit/", 302, 409),  # it is somebody else's
    "request-act": act("/requests/1/act/", 404),  # no act is named; test_page_requests.py names each
    "handlings": read("/handlings/"),
    "handlings-csv": read("/handlings/csv/"),
    "issue-handlings": read("/issues/1/handlings/"),
    "handling": read("/handlings/1/"),
    "handling-act": worker_act("/handlings/1/act/"),
    "handling-before": worker_act("/handlings/1/before/"),
    "handling-before-undo": worker_act("/handlings/1/before/1/undo/"),
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
    "teams": read("/teams/"),
    "team-add": admin_act("/teams/add/", 200),  # without a time zone: it shows what is wrong
    "team": read("/teams/1/"),
    "team-change": admin_act("/teams/1/change/", 200),
    "team-switch": admin_act("/teams/1/closed/"),
    "member-put": admin_act("/teams/1/members/"),
    "member-remove": admin_act("/teams/1/members/1/remove/"),
    "rotation-set": admin_act("/teams/1/rotations/"),
    "rotation-undo": admin_act("/teams/1/rotations/1/undo/", 404),  # there is none
    "duty-give": worker_act("/teams/1/duty/"),
    "duty-take-back": worker_act("/teams/1/duty/1/take-back/", 404),
    "handover-write": worker_act("/teams/1/note/"),
    "ownership": read("/teams/ownership/?team=1"),
    "ownership-apply": admin_act("/teams/ownership/apply/"),
    "ownership-apply-undo": admin_act("/teams/ownership/apply/undo/"),
    "ownership-add": admin_act("/teams/ownership/add/"),
    "ownership-move": admin_act("/teams/ownership/1/move/", 404),
    "ownership-remove": admin_act("/teams/ownership/1/remove/", 404),
    "ownership-restore": admin_act("/teams/ownership/1/restore/", 404),
    "notifications": admin_page("/notifications/"),
    "notification-add": admin_page("/notifications/add/", 302, 200),  # without an address: it shows what is missing
    "notification-route": admin_page("/notifications/1/", 404, 404),  # there is no route
    "notification-test": admin_act("/notifications/1/test/", 404),
    "notification-switch": admin_act("/notifications/1/switch/", 404),
    "notification-delete": admin_act("/notifications/1/delete/", 404),
    "notification-secret": admin_act("/notifications/1/secret/", 404),
    "notification-again": admin_act("/notifications/1/messages/1/again/", 404),
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
    "account-reading": act("/account/reading/"),
    "account-password": read("/account/password/"),
    "session-end": act("/account/sessions/1/end/", 404),  # 1 is nobody's
    "sessions-end-others": act("/account/sessions/end-others/"),
    "account-notifications": act("/account/notifications/"),
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
    "api-grouping": api("/api/v1/issues/1/grouping", 405),
    "api-issue-work": api("/api/v1/issues/1/work", 405),
    "api-issue-decide": Line(path="/api/v1/issues/1/decide", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-issue-resolve": Line(
        path="/api/v1/issues/1/resolve", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)
    ),
    "api-history-undo": Line(path="/api/v1/history/1/undo", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-issue-merge": Line(path="/api/v1/issues/1/merge", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-issue-split": Line(path="/api/v1/issues/1/split", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-issue-comments": api("/api/v1/issues/1/comments"),
    "api-comment": Line(path="/api/v1/comments/1", anonymous=(405, 405), viewer=(405, 405), admin=(405, 405)),
    "api-issue-assign": Line(path="/api/v1/issues/1/assign", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-mine": api("/api/v1/mine", 405),
    "api-teams": api("/api/v1/teams", 405),
    "api-change-undo": Line(path="/api/v1/changes/1/undo", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-policies": api("/api/v1/projects/1/policies", 405),
    "api-runs": api("/api/v1/projects/1/runs"),
    "api-run": api("/api/v1/runs/1", 405),
    "api-run-apply": Line(path="/api/v1/runs/1/apply", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-run-undo": Line(path="/api/v1/runs/1/undo", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-run-stop": Line(path="/api/v1/runs/1/stop", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-event": api("/api/v1/events/1", 405),
    "api-deploys": api("/api/v1/deploys"),
    "api-routes": api("/api/v1/routes"),
    "api-route": api("/api/v1/routes/1", 405),
    "api-route-test": Line(path="/api/v1/routes/1/test", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)),
    "api-environments": api("/api/v1/environments", 405),
    "api-services": api("/api/v1/services", 405),
    "api-customers": api("/api/v1/customers", 405),
    "api-handlings": api("/api/v1/handlings", 405),
    "api-handling": api("/api/v1/handlings/1", 405),
    "api-handling-act": Line(
        path="/api/v1/handlings/1/take", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)
    ),
    "api-requests": api("/api/v1/requests"),
    "api-request": api("/api/v1/requests/1", 405),
    "api-request-act": Line(
        path="/api/v1/requests/1/approve", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)
    ),
    "api-runbooks-find": api("/api/v1/runbooks/find"),
    "api-runbook-proposals": api("/api/v1/runbooks/proposals", 405),
    "api-runbook-proposal": Line(
        path="/api/v1/runbooks/proposals/1/accept", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)
    ),
    "api-runbooks": api("/api/v1/runbooks"),
    "api-runbook": api("/api/v1/runbooks/ORD-1", 405),
    "api-runbook-publish": Line(
        path="/api/v1/runbooks/ORD-1/publish", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)
    ),
    "api-runbook-comment": Line(
        path="/api/v1/runbooks/ORD-1/comments", anonymous=(405, 401), viewer=(405, 401), admin=(405, 401)
    ),
    "api-openapi": api("/api/v1/openapi.json", 405),
    "api-nothing": api("/api/v1/users", 405),
}

FIELDS = {"role": "viewer", "active": "1", "name": "Shop", "label": "key"}
"""What every form of the table gets."""
