"""The support desk: what the admin pages of every app share. No app's own pages live here.

Pages that only show, search that goes by index first, and operator's forms: a page about chosen rows
that asks for a reason. What such a form does belongs to the app that owns the rows.
"""

import json
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.widgets import AdminTextareaWidget
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

ROWS_PER_PAGE = 50


def operator_of(request: HttpRequest) -> str:
    """How ledger and job history name a member of staff."""
    return f"operator:{request.user.email}"


def pretty_json(value: Any) -> str:
    if value is None:
        return "-"
    style = "margin: 0; white-space: pre-wrap; overflow-wrap: anywhere"
    return format_html('<pre style="{}">{}</pre>', style, json.dumps(value, indent=2, ensure_ascii=False))


def color_swatches(colors: Sequence[str]) -> str:
    """A square of each colour beside its hex."""
    style = "display: inline-block; width: 1em; height: 1em; border: 1px solid #888; vertical-align: -2px"
    swatch = '<span style="{}; background: {}"></span> {}'
    return format_html_join("  ", swatch, ((style, color, color) for color in colors)) or "-"


class ReadOnly:
    """Rows are shown and never edited: their one writer is a domain module, not a form."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """The model's change permission: it opens no field here, but the actions and their forms."""
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")


class ReadOnlyTable(ReadOnly, admin.TabularInline):
    template = "admin/accounts/read_only_table.html"
    extra = 0


class ListPage(admin.ModelAdmin):
    """A list that stays cheap on big tables, searched by id and owner first.

    A UUID and a whole e-mail address are looked up by index, in `uuid_fields` and `email_field`;
    whatever is not found that way goes on to `search_fields`.
    """

    list_per_page = ROWS_PER_PAGE
    show_full_result_count = False
    uuid_fields: Sequence[str] = ("pk",)
    email_field = "user__email"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        exact = queryset.filter(self._exact(search_term.strip()))
        if search_term and exact.exists():
            return exact, False
        return super().get_search_results(request, queryset, search_term)

    def _exact(self, term: str) -> Q:
        try:
            key = uuid.UUID(term)
        except ValueError:
            return Q((self.email_field, term.lower()))
        return Q.create([(name, key) for name in self.uuid_fields], connector=Q.OR)


class OperatorForm(forms.Form):
    """What an operator says before something happens to the chosen rows.

    `drawn` says what the form was drawn for: sent twice, it acts once.
    """

    title: str
    reason = forms.CharField(
        max_length=500, widget=AdminTextareaWidget(attrs={"rows": 3}), help_text="Kept in the history."
    )
    drawn = forms.CharField(widget=forms.HiddenInput)

    @staticmethod
    def applies_to(row: models.Model) -> bool:
        """Whether the row's own page offers this form."""
        return True

    def audit_message(self) -> str:
        return f"{self.title}: {self.cleaned_data['reason']}"


class OperatorPages(ReadOnly):
    """A page for each operator's form. It is drawn by GET, so that buttons and actions only link to it.

    A subclass gives `describe(row)`, the row's name on the page; `drawn_for(rows)`, what a form that is
    drawn now may act on; and `operate(request, form, rows)`, which acts and tells the operator, or returns
    False when the form now carries an error and is to be shown again.
    """

    operator_forms: dict[str, type[OperatorForm]] = {}

    def open_form(self, request: HttpRequest, queryset: QuerySet, name: str) -> HttpResponse | None:
        """From a list's action to the page of the form."""
        chosen = [str(pk) for pk in queryset.values_list("pk", flat=True)[: ROWS_PER_PAGE + 1]]
        if len(chosen) > ROWS_PER_PAGE:
            self.message_user(request, f"Choose {ROWS_PER_PAGE} rows at most.", messages.ERROR)
            return None
        return HttpResponseRedirect(self._address(name, chosen))

    def get_urls(self) -> list:
        pages = [
            path(
                f"{name}/",
                self.admin_site.admin_view(partial(self.operator_view, form_class=form_class)),
                name=self._url_name(name),
            )
            for name, form_class in self.operator_forms.items()
        ]
        return pages + super().get_urls()

    def operator_view(self, request: HttpRequest, *, form_class: type[OperatorForm]) -> HttpResponse:
        if not self.has_operate_permission(request):
            raise PermissionDenied
        rows = self._chosen(request)
        if not rows:
            self.message_user(request, "None of these rows is there any more.", messages.ERROR)
            return HttpResponseRedirect(self._address("changelist"))
        if request.method != "POST":
            form = form_class(initial={"drawn": self.drawn_for(rows)})
        else:
            form = form_class(request.POST)
            if form.is_valid() and self.operate(request, form, rows):
                return HttpResponseRedirect(self._address_after(rows))
        return self._page(request, form, rows)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None):
        context = {"operator_links": self._links(request, object_id)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def _chosen(self, request: HttpRequest) -> list[models.Model]:
        chosen = (self.get_object(request, key) for key in request.GET.getlist("id")[:ROWS_PER_PAGE])
        return [row for row in chosen if row is not None]

    def _links(self, request: HttpRequest, object_id: str) -> list[dict[str, str]]:
        row = self.get_object(request, object_id)
        if row is None or not self.has_operate_permission(request):
            return []
        return [
            {"title": form.title, "address": self._address(name, [str(row.pk)])}
            for name, form in self.operator_forms.items()
            if form.applies_to(row)
        ]

    def _page(
        self, request: HttpRequest, form: OperatorForm, rows: Sequence[models.Model]
    ) -> TemplateResponse:
        shown = [field.name for field in form.visible_fields()]
        context = self.admin_site.each_context(request) | {
            "title": form.title,
            "opts": self.opts,
            "form": form,
            "fieldset": next(iter(AdminForm(form, [(None, {"fields": shown})], {}))),
            "media": self.media + form.media,
            "rows": [self.describe(row) for row in rows],
            "back": self._address_after(rows),
        }
        return TemplateResponse(request, "admin/accounts/operator_form.html", context)

    def _url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def _address(self, name: str, chosen: Sequence[str] = ()) -> str:
        address = reverse(f"{self.admin_site.name}:{self._url_name(name)}")
        if not chosen:
            return address
        query = QueryDict(mutable=True)
        query.setlist("id", chosen)
        return f"{address}?{query.urlencode()}"

    def _address_after(self, rows: Sequence[models.Model]) -> str:
        if len(rows) > 1:
            return self._address("changelist")
        return reverse(f"{self.admin_site.name}:{self._url_name('change')}", args=[rows[0].pk])
