"""Fingerprints: equal for one unit of handling, different for two, and always what the explanation says."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Event, ExceptionInfo, Frame, Origin, Relation
from mukiau.core.grouping.explanation import explanation_to_json, hash_of, leaves_of
from mukiau.core.grouping.fingerprint import fingerprint_of

NOW = datetime(2026, 10, 1, tzinfo=UTC)
LIBRARY = Frame(function="run", module="org.apache.Pool", filename="Pool.java", lineno=7)
CRASH = Frame(function="lambda$total$3", module="com.shop.Cart", filename="Cart.java", lineno=12, in_app=True)
ROOT = ExceptionInfo(type="a.Null", message="x is null", relation=Relation.CAUSE, parent=0, frames=(LIBRARY, CRASH))
TOP = ExceptionInfo(
    type="com.shop.OrderException",
    message="order 77 of 田中 failed",
    frames=(LIBRARY, replace(CRASH, function="confirm", module="com.shop.Orders")),
)
EVENT = Event(
    event_id="0" * 32, origin=Origin(), occurred_at=NOW, received_at=NOW, service="order", exceptions=(TOP, ROOT)
)
MESSAGE = replace(EVENT, exceptions=(), logger="shop.Mail", message="mail to a@b.example not sent, result=21")


def group(event: Event) -> str:
    return fingerprint_of(event).hash


def with_root(**changes: object) -> Event:
    return replace(EVENT, exceptions=(TOP, replace(ROOT, **changes)))


def test_line_numbers_and_lambda_numbers_do_not_count() -> None:
    moved = replace(CRASH, function="lambda$total$9", lineno=99)

    assert group(with_root(frames=(LIBRARY, moved))) == group(EVENT)


def test_library_frames_above_and_below_do_not_count() -> None:
    assert group(with_root(frames=(LIBRARY, LIBRARY, CRASH, LIBRARY))) == group(EVENT)


def test_generated_proxies_are_no_crash_frame() -> None:
    proxy = replace(CRASH, module="com.shop.Cart$$FastClassBySpringCGLIB$$9423", filename="<generated>")

    assert group(with_root(frames=(LIBRARY, CRASH, proxy))) == group(EVENT)


def test_environment_release_host_and_ids_do_not_count() -> None:
    other = replace(EVENT, environment="b-stg", release="9", event_id="1" * 32, tags=(("host", "ip-10-1-2-3"),))

    assert group(other) == group(EVENT)


def test_a_wrappers_words_do_not_count_but_its_codes_do() -> None:
    renamed = replace(EVENT, exceptions=(replace(TOP, message="order 1 of 鈴木 failed"), ROOT))
    coded = replace(EVENT, exceptions=(replace(TOP, message="order 1 failed code=E4031"), ROOT))

    assert group(renamed) == group(EVENT)
    assert group(coded) != group(EVENT)


def test_service_root_type_root_message_and_crash_function_count() -> None:
    others = [
        replace(EVENT, service="cart"),
        with_root(type="a.Io"),
        with_root(message="y is null"),
        with_root(frames=(LIBRARY, replace(CRASH, function="pay"))),
        replace(EVENT, exceptions=(TOP,)),
    ]

    assert len({group(event) for event in [EVENT, *others]}) == len(others) + 1


def test_without_an_in_app_wrapper_the_way_in_counts_but_not_what_lies_between() -> None:
    def reached_by(*functions: str) -> str:
        path = tuple(Frame(function=name, module="app", in_app=True) for name in functions)
        return group(replace(EVENT, exceptions=(replace(ROOT, parent=None, frames=(*path, CRASH)),)))

    assert reached_by("serve", "pay", "helper") == reached_by("serve", "pay", "renamed", "put_in")
    assert reached_by("serve", "pay", "pay", "pay") == reached_by("serve", "pay")
    assert reached_by("serve", "retry", "pay", "retry") != reached_by("serve", "retry")
    assert len({reached_by("serve", "pay"), reached_by("serve", "cancel"), reached_by("batch", "pay")}) == 3


def test_suppressed_exceptions_do_not_count() -> None:
    closing = ExceptionInfo(type="java.io.IOException", relation=Relation.SUPPRESSED, parent=1)

    assert group(replace(EVENT, exceptions=(TOP, ROOT, closing))) == group(EVENT)


def test_wrappers_that_say_nothing_are_seen_through() -> None:
    wrapper = ExceptionInfo(type="java.util.concurrent.ExecutionException", message="java: x")
    direct = replace(EVENT, exceptions=(replace(ROOT, parent=None, relation=Relation.TOP),))

    assert group(replace(EVENT, exceptions=(wrapper, ROOT))) == group(direct)


def test_a_log_message_is_grouped_by_service_logger_and_template() -> None:
    same = replace(MESSAGE, message="mail to c@d.example not sent, result=21")
    others = [
        replace(MESSAGE, message="mail to c@d.example not sent, result=34"),
        replace(MESSAGE, logger="shop.Sms"),
        replace(MESSAGE, service="cart"),
    ]

    assert group(same) == group(MESSAGE)
    assert len({group(event) for event in [MESSAGE, *others]}) == 4


def test_events_that_say_nothing_are_kept_apart_by_logger_and_service() -> None:
    silent = replace(MESSAGE, message="")

    assert len({group(silent), group(replace(silent, logger="b")), group(replace(silent, service="b"))}) == 3


def test_a_clients_own_fingerprint_wins_and_default_stands_for_ours() -> None:
    own = replace(EVENT, client_fingerprint=("payments",))
    both = replace(EVENT, client_fingerprint=("payments", "{{ default }}"))

    assert group(own) == group(replace(MESSAGE, client_fingerprint=("payments",)))
    assert len({group(own), group(both), group(EVENT)}) == 3
    assert group(replace(EVENT, client_fingerprint=("{{ default }}",))) == group(EVENT)


names = st.text(max_size=20)
frames = st.builds(Frame, function=names, module=names, filename=names, in_app=st.booleans())
links = st.builds(ExceptionInfo, type=names, message=st.text(max_size=80), frames=st.tuples(frames, frames))


@given(st.lists(links, max_size=4), names, st.text(max_size=80))
def test_the_hash_is_made_of_the_leaves_the_explanation_shows(
    chain: list[ExceptionInfo], service: str, text: str
) -> None:
    found = fingerprint_of(replace(EVENT, exceptions=tuple(chain), service=service, message=text))

    assert found.hash == hash_of(found.explanation)
    assert any(leaf.name == "service" for leaf in leaves_of(found.explanation))
    assert explanation_to_json(found.explanation)["parts"]
