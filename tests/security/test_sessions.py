"""Sessions end by the server's clock, and sockets with them; no page keeps them up by itself."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.db.models import F
from django.test import Client

from review.models import AuditEvent
from tests import rows
from tests.cast import PASSWORD
from tests.sockets import Socket, session_of
from transcripts import sessions, watch
from transcripts.models import BrowserSession, Membership, User


def age(**by: float) -> None:
    """As if that much time had passed since everything that is noted."""
    ago = timedelta(**by)
    BrowserSession.objects.update(
        active_at=F("active_at") - ago,
        began_at=F("began_at") - ago,
        expire_date=F("expire_date") - ago,
    )


@pytest.mark.django_db
def test_after_sixteen_idle_minutes_nobody_is_signed_in(cast, as_):
    browser = as_(cast.editor)
    review = rows.review(cast)
    assert settings.SESSION_IDLE == 15 * 60
    age(minutes=14)
    assert browser.get(f"/recordings/{review.recording_id}/state").status_code == 200
    age(minutes=2)
    assert browser.get(f"/recordings/{review.recording_id}/state").status_code == 401
    assert browser.get("/").status_code == 302


@pytest.mark.django_db
def test_polling_keeps_nobody_signed_in(cast, as_):
    browser = as_(cast.editor)
    state = f"/recordings/{rows.review(cast).recording_id}/state"
    for number in range(15 * 6 - 1):  # every ten seconds
        assert browser.get("/session/").status_code == 200
        if number % 10 == 0:
            assert browser.get(state).status_code == 200
            assert browser.get("/", headers={"Sec-Fetch-Mode": "cors"}).status_code == 200
        age(seconds=10)
    age(seconds=70)
    assert browser.get("/session/").status_code == browser.get(state).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["page", "word"])
def test_what_a_person_does_keeps_them_signed_in(cast, as_, act):
    browser = as_(cast.editor)
    for _ in range(3):
        age(minutes=14)
        if act == "page":
            assert browser.get("/", headers={"Sec-Fetch-Mode": "navigate"}).status_code == 200
        else:
            left = browser.post("/session/active").json()["seconds"]
            assert left > 14 * 60
    assert browser.get("/").status_code == 200


@pytest.mark.django_db
def test_after_twelve_hours_it_ends_whatever_one_does(cast, as_):
    browser = as_(cast.editor)
    for _ in range(3):
        age(hours=3, minutes=59)
        BrowserSession.objects.update(active_at=F("active_at") + timedelta(hours=3, minutes=58))
        browser.post("/session/active")
        session = browser.session
        session["changed"] = True
        session.save()
        assert browser.get("/").status_code == 200
    age(minutes=4)
    assert browser.get("/").status_code == 302


@pytest.mark.django_db
def test_the_end_of_idle_sessions_is_on_record(cast, as_, monkeypatch):
    monkeypatch.setattr(sessions, "BATCH", 2)  # all of them end in one run, batch by batch
    as_(cast.editor), as_(cast.editor), as_(cast.clinician)
    age(minutes=16)
    as_(cast.manager)
    assert sessions.end_lapsed() == {"ended": 3}
    assert sessions.end_lapsed() == {"ended": 0}
    ended = AuditEvent.objects.filter(action="session.idle").values_list("actor_id", flat=True)
    assert sorted(ended) == sorted([str(cast.editor.user_id)] * 2 + [str(cast.clinician.user_id)])
    age(hours=12)
    sessions.end_lapsed()
    assert AuditEvent.objects.get(action="session.expired").actor_id == str(cast.manager.user_id)


@pytest.mark.django_db
def test_sessions_of_nobody_go_however_many_there_are(monkeypatch):
    monkeypatch.setattr(sessions, "BATCH", 2)
    for _ in range(5):
        store = sessions.SessionStore()
        store["seen"] = True
        store.save()
    age(minutes=16)
    assert sessions.end_lapsed() == {"ended": 0}
    assert not BrowserSession.objects.exists()


@pytest.mark.django_db
def test_a_person_sees_and_ends_their_sessions_and_nobody_elses(cast, as_):
    here, there, other = as_(cast.editor), as_(cast.editor), as_(cast.clinician)
    assert here.get("/sessions/").content.decode().count('action="/sessions/') == 3
    theirs = BrowserSession.objects.get(user=cast.clinician.user)
    assert here.post(f"/sessions/{theirs.number}/end").status_code == 404
    gone = BrowserSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/sessions/{gone.number}/end").status_code == 302
    assert there.get("/").status_code == 302
    as_(cast.editor)
    here.post("/sessions/others/end")
    assert sessions.of(cast.editor.user) == [BrowserSession.objects.get(user=cast.editor.user)]
    assert here.get("/").status_code == 200 and other.get("/").status_code == 200
    assert AuditEvent.objects.filter(action="session.ended").count() == 2


@pytest.mark.django_db
def test_a_log_in_gets_a_new_key_and_a_changed_password_ends_the_other_sessions(cast, as_):
    browser, other = Client(), as_(cast.editor)
    browser.get("/accounts/login/")
    before = browser.cookies.get("sessionid")
    browser.post("/accounts/login/", {"login": "eve", "password": PASSWORD})
    assert before is None or before.value != browser.cookies["sessionid"].value
    new = "another horse battery staple"
    answer = browser.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert browser.get("/").status_code == 200 and other.get("/").status_code == 302
    assert AuditEvent.objects.filter(action="password.changed").count() == 1


def _lapse(cast) -> None:
    age(minutes=16)


def _log_out(cast) -> None:
    BrowserSession.objects.filter(user=cast.editor.user).delete()


def _lose_the_role(cast) -> None:
    Membership.objects.filter(pk=cast.editor.pk).update(role="auditor")


def _lose_the_account(cast) -> None:
    User.objects.filter(pk=cast.editor.user_id).update(is_active=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [_lapse, _log_out, _lose_the_role, _lose_the_account])
@pytest.mark.parametrize("path", ["/ws/recordings/{}/", "/ws/worklist/"])
def test_a_silent_socket_closes_when_its_session_or_role_ends(cast, monkeypatch, end, path):
    assert max(watch.LOOKS) <= 60
    monkeypatch.setattr(watch, "LOOKS", (0.05, 0.1))
    review = rows.review(cast)
    session = session_of(cast.editor)

    async def sit() -> dict[str, object]:
        socket = Socket(path.format(review.recording_id), session)
        assert (await socket.open())["type"] == "websocket.accept"
        await sync_to_async(end)(cast)
        while "closed" not in (told := await socket.next()):
            pass
        return told

    told = async_to_sync(sit)()
    assert told == {"closed": 4404 if end is _lose_the_role else 4401}
