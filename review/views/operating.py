"""The pages of operators: how the installation stands, its queue, its checks, its practices."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from review import operating as reads
from transcripts import duties, events
from transcripts.access import logged_in_script
from transcripts.actions import jobs, members, practices, queue
from transcripts.enums import Action, QueueMode, Role, Turn
from transcripts.models import MedicalTranscriptionJob, Practice
from transcripts.permissions import check_operator

View = Callable[..., HttpResponse]


def for_operators(view: View) -> View:
    """Leads strangers to the log-in, and refuses who is no operator."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_operator(request.user)
        return view(request, *args, **kwargs)

    return login_required(wrapped)


class PracticeForm(forms.Form):
    name = forms.CharField(label="Name of the practice", max_length=200)
    first_name = forms.CharField(label="Its manager's first name", max_length=150)
    last_name = forms.CharField(label="Last name", max_length=150, required=False)
    email = forms.EmailField(
        label="Mail address",
        required=False,
        help_text="Empty, or where this site sends no mail: you get a link to hand over yourself.",
    )


@require_GET
@for_operators
def operating(request: HttpRequest) -> HttpResponse:
    events.emit(
        events.Event(
            action=Action.OPERATION_VIEWED,
            practice_id=None,
            by=request.user,
            object_type="Installation",
        )
    )
    return render(request, "review/operating.html", _context())


@logged_in_script
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """The figures alone, for the page that keeps them fresh; that it looked is recorded already."""
    check_operator(request.user)
    return render(request, "review/_operating.html", _context())


@require_POST
@for_operators
def set_queue(request: HttpRequest) -> HttpResponse:
    mode, reason = request.POST.get("mode", ""), request.POST.get("reason", "")
    try:
        queue.set_mode(mode=mode, reason=reason, by=request.user)
        messages.success(request, SAID[mode])
    except queue.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("operating")


SAID = {
    QueueMode.OPEN: "The queue is open. Workers take up what waits.",
    QueueMode.DRAINING: "Workers finish what was begun and begin nothing new. Uploads are taken.",
    QueueMode.PAUSED: "Workers finish their chunks and take up nothing more. Uploads are taken.",
}


@require_POST
@for_operators
def set_practice(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    paused = request.POST.get("paused") == "on"
    try:
        queue.set_practice(
            practice=practice,
            paused=paused,
            priority=_number(request.POST.get("priority")),
            by=request.user,
        )
        messages.success(request, f"Saved: {practice.name}.")
    except queue.Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("operating")


@require_POST
@for_operators
def job(request: HttpRequest, job_id: UUID, verb: str) -> HttpResponse:
    """Retries, releases or cancels a job, or sets its turn."""
    row = get_object_or_404(MedicalTranscriptionJob, pk=job_id)
    try:
        if verb == "priority":
            priority = _number(request.POST.get("priority"))
            queue.set_job(job=row, priority=priority, by=request.user)
            messages.success(request, "Saved. It counts from the next turn on.")
        else:
            act, said = VERBS[verb]
            act(job=row, by=request.user)
            messages.success(request, said)
    except KeyError:
        raise Http404 from None
    except (jobs.Refused, queue.Refused) as refusal:
        messages.error(request, str(refusal))
    return redirect("operating")


VERBS = {
    "retry": (jobs.retry, "The job is queued again. Chunks that were done stay done."),
    "release": (jobs.release, "The job was taken from its worker and is free for the next."),
    "cancel": (jobs.cancel, "The job is cancelled. The recording stays."),
}


@require_POST
@for_operators
def retry_all(request: HttpRequest) -> HttpResponse:
    """Queues the failed jobs that the page lists again."""
    done = 0
    for row in reads.failed_jobs()[: reads.LISTED]:
        try:
            jobs.retry(job=row, by=request.user)
            done += 1
        except jobs.Refused:  # somebody else was quicker
            continue
    messages.success(request, f"{done} failed job{'' if done == 1 else 's'} queued again.")
    return redirect("operating")


@require_POST
@for_operators
def run_duty(request: HttpRequest, name: str) -> HttpResponse:
    """Has a worker run a duty now, in the background."""
    if name not in {plan.name for plan in duties.plans()}:
        raise Http404
    if not duties.ask(name):
        messages.warning(request, f"{name} is running already.")
        return redirect("operating")
    events.emit(
        events.Event(
            action=Action.DUTY_ASKED,
            practice_id=None,
            by=request.user,
            object_type="Duty",
            detail={"duty": name},
        )
    )
    messages.success(request, f"A worker runs {name} within a few seconds. The page shows it.")
    return redirect("operating")


@require_http_methods(["GET", "POST"])
@for_operators
def new_practice(request: HttpRequest) -> HttpResponse:
    """GET: the form. POST: a practice and its manager's invitation, shown on this one answer."""
    form = PracticeForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "review/new_practice.html", {"form": form}, status=status)
    given = form.cleaned_data
    who = {name: given[name] for name in ("first_name", "last_name", "email")}
    standing = members.Standing(role=Role.MANAGER)
    with transaction.atomic():
        made = practices.create(name=given["name"], by=request.user)
        invitation, token = members.invite(practice=made, standing=standing, by=request.user, **who)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    sent = members.send(invitation=invitation, link=link)
    context = {"form": PracticeForm(), "made": invitation, "link": link, "sent": sent}
    return render(request, "review/new_practice.html", context)


def _number(value: str | None) -> int:
    try:
        return int(value or "")
    except ValueError:
        raise queue.Refused("A job is served before the others, in turn, or after them.") from None


def _context() -> dict[str, Any]:
    return {"now": reads.standing(), "modes": QueueMode, "turns": Turn.choices}
