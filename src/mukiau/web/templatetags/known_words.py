"""`{% translate %}` of words that stand in the template: looked up once for each language, and not for every row of a list."""

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils.translation import get_language

register = template.Library()


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


@register.tag("translate")
def translate(parser: Parser, token: Token) -> template.Node:
    """Translate as Django does; what is kept under a name (`as`) or comes from a variable is looked up each time."""
    node = do_translate(parser, token)
    is_known = node.asvar is None and node.message_context is None and _is_literal(node.filter_expression)
    return KnownWords(node) if is_known else node


def _is_literal(given: FilterExpression) -> bool:
    return not given.filters and getattr(given.var, "literal", None) is not None
