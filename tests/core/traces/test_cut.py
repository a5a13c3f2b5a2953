"""A trace whose end is missing is known by what its runtime always prints last; any other counts as whole."""

import pytest

from mukiau.core.traces.cut import is_cut

JAVA = """\
com.acme.OrderException: not saved
\tat com.acme.order.OrderService.save(OrderService.java:31)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.sql.SQLException: too long
\tat com.acme.order.OrderRepository.insert(OrderRepository.java:12)
\tat com.acme.order.OrderService.save(OrderService.java:29)
\t... 1 more"""
DOTNET = """\
Acme.OrderException: not saved ---> System.FormatException: bad input
   at Acme.Orders.Row.Parse(String s) in /src/Row.cs:line 3
   --- End of inner exception stack trace ---
   at Acme.Orders.Service.Save() in /src/Service.cs:line 9"""
PHP = """\
[2026-10-06T13:12:36+09:00] mail.ERROR: failed {"exception":"[object] (Acme\\\\Refused(code: 5): no at /srv/Mail.php:23)
[stacktrace]
#0 /srv/main.php(31): Acme\\\\Mailer->send()
#1 {main}
"}"""
PHP_CONSOLE = """\
PHP Fatal error:  Uncaught Acme\\Refused: no in /srv/Mail.php:23
Stack trace:
#0 /srv/main.php(31): Acme\\Mailer->send()
#1 {main}
  thrown in /srv/Mail.php on line 23"""
GO = """\
panic: index out of range

goroutine 18 [running]:
acme.example/shop/order.(*Cart).Total(...)
\t/src/order/cart.go:48
created by main.main in goroutine 1
\t/src/main.go:20 +0x1d"""
WHOLE = {"java": JAVA, "csharp": DOTNET, "php": PHP, "go": GO}


@pytest.mark.parametrize(("language", "text"), [*WHOLE.items(), ("php", PHP_CONSOLE)])
def test_a_trace_is_cut_when_its_end_is_missing(language: str, text: str) -> None:
    lines = text.split("\n")

    assert not is_cut(text, language)
    assert not is_cut(text + "\n\n", language)
    assert is_cut("\n".join(lines[:-2]), language)


@pytest.mark.parametrize(
    "end",
    [
        "\tat com.acme.order.OrderService.save(OrderService.java:29)\n\t... 20 common frames omitted",
        "\tat com.acme.order.OrderService.save(OrderService.java:29)\n\tat java.lang.Thread.run(Thread.java:840)",
        "\tat com.acme.order.Job.main(Job.java:7)",
        "[CIRCULAR REFERENCE: com.acme.OrderException: not saved]",
    ],
)
def test_a_java_cause_may_end_in_many_ways(end: str) -> None:
    head = "E: a\n\tat com.acme.A.b(A.java:1)\nCaused by: "
    text = head + end if end.startswith("[") else head + "F: b\n" + end

    assert not is_cut(text, "java")


def test_a_recursion_that_the_runtime_leaves_off_is_whole() -> None:
    frame = "\tat com.acme.Line.depth(Line.java:8)"

    assert not is_cut("java.lang.StackOverflowError\n" + "\n".join([frame] * 1_024), "java")


@pytest.mark.parametrize(
    "mark", ["...truncated", "… (truncated)", "[truncated]", "<truncated 812 bytes>", "... [TRUNCATED]"]
)
def test_what_a_sender_says_it_cut_is_cut_in_every_language(mark: str) -> None:
    assert is_cut(f"Error: no\n    at save (/srv/a.js:3:1)\n    at ru{mark}", "javascript")


@pytest.mark.parametrize("language", ["", "python", "javascript", "ruby", "rust"])
def test_of_other_runtimes_nobody_can_tell(language: str) -> None:
    assert not is_cut("Error: no\n    at save (/srv/a.js:3:1)", language)
    assert not is_cut("", language)
