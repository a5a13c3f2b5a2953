"""Frames and chains as values, without a page."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from web_world import exception, frame

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.grouping.policy import DEFAULT
from mukiau.core.grouping.policy_text import parse_policy
from mukiau.web.event.chain import Chain, Role, chain_of
from mukiau.web.event.explanation import explanation_nodes
from mukiau.web.event.frames import FrameRun, RunKind, StackPlace, frame_runs
from mukiau.web.event.own_frames import with_policy
from mukiau.web.event.remarks import Remarks
from mukiau.web.event.sections import Wish, sections_of
from mukiau.web.event.sheet import Sheet

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
KEYS = "exception values type value module mechanism exception_id parent_id source stacktrace frames vars in_app name parts"
keys = st.sampled_from([*KEYS.split(), "context_line", "pre_context", "lineno", "breadcrumbs", "request", "threads"])
SECTIONS = (
    "exception threads breadcrumbs request user logentry contexts tags modules stacktrace errors sdk _meta extra more"
).split()
payloads = st.recursive(
    anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


def sheet() -> Sheet:
    return Sheet(Remarks({}))


def runs_of(stack: JSONValue, wrapped_by: JSONValue = None) -> tuple[FrameRun, ...]:
    return frame_runs(stack, place=StackPlace(anchor="f-0", path="x"), sheet=sheet(), wrapped_by=wrapped_by)


def chain_of_values(*values: JSONObject) -> Chain:
    return chain_of({"exception": {"values": list(values)}}, {}, sheet())


OWN = parse_policy(
    'defaults = 1\n[in_app.python]\ninclude = ["quill.vendored.**"]\nexclude = ["shop.generated.**"]\n'
).policy
assert OWN is not None


def test_frames_are_in_the_app_as_the_policy_in_force_says() -> None:
    modules = ("shop.api", "shop.generated.client", "quill.vendored.pdf")
    frames = [
        {"function": "run", "module": module, "in_app": not module.startswith("quill"), "lineno": number}
        for number, module in enumerate(modules, 1)
    ]
    payload = {"platform": "python", "exception": {"values": [{"type": "E", "stacktrace": {"frames": frames}}]}}

    shown = with_policy({"payload": payload}, OWN)
    (link,) = chain_of(shown["payload"], {}, sheet()).links

    told = [(frame.place, frame.in_app, dict(frame.details)["Counts as"]) for run in link.runs for frame in run.frames]
    assert told == [
        ("quill.vendored.pdf:3", True, "in app: the grouping policy says so"),
        ("shop.generated.client:2", False, "library: the grouping policy says so"),
        ("shop.api:1", True, "in app: no known library in its name or path"),
    ]
    assert frames[1]["in_app"] is True
    assert with_policy({"payload": payload}, DEFAULT)["payload"] is payload


@given(payloads, payloads)
def test_no_payload_of_any_shape_breaks_a_page(payload: Any, tree: Any) -> None:
    document = {"payload": dict.fromkeys(SECTIONS, payload), "origin": payload, "problems": payload, "tags": payload}
    document = with_policy(document, OWN)
    tree = tree if isinstance(tree, dict) else {"parts": tree}

    sections_of(document, tree=tree, occurred_ms=0, wish=Wish())
    sections_of(document, tree=tree, occurred_ms=0, wish=Wish(is_whole=True))
    explanation_nodes(tree)


def test_calls_that_the_wrapper_shows_too_are_one_folded_run() -> None:
    outer = [frame("main", 1), frame("serve", 2, in_app=False)]
    cause = exception("Cause", "", *outer, frame("handle", 30), frame("load", 40))
    raised = exception("Raised", "", *outer, frame("handle", 33))

    root, top = chain_of_values(cause, raised).links

    assert (root.role, top.role) == (Role.ROOT, Role.RAISED)
    assert [(run.kind, [view.function for view in run.frames]) for run in root.runs] == [
        (RunKind.OWN, ["load", "handle"]),
        (RunKind.SHARED, ["serve", "main"]),
    ]
    assert [view.function for run in top.runs for view in run.frames] == ["handle", "serve", "main"]


def test_an_exception_keeps_at_least_its_crash_frame() -> None:
    stack = {"frames": [frame("main"), frame("run")]}

    runs = runs_of(stack, wrapped_by=stack)

    assert [(run.kind, run.frames[0].function) for run in runs] == [(RunKind.OWN, "run"), (RunKind.SHARED, "main")]


def test_the_own_frame_nearest_the_crash_is_never_folded_away() -> None:
    shared = [frame("main", 1), frame("save", 2)]
    library = frame("execute", 9, in_app=False)

    runs = runs_of({"frames": [*shared, library]}, wrapped_by={"frames": [*shared, frame("commit", 8, in_app=False)]})

    assert [(run.kind, run.frames[0].function) for run in runs] == [
        (RunKind.LIBRARY, "execute"),
        (RunKind.OWN, "save"),
        (RunKind.SHARED, "main"),
    ]


def test_a_class_is_named_where_the_file_does_not_say_it() -> None:
    java = {"module": "com.example.point.Ledger", "function": "append", "filename": "Ledger.java", "lineno": 88}
    python = {"module": "point.ledger", "function": "append", "filename": "point/ledger.py", "lineno": 88}

    (java_run,), (python_run,) = (runs_of({"frames": [wire]}) for wire in (java, python))

    assert java_run.frames[0].place == "Ledger.java:88"
    assert (java_run.frames[0].function, java_run.frames[0].package) == ("Ledger.append", "com.example.point")
    assert (python_run.frames[0].function, python_run.frames[0].package) == ("append", "")


def test_a_wrapper_that_only_repeats_its_cause_says_so() -> None:
    cause = exception("java.io.IOException", "disk full")
    wrapper = exception("RuntimeException", "java.io.IOException: disk full")
    raised = exception("JobError", "the job failed")

    links = chain_of_values(cause, wrapper, raised).links

    assert [link.repeats_cause for link in links] == [False, True, False]


def _kinds(*functions: str) -> list[tuple[str, int]]:
    return [(run.kind.value, run.count) for run in runs_of({"frames": [frame(name) for name in functions]})]


def test_a_recursion_is_one_fold_behind_its_first_calls() -> None:
    direct = _kinds("main", *["depth"] * 200, "check")
    through_two = _kinds("main", *["visit", "children"] * 50, "check")

    assert direct == [("own", 2), ("repeated", 199), ("own", 1)]
    assert through_two == [("own", 3), ("repeated", 98), ("own", 1)]


def test_calls_that_only_look_alike_for_a_moment_are_not_folded() -> None:
    assert _kinds("a", "b", "a", "b", "c", "c", "c") == [("own", 7)]


def test_of_very_many_own_frames_the_first_are_shown() -> None:
    assert _kinds(*[f"work_{number}" for number in range(100)]) == [("own", 30), ("further", 70)]


def test_no_frame_is_lost_between_the_runs() -> None:
    functions = ["a", *["b"] * 9, "c", *["d", "e", "f"] * 6, "g", *["h"] * 5]

    runs = runs_of({"frames": [frame(name) for name in functions]})

    assert [view.function for run in runs for view in run.frames] == functions[::-1]
