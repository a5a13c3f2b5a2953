"""What the source keeps to: sizes, docstrings, who may import what, where SQL stands."""

import ast
import re
import sys
from statistics import median

from source_tree import PACKAGE, functions, imported, modules, texts

MAX_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_MEDIAN_FUNCTION_LINES = 10
NAMES_WITHOUT_A_NOUN = {"utils", "util", "common", "helpers", "helper", "services", "misc", "shared"}
SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s.*INTO|UPDATE\s.+\sSET|DELETE\s+FROM|CREATE\s+(TABLE|INDEX|TRIGGER))\b", re.DOTALL
)
BOUNDARIES = {
    "cli/paced.py",
    "digest/boundary.py",
    "forwarder/handler.py",
    "intake/app.py",
    "stores/notify/work.py",
}
"""Worker loops, an ASGI app, a Lambda: one bad thing must not be the last. A thread that hands on what its source raised."""
LIBRARIES_OF_STORES = {"sqlite3", "pysqlite3"}


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last one, the docstring left out: an essay is no complexity."""
    first = function.body[0]
    essay = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        essay = (first.end_lineno or first.lineno) - first.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - essay


def test_every_module_says_in_its_docstring_what_it_is() -> None:
    silent = [module.name for module in modules() if not ast.get_docstring(module.tree)]

    assert silent == []


def test_no_file_is_too_long_to_read() -> None:
    long = {module.name: module.lines for module in modules() if module.lines > MAX_LINES}

    assert long == {}


def test_no_function_is_too_long_to_see_at_once() -> None:
    long = {
        f"{module.name}:{function.name}": _length(function)
        for module in modules()
        for function in functions(module)
        if _length(function) > MAX_FUNCTION_LINES
    }

    assert long == {}


def test_most_functions_are_small() -> None:
    lengths = [_length(function) for module in modules() for function in functions(module)]

    assert median(lengths) <= MAX_MEDIAN_FUNCTION_LINES


def test_core_and_the_forwarder_need_nothing_but_python() -> None:
    """Both are all that is in the forwarder's zip, with the package's version (what else may be meant by `from mukiau
    import` is seen by lint-imports); boto3 is there in Lambda, for what asks AWS."""
    own = {"core": ("mukiau.core.",), "forwarder": ("mukiau.core.", "mukiau.forwarder.", "boto3.", "botocore.")}
    version = {"forwarder/events.py imports mukiau"}
    foreign = {
        f"{module.name} imports {name}"
        for module in modules()
        if module.room in own
        for name in imported(module)
        if name.partition(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith(own[module.room])
    }

    assert foreign - version == set()


def test_sql_stands_in_the_stores_alone() -> None:
    stray = [
        f"{module.name}:{line}: {text[:60]}"
        for module in modules()
        if module.room != "stores"
        for line, text in texts(module)
        if SQL.search(text)
    ]

    assert stray == []


def test_the_stores_alone_talk_to_a_database_library() -> None:
    calls = {
        f"{module.name}:{node.lineno}"
        for module in modules()
        if module.room != "stores"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"execute", "executemany", "executescript"}
    }
    imports = {
        f"{module.name} imports {name}"
        for module in modules()
        if module.room != "stores"
        for name in imported(module)
        if name.partition(".")[0] in LIBRARIES_OF_STORES
    }

    assert calls | imports == set()


def test_every_room_and_module_is_called_by_a_noun() -> None:
    names = {part for path in PACKAGE.rglob("*") for part in (path.stem,) if path.is_dir() or path.suffix == ".py"}

    assert names & NAMES_WITHOUT_A_NOUN == set()


def test_nobody_but_one_module_reads_the_environment() -> None:
    """A setting that is not in the table is in no documentation either."""
    own = {"config.py"}
    readers = {
        f"{module.name}:{node.lineno}"
        for module in modules()
        if module.name not in own
        for node in ast.walk(module.tree)
        if (
            isinstance(node, ast.Subscript)
            and ast.unparse(node.value) == "os.environ"
            and isinstance(node.ctx, ast.Load)
        )
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.getenv", "os.environ.get"})
    }

    assert readers == set()


def test_nobody_but_one_module_reads_the_clock() -> None:
    """`time.monotonic` measures how long something takes and is nobody's date."""
    readers = {
        f"{module.name}:{node.lineno}"
        for module in modules()
        if module.name != "clock.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and re.fullmatch(
            r"(time\.time(_ns)?|(datetime\.)?datetime\.(now|utcnow|today)|date\.today)", ast.unparse(node.func)
        )
    }

    assert readers == set()


def test_whatever_is_raised_is_caught_at_the_boundaries_alone() -> None:
    catching = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    }

    assert catching <= BOUNDARIES
