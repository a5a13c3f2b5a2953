"""The form of a request: the fields its kind has, and every mistake at its field."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mukiau.stores.work.request_refusals import HiddenCharacter
from mukiau.web.requests.words import FIELD_NAMES, SIDE_NAMES, gap_words, refusal_words
from mukiau.web.templatetags.show import local
from mukiau.work.request_content import (
    MAX_NAME_CHARS,
    MAX_ROWS,
    MAX_TEXT_CHARS,
    MAX_TITLE_CHARS,
    Content,
    find_gaps,
    find_hidden,
    tidy,
)
from mukiau.work.requests import SIDES, STATEMENT_KINDS, Kind, Side


def _text(rows: int, **attributes: str) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, **attributes})
    return forms.CharField(required=False, strip=False, max_length=MAX_TEXT_CHARS, widget=widget)


def _name() -> forms.CharField:
    return forms.CharField(required=False, max_length=MAX_NAME_CHARS)


class RequestForm(forms.Form):
    """What a person writes. What only asking needs is looked at when `is_draft` is false."""

    title = forms.CharField(max_length=MAX_TITLE_CHARS, required=False)
    side = forms.ChoiceField(required=False)
    body = _text(6)
    statement = _text(6, **{"class": "mono", "spellcheck": "false", "autocapitalize": "none"})
    expected_rows = forms.IntegerField(required=False, min_value=0, max_value=MAX_ROWS)
    rollback = _text(3, **{"class": "mono", "spellcheck": "false", "autocapitalize": "none"})
    evidence = _text(4)
    service = _name()
    customer = _name()
    environment = _name()
    due = forms.DateField(required=False, label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, kind: Kind, is_draft: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.is_draft = kind, is_draft
        self.fields["side"].choices = [(side.value, SIDE_NAMES[side]) for side in SIDES[kind]]  # type: ignore[attr-defined]
        if len(SIDES[kind]) == 1:
            del self.fields["side"]
        if kind not in STATEMENT_KINDS:
            for name in ("statement", "expected_rows", "rollback"):
                del self.fields[name]
        for name, field in self.fields.items():
            if name in FIELD_NAMES:
                field.label = FIELD_NAMES[name]  # type: ignore[assignment]  # a text of gettext, as in forms

    @property
    def needed(self) -> frozenset[str]:
        """Names of the fields without which nothing can be asked."""
        bare = Content(kind=self.kind, side=SIDES[self.kind][0], title="")
        runs = {"environment"} if self.kind is Kind.DATA_CORRECTION else set()
        return frozenset({"side", *find_gaps(bare), *runs})

    def clean_statement(self) -> str:
        return self._clean_run("statement")

    def clean_rollback(self) -> str:
        return self._clean_run("rollback")

    def _clean_run(self, name: str) -> str:
        """Return what is to be run, with line feeds and without a character that nobody sees."""
        text: str = self.cleaned_data[name].replace("\r\n", "\n").replace("\r", "\n")
        if hidden := find_hidden(text):
            raise ValidationError(refusal_words(HiddenCharacter(hidden)))
        return text

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.is_draft and not self.errors:
            for gap in find_gaps(self.content):
                self.add_error(gap.value if gap.value in self.fields else None, gap_words(gap))
        return given

    @property
    def content(self) -> Content:
        """What was written, once it is clean."""
        given = self.cleaned_data
        side = given.get("side") or SIDES[self.kind][0]
        texts = {name: given.get(name) or "" for name in ("title", "body", "statement", "rollback", "evidence")}
        names = {name: given.get(name) or "" for name in ("service", "customer", "environment")}
        rows, due = given.get("expected_rows"), given.get("due")
        content = Content(
            kind=self.kind,
            side=Side(side),
            expected_rows=rows,
            due_ms=end_of_day(due) if due else None,
            **texts,
            **names,
        )
        return tidy(content)


def initial_of(content: Content) -> dict[str, Any]:
    """Return what a form begins with to change a request."""
    values = {name: getattr(content, name) for name in Content.__slots__}
    return {**values, "due": local(content.due_ms).date() if content.due_ms else None}


def end_of_day(day: date) -> int:
    """Return the last millisecond of a day in the viewer's zone."""
    last = datetime.combine(day, time(23, 59, 59, 999_000), tzinfo=timezone.get_current_timezone())
    return int(last.timestamp() * 1000)
