"""Who belongs to a practice: invitations, roles, and the end of a person's access."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from transcripts import events, sessions
from transcripts.actions import keys
from transcripts.enums import Action, Role
from transcripts.models import AccessKey, Invitation, Membership, Practice, User

GOOD_FOR = timedelta(days=7)


class Refused(Exception):
    """It can't be done so; `field` of the form is concerned; the message is a sentence."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A person's role, and what a clinician's signature prints and needs."""

    role: str
    printed_name: str = ""
    title: str = ""
    licence: str = ""
    cosigned: bool = False

    def __post_init__(self) -> None:
        if self.role not in Role.values:
            raise Refused("There is no such role.", "role")
        if self.role == Role.CLINICIAN and not self.printed_name.strip():
            raise Refused("A clinician's signature prints a name: fill it in.", "printed_name")

    def columns(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


@transaction.atomic
def invite(
    *,
    practice: Practice,
    standing: Standing,
    first_name: str,
    last_name: str = "",
    email: str = "",
    by: User,
) -> tuple[Invitation, str]:
    """An invitation and its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    columns = standing.columns()
    columns.pop("cosigned")
    made = Invitation.objects.create(
        practice=practice,
        first_name=first_name,
        last_name=last_name,
        email=email,
        token_hash=_hash(token),
        invited_by=by,
        expires_at=timezone.now() + GOOD_FOR,
        **columns,
    )
    _report(Action.PERSON_INVITED, made, by, role=standing.role)
    return made, token


def send(*, invitation: Invitation, link: str) -> bool:
    """Mails the link; False where there is no address or no mail server takes it."""
    if not invitation.email:
        return False
    text = (
        f"{invitation.invited_by.name} invites you to {invitation.practice.name} on Countersign.\n"
        f"Choose your user name and password here, within seven days:\n\n{link}\n\n"
        "The link is good once. If you did not expect it, do nothing.\n"
    )
    try:
        subject = f"Your account at {invitation.practice.name}"
        return bool(send_mail(subject, text, None, [invitation.email]))
    except OSError:  # smtplib's errors are OSErrors
        return False


def usable(token: str) -> Invitation | None:
    """The invitation that this token opens now."""
    rows = Invitation.objects.filter(withdrawn_at=None, used_at=None, expires_at__gt=Now())
    return rows.select_related("practice", "invited_by").filter(token_hash=_hash(token)).first()


@transaction.atomic
def accept(*, token: str, username: str, password: str) -> Membership:
    """Makes the person of an invitation, once. Raises Refused."""
    invitation = usable(token)
    if invitation is None or not Invitation.objects.filter(pk=invitation.pk, used_at=None).exists():
        raise Refused("This invitation is not good any more. Ask for a new one.")
    Invitation.objects.select_for_update().get(pk=invitation.pk)
    if usable(token) is None:
        raise Refused("This invitation is not good any more. Ask for a new one.")
    user = _new_user(
        username,
        password,
        first_name=invitation.first_name,
        last_name=invitation.last_name,
        email=invitation.email,
    )
    member = Membership.objects.create(
        user=user,
        practice=invitation.practice,
        role=invitation.role,
        printed_name=invitation.printed_name,
        title=invitation.title,
        licence=invitation.licence,
    )
    Invitation.objects.filter(pk=invitation.pk).update(used_at=Now(), used_by=user)
    _report(Action.INVITATION_USED, invitation, user, role=member.role)
    return member


@transaction.atomic
def create(
    *,
    practice: Practice | None,
    standing: Standing | None,
    username: str,
    password: str,
    operator: bool = False,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    by: User | None = None,
) -> User:
    """A person without an invitation, for the command line: of a practice, an operator, or both.

    Raises Refused.
    """
    who = {"first_name": first_name, "last_name": last_name, "email": email}
    user = _new_user(username, password, is_staff=operator, **who)
    if practice and standing:
        Membership.objects.create(user=user, practice=practice, **standing.columns())
    detail = {"role": standing.role if standing else "", "operator": operator}
    _about(Action.PERSON_CREATED, user, practice and practice.pk, by, **detail)
    return user


@transaction.atomic
def set_operator(*, user: User, operator: bool, by: User | None = None) -> None:
    """Whether a person runs the installation; their sessions end with it."""
    if user.is_staff == operator:
        return
    User.objects.filter(pk=user.pk).update(is_staff=operator, is_superuser=False)
    _about(Action.OPERATOR_CHANGED, user, None, by, on=operator)
    if not operator:
        sessions.end_all(user=user, by=by)


def _new_user(username: str, password: str, **columns: object) -> User:
    """Raises Refused where name or password will not do."""
    user = User(username=username, **columns)
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        field = "username" if hasattr(error, "error_dict") else "password"
        raise Refused(" ".join(error.messages), field) from None
    if User.objects.filter(username__iexact=username).exists():
        raise Refused("Choose another user name.", "username")
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Refused("Choose another user name.", "username") from None
    return user


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User) -> None:
    rows = Invitation.objects.filter(pk=invitation.pk, used_at=None, withdrawn_at=None)
    if not rows.update(withdrawn_at=Now()):
        raise Refused("This invitation was used or withdrawn before.")
    _report(Action.INVITATION_WITHDRAWN, invitation, by)


@transaction.atomic
def change(*, member: Membership, standing: Standing, by: Membership) -> None:
    """Another role, or other words under the signature. A new role begins with a new log-in."""
    locked = _locked(member)
    if standing.role != locked.role:
        if locked.pk == by.pk:
            raise Refused("Another manager changes your role.", "role")
        if locked.role == Role.MANAGER:
            _keep_one_manager(locked)
    Membership.objects.filter(pk=locked.pk).update(**standing.columns())
    if standing.role != locked.role:
        _report(Action.ROLE_CHANGED, locked, by.user, old=locked.role, new=standing.role)
        sessions.end_all(user=locked.user, by=by.user)
    else:
        _report(Action.PERSON_CHANGED, locked, by.user, cosigned=int(standing.cosigned))


@transaction.atomic
def disable(*, member: Membership, by: Membership) -> None:
    """Ends a person's access to the practice: sessions, sockets and keys. What they did stays."""
    locked = _locked(member)
    if locked.pk == by.pk:
        raise Refused("Another manager disables you.")
    if locked.disabled_at:
        raise Refused(f"{locked.user.name} is disabled already.")
    if locked.role == Role.MANAGER:
        _keep_one_manager(locked)
    Membership.objects.filter(pk=locked.pk).update(disabled_at=Now())
    if not locked.user.memberships.filter(disabled_at=None).exists():
        User.objects.filter(pk=locked.user_id).update(is_active=False)
    sessions.end_all(user=locked.user, by=by.user)
    own = AccessKey.objects.filter(user=locked.user, practice=locked.practice, revoked_at=None)
    for key in own.select_for_update():
        keys.revoke(key=key, by=by.user)
    _report(Action.PERSON_DISABLED, locked, by.user)


@transaction.atomic
def enable(*, member: Membership, by: Membership) -> None:
    """Lets a disabled person in again. Their keys stay revoked."""
    locked = _locked(member)
    if not locked.disabled_at:
        raise Refused(f"{locked.user.name} is not disabled.")
    Membership.objects.filter(pk=locked.pk).update(disabled_at=None)
    User.objects.filter(pk=locked.user_id).update(is_active=True)
    _report(Action.PERSON_ENABLED, locked, by.user)


def _locked(member: Membership) -> Membership:
    """The row for update, after its practice's: two managers can't disable each other at once."""
    Practice.objects.select_for_update(no_key=True).get(pk=member.practice_id)
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user", "practice")
    return rows.get(pk=member.pk)


def _keep_one_manager(member: Membership) -> None:
    others = Membership.objects.filter(
        practice=member.practice_id, role=Role.MANAGER, disabled_at=None, user__is_active=True
    ).exclude(pk=member.pk)
    if not others.exists():
        raise Refused("A practice needs a manager. Make somebody else one first.")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _report(
    action: Action, subject: Invitation | Membership, by: User, **detail: str | int
) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=subject.practice_id,
            by=by,
            object_type=type(subject).__name__,
            object_id=subject.pk,
            detail=detail,
        )
    )


def _about(
    action: Action, user: User, practice_id: UUID | None, by: User | None, **detail: str | bool
) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=practice_id,
            by=by,
            object_type="User",
            object_id=user.pk,
            detail=detail,
        )
    )
