"""What a channel is, and what it may use."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mukiau.core.settings import Settings
from mukiau.notify.answers import Answer, Reason
from mukiau.notify.message import Message
from mukiau.notify.outside import Outside
from mukiau.notify.route import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The SMTP server of whoever runs mukiau."""

    host: str
    port: int
    security: str
    """`starttls`, `tls` or `none`."""
    user: str
    """Empty: it asks for none."""
    password: str = field(repr=False)
    sender: str

    @classmethod
    def of(cls, settings: Settings) -> "MailServer | None":
        """Return the server that is set up; None when there is none."""
        if not settings.smtp_host:
            return None
        return cls(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
            sender=settings.smtp_from,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a process has to send messages with."""

    outside: Outside
    now_seconds: int
    """For what is signed together with its time."""
    mail: MailServer | None = None

    @classmethod
    def of(cls, settings: Settings, *, now_ms: int) -> "Means":
        allowed = (host.strip().lower() for host in settings.notify_allowed_hosts.split(","))
        outside = Outside(allowed_hosts=frozenset(allowed) - {""})
        return cls(outside=outside, now_seconds=now_ms // 1000, mail=MailServer.of(settings))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message on its way."""

    key: str
    """The same at every attempt: by it whoever gets a message twice knows it."""
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to tell people something."""

    find_mistake: Callable[[str, Means], Reason]
    """Say why nothing can be sent to what somebody typed in; `Reason.NONE` when it may work."""
    send: Callable[[Parcel, Address, Means], Answer]
    """Make one attempt; never raises for what the other side or the network does."""
    signs: bool = False
    """Whether a route of it has a secret of its own."""
