"""Telling that a release runs somewhere: for the page and the API."""

from datetime import UTC, datetime

from django.db import transaction

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.deploys import MAX_AHEAD_MS, Deploy, Deployed, record_deploy, remove_deploy
from mukiau.web.audit import Action

MAX_NAME_CHARS = 200
_OLDEST_MS = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000)


def tell(who: Actor, told: Deployed) -> tuple[Deploy, bool]:
    """Keep a deploy and note who told it; of one that was told before only return it."""
    now_ms = clock.unix_ms()
    with transaction.atomic():
        deploy, is_new = record_deploy(own_connection(), told, actor=who.name, now_ms=now_ms)
        if is_new:
            record_line(who, Action.DEPLOY_TOLD, at_ms=now_ms, target=deploy.release, after=_facts(deploy))
    return deploy, is_new


def take_back(who: Actor, deploy_id: int) -> Deploy | None:
    """Remove a deploy that was told by mistake."""
    with transaction.atomic():
        deploy = remove_deploy(own_connection(), deploy_id)
        if deploy is not None:
            record_line(who, Action.DEPLOY_REMOVED, at_ms=clock.unix_ms(), target=deploy.release, before=_facts(deploy))
    return deploy


def is_possible(at_ms: int) -> bool:
    """Say whether something can have been deployed at a time: neither in the future nor before there were pipelines."""
    return _OLDEST_MS <= at_ms <= clock.unix_ms() + MAX_AHEAD_MS


def _facts(deploy: Deploy) -> dict[str, str]:
    at = datetime.fromtimestamp(deploy.at_ms / 1000, UTC).isoformat(timespec="seconds")
    return {"service": deploy.service, "environment": deploy.environment, "release": deploy.release, "at": at}
