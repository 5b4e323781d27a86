"""The audit log for those who answer for it: a page to search and follow, and what pins the log."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from review.audit import chain, exporting, live, sorting
from review.enums import Action, AuditForm, Rhythm
from review.models import (
    AuditCheck,
    AuditCheckpoint,
    AuditEvent,
    AuditHead,
    AuditKey,
    AuditSchedule,
)
from review.permissions import Permission, check
from review.policies import Refused
from transcripts import events
from transcripts.enums import Action as TranscriptAction
from transcripts.models import Duty, Patient, User

ROWS_A_PAGE = 100
CHECKED_ON_THE_PAGE = 2_000
CHECKED_AT_ONCE = 20_000
FOLLOWED = 200  # rows in one answer to a page that follows the log
HEADS = 1_000
SUMMED_UP = 50
SENTENCES: dict[str, str] = dict(TranscriptAction.choices) | dict(Action.choices)
COLUMNS = {"time": "Time", "who": "Who", "what": "What", "outcome": "Outcome"}  # that order rows
OUTCOMES = [("", "Any"), ("success", "Success"), ("denied", "Denied"), ("failure", "Failure")]


class FilterForm(forms.Form):
    person = forms.ChoiceField(required=False)
    patient = forms.UUIDField(required=False, label="Patient (internal id)")
    action = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), *sorted(SENTENCES.items(), key=lambda pair: pair[1])],
    )
    outcome = forms.ChoiceField(required=False, choices=OUTCOMES)
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sort = forms.ChoiceField(required=False, choices=sorting.CHOICES, label="Order")

    def __init__(self, *args: Any, practice: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__practice=practice).distinct()
        names = sorted((person.name, str(person.pk)) for person in people)
        self.fields["person"].choices = [("", "Anyone"), *((pk, name) for name, pk in names)]

    def chosen(self) -> dict[str, str]:
        """What is set, as exporting.narrow takes it; nothing when any of it makes no sense."""
        if not self.is_valid():
            return {}
        cleaned = self.cleaned_data.items()
        return {name: str(value) for name, value in cleaned if value and name != "sort"}

    def order(self) -> str:
        """A choice of sorting.CHOICES."""
        return self.is_valid() and self.cleaned_data["sort"] or sorting.NEWEST


@login_required
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The practice's audit log, newest first. Reading it is recorded too."""
    check(request.membership, Permission.AUDIT)
    _report(request, Action.AUDIT_VIEWED)
    practice = request.practice.pk
    form = FilterForm(request.GET or None, practice=request.practice)
    chosen = form.chosen()
    found = exporting.narrow(AuditEvent.objects.filter(practice=practice), chosen)
    state, order = _chain(practice), form.order()
    reading = sorting.read(
        found, order, request.GET, size=ROWS_A_PAGE, head=state["size"], said=SENTENCES
    )
    asked = chosen if order == sorting.NEWEST else chosen | {"sort": order}
    context = {
        "page": _told(reading.rows),
        "reading": reading,
        "older": reading.more.get("before"),
        "newest": reading.first and order == sorting.NEWEST,
        "order": order,
        "columns": [_column(name, label, order, chosen) for name, label in COLUMNS.items()],
        "window": sorting.WINDOW,
        "filters": form,
        "chosen": chosen,
        "query": urlencode(asked),
        "following": urlencode(asked | reading.more) if reading.more else "",
        "summary": _summary(found, chosen),
        "chain": state,
        "checkpoint": AuditCheckpoint.objects.filter(practice=practice).order_by("-size").first(),
        "checked": AuditCheck.objects.filter(practice=practice).first(),
        "schedule": AuditSchedule.objects.filter(practice=practice).first(),
        "forms": AuditForm.choices,
        "rhythms": Rhythm.choices,
    }
    return render(request, "review/audit.html", context)


@login_required
@require_GET
def tail(request: HttpRequest) -> HttpResponse:
    """Rows after ?after=, newest first, for a page that follows; its beginning is recorded."""
    check(request.membership, Permission.AUDIT)
    after = sorting.number(request.GET, "after")
    if after is None:
        return HttpResponse(status=422)
    if "begin" in request.GET:
        _report(request, Action.AUDIT_VIEWED, follows=True)
    form = FilterForm(request.GET, practice=request.practice)
    rows = AuditEvent.objects.filter(practice=request.practice.pk, seq__gt=after)
    rows = exporting.narrow(rows, form.chosen()).order_by("-seq")
    return render(
        request, "review/_audit_rows.html", {"page": _told(rows.defer("canonical")[:FOLLOWED])}
    )


@login_required
@require_POST
def patient(request: HttpRequest) -> HttpResponse:
    """From a record number to who saw this patient; the number itself stays out of addresses."""
    check(request.membership, Permission.AUDIT)
    mrn = request.POST.get("mrn", "").replace("\x00", "").strip()[:100]
    found = Patient.objects.filter(practice=request.practice, mrn=mrn).first() if mrn else None
    if found is None:
        messages.error(request, "There is no patient with this record number.")
        return redirect("audit")
    return redirect(f"/audit/?patient={found.pk}")


@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Asks for an export of what the filters leave, in the background."""
    check(request.membership, Permission.AUDIT)
    form = request.POST.get("form", "")
    if form not in AuditForm.values:
        return HttpResponse(status=422)
    chosen = FilterForm(request.POST, practice=request.practice).chosen()
    try:
        exporting.request(practice=request.practice, by=request.user, form=form, filters=chosen)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("exports")


@login_required
@require_POST
def schedule(request: HttpRequest) -> HttpResponse:
    """Sets how often the log is exported by itself."""
    check(request.membership, Permission.AUDIT)
    rhythm, form = request.POST.get("rhythm", ""), request.POST.get("form", "")
    if rhythm not in ("", *Rhythm.values) or form not in AuditForm.values:
        return HttpResponse(status=422)
    exporting.schedule(practice=request.practice, by=request.user, rhythm=rhythm, form=form)
    messages.success(request, "Kept." if rhythm else "The log is no longer exported by itself.")
    return redirect("audit")


@login_required
@require_POST
def check_now(request: HttpRequest) -> HttpResponse:
    """Checks the whole chain: at once, or in the background when it is long."""
    check(request.membership, Permission.AUDIT)
    practice = request.practice.pk
    if AuditHead.objects.filter(practice=practice, seq__gt=CHECKED_AT_ONCE).exists():
        Duty.objects.filter(pk="audit-check").update(due_at=Now())
        messages.info(request, "The log is being checked. The result will stand on this page.")
        return redirect("audit")
    done = live.check(practice, by=request.user)
    if done.ok:
        messages.success(request, f"All {done.size} entries were checked: the log is whole.")
    else:
        messages.error(request, f"Entry {done.broken_seq} does not hold: {done.reason}.")
    return redirect("audit")


@login_required
@require_GET
def heads(request: HttpRequest) -> HttpResponse:
    """The newest checkpoints as JSON Lines, to be kept elsewhere: size and root pin the log."""
    check(request.membership, Permission.AUDIT)
    _report(request, Action.AUDIT_EXPORTED, form="checkpoints")
    rows = AuditCheckpoint.objects.filter(practice=request.practice.pk).order_by("-size")[:HEADS]
    lines = "".join(exporting.pin_line(row) for row in reversed(rows))
    return _file(lines, "application/jsonl", "countersign-audit-checkpoints.jsonl")


@login_required
@require_GET
def public_keys(request: HttpRequest) -> HttpResponse:
    """The public keys of all checkpoints (PEM), for verify.py's --pubkey."""
    check(request.membership, Permission.AUDIT)
    pems = AuditKey.objects.order_by("id").values_list("public_key", flat=True)
    return _file("".join(pems), "application/x-pem-file", "countersign-audit-key.pem")


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=content_type, headers=headers)


def _column(name: str, label: str, order: str, chosen: dict[str, str]) -> dict[str, str]:
    """A heading: in which direction the rows are ordered by it, and the address that turns it."""
    ascending, descending = order == name, order == f"-{name}"
    sort = f"-{name}" if ascending else name
    state = "ascending" if ascending else "descending" if descending else ""
    icon = "chevron-up" if ascending else "chevron-down"
    query = urlencode(chosen | {"sort": sort})
    return {"label": label, "state": state, "icon": icon, "query": query}


def _told(rows: Iterable[AuditEvent]) -> list[AuditEvent]:
    """Rows with what the page says of each."""
    found = list(rows)
    for event in found:
        event.sentence = SENTENCES.get(event.action, event.action)
        event.emergency = "emergency" in event.detail
    return found


def _summary(rows: QuerySet[AuditEvent], chosen: dict[str, str]) -> dict[str, Any] | None:
    """Who saw the chosen patient, or else what the chosen person did: counted, first, last."""
    if chosen.get("patient"):
        by, title = ("actor_display", "actor_role"), "Who saw this patient"
    elif chosen.get("person"):
        by, title = ("action",), "What this person did"
    else:
        return None
    counted = (
        rows.order_by().values(*by).annotate(n=Count("*"), first=Min("time"), last=Max("time"))
    )
    lines = list(counted.order_by("-last")[:SUMMED_UP])
    for line in lines:
        line["what"] = line.get("actor_display") or SENTENCES.get(line.get("action", ""), "")
    return {"title": title, "lines": lines}


def _chain(practice: UUID) -> dict[str, Any]:
    """Whether the chain holds; not checked here when it is long, but every night and on demand."""
    head = AuditHead.objects.get(practice=practice)
    state = {"size": head.seq, "head": head.hash, "ok": None}
    if head.seq <= CHECKED_ON_THE_PAGE:
        rows = AuditEvent.objects.filter(practice=practice, seq__lte=head.seq).order_by("seq")
        broken = chain.first_break(event.row() for event in rows.iterator())
        last = rows.last()
        state["ok"] = broken is None and (last.hash if last else chain.GENESIS) == head.hash
        state["broken"] = broken
    return state


def _report(request: HttpRequest, action: Action, **detail: Any) -> None:
    practice_id, by = request.practice.pk, request.user
    events.seen(action, practice_id=practice_id, by=by, object_type="AuditLog", **detail)
