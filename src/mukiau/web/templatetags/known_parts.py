"""`{% translate %}` and `{% url %}` as Django has them, but looked up once and not again for every row of a list.

What a template says by a literal differs by the language only, and an address by name has at most a number in it that
differs. A page of fifty rows asks for some hundreds of both. Everything else goes Django's way.
"""

from typing import Any

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as do_url
from django.templatetags.i18n import TranslateNode, do_translate
from django.urls import get_script_prefix, reverse
from django.utils.html import conditional_escape
from django.utils.translation import get_language

register = template.Library()

STAND_IN = 9_876_543_210
"""A number that is in no address by itself."""


class KnownWords(template.Node):
    """Words of a template; they differ by the language only."""

    def __init__(self, words: TranslateNode) -> None:
        self._words = words
        self._by_language: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """Return what was said in this language before."""
        language = get_language()
        said = self._by_language.get(language)
        if said is None:
            said = self._by_language[language] = self._words.render(context)
        return said


class KnownAddress(template.Node):
    """An address by name, with one number in it or none."""

    def __init__(self, address: URLNode) -> None:
        self._address = address
        self._by_prefix: dict[str, tuple[str, str]] = {}

    def render(self, context: Context) -> str:
        """Put the number into what was looked up before."""
        number = self._address.args[0].resolve(context) if self._address.args else ""
        if number != "" and (type(number) is not int or number < 0):
            return str(self._address.render(context))
        prefix = get_script_prefix()
        around = self._by_prefix.get(prefix)
        if around is None:
            around = self._by_prefix[prefix] = self._look_up(context)
        return f"{around[0]}{number}{around[1]}"

    def _look_up(self, context: Context) -> tuple[str, str]:
        """Return what stands before the number and behind it."""
        numbers = [STAND_IN] * len(self._address.args)
        address = conditional_escape(reverse(self._address.view_name.resolve(context), args=numbers))
        before, _, behind = address.partition(str(STAND_IN))
        return before, behind


@register.tag("translate")
def translate(parser: Parser, token: Token) -> template.Node:
    """Translate as Django does; what is kept under a name (`as`) or comes from a variable is looked up each time."""
    node = do_translate(parser, token)
    is_known = node.asvar is None and node.message_context is None and _is_literal(node.filter_expression)
    return KnownWords(node) if is_known else node


@register.tag
def url(parser: Parser, token: Token) -> template.Node:
    """Give an address as Django does; what is kept under a name, or has several parts that differ, is looked up each time."""
    node = do_url(parser, token)
    is_known = node.asvar is None and not node.kwargs and len(node.args) <= 1 and _is_literal(node.view_name)
    return KnownAddress(node) if is_known else node


def _is_literal(given: FilterExpression) -> bool:
    literal: Any = getattr(given.var, "literal", given.var)
    return not given.filters and isinstance(literal, str)
