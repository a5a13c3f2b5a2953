"""Make the demo's project and send the demo to the server that has just started."""

from functools import partial
from pathlib import Path

from mukiau import clock, config
from mukiau.config import Settings
from mukiau.demo.load import send_demo
from mukiau.demo.runbooks import put_runbooks_in_force
from mukiau.logs import tell
from mukiau.stores.projects import create_project, create_source, dsn_at

PROJECT = "Hanamaru"


def run_demo(settings: Settings) -> None:
    """Send the demo through the doors of the server on this machine."""
    data = Path(settings.data)
    project = create_project(data, PROJECT, now_ms=clock.unix_ms(), label="Hanamaru SDK")
    logs = create_source(data, project.id, now_ms=clock.unix_ms(), label="AWS accounts (demo)", quota_events=0)
    shop = create_source(
        data,
        project.id,
        now_ms=clock.unix_ms(),
        label="storefront (demo, Python SDK)",
        service="storefront",
        environment="acme-prod",
        quota_events=0,
    )
    put_runbooks_in_force(data, author=PROJECT, now_ms=clock.unix_ms())
    here = config.local_url(settings)
    records_to, events_to = (dsn_at(here, project.id, source.public_key) for source in (logs, shop))
    send_demo(records_to, events_to, now=clock.utc_now(), report=partial(tell, settings))
