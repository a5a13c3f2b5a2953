"""An issue's title: placeholders where they help, the value where nothing else is said."""

import pytest

from mukiau.web.templatetags.show import heading


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("KeyError: 'discount_8812'", "KeyError: &#x27;discount_8812&#x27;"),
        ("ValueError: session 123456 expired", 'ValueError: session <span class="ph">num</span> expired'),
        ('RuntimeError: unexpected reply: {"a": 1}', 'RuntimeError: unexpected reply: <span class="ph">json</span>'),
        ("order 77 not charged", 'order <span class="ph">num</span> not charged'),
        ("ConcurrentModificationException", "ConcurrentModificationException"),
        ("<b>x</b> failed", "&lt;b&gt;x&lt;/b&gt; failed"),
    ],
)
def test_the_title_of_an_issue(title: str, shown: str) -> None:
    assert heading(title) == shown
