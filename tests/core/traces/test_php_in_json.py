"""A PHP trace inside a logger's JSON context reads as if it had been printed."""

from mukiau.core.traces.registry import find_trace

LINES = [
    r'app.ERROR: failed {"exception":"[object] (Shop\\Mail\\NotSent(code: 0): got \"421\" at /srv/app/mail.php:9)',
    "[stacktrace]",
    r"#0 /srv/app/mail.php(20): Shop\\Mail\\Mailer->send()",
    "#1 {main}",
    '"}',
]


def test_names_and_messages_are_without_the_escapes_of_json() -> None:
    trace = find_trace(LINES)

    assert trace is not None
    raised = trace.exceptions[0]
    assert (raised.type, raised.message) == (r"Shop\Mail\NotSent", 'got "421"')
    assert raised.frames[-1].module == r"Shop\Mail\Mailer"
