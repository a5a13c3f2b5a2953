"""What the events of an issue have in common, in plain words."""

from django.utils.translation import override

from mukiau.core.grouping.explanation import Part
from mukiau.web.grouping.facts import facts_of


def exception(name: str) -> Part:
    return Part(name="exception", parts=(Part(name="type", value=name), Part(name="function", value=f"{name} f")))


def test_an_exception_alone_is_the_root_cause_also_where_the_way_in_counts() -> None:
    chain = Part(name="exceptions", parts=(exception("KeyError"), Part(name="way_in", value="app > deeper")))

    with override("en"):
        told = [(str(fact.label), fact.value) for fact in facts_of(Part(name="event", parts=(chain,)))]

    assert told == [("Root cause", "KeyError"), ("Fails in", "KeyError f"), ("Way in", "app > deeper")]


def test_the_root_cause_comes_before_what_wraps_it() -> None:
    chain = Part(name="exceptions", parts=(exception("SaveFailed"), exception("TimeoutError")))

    with override("en"):
        told = [str(fact.label) for fact in facts_of(Part(name="event", parts=(chain,)))]

    assert told == ["Root cause", "Fails in", "Wrapped in the exception", "Wrapped in the function"]
