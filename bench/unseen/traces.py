"""The text of a chain as each language prints it. A deploy moves lines, numbers lambdas anew and puts in helpers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from zlib import crc32

from bench.unseen.platform import Call, Kind, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What the deployed build makes of the source."""

    deploy: int
    rng: Random

    def line_of(self, call: Call) -> int:
        """Return the line a function fails at: constant for a build, other in the next one."""
        return 10 + crc32(f"{call.place}.{call.function}".encode()) % 300 + 0 if call.is_library else self._own(call)

    def _own(self, call: Call) -> int:
        return 10 + crc32(f"{call.place}.{call.function}".encode()) % 300 + self.deploy * 7

    def lambda_number(self, call: Call) -> int:
        """Return the compiler's number of a lambda."""
        return crc32(call.place.encode()) % 5 + 3 * self.deploy

    def stack(self, kind: Kind, link: Link) -> list[Call]:
        """Return the stack, the crash first: recursion unrolled, from the second deploy on with some helpers put in."""
        calls: list[Call] = []
        for call in link.calls:
            calls += [call] * (self.rng.randint(4, 40) if call.recurses else 1)
        own = [index for index, call in enumerate(calls) if not call.is_library]
        if self.deploy > 0 and crc32(kind.name.encode()) % 3 == 0 and len(own) >= 3 and not link.calls[0].recurses:
            at = own[1]
            calls.insert(at, replace(calls[at], function=f"{calls[at].function}Internal"))
        return calls


Trace = Callable[[Kind, Sequence[Link], Build], str]
"""Links carry messages with their values filled in; outermost first."""

_SPRING = (
    "org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)",
    "org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:140)",
    "org.apache.tomcat.util.net.NioEndpoint$SocketProcessor.doRun(NioEndpoint.java:1736)",
    "java.base/java.lang.Thread.run(Thread.java:1583)",
)


def _jvm(kind: Kind, links: Sequence[Link], build: Build) -> str:
    lines: list[str] = []
    for index, link in enumerate(links):
        head = f"{link.type}: {link.message}" if link.message != "null" else link.type
        lines.append(f"Caused by: {head}" if index else head)
        lines += [f"\tat {_jvm_frame(kind, call, build)}" for call in build.stack(kind, link)]
        lines += (f"\t... {build.rng.randint(3, 60)} more",) if index else (f"\tat {frame}" for frame in _SPRING)
    return "\n".join(lines)


def _jvm_frame(kind: Kind, call: Call, build: Build) -> str:
    function = f"lambda$apply${build.lambda_number(call)}" if call.function == "lambda" else call.function
    ending = "kt" if kind.service.language == "kotlin" and not call.is_library else "java"
    return f"{call.place}.{function}({call.place.rpartition('.')[2]}.{ending}:{build.line_of(call)})"


def _python(kind: Kind, links: Sequence[Link], build: Build) -> str:
    traces = []
    for link in reversed(links):
        lines = ["Traceback (most recent call last):"]
        for call in reversed(build.stack(kind, link)):
            root = "/usr/local/lib/python3.12/site-packages" if call.is_library else f"/srv/{kind.service.name}"
            lines.append(
                f'  File "{root}/{call.place.replace(".", "/")}.py", line {build.line_of(call)}, in {call.function}'
            )
            lines.append(f"    return {call.function}_step(context, {build.deploy})")
        lines.append(f"{link.type}: {link.message}")
        traces.append("\n".join(lines))
    return "\n\nThe above exception was the direct cause of the following exception:\n\n".join(traces)


def _node(kind: Kind, links: Sequence[Link], build: Build) -> str:
    """Only the outermost: `error.stack` holds no causes."""
    link = links[0]
    lines = [
        f"{link.type}: {link.message}",
        *(f"    at {_node_frame(call, build)}" for call in build.stack(kind, link)),
    ]
    return "\n".join([*lines, "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"])


def _node_frame(call: Call, build: Build) -> str:
    folder, _, rest = f"{call.place}.{call.function}".rpartition("/")
    file, _, name = rest.partition(".")
    at = f"{build.line_of(call)}:{5 + build.line_of(call) % 40}"
    if folder.startswith("node:") or call.place.startswith("node:"):
        return f"{name} ({folder + '/' if folder else ''}{file}:{at})"
    return f"{name} (/usr/src/app/{folder}/{file}.js:{at})"


def _csharp(kind: Kind, links: Sequence[Link], build: Build) -> str:
    head = " ---> ".join(f"{link.type}: {link.message}\n" for link in links).rstrip("\n")
    lines = [head]
    for index, link in reversed(list(enumerate(links))):
        lines += [f"   at {_csharp_frame(call, build)}" for call in build.stack(kind, link)]
        if index:
            lines.append("   --- End of inner exception stack trace ---")
    return "\n".join(lines).replace("\n ---> ", "\n ---> ")


def _csharp_frame(call: Call, build: Build) -> str:
    if call.is_library:
        return f"{call.place}.{call.function}(Object state)"
    function = f"<>c.<Run>b__{build.lambda_number(call)}_0" if call.function == "lambda" else call.function
    return f"{call.place}.{function}(Int32 id) in /src/{call.place.replace('.', '/')}.cs:line {build.line_of(call)}"


def _go(kind: Kind, links: Sequence[Link], build: Build) -> str:
    link = links[0]
    address = f"0x{build.rng.getrandbits(32):x}"
    lines = [
        f"goroutine {build.rng.randint(20, 90_000)} [running]:",
        "net/http.(*conn).serve.func1()",
        "\t/usr/local/go/src/net/http/server.go:1903 +0xb0",
        f"panic({{0x7a1b20?, {address}?}})",
        "\t/usr/local/go/src/runtime/panic.go:770 +0x132",
    ]
    for call in build.stack(kind, link):
        file = f"/src/{call.place.rpartition('/')[2]}/{call.place.rpartition('/')[2]}.go"
        lines += [f"{call.place}.{call.function}({address}, 0x2)", f"\t{file}:{build.line_of(call)} +0x1d"]
    return f"{link.message}\n" + "\n".join(lines)


def _ruby(kind: Kind, links: Sequence[Link], build: Build) -> str:
    link = links[0]
    lines = [f"{link.type} ({link.message}):", "  "]
    for call in build.stack(kind, link):
        root = "/usr/local/bundle/gems/" if call.is_library else ""
        lines.append(f"{root}{call.place}.rb:{build.line_of(call)}:in `{call.function}'")
    return "\n".join(lines)


def _php(kind: Kind, links: Sequence[Link], build: Build) -> str:
    link = links[0]
    calls = build.stack(kind, link)
    lines = [
        f"[object] ({link.type}(code: 0): {link.message} at {_php_file(calls[0])}:{build.line_of(calls[0])})",
        "[stacktrace]",
    ]
    for number, (call, caller) in enumerate(zip(calls, [*calls[1:], calls[-1]], strict=True)):
        name = f"{call.place}->{call.function}"
        lines.append(
            f"#{number} {_php_file(caller)}({build.line_of(caller)}): {name}(Object(Illuminate\\Http\\Request))"
        )
    return "\n".join([*lines, f"#{len(calls)} {{main}}"])


def _php_file(call: Call) -> str:
    path = call.place.replace("\\", "/")
    if call.is_library:
        return f"/var/www/vendor/laravel/framework/src/{path}.php"
    return f"/var/www/{path.replace('App/', 'app/', 1)}.php"


def _rust(kind: Kind, links: Sequence[Link], build: Build) -> str:
    link = links[0]
    calls = build.stack(kind, link)
    first = calls[0]
    lines = [
        f"thread 'tokio-runtime-worker' panicked at {_rust_file(first)}:{build.line_of(first)}:17:",
        link.message,
        "stack backtrace:",
        "   0: rust_begin_unwind",
        "             at /rustc/90b35a623/library/std/src/panicking.rs:597:5",
    ]
    for number, call in enumerate(calls, 1):
        lines += [
            f"   {number}: {call.place}::{call.function}",
            f"             at ./{_rust_file(call)}:{build.line_of(call)}:9",
        ]
    return "\n".join(lines)


def _rust_file(call: Call) -> str:
    return f"src/{call.place.rpartition('::')[2] or 'main'}.rs"


def _elixir(kind: Kind, links: Sequence[Link], build: Build) -> str:
    link = links[0]
    lines = [f"** ({link.type}) {link.message}"]
    for call in build.stack(kind, link):
        app, _, module = call.place.rpartition(":")
        if app == "stdlib":
            lines.append(f"    (stdlib 5.2) {module}.erl:{build.line_of(call)}: :{module}.{call.function}/3")
        else:
            file = "/".join(part.lower() for part in module.split("."))
            lines.append(
                f"    ({app or 'relay'} 1.{build.deploy}.0) lib/{file}.ex:{build.line_of(call)}: {module}.{call.function}/2"
            )
    value = build.rng.randint(1, 99_999)
    return "\n".join([*lines, f'Last message: {{:"$gen_cast", {{:say, {value}}}}}', f"State: %{{id: {value}}}"])


TRACES: dict[str, Trace] = {
    "kotlin": _jvm,
    "java": _jvm,
    "python": _python,
    "node": _node,
    "csharp": _csharp,
    "go": _go,
    "ruby": _ruby,
    "php": _php,
    "rust": _rust,
    "elixir": _elixir,
}
