"""The command line's door: names, one line of help each, and where each command lives.

Commands are imported when they are called, so that `mukiau status` does not pay for the web framework.
"""

from importlib import import_module

import click

from mukiau import __version__

COMMANDS = {
    "serve": ("mukiau.cli.serve:serve", "Start mukiau: intake, digest and pages on one port."),
    "ingest": ("mukiau.cli.ingest:ingest", "Bring log files in, by the same path as the network."),
    "learn": (
        "mukiau.cli.learn.command:learn",
        "Show what is in log files: format, errors, the issues they would make.",
    ),
    "parse": ("mukiau.cli.analyse:parse", "Show the error events found in log text, without storing anything."),
    "group": (
        "mukiau.cli.analyse:group",
        "Show which error events of log files are one issue, without storing anything.",
    ),
    "explain": ("mukiau.cli.grouping.explain:explain", "Show why an event is the issue it is, or two are one or two."),
    "lab": ("mukiau.cli.grouping.lab:lab", "Try a draft of a grouping policy on log files: what it would change."),
    "policy": ("mukiau.cli.grouping.suggest:policy", "Look at a grouping policy, or at the defaults."),
    "runbooks": (
        "mukiau.cli.runbooks:runbooks",
        "Bring runbooks in and out, and keep them the same as a folder.",
    ),
    "forwarder": (
        "mukiau.cli.forwarder.commands:forwarder",
        "Build, deploy and try the AWS Lambda that forwards CloudWatch Logs.",
    ),
    "events": ("mukiau.cli.show:events", "List the events that were digested."),
    "status": ("mukiau.cli.show:status", "Show how much was accepted, digested, dropped and set aside."),
    "retention": ("mukiau.cli.retention:retention", "Show how long events are kept, and what would go now."),
    "deploy": ("mukiau.cli.deploy:deploy", "Tell that a release runs in an environment."),
    "backup": ("mukiau.cli.backup:backup", "Copy the data folder while everything runs."),
    "restore": ("mukiau.cli.backup:restore", "Make a data folder from a backup."),
    "doctor": ("mukiau.cli.doctor:doctor", "Look for common mistakes in this installation."),
    "project": ("mukiau.cli.project:project", "Make and list projects and their keys."),
    "createadmin": ("mukiau.cli.project:createadmin", "Make a person who may change everything."),
    "sign-in-link": ("mukiau.cli.project:sign_in_link", "Print a link that signs somebody in once."),
    "migrate": ("mukiau.cli.serve:migrate", "Bring the data folder to this version (serve does it by itself)."),
    "role": ("mukiau.cli.serve:role", "Run one process of mukiau alone."),
}
HIDDEN = {"role"}


class Lazy(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if name not in HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mukiau")
def main() -> None:
    """Turn the error logs of many services into issues that somebody answers.

    Settings come from the environment (MUKIAU_…); options win over them. `mukiau serve` starts everything.
    """
