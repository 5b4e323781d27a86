"""Who received a document before it was added to, and that they know."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from review import queries
from review import recipients as reads
from review.actions import recipients as actions
from review.models import Recipient
from review.permissions import Permission, check
from review.policies import Refused


@login_required
@require_GET
def recipients(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """Everyone who had received the document when an addendum or amendment was signed."""
    check(request.membership, Permission.RELEASE)
    review = queries.review_or_404(request.membership, recording_id)
    rows = reads.of(review)
    context = {
        "recording": review.recording,
        "rows": reads.described(rows, request.membership),
    }
    return render(request, "review/recipients.html", context)


@login_required
@require_POST
def acknowledge(request: HttpRequest, recipient_id: UUID) -> HttpResponse:
    check(request.membership, Permission.RELEASE)
    rows = Recipient.objects.filter(practice=request.practice, pk=recipient_id)
    row = rows.select_related("review").first()
    if row is None:
        raise Http404
    try:
        actions.acknowledge(recipient=row, by=request.membership)
        messages.success(request, "This is acknowledged.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("worklist")
