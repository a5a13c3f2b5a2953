"""What goes into the audit log, and how it is called on its page."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.web.address import client_address


class Action(StrEnum):
    """What somebody did."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    ACCOUNT_MADE = "account_made"
    COMPANY_ACCOUNT_LINKED = "company_account_linked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an action
    PERSON_INVITED = "person_invited"
    INVITATION_REVOKED = "invitation_revoked"
    PASSWORD_LINK_MADE = "password_link_made"  # noqa: S105 - an action
    SIGN_IN_LINK_MADE = "sign_in_link_made"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    TOKEN_MADE = "token_made"  # noqa: S105 - an action
    TOKENS_REVOKED = "tokens_revoked"
    READING_CHANGED = "reading_changed"
    ROLE_CHANGED = "role_changed"
    PERSON_DEACTIVATED = "person_deactivated"
    PERSON_ACTIVATED = "person_activated"
    SESSIONS_ENDED = "sessions_ended"
    PROJECT_MADE = "project_made"
    KEY_MADE = "key_made"
    KEY_SWITCHED_OFF = "key_switched_off"
    KEY_SWITCHED_ON = "key_switched_on"
    TEST_ERROR_SENT = "test_error_sent"
    REPLAY_ASKED = "replay_asked"
    ISSUES_MERGED = "issues_merged"
    ISSUE_SPLIT = "issue_split"
    REGROUPING_UNDONE = "regrouping_undone"
    POLICY_TRIED = "policy_tried"
    POLICY_APPLIED = "policy_applied"
    POLICY_UNDONE = "policy_undone"
    POLICY_RUN_STOPPED = "policy_run_stopped"
    TEAM_MADE = "team_made"
    TEAM_CHANGED = "team_changed"
    TEAM_CLOSED = "team_closed"
    TEAM_OPENED = "team_opened"
    MEMBER_ADDED = "member_added"
    MEMBER_CHANGED = "member_changed"
    MEMBER_REMOVED = "member_removed"
    OWNERSHIP_RULE_ADDED = "ownership_rule_added"
    OWNERSHIP_RULE_MOVED = "ownership_rule_moved"
    OWNERSHIP_RULE_REMOVED = "ownership_rule_removed"
    OWNERSHIP_RULE_RESTORED = "ownership_rule_restored"
    ROTATION_CHANGED = "rotation_changed"
    ROTATION_UNDONE = "rotation_undone"
    DUTY_GIVEN = "duty_given"
    DUTY_TAKEN_BACK = "duty_taken_back"
    HANDOVER_WRITTEN = "handover_written"
    ENVIRONMENTS_NAMED = "environments_named"
    SERVICES_NAMED = "services_named"
    REGISTRY_UNDONE = "registry_undone"
    DEPLOY_TOLD = "deploy_told"
    DEPLOY_REMOVED = "deploy_removed"
    OWNERSHIP_APPLIED = "ownership_applied"
    OWNERSHIP_UNDONE = "ownership_undone"
    COMMENT_WRITTEN = "comment_written"
    COMMENT_EDITED = "comment_edited"
    COMMENT_DELETED = "comment_deleted"
    COMMENT_RESTORED = "comment_restored"
    OWN_NOTIFICATIONS_CHANGED = "own_notifications_changed"
    ROUTE_MADE = "route_made"
    ROUTE_CHANGED = "route_changed"
    ROUTE_TESTED = "route_tested"
    ROUTE_SWITCHED_OFF = "route_switched_off"
    ROUTE_SWITCHED_ON = "route_switched_on"
    ROUTE_DELETED = "route_deleted"
    ROUTE_SECRET_RENEWED = "route_secret_renewed"  # noqa: S105 - an action
    MESSAGE_SENT_AGAIN = "message_sent_again"
    HANDLING_TAKEN = "handling_taken"
    HANDLING_TICKED = "handling_ticked"
    HANDLING_DONE = "handling_done"
    HANDLING_NOT_NEEDED = "handling_not_needed"
    HANDLING_REOPENED = "handling_reopened"
    HANDLING_HANDED_OVER = "handling_handed_over"
    HANDLINGS_DONE_BEFORE = "handlings_done_before"
    HANDLINGS_OPENED_AGAIN = "handlings_opened_again"
    RUNBOOK_RULE_ADDED = "runbook_rule_added"
    RUNBOOK_DECLINED = "runbook_declined"
    RUNBOOK_RECONSIDERED = "runbook_reconsidered"
    HANDLINGS_EXPORTED = "handlings_exported"
    AUDIT_EXPORTED = "audit_exported"
    ISSUE_DECIDED = "issue_decided"
    ISSUE_RESOLVED = "issue_resolved"
    ISSUE_REOPENED = "issue_reopened"
    ISSUE_ASSIGNED = "issue_assigned"
    ISSUE_ACT_UNDONE = "issue_act_undone"
    REQUEST_FILED = "request_filed"
    REQUEST_CHANGED = "request_changed"
    REQUEST_APPROVED = "request_approved"
    REQUEST_MOVED = "request_moved"
    REQUESTS_EXPORTED = "requests_exported"
    RUNBOOK_WRITTEN = "runbook_written"
    RUNBOOK_PUBLISHED = "runbook_published"
    RUNBOOK_RETIRED = "runbook_retired"
    RUNBOOK_REVIEWED = "runbook_reviewed"
    RUNBOOK_COMMENTED = "runbook_commented"
    RUNBOOK_LINKED = "runbook_linked"
    RUNBOOK_UNLINKED = "runbook_unlinked"


ACTION_NAMES: dict[Action, Promise] = {
    Action.SIGN_IN: _("Signed in"),
    Action.SIGN_IN_FAILED: _("Sign-in failed"),
    Action.SIGN_OUT: _("Signed out"),
    Action.ACCOUNT_MADE: _("Account created"),
    Action.COMPANY_ACCOUNT_LINKED: _("Company account linked"),
    Action.PASSWORD_CHANGED: _("Password changed"),
    Action.PERSON_INVITED: _("Person invited"),
    Action.INVITATION_REVOKED: _("Invitation revoked"),
    Action.PASSWORD_LINK_MADE: _("Link for a new password created"),
    Action.SIGN_IN_LINK_MADE: _("Link for signing in created"),
    Action.SECOND_FACTOR_ADDED: _("Authenticator added"),
    Action.SECOND_FACTOR_REMOVED: _("Authenticator removed"),
    Action.SECOND_FACTOR_FAILED: _("Wrong authenticator code"),
    Action.RECOVERY_CODES_MADE: _("Recovery codes created"),
    Action.TOKEN_MADE: _("API token created"),
    Action.TOKENS_REVOKED: _("API tokens revoked"),
    Action.READING_CHANGED: _("Language or time zone changed"),
    Action.ROLE_CHANGED: _("Role changed"),
    Action.PERSON_DEACTIVATED: _("Account switched off"),
    Action.PERSON_ACTIVATED: _("Account switched on"),
    Action.SESSIONS_ENDED: _("Sessions ended"),
    Action.PROJECT_MADE: _("Project created"),
    Action.KEY_MADE: _("Key created"),
    Action.KEY_SWITCHED_OFF: _("Key switched off"),
    Action.KEY_SWITCHED_ON: _("Key switched on"),
    Action.TEST_ERROR_SENT: _("Test error sent"),
    Action.REPLAY_ASKED: _("Retry of set-aside items requested"),
    Action.ISSUES_MERGED: _("Issues merged"),
    Action.ISSUE_SPLIT: _("Issue split"),
    Action.REGROUPING_UNDONE: _("Merge or split undone"),
    Action.POLICY_TRIED: _("Grouping policy tried"),
    Action.POLICY_APPLIED: _("Grouping policy put in force"),
    Action.POLICY_UNDONE: _("Grouping policy taken back"),
    Action.POLICY_RUN_STOPPED: _("Run of the grouping lab stopped"),
    Action.TEAM_MADE: _("Team created"),
    Action.TEAM_CHANGED: _("Team changed"),
    Action.TEAM_CLOSED: _("Team closed"),
    Action.TEAM_OPENED: _("Team opened again"),
    Action.MEMBER_ADDED: _("Person added to a team"),
    Action.MEMBER_CHANGED: _("Role in a team changed"),
    Action.MEMBER_REMOVED: _("Person removed from a team"),
    Action.OWNERSHIP_RULE_ADDED: _("Ownership rule added"),
    Action.OWNERSHIP_RULE_MOVED: _("Ownership rule moved"),
    Action.OWNERSHIP_RULE_REMOVED: _("Ownership rule removed"),
    Action.OWNERSHIP_RULE_RESTORED: _("Ownership rule put back"),
    Action.ROTATION_CHANGED: _("Duty rotation changed"),
    Action.ROTATION_UNDONE: _("Duty rotation undone"),
    Action.DUTY_GIVEN: _("Duty given to somebody"),
    Action.DUTY_TAKEN_BACK: _("Given duty taken back"),
    Action.HANDOVER_WRITTEN: _("Hand-over note written"),
    Action.ENVIRONMENTS_NAMED: _("Environments named"),
    Action.SERVICES_NAMED: _("Services named"),
    Action.REGISTRY_UNDONE: _("Naming undone"),
    Action.DEPLOY_TOLD: _("Deploy recorded"),
    Action.DEPLOY_REMOVED: _("Deploy removed"),
    Action.OWNERSHIP_APPLIED: _("Ownership rules applied to issues there were"),
    Action.OWNERSHIP_UNDONE: _("Applied ownership rules undone"),
    Action.COMMENT_WRITTEN: _("Comment written"),
    Action.COMMENT_EDITED: _("Comment edited"),
    Action.COMMENT_DELETED: _("Comment deleted"),
    Action.COMMENT_RESTORED: _("Comment restored"),
    Action.OWN_NOTIFICATIONS_CHANGED: _("Own notifications changed"),
    Action.ROUTE_MADE: _("Notification route created"),
    Action.ROUTE_CHANGED: _("Notification route changed"),
    Action.ROUTE_TESTED: _("Test message sent"),
    Action.ROUTE_SWITCHED_OFF: _("Notification route switched off"),
    Action.ROUTE_SWITCHED_ON: _("Notification route switched on"),
    Action.ROUTE_DELETED: _("Notification route deleted"),
    Action.ROUTE_SECRET_RENEWED: _("Signing secret of a notification route renewed"),
    Action.MESSAGE_SENT_AGAIN: _("Message that was given up sent again"),
    Action.HANDLING_TAKEN: _("Handling taken"),
    Action.HANDLING_TICKED: _("Step of a handling ticked"),
    Action.HANDLING_DONE: _("Handling closed as handled"),
    Action.HANDLING_NOT_NEEDED: _("Handling closed as not needed"),
    Action.HANDLING_REOPENED: _("Handling opened again"),
    Action.HANDLING_HANDED_OVER: _("Handling given to somebody else"),
    Action.HANDLINGS_DONE_BEFORE: _("All handlings before one closed"),
    Action.HANDLINGS_OPENED_AGAIN: _("Closed handlings opened again"),
    Action.RUNBOOK_RULE_ADDED: _("Suggested runbook accepted"),
    Action.RUNBOOK_DECLINED: _("Suggested runbook declined"),
    Action.RUNBOOK_RECONSIDERED: _("Declined runbook suggested again"),
    Action.HANDLINGS_EXPORTED: _("Handlings exported"),
    Action.AUDIT_EXPORTED: _("Audit log exported"),
    Action.ISSUE_DECIDED: _("Decided about an issue"),
    Action.ISSUE_RESOLVED: _("Issue resolved"),
    Action.ISSUE_REOPENED: _("Issue opened again"),
    Action.ISSUE_ASSIGNED: _("Issue assigned"),
    Action.ISSUE_ACT_UNDONE: _("Act on an issue undone"),
    Action.REQUEST_FILED: _("Request filed"),
    Action.REQUEST_CHANGED: _("Request changed"),
    Action.REQUEST_APPROVED: _("Request approved"),
    Action.REQUEST_MOVED: _("Request moved on"),
    Action.REQUESTS_EXPORTED: _("Requests exported"),
    Action.RUNBOOK_WRITTEN: _("Runbook written"),
    Action.RUNBOOK_PUBLISHED: _("Runbook put in force"),
    Action.RUNBOOK_RETIRED: _("Runbook retired"),
    Action.RUNBOOK_REVIEWED: _("Runbook reviewed"),
    Action.RUNBOOK_COMMENTED: _("Comment on a runbook"),
    Action.RUNBOOK_LINKED: _("Runbook linked to an issue"),
    Action.RUNBOOK_UNLINKED: _("Link of a runbook taken away"),
}


def record(
    request: HttpRequest,
    action: Action,
    *,
    target: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    user: AbstractBaseUser | None = None,
) -> None:
    """Write down that whoever asks (else `user`, who is just coming or going) did something. Never give it secrets."""
    who = actor_of(request, user)
    record_line(who, action, at_ms=clock.unix_ms(), target=target, before=before, after=after)


def actor_of(request: HttpRequest, user: AbstractBaseUser | None = None) -> Actor:
    """Return whoever asks, else `user`, else somebody who is not signed in."""
    asking = getattr(request, "user", None)
    somebody = asking if asking is not None and asking.is_authenticated else user
    address = client_address(request)
    if somebody is None:
        return Actor(address=address)
    return Actor(id=somebody.pk, name=somebody.get_username(), address=address, via="session")


def record_at_console(action: Action, *, target: str, after: Mapping[str, Any] | None = None) -> None:
    """Write down what was done on the command line of the machine."""
    record_line(Actor(via="console"), action, at_ms=clock.unix_ms(), target=target, after=after)
