"""Write the reference pages and `.env.example` from the code: `python -m docs.generate`.

With `--check` nothing is written; the exit code is 1 when a file differs from what the code says. What a page says in
prose is in the templates beside this file; every name, default, limit and refusal comes from where the program has it.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template
from types import ModuleType
from typing import NamedTuple

import click

from mukiau.cli.main import COMMANDS, HIDDEN, main
from mukiau.config import SETTINGS
from mukiau.core import dsn, envelope, limits
from mukiau.core.grouping import globs, policy, policy_reading, policy_text, shapes
from mukiau.core.grouping.default_text import DEFAULT_TEXT
from mukiau.core.records import firehose, json_fields, json_record, payloads
from mukiau.core.refusal import Refused
from mukiau.core.settings import Setting
from mukiau.forwarder import settings as forwarder_settings
from mukiau.intake import app, condition, doorway, envelopes, forward, metrics, otlp, records, server
from mukiau.intake import firehose as firehose_door
from mukiau.intake.app import DOORS

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = Path(__file__).with_name("http.template.md")
NOTE = "<!-- Written by `make docs` from the code; change it there. -->"
HELP_WIDTH = 100

_TYPES = {Path: "path", str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
_UNITS = {"chars": "characters", "bytes": "bytes"}
_REFUSING = (dsn, envelope, doorway, envelopes, firehose_door, otlp, records, app)


class Limit(NamedTuple):
    """One `MAX_…` of `core/limits.py`, with the heading it stands under and what is written below it."""

    section: str
    name: str
    value: int
    note: str


# --- Settings ---------------------------------------------------------------------------------------------------------


def render_settings() -> str:
    """Return the page of all settings."""
    return f"""# Settings

{NOTE}

mukiau reads its settings from the environment, once, when a process starts. Options of a command win over them. A value
of the wrong kind stops the start, and all mistakes are named at once.

{_settings_table(SETTINGS)}

A *secret* may also stand in a file: `MUKIAU_SECRET_KEY_FILE` names the file that holds `MUKIAU_SECRET_KEY`.

[`.env.example`](../../.env.example) has all of them with their defaults. mukiau does not look for such a file by itself:
give it to what starts mukiau (`EnvironmentFile=` of systemd, `--env-file` of a container, `set -a; . ./.env` in a shell).
"""


def render_forwarder() -> str:
    """Return the page of the forwarder's settings."""
    return f"""# Settings of the forwarder

{NOTE}

Environment variables of the Lambda function; the deploy template sets them from its parameters.

{_settings_table(forwarder_settings.SETTINGS)}

How to deploy it: [CloudWatch in ten minutes](../how-to/cloudwatch.md), [one account, many
accounts](../how-to/many-accounts.md), [keep your Sentry](../how-to/keep-your-sentry.md). What may stand in
`MUKIAU_LOG_GROUP_PATTERN`: [send logs](../how-to/send-logs.md#whose-logs-they-are).
"""


def _settings_table(table: Iterable[Setting]) -> str:
    rows = [[f"`{s.variable}`", _kind(s), _default(s), _help(s)] for s in table]
    return _table(["variable", "kind", "default", "what it is for"], rows)


def render_env_example() -> str:
    """Return `.env.example`: every setting, switched off, with its default."""
    parts = [f"# {_help(s, is_plain=True)}\n#{s.variable}={_plain_default(s)}" for s in SETTINGS]
    head = "# Every setting of mukiau with its default. Written by `make docs` from the code."
    return "\n\n".join([head, *parts]) + "\n"


def _help(setting: Setting, *, is_plain: bool = False) -> str:
    secret = " Secret." if is_plain else " *Secret.*"
    unit = f" In {setting.unit}." if setting.unit and setting.unit not in setting.name else ""
    return f"{setting.help}{unit}{secret if setting.secret else ''}"


def _kind(setting: Setting) -> str:
    return ", ".join(f"`{choice}`" for choice in setting.choices) or _TYPES[setting.type]


def _default(setting: Setting) -> str:
    plain = _plain_default(setting)
    shown = f"`{plain}`" if plain else "empty"
    return f"{shown} ({_amount(setting.default)})" if setting.unit == "bytes" else shown


def _plain_default(setting: Setting) -> str:
    return str(setting.default).lower() if setting.type is bool else str(setting.default)


# --- Commands ---------------------------------------------------------------------------------------------------------


def render_commands() -> str:
    """Return the page of all commands, each with its own help text."""
    shown = [name for name in COMMANDS if name not in HIDDEN]
    sections = "\n".join(_command_section(name) for name in [*shown, *sorted(HIDDEN)])
    return f"""# Commands

{NOTE}

Every command that needs the data folder takes `--data DIR` (else `MUKIAU_DATA`, else `data`) and works while the server
runs. With `--json` it prints JSON, one object a line, for a program to read.

Exit codes: 0 for success, also when nothing was found; 1 when something could not be done, and from `doctor` when it
found a mistake; 2 for a wrong option or setting.

{_help_block(main, "mukiau", None)}
{sections}
"""


def _command_section(name: str) -> str:
    top = click.Context(main, info_name="mukiau")
    command = main.get_command(top, name)
    assert command is not None
    return "\n".join(_sections(command, name, top))


def _sections(command: click.Command, name: str, parent: click.Context, level: int = 2) -> Iterator[str]:
    path = f"{parent.command_path} {name}"
    yield f"\n{'#' * level} {path}\n"
    yield _help_block(command, name, parent)
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name, parent=parent)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from _sections(found, child, context, level + 1)


def _help_block(command: click.Command, name: str, parent: click.Context | None) -> str:
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=HELP_WIDTH, help_option_names=["-h", "--help"]
    )
    return f"```text\n{command.get_help(context).rstrip()}\n```"


# --- HTTP -------------------------------------------------------------------------------------------------------------


def render_http() -> str:
    """Return the page of the doors."""
    values = {
        "note": NOTE,
        "doors": " ".join(f"`/api/<project>/{name}/`" for name in DOORS),
        "max_body": _amount(doorway.MAX_BODY_BYTES),
        "max_envelope": _amount(limits.MAX_ENVELOPE_BYTES),
        "max_event": _amount(limits.MAX_EVENT_BYTES),
        "max_records_bytes": _amount(payloads.MAX_UNPACKED_BYTES),
        "max_record": f"{payloads.MAX_RECORD_CHARS:,}",
        "max_rejected": f"{payloads.MAX_REJECTED:,}",
        "max_rejections": f"{limits.MAX_REJECTIONS_LISTED:,}",
        "max_records": f"{payloads.MAX_RECORDS:,}",
        "max_firehose_lines": f"{firehose.MAX_LINES:,}",
        "max_firehose_bytes": _amount(firehose.MAX_LINES_BYTES),
        "max_otlp": _amount(otlp.MAX_OTLP_BYTES),
        "max_headers": _amount(server.MAX_HEADER_BYTES),
        "read_seconds": f"{server.REQUEST_READ_SECONDS:g}",
        "keep_alive_seconds": str(server.KEEP_ALIVE_SECONDS),
        "spool_full_seconds": str(doorway.SPOOL_FULL_SECONDS),
        "max_page_request": _amount(forward.MAX_PAGE_REQUEST_BYTES),
        "max_heartbeat": str(condition.MAX_HEARTBEAT_AGE_MS // 1000),
        "metrics": _table(["metric", "kind", "what it is"], [[f"`{n}`", k, h] for n, k, h in metrics.METRICS]),
        "refusals": _table(["status", "reason"], [[str(status), f"`{reason}`"] for status, reason in _refusals()]),
        "limits": "\n\n".join(_limit_tables()),
    }
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values)


def _refusals() -> list[tuple[int, str]]:
    """Every refusal that is a constant of a module with doors or of what they read."""
    found = {(r.status, r.reason) for module in _REFUSING for r in vars(module).values() if isinstance(r, Refused)}
    return sorted(found)


def _limit_tables() -> Iterator[str]:
    found = list(read_limits(limits))
    for section in dict.fromkeys(limit.section for limit in found):
        rows = [[f"`{one.name}`", _value(one), one.note] for one in found if one.section == section]
        yield f"### {section}\n\n{_table(['limit', 'value', 'note'], rows)}"


def read_limits(module: ModuleType) -> Iterator[Limit]:
    """Yield the limits of a module in their order; a note stands in the source as a string below its constant."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    statements = ast.parse(source).body
    headings = {n: line.strip("# -") for n, line in enumerate(source.splitlines(), 1) if line.startswith("# ---")}
    for at, statement in enumerate(statements):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            section = headings[max(line for line in headings if line < statement.lineno)]
            below = statements[at + 1] if at + 1 < len(statements) else None
            yield Limit(section, name, getattr(module, name), _text_of(below))


def _text_of(statement: ast.stmt | None) -> str:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return " ".join(str(value.value).split()) if isinstance(value, ast.Constant) else ""


def _value(limit: Limit) -> str:
    unit = limit.name.rpartition("_")[2].lower()
    if unit == "bytes":
        return _amount(limit.value)
    return f"{limit.value:,} {_UNITS[unit]}" if unit in _UNITS else f"{limit.value:,}"


# --- Log shapes -------------------------------------------------------------------------------------------------------

_SHAPES = ROOT / "tests/data/records/shapes"
_KEYS = {
    "level": (*json_fields.LEVEL_KEYS, *(key for keys, _ in json_fields.LEVEL_NUMBERS for key in keys)),
    "time": json_fields.TIME_KEYS,
    "message": json_fields.MESSAGE_KEYS,
    "message template": json_fields.TEMPLATE_KEYS,
    "logger": json_fields.LOGGER_KEYS,
    "thread": json_fields.THREAD_KEYS,
    "trace": json_fields.TRACE_KEYS,
    "request": json_fields.REQUEST_KEYS,
    "service": json_fields.SERVICE_KEYS,
    "environment": json_fields.ENVIRONMENT_KEYS,
    "file of the log call": json_fields.CALL_FILE_KEYS,
    "function of the log call": json_fields.CALL_FUNCTION_KEYS,
}


def render_log_shapes() -> str:
    """Return the page of log shapes: names of fields from the code, shapes from the tests."""
    shapes = {path.stem: path.read_text(encoding="utf-8")[:1] == "{" for path in sorted(_SHAPES.glob("*.log"))}
    values = {
        "note": NOTE,
        "traces": "[Traces](traces.md)",
        "wrappers": _listed(json_record.WRAPPERS),
        "fields": _table(["field", "names"], [[field, _listed(keys)] for field, keys in _KEYS.items()]),
        "json_shapes": "Shapes: " + _listed(name for name, is_json in shapes.items() if is_json) + ".",
        "text_shapes": "Shapes: " + _listed(name for name, is_json in shapes.items() if not is_json) + ".",
    }
    template = Path(__file__).with_name("log-shapes.template.md")
    return Template(template.read_text(encoding="utf-8")).substitute(values)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# --- The grouping policy -----------------------------------------------------------------------------------------------


def render_policy() -> str:
    """Return the page of the grouping policy: its defaults, names and bounds are the code's."""
    bounds = [
        ["the whole text", f"{policy_text.MAX_POLICY_CHARS:,} characters"],
        ["rules", str(policy_text.MAX_RULES)],
        ["a rule's name", f"{policy_text.MAX_NAME_CHARS} characters"],
        ["entries of a list", str(policy_reading.MAX_ENTRIES)],
        ["entries of `also`", str(policy_text.MAX_ALSO)],
        ["entries of a `fingerprint`", str(policy_text.MAX_FINGERPRINT_PARTS)],
        ["a title, a wording, an entry of a `fingerprint`", f"{policy_text.MAX_TEXT_CHARS} characters"],
        ["a pattern of a name", f"{globs.MAX_GLOB_CHARS} characters"],
        ["a shape", f"{shapes.MAX_SHAPE_CHARS} characters"],
        ["in-app functions that count", str(policy.MAX_FRAMES_COUNTED)],
    ]
    values = {
        "note": NOTE,
        "how_to": "[Change what counts](../how-to/change-what-counts.md)",
        "explanation": "[How it groups](../explanation/grouping.md)",
        "default": DEFAULT_TEXT.rstrip("\n"),
        "conditions": _listed(policy_text.CONDITIONS),
        "sources": _listed(policy_reading.SOURCES) + ".",
        "fair": _listed(sorted(policy_reading.MUST_NOT_SPLIT)),
        "placeholders": _listed(f"{{{name}}}" for name in shapes.PLACEHOLDERS),
        "max_placeholders": str(shapes.MAX_PLACEHOLDERS),
        "max_taken": str(shapes.MAX_TAKEN_CHARS),
        "bounds": _table(["what", "at most"], bounds),
    }
    template = Path(__file__).with_name("policy.template.md")
    return Template(template.read_text(encoding="utf-8")).substitute(values)


# --- Words and tables -------------------------------------------------------------------------------------------------


def _amount(size: int) -> str:
    """Return bytes in the largest binary unit that divides them.

    >>> _amount(20 * 1024**2), _amount(1000)
    ('20 MiB', '1,000 bytes')
    """
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size:,} bytes"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# --- Files ------------------------------------------------------------------------------------------------------------

PAGES = {
    "docs/reference/settings.md": render_settings,
    "docs/reference/forwarder.md": render_forwarder,
    "docs/reference/commands.md": render_commands,
    "docs/reference/http.md": render_http,
    "docs/reference/log-shapes.md": render_log_shapes,
    "docs/reference/policy.md": render_policy,
    ".env.example": render_env_example,
}


def find_stale(root: Path = ROOT) -> list[str]:
    """Return the files that are missing or say something else than the code."""
    return [name for name, render in PAGES.items() if not _says(root / name, render())]


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def run(arguments: list[str]) -> int:
    """Write what is stale, or with `--check` only name it; return the exit code."""
    stale = find_stale()
    if arguments == ["--check"]:
        sys.stdout.writelines(f"{name} is not what the code says; `make docs` writes it.\n" for name in stale)
        return 1 if stale else 0
    for name in stale:
        (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
        sys.stdout.write(f"{name} written.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
