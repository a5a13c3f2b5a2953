"""The entry point: what Lambda calls, and what is set up once for each container it starts.

Whatever is not delivered is raised. Lambda then calls again (twice, after one minute and after two) and at last puts the
event into the on-failure queue: nothing is dropped without a trace, and ids make every repetition harmless.
"""

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from mukiau.core.dsn import Dsn, parse_dsn
from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.log_groups import compile_table
from mukiau.core.settings import Settings, SettingsError
from mukiau.forwarder.door import TimeLeft, Undelivered
from mukiau.forwarder.own_log import say
from mukiau.forwarder.settings import load
from mukiau.forwarder.subscription import Subscription, get_subscription, is_from_queue, queued_events
from mukiau.forwarder.target import Sent, Target

RESERVE_SECONDS = 2.0
"""Of the function's time: enough to say what failed. A function that is stopped says nothing."""


class LambdaContext(Protocol):
    """What is needed of Lambda's context object."""

    log_group_name: str

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: JSONValue, context: LambdaContext) -> JSONObject:
    """Forward what a subscription delivers, or what the on-failure queue kept."""
    try:
        forwarder = _started()
        return forwarder.replay(event, context) if is_from_queue(event) else forwarder.forward(event, context)
    except Exception as error:  # the Lambda boundary: said in our own form, then Lambda's to handle
        say("ERROR", str(error), error=type(error).__name__, **getattr(error, "fields", {}))
        raise


class Forwarder:
    """Forwards to one target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._has_refused_itself = False

    def forward(self, event: JSONValue, context: LambdaContext) -> JSONObject:
        """Deliver one subscription event; return what was sent. Raises Undelivered and NotASubscription."""
        batch = get_subscription(event)
        if batch.is_control:
            return {"accepted": 0}
        if batch.log_group == context.log_group_name:
            self._refuse_itself(batch)
            return {"accepted": 0}
        began = time.monotonic()
        sent = self._target.send(batch, time_left=_time_left(context))
        _say_sent(batch, sent, milliseconds=round((time.monotonic() - began) * 1000))
        if sent.stuck:
            sentence = "The server refuses a part of the records, alone too; the rest was sent."
            raise Undelivered(sentence, stuck=sent.stuck)
        return {"accepted": sent.accepted}

    def replay(self, event: JSONObject, context: LambdaContext) -> JSONObject:
        """Deliver what the on-failure queue kept; return which messages are to stay in it."""
        failed = []
        for message_id, payload in queued_events(event):
            try:
                self.forward(payload, context)
            except (Undelivered, ValueError) as error:
                say("ERROR", str(error), message_id=message_id, **getattr(error, "fields", {}))
                failed.append({"itemIdentifier": message_id})
        return {"batchItemFailures": failed}

    def _refuse_itself(self, batch: Subscription) -> None:
        """Say it once: every line of it comes back as another event."""
        if not self._has_refused_itself:
            self._has_refused_itself = True
            say("ERROR", "The forwarder is subscribed to its own log group: exclude it.", log_group=batch.log_group)


def _say_sent(batch: Subscription, sent: Sent, *, milliseconds: int) -> None:
    fields = {
        "log_group": batch.log_group,
        "log_stream": batch.log_stream,
        "records": len(batch.log_events),
        "accepted": sent.accepted,
        "requests": sent.requests,
        "milliseconds": milliseconds,
    }
    if sent.rejected:
        say("WARN", "Some records could not be read; the rest was sent.", **fields, rejected=sent.rejected)
    else:
        say("INFO", "Forwarded.", **fields)


def _time_left(context: LambdaContext) -> TimeLeft:
    return lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS


@cache
def _started() -> Forwarder:
    return start(os.environ)


def start(environ: Mapping[str, str]) -> Forwarder:
    """Return the forwarder that the environment describes; raises SettingsError."""
    settings = load(environ)
    return Forwarder(make_target(settings, find_dsn(settings)))


def make_target(settings: Settings, dsn: Dsn) -> Target:
    """Return the target; only its own code is loaded, because assembling and grouping is most of the code."""
    if settings.target == "mukiau":
        from mukiau.forwarder.to_mukiau import ToMukiau  # noqa: PLC0415

        return ToMukiau(dsn)
    from mukiau.forwarder.events import EventMaker  # noqa: PLC0415
    from mukiau.forwarder.repair import CloudWatchStreams, Repair  # noqa: PLC0415
    from mukiau.forwarder.to_sentry import ToSentry  # noqa: PLC0415

    maker = EventMaker(project_id=dsn.project_id, table=compile_table(settings.log_group_pattern))
    return ToSentry(dsn, maker, repair=Repair(CloudWatchStreams()) if settings.repair_traces else None)


def find_dsn(settings: Settings) -> Dsn:
    """Return the DSN that is set or kept as a secret; raises SettingsError."""
    text = settings.dsn or _read_secret(settings.dsn_secret_arn)
    dsn = parse_dsn(text)
    if dsn is None:
        raise SettingsError("The secret that MUKIAU_DSN_SECRET_ARN names does not hold a DSN.")
    return dsn


def _read_secret(arn: str) -> str:
    import boto3  # noqa: PLC0415 - the Lambda runtime has it, and it is slow to load

    return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
