"""The audit log for those who answer for it: a page to search, and an export to check elsewhere."""

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from review.audit import chain, export
from review.enums import Action
from review.models import AuditEvent, AuditHead
from review.permissions import Permission, check
from transcripts import events
from transcripts.enums import Action as TranscriptAction

ROWS_A_PAGE = 100
CHECKED_ON_THE_PAGE = 5_000
BATCH = 1_000
SENTENCES: dict[str, str] = dict(TranscriptAction.choices) | dict(Action.choices)


class FilterForm(forms.Form):
    person = forms.ChoiceField(required=False)
    action = forms.ChoiceField(required=False, choices=[("", "Any"), *sorted(SENTENCES.items())])
    outcome = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), ("success", "Success"), ("denied", "Denied"), ("failure", "Failure")],
    )
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, rows: QuerySet[AuditEvent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = rows.exclude(actor_id="").order_by().values_list("actor_id", "actor_display")
        self.fields["person"].choices = [("", "Anyone"), *people.distinct()]

    def narrow(self, rows: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        chosen = {k: v for k, v in self.cleaned_data.items() if v} if self.is_valid() else {}
        lookups = {
            "person": "actor_id",
            "action": "action",
            "outcome": "outcome",
            "since": "time__date__gte",
            "until": "time__date__lte",
        }
        return rows.filter(**{lookups[name]: value for name, value in chosen.items()})


@login_required
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The practice's audit log, newest first. Reading it is recorded too."""
    check(request.membership, Permission.AUDIT)
    _report(request, Action.AUDIT_VIEWED)
    rows = AuditEvent.objects.filter(practice=request.practice.pk)
    form = FilterForm(request.GET or None, rows=rows)
    page = Paginator(form.narrow(rows).order_by("-seq"), ROWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    for event in page:
        event.sentence = SENTENCES.get(event.action, event.action)
    context = {
        "page": page,
        "filters": form,
        "export_url": reverse("audit-export"),
        "chain": _chain(request.practice.pk),
    }
    return render(request, "review/audit.html", context)


def _chain(practice: object) -> dict[str, Any]:
    """Whether the chain holds; not checked here when it is long, since the export can be."""
    head = AuditHead.objects.get(practice=practice)
    state = {"size": head.seq, "head": head.hash, "ok": None}
    if head.seq <= CHECKED_ON_THE_PAGE:
        rows = AuditEvent.objects.filter(practice=practice, seq__lte=head.seq).order_by("seq")
        broken = chain.first_break(event.row() for event in rows.iterator())
        last = rows.last()
        state["ok"] = broken is None and (last.hash if last else chain.GENESIS) == head.hash
        state["broken"] = broken
    return state


def _report(request: HttpRequest, action: Action) -> None:
    events.emit(
        events.Event(
            action=action, practice_id=request.practice.pk, by=request.user, object_type="AuditLog"
        )
    )


@login_required
@require_GET
def audit_export(request: HttpRequest) -> StreamingHttpResponse:
    """The whole log as CSV that review/audit/verify.py checks offline. Memory stays constant."""
    check(request.membership, Permission.AUDIT)
    with transaction.atomic():
        _report(request, Action.AUDIT_EXPORTED)
    return StreamingHttpResponse(
        _csv(request.practice.pk),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="countersign-audit.csv"'},
    )


async def _csv(practice: object) -> AsyncIterator[str]:
    yield "".join(export.csv_rows([]))
    seq = 0
    while rows := await sync_to_async(_batch)(practice, seq):
        lines = export.csv_rows(rows)
        next(lines)  # each batch's own header
        yield "".join(lines)
        seq = rows[-1].seq


def _batch(practice: object, after: int) -> list[chain.Row]:
    rows = AuditEvent.objects.filter(practice=practice, seq__gt=after).order_by("seq")[:BATCH]
    return [event.row() for event in rows]
