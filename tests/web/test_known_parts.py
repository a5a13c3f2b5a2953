"""What templates look up once: each reader gets their own language, and each row its own address."""

import pytest
from django.template import Context, Engine
from django.urls import reverse, set_script_prefix
from django.utils import translation

ENGINE = Engine(builtins=["django.templatetags.i18n", "mukiau.web.templatetags.known_parts"])


def test_words_are_said_in_the_language_of_each_reader() -> None:
    template = ENGINE.from_string("{% translate 'Issues' %}{% translate word %}")
    said = []

    for language in ("en", "ja", "en"):
        with translation.override(language):
            said.append(template.render(Context({"word": "Cause"})))

    assert said == ["IssuesCause", "イシュー原因", "IssuesCause"]


@pytest.mark.parametrize("prefix", ["/", "/errors/"])
def test_an_address_has_the_number_of_each_row(prefix: str) -> None:
    template = ENGINE.from_string("{% url 'issues' %} {% url 'issue' id %} {% url 'runbook' code %}")
    set_script_prefix(prefix)

    try:
        shown = [template.render(Context({"id": id_, "code": code})) for id_, code in ((7, "A&B"), (12, "X 1"))]
        known = [f"{reverse('issues')} {reverse('issue', args=[id_])}" for id_ in (7, 12)]
    finally:
        set_script_prefix("/")

    assert shown == [f"{known[0]} {prefix}runbooks/A&amp;B/", f"{known[1]} {prefix}runbooks/X%201/"]
