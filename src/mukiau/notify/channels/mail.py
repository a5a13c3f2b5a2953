"""E-mail: plain text, over the SMTP server that whoever runs mukiau has set up.

The Message-ID is the message's key: mail programs show what comes twice once. The SMTP server is not an address somebody
typed into a page, so it may be anywhere.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from email.utils import formatdate

from mukiau.notify.answers import SENT, Answer, Reason, failed, retry
from mukiau.notify.channels.plan import MailServer, Means, Parcel
from mukiau.notify.message import Item, Message
from mukiau.notify.route import Address

MAX_ADDRESSES = 20
TIMEOUT_SECONDS = 10.0
# What every mail server takes; what else the standard allows nobody has.
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}")


def find_mistake(to: str, means: Means) -> Reason:
    addresses = split(to)
    if not 0 < len(addresses) <= MAX_ADDRESSES or not all(_ADDRESS.fullmatch(one) for one in addresses):
        return Reason.MAIL_ADDRESS
    return Reason.NONE if means.mail is not None else Reason.NOT_SET_UP


def split(to: str) -> list[str]:
    """Return the addresses of a list, parted by commas."""
    return [one.strip() for one in to.split(",") if one.strip()]


def send(parcel: Parcel, address: Address, means: Means) -> Answer:
    if means.mail is None:
        return retry(Reason.NOT_SET_UP)
    mail = render_mail(parcel, split(address.to), means.mail, now_seconds=means.now_seconds)
    try:
        with closing(_connect(means.mail)) as server:
            refused = server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(max(code for code, _ in error.recipients.values()))
    except smtplib.SMTPAuthenticationError as error:
        return retry(Reason.REFUSED, f"SMTP {error.smtp_code}")  # the password is a setting, which can be put right
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code)
    except smtplib.SMTPException as error:
        return retry(Reason.UNREADABLE, type(error).__name__)
    except ssl.SSLError as error:
        return retry(Reason.TLS, error.reason or "")
    except TimeoutError:
        return retry(Reason.SILENT)
    except OSError as error:
        return retry(Reason.UNREACHABLE, error.strerror or type(error).__name__)
    return Answer(outcome=SENT.outcome, detail=f"{len(refused)} refused" if refused else "")


def _refused(code: int) -> Answer:
    """Return what a code means: from 500 on the server has made up its mind."""
    return failed(Reason.REFUSED, f"SMTP {code}") if code >= 500 else retry(Reason.REFUSED, f"SMTP {code}")


def _connect(mail: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_SECONDS)
    try:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, mail.password)
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def render_mail(parcel: Parcel, to: list[str], mail: MailServer, *, now_seconds: int) -> EmailMessage:
    """Return the mail: the same at every attempt but for its date."""
    made = EmailMessage()
    made["Subject"] = f"[mukiau] {parcel.message.subject}"
    made["From"] = mail.sender
    made["To"] = ", ".join(to)
    made["Date"] = formatdate(now_seconds)
    made["Message-ID"] = f"<{parcel.key}@{mail.sender.rpartition('@')[2].strip('> ') or 'mukiau'}>"
    made["Auto-Submitted"] = "auto-generated"  # no answer of somebody on holiday
    made.set_content("\n".join(_lines(parcel.message)) + "\n", charset="utf-8")
    return made


def _lines(message: Message) -> Iterator[str]:
    if message.text:
        yield from (message.text, "")
    for item in message.items:
        yield from (*_item(item), "")
    if message.more or message.link:
        yield " · ".join(part for part in (message.more, message.link) if part)
    if message.url and len(message.items) != 1:
        yield message.url
    yield from ("", "-- ", message.footer)


def _item(item: Item) -> Iterator[str]:
    yield f"{item.label}: {item.title}"
    if item.facts:
        yield f"  {' · '.join(item.facts)}"
    if item.url:
        yield f"  {item.url}"
