"""Naming the view of the worklist that is on screen, and forgetting such names."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from review.actions import saved_views as actions
from review.models import SavedView
from review.permissions import Permission, check
from review.policies import Refused
from review.worklists import Chosen


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keeps the view of the address in `back` under a name, and shows it."""
    check(request.membership, Permission.VIEW)
    chosen = Chosen.of(QueryDict(request.POST.get("back", "")[:500]))
    name, opens = request.POST.get("name", "").replace("\x00", ""), "opens" in request.POST
    try:
        saved = actions.save(name=name, chosen=chosen, opens=opens, by=request.membership)
        messages.success(request, f"The view “{saved.name}” is saved.")
    except Refused as sentence:
        messages.error(request, str(sentence))
    return redirect(shown(chosen))


@login_required
@require_POST
def remove(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """Forgets a name; what it named stays on screen, so it can be saved again."""
    check(request.membership, Permission.VIEW)
    try:
        gone = actions.remove(view_id=view_id, by=request.membership)
    except SavedView.DoesNotExist:
        raise Http404 from None
    messages.info(request, f"The view “{gone.name}” is removed. Its rows are still shown here.")
    return redirect(shown(Chosen.of(QueryDict(gone.query))))


def shown(chosen: Chosen) -> str:
    """The address of a view; never the bare one, which opens with the person's own."""
    return f"{reverse('worklist')}?{chosen.query or 'state=all'}"
