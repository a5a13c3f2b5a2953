"""What Python's reader of TOML says about a broken text, in the reader's words; and what is wrong with a shape.

Both give English sentences and nothing else. Those there are today are known here; one that a later Python adds is shown
as it stands.
"""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_PLACE = re.compile(r" \(at (?:line \d+, column (?P<column>\d+)|end of document)\)$")
_SAYINGS: dict[str, Promise] = {
    r"Invalid statement": gettext_lazy("Here must stand a key, a table or a comment."),
    r"Expected newline or end of document after a statement": gettext_lazy("Nothing more may stand on this line."),
    r"Expected '=' after a key in a key/value pair": gettext_lazy("There is no = behind the key."),
    r"Expected '\]' at the end of a table declaration": gettext_lazy("There is no ] behind the name of the table."),
    r"Expected '\]\]' at the end of an array declaration": gettext_lazy("There is no ]] behind the name of the table."),
    r"Expected (?P<what>.+)": gettext_lazy("Here must stand %(what)s."),
    r"(?:Found invalid|Illegal) character (?P<what>.+)": gettext_lazy("The character %(what)s cannot stand here."),
    r"Cannot declare (?P<what>.+) twice": gettext_lazy("%(what)s is there already."),
    r"Cannot (?:mutate immutable|redefine) namespace (?P<what>.+)": gettext_lazy("%(what)s is there already."),
    r"Duplicate inline table key (?P<what>.+)": gettext_lazy("%(what)s is there already."),
    r"Cannot overwrite a value": gettext_lazy("The key is there already."),
    r"Invalid initial character for a key part": gettext_lazy("A key cannot begin so."),
    r"Unclosed array": gettext_lazy("There is no ] at the end of the list."),
    r"Unclosed inline table": gettext_lazy("There is no } at the end of the table."),
    r"Unescaped '\\' in a string": gettext_lazy("A backslash in a text must be doubled."),
    r"Invalid hex value": gettext_lazy("The number of an escaped character has four or eight hex digits."),
    r"Escaped character is not a Unicode scalar value": gettext_lazy("There is no character of this number."),
    r"Unterminated string": gettext_lazy("There is no quotation mark at the end of the text."),
    r"Invalid date or datetime": gettext_lazy("There is no such date."),
    r"Invalid value": gettext_lazy("This is no value. Texts stand in quotation marks."),
    r"it is nested too deeply\.": gettext_lazy("It is nested too deeply."),
    r"\{(?P<one>.+)\} takes all that \{(?P<two>.+)\} could: .+": gettext_lazy(
        "{%(one)s} takes all that {%(two)s} could. Write something between them, such as a dash."
    ),
    r"A shape has at most (?P<most>\d+) characters; this one has (?P<count>\d+)\.": gettext_lazy(
        "It may have %(most)s characters and has %(count)s."
    ),
    r"There is no \{(?P<what>.+)\}; allowed are (?P<allowed>.+)\.": gettext_lazy(
        "There is no {%(what)s}. Allowed: %(allowed)s"
    ),
    r"A shape has at most (?P<most>\d+) placeholders\.": gettext_lazy("It may have %(most)s placeholders."),
    r"A shape needs some text .+; allowed are (?P<allowed>.+)\.": gettext_lazy(
        "It needs some text beside its placeholders, such as SKU-{digits}. Allowed: %(allowed)s"
    ),
}
"""The whole saying, without its place."""


def note_words(note: str) -> str:
    """Return what a reader said of a draft, with the column where it names one; the line is said beside it.

    >>> note_words("Invalid value (at line 3, column 8)")
    'This is no value. Texts stand in quotation marks. (column 8)'
    """
    place = _PLACE.search(note)
    said = note if place is None else note[: place.start()]
    words = _words(said)
    if words is None:
        return note
    if place is None or place["column"] is None:
        return words
    return _("%(said)s (column %(column)s)") % {"said": words, "column": place["column"]}


def _words(said: str) -> str | None:
    for pattern, says in _SAYINGS.items():
        if (found := re.fullmatch(pattern, said)) is not None:
            return str(says) % found.groupdict()
    return None
