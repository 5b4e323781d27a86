"""The worklist of drug safety: suspected adverse events, decisions on them, and their export."""

from datetime import UTC
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from review.actions import adverse_events as actions
from review.enums import Action, Causality, Suspicion
from review.models import AdverseEvent
from review.permissions import Permission, check
from review.policies import Refused
from review.release import adverse_events as files
from transcripts import events
from transcripts.access import visible_recordings
from transcripts.models import Membership

ROWS_A_PAGE = 50
MOST_EXPORTED = 10_000
FILTERS = ("state", "drug", "since", "until", "page")
BADGES = {Suspicion.ACCEPTED: "badge-danger", Suspicion.REJECTED: "", Suspicion.OPEN: "badge-info"}


class FilterForm(forms.Form):
    state = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[*Suspicion.choices, ("all", "All")],
        initial=Suspicion.OPEN,
    )
    drug = forms.ChoiceField(label="Drug", required=False)
    since = forms.DateField(
        label="Signed since", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="Signed until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: QueryDict, rows: QuerySet[AdverseEvent]) -> None:
        super().__init__(data.copy())
        self.data.setdefault("state", Suspicion.OPEN)
        drugs = rows.order_by("drug").values_list("drug", flat=True).distinct()
        self.fields["drug"].choices = [("", "Any"), *((drug, drug) for drug in drugs)]

    def narrow(self, rows: QuerySet[AdverseEvent]) -> QuerySet[AdverseEvent]:
        chosen = {k: v for k, v in self.cleaned_data.items() if v} if self.is_valid() else {}
        if chosen.get("state") == "all":
            del chosen["state"]
        lookups = {
            "state": "state",
            "drug": "drug",
            "since": "signature__signed_at__date__gte",
            "until": "signature__signed_at__date__lte",
        }
        return rows.filter(**{lookups[name]: value for name, value in chosen.items()})


@login_required
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """Suspected adverse events that this person may see, newest first. Looking is recorded."""
    check(request.membership, Permission.DRUG_SAFETY)
    rows = _visible(request.membership)
    form = FilterForm(request.GET, rows)
    page = Paginator(form.narrow(_whole(rows)), ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = [_row(row) for row in page]
    _report(request, Action.ADVERSE_EVENTS_VIEWED, rows=[str(one["row"].pk) for one in shown])
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    undo = request.GET.get("undo", "")
    context = {
        "page": page,
        "rows": shown,
        "filters": form,
        "open": counts.get(Suspicion.OPEN, 0),
        "total": sum(counts.values()),
        "causalities": Causality.choices,
        "back": _kept(request.GET).urlencode(),
        "undo": undo if undo and _is_id(undo) else None,
    }
    return render(request, "review/drug_safety.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """decision: accept, reject or reopen; back to the list, with a sentence where it is refused."""
    check(request.membership, Permission.DRUG_SAFETY)
    reason, by = request.POST.get("reason", ""), request.membership
    kept = _kept(QueryDict(request.POST.get("back", "")))
    try:
        match request.POST.get("decision"):
            case "accept":
                causality = request.POST.get("causality", "")
                actions.accept(event_id=event_id, causality=causality, reason=reason, by=by)
                kept["undo"] = str(event_id)
            case "reject":
                actions.reject(event_id=event_id, reason=reason, by=by)
                kept["undo"] = str(event_id)
            case "reopen":
                actions.reopen(event_id=event_id, by=by)
                messages.success(request, "The decision was taken back.")
            case _:
                raise Refused("This could not be understood. Reload the page.")
    except AdverseEvent.DoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('drug-safety')}?{kept.urlencode()}")


@login_required
@require_GET
def export(request: HttpRequest, form: str) -> HttpResponse:
    """The rows of the filter as "csv", or those accepted as "json": a Bundle of AdverseEvent."""
    check(request.membership, Permission.DRUG_SAFETY)
    if form not in ("csv", "json"):
        raise Http404
    rows = _visible(request.membership)
    rows = FilterForm(request.GET, rows).narrow(_whole(rows))
    if form == "json":
        rows = rows.filter(state=Suspicion.ACCEPTED)
    made = [_plain(row) for row in rows[:MOST_EXPORTED]]
    _report(request, Action.ADVERSE_EVENTS_EXPORTED, form=form, count=len(made))
    name = {"Content-Disposition": f'attachment; filename="adverse-events.{form}"'}
    if form == "csv":
        text = files.csv_text(made)
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=name)
    whole = files.bundle(made, at=_iso(timezone.now()))
    return JsonResponse(whole, content_type="application/fhir+json", headers=name)


def _visible(member: Membership | None) -> QuerySet[AdverseEvent]:
    recordings = visible_recordings(member)
    return AdverseEvent.objects.filter(
        practice=member.practice_id, signature__review__recording__in=recordings
    )


def _whole(rows: QuerySet[AdverseEvent]) -> QuerySet[AdverseEvent]:
    """With what the page and the files show of each; one query."""
    parts = ("signature__review__recording", "signature__addendum", "decided_by")
    about = ("signature__review__recording__patient", "signature__review__recording__author__user")
    return rows.select_related(*parts, *about).defer("signature__document").order_by("-pk")


def _kept(sent: QueryDict) -> QueryDict:
    """The filter of an address, and nothing else of it."""
    kept = QueryDict(mutable=True)
    kept.update({name: sent[name] for name in FILTERS if sent.get(name)})
    return kept


def _row(row: AdverseEvent) -> dict[str, Any]:
    recording = row.signature.review.recording
    return {
        "row": row,
        "recording": recording,
        "evidence": _marked(row),
        "badge": BADGES[Suspicion(row.state)],
        "audio": reverse("recording-audio", args=[recording.pk]) if row.start is not None else None,
        "start": row.start and f"{row.start:.3f}",
        "end": row.end and f"{row.end:.3f}",
    }


def _marked(row: AdverseEvent) -> SafeString:
    """The evidence with drug and reaction marked."""
    text, low = row.evidence, row.evidence.lower()
    spots = sorted((low.find(name), len(name)) for name in {row.drug, row.reaction})
    made, at = SafeString(""), 0
    for begin, size in spots:
        if begin >= at:
            made += format_html("{}<mark>{}</mark>", text[at:begin], text[begin : begin + size])
            at = begin + size
    return made + format_html("{}", text[at:])


def _plain(row: AdverseEvent) -> dict[str, str]:
    recording, addendum = row.signature.review.recording, row.signature.addendum_id
    patient = recording.patient
    return {
        "id": str(row.pk),
        "state": row.get_state_display(),
        "drug": row.drug,
        "reaction": row.reaction,
        "cue": row.cue,
        "evidence": row.evidence,
        "mrn": patient.mrn if patient else "",
        "patient": patient.name if patient else "",
        "patient_id": str(patient.pk) if patient else "",
        "birth_date": patient.birth_date.isoformat() if patient and patient.birth_date else "",
        "author": recording.author_name,
        "encounter_date": recording.encounter_date.isoformat(),
        "signed_at": _iso(row.signature.signed_at),
        "document": str(addendum or row.signature.review_id),
        "start": str(row.start or ""),
        "end": str(row.end or ""),
        "causality": row.causality,
        "reason": row.reason,
        "decided_by": row.decided_by.name if row.decided_by else "",
        "decided_at": _iso(row.decided_at) if row.decided_at else "",
    }


def _iso(moment: Any) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _report(request: HttpRequest, action: Action, **detail: Any) -> None:
    practice_id, by = request.practice.pk, request.user
    events.seen(action, practice_id=practice_id, by=by, object_type="AdverseEvent", **detail)
