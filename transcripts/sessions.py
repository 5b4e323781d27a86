"""Sessions that end by the server's clock: after idle minutes, and in any case after hours.

The session store of SESSION_ENGINE, so that pages, sockets and whatever asks for a session find the
same one ended. What a page does by itself moves nothing: see transcripts.access.Presence.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from transcripts import duties, events
from transcripts.enums import Action
from transcripts.models import BrowserSession, Membership, User
from transcripts.statements import written_once

NOTED_EVERY = timedelta(seconds=30)


class SessionStore(db.SessionStore):
    """Django's, on BrowserSession: an idle one is as good as none, and saving prolongs nothing."""

    row: BrowserSession | None = None

    @classmethod
    def get_model_class(cls) -> type[BrowserSession]:
        return BrowserSession

    def _get_session_from_db(self) -> BrowserSession | None:
        now = timezone.now()
        row = next(iter(_with_key(self.session_key, now, _idle_since(now))), None)
        self.row = row
        if row is None:
            self._session_key = None
        return row

    async def _aget_session_from_db(self) -> BrowserSession | None:
        return await sync_to_async(self._get_session_from_db)()

    def create_model_instance(self, data: dict[str, Any]) -> BrowserSession:
        row = super().create_model_instance(data)
        row.user_id = data.get("_auth_user_id")
        row.expire_date = row.began_at + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        row.ip, row.user_agent = data.get("ip"), data.get("user_agent", "")
        return row

    def save(self, must_create: bool = False) -> None:
        """As Django's; of a row that is there, its beginning, last use and end stay."""
        if must_create or self.session_key is None:
            return super().save(must_create)
        made = self.create_model_instance(self._get_session(no_load=False))
        kept = BrowserSession.objects.filter(session_key=self.session_key).update(
            session_data=made.session_data,
            user=made.user_id,
            ip=made.ip,
            user_agent=made.user_agent,
        )
        if not kept:
            raise UpdateError

    def cycle_key(self) -> None:
        """A new key; but where somebody was logged in before, their hours go on counting."""
        before = BrowserSession.objects.filter(session_key=self.session_key or "").first()
        super().cycle_key()
        if before and before.user_id:
            BrowserSession.objects.filter(session_key=self.session_key).update(
                began_at=before.began_at, expire_date=before.expire_date
            )

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)


def alive() -> QuerySet[BrowserSession]:
    """Sessions that still count."""
    now = timezone.now()
    return _alive(now, _idle_since(now))


def _alive(now: datetime, idle_since: datetime) -> QuerySet[BrowserSession]:
    return BrowserSession.objects.filter(expire_date__gt=now, active_at__gt=idle_since)


@written_once
def _with_key(key: str, now: datetime, idle_since: datetime) -> QuerySet[BrowserSession]:
    return _alive(now, idle_since).filter(session_key=key)


def _idle_since(now: datetime) -> datetime:
    """Who was last active then, or before, is idle now."""
    return now - timedelta(seconds=settings.SESSION_IDLE)


def begin(sender: object, request: HttpRequest | None, user: User, **_: Any) -> None:
    """At a log-in: notes where the person is, for their list of sessions."""
    if request is None or not isinstance(request.session, SessionStore):
        return
    request.session["ip"] = request.META.get("REMOTE_ADDR") or None
    request.session["user_agent"] = request.headers.get("User-Agent", "")[:200]


def note(session: SessionStore) -> None:
    """The person did something. Written twice a minute at most."""
    now, row = timezone.now(), session.row
    if row is not None and now - row.active_at >= NOTED_EVERY:
        row.active_at = now
        BrowserSession.objects.filter(pk=row.pk).update(active_at=now)


def seconds_left(row: BrowserSession) -> int:
    """Until the session ends if the person does nothing more."""
    idle = row.active_at + timedelta(seconds=settings.SESSION_IDLE)
    return max(0, int((min(idle, row.expire_date) - timezone.now()).total_seconds()))


def of(user: User) -> list[BrowserSession]:
    """The person's sessions, the last used first."""
    return list(alive().filter(user=user).order_by("-active_at"))


@transaction.atomic
def end(*, number: UUID, user: User, by: User) -> bool:
    """Ends one of the user's sessions; False where there is none."""
    gone, _ = BrowserSession.objects.filter(number=number, user=user).delete()
    if gone:
        _report(Action.SESSION_ENDED, user, by, 1)
    return bool(gone)


@transaction.atomic
def end_all(*, user: User, by: User | None, but: str | None = None) -> int:
    """Ends all of the user's sessions but that with key `but`; how many."""
    gone, _ = BrowserSession.objects.filter(user=user).exclude(session_key=but or "").delete()
    if gone:
        _report(Action.SESSION_ENDED, user, by, gone)
    return gone


BATCH = 200


def end_lapsed() -> dict[str, int]:
    """Removes what has ended by the clock, each with its line in the audit log; how many."""
    now, ended, last = timezone.now(), 0, ""
    idle = Q(active_at__lte=_idle_since(now))
    lapsed = BrowserSession.objects.filter(idle | Q(expire_date__lte=now))
    nobodys, persons = lapsed.filter(user=None), lapsed.filter(user__isnull=False).order_by("pk")
    while not duties.over() and nobodys.filter(pk__in=nobodys.values("pk")[:BATCH]).delete()[0]:
        pass
    while keys := list(persons.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        for last in keys:
            if duties.over():
                return {"ended": ended}
            ended += _end_lapsed(lapsed, last, now)
    return {"ended": ended}


@transaction.atomic
def _end_lapsed(lapsed: QuerySet[BrowserSession], key: str, now: datetime) -> bool:
    row = lapsed.select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
    if row is None:  # somebody came back, or is ending it
        return False
    user, absolute = row.user, row.expire_date <= now
    row.delete()
    _report(Action.SESSION_EXPIRED if absolute else Action.SESSION_IDLE, user, None, 1)
    return True


def _report(action: Action, user: User, by: User | None, sessions: int) -> None:
    practices = Membership.objects.filter(user=user).values_list("practice_id", flat=True)
    for practice_id in list(practices) or [None]:
        events.emit(
            events.Event(
                action=action,
                practice_id=practice_id,
                by=by or (user if action != Action.SESSION_ENDED else None),
                object_type="User",
                object_id=user.pk,
                detail={"sessions": sessions},
            )
        )
