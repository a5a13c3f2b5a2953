"""What the pages call kinds, channels, purposes, and why a message did not get there."""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mukiau.notify.answers import Reason
from mukiau.notify.cause import CauseKind
from mukiau.stores.notify.deliveries import State
from mukiau.stores.notify.routes import SUMMARY
from mukiau.work.purposes import Purpose

KIND_NAMES: dict[str, Promise] = {
    CauseKind.NEW.value: _("New issue"),
    CauseKind.REGRESSED.value: _("Regression"),
    CauseKind.REQUEST.value: pgettext_lazy("notification", "Request"),
    CauseKind.MENTION.value: _("Mention"),
    SUMMARY: _("Daily summary at 9:00"),
}
CHANNEL_NAMES: dict[str, Promise] = {
    "slack": _("Slack"),
    "email": _("E-mail"),
    "webhook": _("Webhook"),
}
PURPOSE_NAMES: dict[str, Promise] = {
    Purpose.PRODUCTION.value: _("Production"),
    Purpose.STAGING.value: _("Staging"),
    Purpose.DEVELOPMENT.value: _("Development"),
    Purpose.LOADTEST.value: _("Load test"),
}
STATE_NAMES: dict[State, Promise] = {
    State.WAITING: pgettext_lazy("message", "Waiting"),
    State.SENT: pgettext_lazy("message", "Sent"),
    State.DEAD: pgettext_lazy("message", "Given up"),
}
_REASONS: dict[Reason, Promise] = {
    Reason.ADDRESS: _("The address cannot be sent to. It has to begin with https:// and hold no user name."),
    Reason.MAIL_ADDRESS: _("These are no e-mail addresses, or more than 20. Several are parted by commas."),
    Reason.INSIDE: _("The host is inside the server's own network. MUKIAU_NOTIFY_ALLOWED_HOSTS can allow it."),
    Reason.UNKNOWN_HOST: _("The host's name is not known."),
    Reason.UNREACHABLE: _("The host cannot be reached."),
    Reason.TLS: _("No encrypted connection came about; look at the host's certificate."),
    Reason.SILENT: _("The host did not answer in time."),
    Reason.UNREADABLE: _("The answer could not be read."),
    Reason.REFUSED: _("The other side does not take the message."),
    Reason.MOVED: _("The address leads elsewhere; redirects are not followed."),
    Reason.NOT_SET_UP: _("This server has no settings for the channel yet."),
    Reason.FAULT: _("mukiau made a mistake; its log has the details."),
}


def reason_words(reason: Reason, detail: str) -> str:
    """Return why a message did not get there; nothing when it did."""
    if reason is Reason.NONE:
        return ""
    said = str(_REASONS[reason])
    return gettext("%(reason)s (%(detail)s)") % {"reason": said, "detail": detail} if detail else said
