"""The page of destinations: where news of documents goes, what was delivered, and once more."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from review.actions import destinations as actions
from review.enums import DeliveryState, DestinationKind, News
from review.models import Delivery, Destination
from review.permissions import Permission, check
from review.policies import Refused

ROWS_A_PAGE = 50
OUTCOMES = {
    "ok": "Accepted",
    "timeout": "No answer in time",
    "unreachable": "Nobody answers at this address",
    "unknown_host": "The name has no address",
    "forbidden": "The operator does not allow this address",
    "tls": "The certificate was not accepted",
    "no_answer": "The answer was no acknowledgment",
    "internal": "Could not be sent; the server's log says more",
}


class DestinationForm(forms.Form):
    kind = forms.ChoiceField(label="Kind", choices=DestinationKind)
    label = forms.CharField(label="Name", max_length=100, help_text="What receives the news.")
    address = forms.CharField(
        label="Address",
        max_length=500,
        help_text="A webhook's https address, or host:port of an HL7 receiver.",
    )
    news = forms.MultipleChoiceField(
        label="Tell it when",
        choices=News,
        widget=forms.CheckboxSelectMultiple,
        initial=[News.DOCUMENT_SIGNED, News.DOCUMENT_AMENDED],
        error_messages={"required": "Choose at least one kind of news."},
    )
    receiver = forms.CharField(
        label="Receiving application and facility",
        max_length=100,
        required=False,
        help_text="For HL7 only, written as application^facility.",
    )
    tls = forms.BooleanField(
        label="Encrypted (TLS)", required=False, help_text="For HL7 only; webhooks always are."
    )


@login_required
@require_http_methods(["GET", "POST"])
def destinations(request: HttpRequest) -> HttpResponse:
    """GET: the list, the log and the form. POST: adds one and shows its secret on this answer."""
    check(request.membership, Permission.CONNECT)
    form = DestinationForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form, status=422 if form.errors else 200)
    try:
        made, secret = actions.create(
            practice=request.practice, by=request.user, **form.cleaned_data
        )
    except Refused as refusal:
        form.add_error("address", str(refusal))
        return _page(request, form, status=422)
    return _page(request, DestinationForm(), made=made, secret=secret)


@login_required
@require_POST
def end(request: HttpRequest, destination_id: UUID) -> HttpResponse:
    check(request.membership, Permission.CONNECT)
    row = Destination.objects.filter(practice=request.practice, pk=destination_id).first()
    if row is None:
        raise Http404
    try:
        actions.end(destination=row, by=request.user)
        messages.success(request, f"{row.label} gets no more news.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("destinations")


@login_required
@require_POST
def again(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    check(request.membership, Permission.CONNECT)
    rows = Delivery.objects.select_related("destination", "again_of")
    row = rows.filter(destination__practice=request.practice, pk=delivery_id).first()
    if row is None:
        raise Http404
    try:
        actions.repeat(delivery=row, by=request.user)
        messages.success(request, "The news will be delivered again in a moment.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("destinations")


def _page(
    request: HttpRequest,
    form: DestinationForm,
    *,
    status: int = 200,
    made: Destination | None = None,
    secret: str = "",
) -> HttpResponse:
    log = Delivery.objects.filter(destination__practice=request.practice)
    log = log.select_related("destination").order_by("-id")
    page = Paginator(log, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": form,
        "destinations": [
            {"row": row, "news": [News(each).label for each in row.news]}
            for row in request.practice.destinations.order_by("-ended_at", "-created_at")
        ],
        "page": page,
        "deliveries": [_delivery(row) for row in page],
        "made": made,
        "secret": secret,
    }
    return render(request, "review/destinations.html", context, status=status)


def _delivery(row: Delivery) -> dict[str, Any]:
    badges = {
        DeliveryState.DELIVERED: "badge-ok",
        DeliveryState.OWED: "badge-info",
        DeliveryState.GIVEN_UP: "badge-danger",
    }
    may_repeat = row.state != DeliveryState.OWED and row.destination.ended_at is None
    return {
        "row": row,
        "badge": badges.get(DeliveryState(row.state), ""),
        "outcome": OUTCOMES.get(row.outcome) or row.outcome.replace("_", " "),
        "may_repeat": may_repeat,
    }
