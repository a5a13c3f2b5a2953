"""All channels; a new one is one line here."""

from mukiau.notify.channels import mail, slack, webhook
from mukiau.notify.channels.plan import Channel

CHANNELS: dict[str, Channel] = {
    "slack": Channel(find_mistake=slack.find_mistake, send=slack.send),
    "email": Channel(find_mistake=mail.find_mistake, send=mail.send),
    "webhook": Channel(find_mistake=webhook.find_mistake, send=webhook.send, signs=True),
}
