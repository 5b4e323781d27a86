"""Who belongs to a practice is decided by its managers, on record, and at once."""

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import authenticate
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from review.models import AuditEvent
from tests import rows
from tests.cast import PASSWORD, member
from transcripts.actions import keys, members
from transcripts.enums import Role
from transcripts.models import BrowserSession, Invitation, Membership, Practice, User

pytestmark = pytest.mark.django_db
CHOSEN = {"username": "nora", "password": PASSWORD, "again": PASSWORD}


def invite(manager: Client, **changes: str) -> str:
    """The path of the link that the page shows."""
    fields = {"first_name": "Nora", "role": "editor"} | changes
    page = manager.post("/people/", fields).content.decode()
    return re.search(r'value="http://testserver(/invitation/[^"]+)"', page)[1]


def acts() -> list[str]:
    kinds = AuditEvent.objects.exclude(action__startswith="login.").order_by("time", "seq")
    kinds = kinds.exclude(action="worklist.viewed")
    return list(kinds.values_list("action", flat=True))


@pytest.mark.parametrize("end", ["used", "withdrawn", "expired", "unknown"])
def test_a_link_that_is_not_good_any_more_makes_nobody(cast, as_, end):
    manager = as_(cast.manager)
    link = invite(manager)
    row = Invitation.objects.get()
    if end == "used":
        assert Client().post(link, CHOSEN).status_code == 302
    if end == "withdrawn":
        manager.post(f"/people/invitations/{row.pk}/withdraw")
    if end == "expired":
        Invitation.objects.update(expires_at=row.created_at)
    if end == "unknown":
        link = link[:-3] + "x/"
    people = User.objects.count()
    again = Client().post(link, CHOSEN | {"username": "second"})
    assert again.status_code == 404 and User.objects.count() == people


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"again": "something else here"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"username": "EVE"}, "Choose another user name."),
        ({"username": "no spaces"}, "valid username"),
    ],
)
def test_a_bad_choice_leaves_the_invitation_good(cast, as_, wrong, told):
    link = invite(as_(cast.manager))
    answer = Client().post(link, CHOSEN | wrong)
    assert answer.status_code == 422 and told in answer.content.decode()
    assert Client().post(link, CHOSEN).status_code == 302


def test_an_invited_person_signs_in_with_the_role_they_were_given(cast, as_):
    manager = as_(cast.manager)
    page = manager.post("/people/", {"first_name": "Nora", "role": "clinician"})
    assert page.status_code == 422 and "prints a name" in page.content.decode()
    link = invite(manager, role="clinician", printed_name="Nora New, MD")
    assert "Nora" in Client().get(link).content.decode()
    Client().post(link, CHOSEN)
    made = Membership.objects.get(user__username="nora")
    assert (made.role, made.printed_name, made.practice) == (
        "clinician",
        "Nora New, MD",
        cast.practice,
    )
    assert Client().post("/accounts/login/", {"login": "nora", "password": PASSWORD}).url == "/"
    assert acts() == ["person.invited", "invitation.used"]
    assert Invitation.objects.get().token_hash not in link


def test_where_mail_is_sent_the_link_is_in_it_and_nowhere_else(cast, as_):
    page = as_(cast.manager).post(
        "/people/", {"first_name": "Nora", "role": "editor", "email": "nora@example.org"}
    )
    link = re.search(r"http://testserver(/invitation/\S+)", mail.outbox[0].body)[1]
    assert mail.outbox[0].to == ["nora@example.org"] and link not in page.content.decode()
    assert Client().post(link, CHOSEN).status_code == 302


def test_nobody_ends_their_own_or_the_last_managers_access(cast, as_):
    manager = as_(cast.manager)
    for verb in ("disable", "factors"):
        manager.post(f"/people/{cast.manager.pk}/{verb}")
    answer = manager.post(f"/people/{cast.manager.pk}/", {"role": "editor"})
    assert answer.status_code == 422
    second = member(cast.practice, "mia", Role.MANAGER)
    Membership.objects.filter(pk=second.pk).update(disabled_at="2026-01-01T00:00Z")
    with pytest.raises(members.Refused, match="needs a manager"):
        members.disable(member=cast.manager, by=second)
    assert acts() == []


@pytest.mark.parametrize("verb", ["", "disable", "enable", "factors", "sessions"])
def test_people_of_another_practice_do_not_exist_here(cast, as_, verb):
    path = f"/people/{cast.outsider.pk}/{verb}"
    assert as_(cast.manager).post(path, {"role": "editor"}).status_code == 404
    assert acts() == []


def test_a_disabled_person_is_out_at_once_with_sessions_and_keys(cast, as_):
    browser, manager = as_(cast.editor), as_(cast.manager)
    key, _ = keys.create(practice=cast.practice, user=cast.editor.user, by=cast.manager.user)
    manager.post(f"/people/{cast.editor.pk}/disable")
    assert browser.get("/").status_code == 302
    assert authenticate(username="eve", password=PASSWORD) is None
    key.refresh_from_db()
    assert key.revoked_at and not BrowserSession.objects.filter(user=cast.editor.user).exists()
    assert acts()[1:] == ["session.ended", "key.revoked", "person.disabled"]
    manager.post(f"/people/{cast.editor.pk}/enable")
    assert authenticate(username="eve", password=PASSWORD) == cast.editor.user


def test_a_disabled_clinician_is_offered_as_author_no_more(cast, as_):
    page = f"{cast.colleague.printed_name}"
    assert page in as_(cast.editor).get("/upload/").content.decode()
    as_(cast.manager).post(f"/people/{cast.colleague.pk}/disable")
    assert page not in as_(cast.editor).get("/upload/").content.decode()


def test_a_new_role_begins_with_a_new_log_in(cast, as_):
    browser, manager = as_(cast.editor), as_(cast.manager)
    manager.post(f"/people/{cast.editor.pk}/", {"role": "auditor"})
    assert browser.get("/").status_code == 302
    assert as_(cast.editor).get("/audit/").status_code == 200
    event = AuditEvent.objects.get(action="role.changed")
    assert event.detail == {"old": "editor", "new": "auditor"}


def test_that_a_clinician_needs_a_co_signature_is_set_on_their_page(cast, as_):
    fields = {"role": "clinician", "printed_name": "Carla Example, MD", "cosigned": "on"}
    browser, manager = as_(cast.clinician), as_(cast.manager)
    manager.post(f"/people/{cast.clinician.pk}/", fields)
    cast.clinician.refresh_from_db()
    assert cast.clinician.cosigned and browser.get("/").status_code == 200
    assert acts() == ["person.changed"]


def test_a_manager_resets_a_lost_second_factor(cast, as_):
    totp.TOTP.activate(cast.editor.user, totp.generate_totp_secret())
    browser, manager = as_(cast.editor), as_(cast.manager)
    assert "Authenticator app" in manager.get(f"/people/{cast.editor.pk}/").content.decode()
    manager.post(f"/people/{cast.editor.pk}/factors")
    assert browser.get("/").status_code == 302
    assert not cast.editor.user.authenticator_set.exists()
    assert acts() == ["second_factor.added", "second_factor.reset", "session.ended"]


def test_a_row_can_not_point_into_another_practice(cast):
    """The keys of practice and id together: what the code forgets, the database refuses."""
    theirs = rows.recording(cast, author=cast.outsider, mrn="777")
    ours = rows.recording(cast)
    for change in ({"patient": theirs.patient}, {"author": cast.outsider}):
        with pytest.raises(IntegrityError, match="same_practice"), transaction.atomic():
            type(ours).objects.filter(pk=ours.pk).update(**change)
            with transaction.get_connection().cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Practice.objects.count() == 2
