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


@pytest.mark.parametrize(
    ("title", "template", "shown"),
    [
        (
            "Failed password for sato from 10.0.0.7",
            "Failed password for {word} from <ip>",
            'Failed password for <span class="ph">word</span> from <span class="ph">ip</span>',
        ),
        ("no <b>x</b> here", "no {words} here", 'no <span class="ph">words</span> here'),
        ("order 77 not charged", "{word} was not found", 'order <span class="ph">num</span> not charged'),
        ("order 77 not charged", "order <num> not charged", 'order <span class="ph">num</span> not charged'),
    ],
)
def test_words_that_vary_by_the_policy_are_placeholders_too(title: str, template: str, shown: str) -> None:
    assert heading(title, template) == shown
