"""Which practice a request acts in, and which recordings a member may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from inspect import signature
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.backends import ModelBackend
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from transcripts import emergencies, events, sessions, tenancy
from transcripts.actions import emergency
from transcripts.enums import Role
from transcripts.models import Membership, Recording, User
from transcripts.permissions import Permission, refusal
from transcripts.statements import Given, written_once

SEES_ALL = {Role.EDITOR, Role.MANAGER}
STRONG = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
READ_ONLY = "Emergency access is for reading only."
COSIGNED = RawSQL(
    """ARRAY(SELECT m.id FROM transcripts_membership AS m
        WHERE m.practice_id = transcripts_membership.practice_id AND m.cosigned)""",
    (),
    output_field=ArrayField(UUIDField()),
)
# Where operators look at the whole installation.
OPERATORS = ("/admin/", "/operate/")
# What a person can reach who still has to enrol a second factor.
WITHOUT_SECOND_FACTOR = ("/accounts/", "/session/", "/verify/", settings.STATIC_URL)


class Backend(ModelBackend):
    """Django's. It reads a person of a practice together with their membership, which every request
    needs: for `membership_of` to take."""

    def get_user(self, user_id: UUID) -> User | None:
        member = _membership_by(user_id)
        if member is None:
            return super().get_user(user_id)
        if not self.user_can_authenticate(member.user):
            return None
        member.user.read_as = member
        return member.user


def membership_of(user: User) -> Membership | None:
    """The user's membership; the oldest where there are several. One query, and none where the
    user was read just now for a request or a socket."""
    member: Membership | None = getattr(user, "read_as", None)
    if member is None:
        return _membership_by(user.pk)
    del user.read_as  # it is said once, and holds no longer than that
    return member


def _membership_by(user: UUID) -> Membership | None:
    with tenancy.within(tenancy.EVERYWHERE):  # whose rows is what this finds out
        return next(iter(_oldest_membership(user)), None)


@written_once
def _oldest_membership(user: UUID) -> QuerySet[Membership]:
    return _memberships().filter(user=user).order_by("id")[:1]


def _memberships() -> QuerySet[Membership]:
    rows = Membership.objects.filter(disabled_at=None).select_related("practice", "user")
    return rows.annotate(
        second_factor=Exists(strong_factors(OuterRef("user"))),
        granted=emergencies.GRANTED,
        cosigns_for=COSIGNED,
    )


def strong_factors(user: User | OuterRef) -> QuerySet[Authenticator]:
    """What this person signs in with beside the password; recovery codes do not count."""
    return Authenticator.objects.filter(user=user, type__in=STRONG)


def must_enrol(member: Membership) -> bool:
    """Whether the practice wants a second factor that this person does not have yet."""
    return member.role in member.practice.second_factor_roles and not member.second_factor


def operator_must_enrol(user: User) -> bool:
    """Whether this operator needs a second factor first to see the installation. One query."""
    if not (settings.OPERATOR_SECOND_FACTOR and user.is_staff):
        return False
    return not strong_factors(user).exists()


def member_of_session(session_key: str | None) -> Membership | None:
    """Who is logged in by this session as it is now: a socket may outlive its session."""
    user = get_user(SimpleNamespace(session=sessions.SessionStore(session_key)))
    member = membership_of(user) if user.is_authenticated else None
    if member:
        tenancy.narrow(member.practice_id)
    return None if member is None or must_enrol(member) else member


def members_of_sessions(keys: Iterable[str]) -> dict[str, Membership]:
    """`member_of_session` for many at once; who may not go on is not among them. Two queries.

    It narrows nothing: they may be of several practices.
    """
    rows = sessions.alive().filter(session_key__in=keys)
    said = {key: _log_in(data) for key, data in rows.values_list("session_key", "session_data")}
    people = {user for user, _ in said.values()} - {None}
    with tenancy.within(tenancy.EVERYWHERE):
        rows = _memberships().filter(user__in=people, user__is_active=True).order_by("-id")
        by_user = {str(row.user_id): row for row in rows}  # the oldest comes last, and stays
    hashes = {user: row.user.get_session_auth_hash() for user, row in by_user.items()}
    return {
        key: by_user[user]
        for key, (user, password) in said.items()
        if user in by_user
        and constant_time_compare(password, hashes[user])
        and not must_enrol(by_user[user])
    }


@lru_cache(maxsize=1024)
def _log_in(session_data: str) -> tuple[str | None, str]:
    """Of a session: the user's id, and the hash that ends it when the password changes."""
    held = sessions.SessionStore().decode(session_data)
    return held.get(SESSION_KEY), held.get(HASH_SESSION_KEY, "")


@dataclass(frozen=True, slots=True)
class Anybody:
    """Stands for a member where SQL is written once: all but the role is given later.

    `authors` and `patients` are a clinician's: whose recordings they see, and which patients'.
    """

    role: Role
    pk: Given
    practice_id: Given
    user_id: Given
    authors: Given | None = None
    patients: Given | None = None


def visible_recordings(member: Membership | Anybody | None) -> QuerySet[Recording]:
    """Recordings of the member's practice; a clinician sees their own and unassigned ones.

    Clinicians who co-sign for others see the recordings of those others too, and with emergency
    access those of its patient.
    """
    if member is None:
        return Recording.objects.none()
    rows = Recording.objects.filter(practice_id=member.practice_id)
    if member.role in SEES_ALL:
        return rows
    if member.role == Role.CLINICIAN:
        return rows.filter(own_recordings(member) | _among("patient", patients_of(member)))
    return rows.none()


def own_recordings(member: Membership | Anybody) -> Q:
    """What a clinician sees without any emergency."""
    authors = _among("author", authors_of(member)) | Q(author__isnull=True)
    return authors | Q(uploaded_by_id=member.user_id)


def authors_of(member: Membership | Anybody) -> list[UUID] | Given:
    """Whose recordings a clinician sees: their own, and of those they co-sign for."""
    if isinstance(member, Anybody):
        return member.authors
    return [member.pk, *_cosigns_for(member)]


def patients_of(member: Membership | Anybody) -> list[UUID] | Given:
    """Whose recordings a clinician sees in an emergency."""
    return member.patients if isinstance(member, Anybody) else emergencies.granted(member)


def by_sight(build: Callable[..., QuerySet]) -> Callable[..., list[Any]]:
    """Makes of a function that builds a query set for a member one that answers the set's rows.

    Its SQL is written once for who sees all, and once for clinicians. Others find nothing. How much
    of a practice a clinician sees is a matter of values, so that theirs is not prepared: planned
    for any values, it reads through all recordings.
    """
    member, *more = signature(build).parameters

    def for_all(pk: Given, practice: Given, user: Given, *values: Given) -> QuerySet:
        return build(Anybody(Role.EDITOR, pk, practice, user), *values)

    def for_clinicians(
        pk: Given, practice: Given, user: Given, authors: Given, patients: Given, *values: Given
    ) -> QuerySet:
        return build(Anybody(Role.CLINICIAN, pk, practice, user, authors, patients), *values)

    one = ("pk", "practice", "user")
    of_all = written_once(for_all, (*one, *more))
    theirs = (*one, "authors", "patients", *more)
    of_clinicians = written_once(for_clinicians, theirs, prepared=False)

    @wraps(build)
    def rows(member: Membership | None, *values: Any) -> list[Any]:
        if member is None or member.role not in (*SEES_ALL, Role.CLINICIAN):
            return []
        who = member.pk, member.practice_id, member.user_id
        if member.role in SEES_ALL:
            return of_all(*who, *values)
        return of_clinicians(*who, authors_of(member), patients_of(member), *values)

    return rows


def _among(name: str, pks: list[UUID] | Given) -> Q:
    """By an array: unlike a subquery, an index finds its values under OR too."""
    array = pks.array("uuid") if isinstance(pks, Given) else Value(pks, ArrayField(UUIDField()))
    shape = {"template": "%(expressions)s)", "arg_joiner": " = ANY("}
    return Q(Func(F(name), array, **shape, output_field=BooleanField()))


def _cosigns_for(member: Membership) -> list[UUID]:
    """Whose documents this clinician co-signs: ids, so that an index finds their recordings.

    No query for a membership with COSIGNED as `cosigns_for`.
    """
    if member.cosigned:
        return []
    if "cosigns_for" in member.__dict__:
        return member.cosigns_for
    rows = Membership.objects.filter(practice=member.practice_id, cosigned=True)
    return list(rows.values_list("pk", flat=True))


def only_by_emergency(member: Membership | None, **of: object) -> bool:
    """Whether this person sees the recording through emergency access alone, so only to read."""
    if member is None or member.role != Role.CLINICIAN or not emergencies.granted(member):
        return False
    rows = visible_recordings(member).filter(**of)
    return rows.exists() and not rows.filter(own_recordings(member)).exists()


def recording_or_404(member: Membership | None, recording_id: object) -> Recording:
    """The recording with patient and author; the same Http404 when absent or not theirs."""
    found = _shown(member, recording_id)
    if not found:
        raise Http404
    return found[0]


@by_sight
def _shown(member: Anybody, recording: UUID) -> QuerySet[Recording]:
    rows = visible_recordings(member).filter(pk=recording)
    return rows.select_related("patient", "author__user", "practice")


class CurrentPractice:
    """Puts `membership` and `practice` on the request; both None for strangers.

    Who must enrol a second factor first is led there, and reaches nothing else; an operator who
    must, nothing of the installation.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with tenancy.within(tenancy.EVERYWHERE):  # once, for all three reads of who this is
            member = membership_of(request.user) if request.user.is_authenticated else None
        request.membership = member
        request.practice = member.practice if member else None
        if member and must_enrol(member) and not request.path.startswith(WITHOUT_SECOND_FACTOR):
            return _to_enrolment(request, "Your practice")
        if request.path.startswith(OPERATORS) and operator_must_enrol(request.user):
            return _to_enrolment(request, "This installation")
        request.emergencies = emergencies.grants(member)
        with events.flagged(request.emergencies), tenancy.within(_rows_for(request)):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Emergency access is for reading."""
        if not request.emergencies or request.method in ("GET", "HEAD"):
            return None
        of = {"pk": kwargs.get("recording_id")} if "recording_id" in kwargs else None
        of = {"jobs": kwargs["job_id"]} if "job_id" in kwargs else of
        if of is None or not only_by_emergency(request.membership, **of):
            return None
        emergency.report_refusal(member=request.membership)
        return JsonResponse({"error": "denied", "message": READ_ONLY}, status=403)


def _rows_for(request: HttpRequest) -> object:
    """Whose rows the database shows: a stranger nobody's, until a key or a link says whose."""
    if request.user.is_staff and request.path.startswith(OPERATORS):
        return tenancy.EVERYWHERE
    return request.practice.pk if request.practice else tenancy.NOBODY


def _to_enrolment(request: HttpRequest, who: str) -> HttpResponse:
    if request.method == "GET" and request.accepts("text/html"):
        return redirect("mfa_index")
    sentence = f"{who} asks for a second factor. Set one up under Two-factor sign-in."
    return JsonResponse({"error": "second_factor", "message": sentence}, status=403)


class Presence:
    """Notes that the person did something: went to a page, or sent what a person sends.

    What a page fetches by itself counts as little as a socket: browsers say which it is in
    Sec-Fetch-Mode, and for other clients the addresses that only scripts ask are left out. While
    somebody works within a page, the page says so (see `static/js/site/idle.js`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *_: Any) -> None:
        if not request.user.is_authenticated:
            return
        mode = request.headers.get("Sec-Fetch-Mode")
        by_itself = mode != "navigate" if mode else _for_scripts(request, view)
        if not by_itself:
            sessions.note(request.session)


def _for_scripts(request: HttpRequest, view: Callable[..., Any]) -> bool:
    return request.method == "GET" and getattr(view, "for_scripts", False)


def logged_in_script(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answers a stranger 401 with a sentence, for addresses that only scripts ask."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return JsonResponse({"error": "login", "message": "Please sign in again."}, status=401)

    wrapped.for_scripts = True
    return wrapped


def may_upload(member: Membership | None) -> bool:
    return refusal(member, Permission.UPLOAD) is None


def may_dictate(member: Membership | None) -> bool:
    """Clinicians and their editors: who dictates also corrects what was heard."""
    return refusal(member, Permission.DICTATE) is None


def may_edit_vocabularies(member: Membership | None) -> bool:
    return refusal(member, Permission.VOCABULARIES) is None
