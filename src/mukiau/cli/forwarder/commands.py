"""The commands: build, template, try."""

import re
from pathlib import Path

import click

from mukiau.cli.forwarder.package import RUNTIME, build_zip, hash_of
from mukiau.cli.forwarder.template import render_account, render_stack_set
from mukiau.cli.options import encoding_option, json_option
from mukiau.forwarder.settings import TARGETS

_LOG_GROUP = re.compile(r"[A-Za-z0-9_\-/.#]{1,512}")

target_option = click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="mukiau",
    show_default=True,
    help="mukiau: records as they are. sentry: assembled events, to any Sentry DSN.",
)


@click.group()
def forwarder() -> None:
    """Build, deploy and try the AWS Lambda that forwards CloudWatch Logs."""


@forwarder.command()
@click.option("--output", type=click.Path(path_type=Path), help="File or folder; default: this folder.")
@click.option(
    "--sources", is_flag=True, help="Sources instead of bytecode: for a function of any Python, slower to start."
)
def build(output: Path | None, *, sources: bool) -> None:
    """Make the zip that Lambda runs. Its name changes with its content; the same version gives the same bytes."""
    zipped = build_zip(with_sources=sources)
    path = Path() if output is None else output
    if output is None or path.is_dir():
        path /= f"mukiau-forwarder-{hash_of(zipped)}.zip"
    try:
        path.write_bytes(zipped)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
    click.echo(str(path))
    click.echo(f"{len(zipped) / 1024:.0f} KB, for {'any Python' if sources else RUNTIME}, both targets.", err=True)


@forwarder.command()
@target_option
@click.option("--accounts", type=click.Choice(["one", "many"]), default="one", show_default=True,
              help="many: a stack set that deploys what `--accounts one` prints to an organization's units.")  # fmt: skip
@click.option("--log-group", "log_groups", multiple=True, metavar="NAME",
              help="Subscribe this log group; may be repeated. Without it: every one but its own.")  # fmt: skip
def template(target: str, accounts: str, log_groups: tuple[str, ...]) -> None:
    """Print the CloudFormation template that deploys the forwarder."""
    for name in log_groups:
        if not _LOG_GROUP.fullmatch(name):
            raise click.BadParameter(f"{name} is no name of a log group.", param_hint="--log-group")
    if accounts == "many" and log_groups:
        raise click.UsageError("--log-group goes with --accounts one: the stack set only says where that is deployed.")
    click.echo(render_stack_set(target) if accounts == "many" else render_account(target, log_groups), nl=False)


@forwarder.command("try")
@click.argument("file", default="-")
@target_option
@encoding_option
@json_option
def try_(file: str, target: str, encoding: str, *, as_json: bool) -> None:
    """Show what would be sent of a file, without sending.

    FILE is what CloudWatch Logs delivers, the event of a Lambda call, records as JSON lines, or plain text; - is
    standard input.
    """
    from mukiau.cli.forwarder.trial import show  # noqa: PLC0415 - build and template read no logs

    show(file, target=target, encoding=encoding, as_json=as_json)
