"""Deploy templates: CloudFormation for one account, a stack set for many."""

from collections.abc import Sequence
from importlib.resources import files

from mukiau.cli.forwarder.package import HANDLER, RUNTIME
from mukiau.core.records.log_groups import DEFAULT_TABLE

_MEMORY_MB = {"mukiau": "256", "sentry": "512"}
_TARGET_NAMES = {"mukiau": "mukiau", "sentry": "a Sentry DSN"}


def render_account(target: str, log_groups: Sequence[str]) -> str:
    """Return the template for one account; without log groups all of the account's are subscribed."""
    parts = [
        _filled("subscription.yaml", NUMBER=str(number), LOG_GROUP=_quoted(name))
        for number, name in enumerate(log_groups, 1)
    ]
    subscriptions = "\n".join(parts) or _filled("all_log_groups.yaml")
    return _filled(
        "account.yaml",
        TARGET=target,
        TARGET_NAME=_TARGET_NAMES[target],
        MEMORY_MB=_MEMORY_MB[target],
        RUNTIME=RUNTIME,
        HANDLER=HANDLER,
        LOG_GROUP_PATTERN=_quoted(DEFAULT_TABLE),
        SUBSCRIPTIONS=subscriptions,
    )


def render_stack_set(target: str) -> str:
    """Return the template that deploys the one-account template to many accounts."""
    return _filled(
        "stack_set.yaml", TARGET=target, TARGET_NAME=_TARGET_NAMES[target], LOG_GROUP_PATTERN=_quoted(DEFAULT_TABLE)
    )


def _filled(name: str, **values: str) -> str:
    text = files("mukiau.forwarder").joinpath("deploy", name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@@{key}@@", value)
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
