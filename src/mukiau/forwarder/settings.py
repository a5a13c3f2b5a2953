"""The forwarder's settings: environment variables of the Lambda function."""

from collections.abc import Mapping
from pathlib import Path

from mukiau.core.dsn import parse_dsn
from mukiau.core.records.log_groups import DEFAULT_TABLE, compile_table
from mukiau.core.settings import Setting, Settings, SettingsError, read_values

TARGETS = ("mukiau", "sentry")


def _check_dsn(text: str) -> None:
    if text and parse_dsn(text) is None:
        raise ValueError(text)


SETTINGS = (
    Setting(
        name="target",
        type=str,
        default="mukiau",
        help="mukiau: send records as they are. sentry: assemble events here and send them to any Sentry DSN.",
        choices=TARGETS,
    ),
    Setting(
        name="dsn",
        type=str,
        default="",
        help="Where to send and with which key: the DSN of a key of the project.",
        secret=True,
        check=_check_dsn,
        must="a DSN such as https://KEY@mukiau.example.com/1",
    ),
    Setting(
        name="dsn_secret_arn",
        type=str,
        default="",
        help="Instead of MUKIAU_DSN: the secret of AWS Secrets Manager whose text is the DSN, read when a container starts.",
    ),
    Setting(
        name="log_group_pattern",
        type=str,
        default=DEFAULT_TABLE,
        help="For the target sentry: service, environment, customer and purpose of a log group, as on the server.",
        check=compile_table,
        must="rules such as /ecs/{environment}/{service}, parted by ;",
    ),
    Setting(
        name="repair_traces",
        type=bool,
        default=False,
        help="For the target sentry: read the rest of a trace that a batch's edge cuts from its stream (logs:GetLogEvents).",
    ),
)


def load(environ: Mapping[str, str]) -> Settings:
    """Read every setting; raise SettingsError with all mistakes at once."""
    settings = Settings(values=read_values(environ, SETTINGS, read_file=lambda path: Path(path).read_text("utf-8")))
    if bool(settings.dsn) == bool(settings.dsn_secret_arn):
        raise SettingsError("Exactly one of MUKIAU_DSN and MUKIAU_DSN_SECRET_ARN must be set.")
    return settings
