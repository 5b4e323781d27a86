"""Which practice a request acts in, and which recordings a member may see."""

from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from transcripts.enums import Role
from transcripts.models import Membership, Recording, User

SEES_ALL = {Role.EDITOR, Role.MANAGER}


def membership_of(user: User) -> Membership | None:
    """The user's membership; the oldest where there are several. One query."""
    return user.memberships.select_related("practice", "user").order_by("id").first()


def member_of_session(session_key: str | None) -> Membership | None:
    """Who is logged in by this session as it is now: a socket may outlive its session."""
    user = get_user(SimpleNamespace(session=SessionStore(session_key)))
    return membership_of(user) if user.is_authenticated else None


def visible_recordings(member: Membership | None) -> QuerySet[Recording]:
    """Recordings of the member's practice; a clinician sees their own and unassigned ones.

    Clinicians who co-sign for others see the recordings of those others too.
    """
    if member is None:
        return Recording.objects.none()
    rows = Recording.objects.filter(practice_id=member.practice_id)
    if member.role in SEES_ALL:
        return rows
    if member.role == Role.CLINICIAN:
        mine = Q(author=member) | Q(uploaded_by_id=member.user_id) | Q(author__isnull=True)
        if not member.cosigned:  # co-signs for those who are
            mine |= Q(author__cosigned=True)
        return rows.filter(mine)
    return rows.none()


def recording_or_404(member: Membership | None, recording_id: object) -> Recording:
    """The recording with patient and author; the same Http404 when absent or not theirs."""
    rows = visible_recordings(member).select_related("patient", "author__user", "practice")
    try:
        return rows.get(pk=recording_id)
    except Recording.DoesNotExist:
        raise Http404 from None


class CurrentPractice:
    """Puts `membership` and `practice` on the request; both None for strangers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = membership_of(request.user) if request.user.is_authenticated else None
        request.membership = member
        request.practice = member.practice if member else None
        return self.get_response(request)


def logged_in_script(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answers a stranger 401 with a sentence, for addresses that only scripts ask."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return JsonResponse({"error": "login", "message": "Please sign in again."}, status=401)

    return wrapped


def may_upload(member: Membership | None) -> bool:
    return member is not None and member.role != Role.AUDITOR


def may_dictate(member: Membership | None) -> bool:
    """Clinicians and their editors: who dictates also corrects what was heard."""
    return member is not None and member.role in (Role.EDITOR, Role.CLINICIAN)


def may_edit_vocabularies(member: Membership | None) -> bool:
    """Editors, clinicians and managers see and change the vocabularies of their practice."""
    return member is not None and member.role != Role.AUDITOR
