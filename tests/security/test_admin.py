"""The Django admin: for operators, without anything clinical, and history stays as it is."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from review import models as review_models
from review.models import AuditEvent
from tests import rows
from transcripts import models
from transcripts.actions import keys
from transcripts.admin import ReadOnly
from transcripts.models import Practice, User

TABLES = [(model, shown) for model, shown in admin.site._registry.items()]
CLINICAL = (
    *(models.Patient, models.Recording, models.Chunk, models.Transcript, models.MachineSegment),
    *(models.Shadow, models.StreamAudio, models.StreamResult, models.EmergencyAccess),
    *(review_models.Review, review_models.Segment, review_models.Edit, review_models.Flag),
    *(review_models.Signature, review_models.Addendum, review_models.AuditEvent),
    *(review_models.SearchEntry, review_models.Comparison, review_models.AdverseEvent),
)


@pytest.fixture
def operator(cast, as_):
    """A manager who also runs the installation; no superuser."""
    User.objects.filter(pk=cast.manager.user_id).update(is_staff=True)
    return as_(cast.manager)


def address(model, page, *args):
    meta = model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


@pytest.mark.parametrize(("model", "shown"), TABLES, ids=lambda value: str(value)[:60])
def test_a_table_can_be_looked_at(operator, cast, review, model, shown):
    keys.create(practice=cast.practice, by=None)
    assert operator.get(address(model, "changelist")).status_code == 200
    row = model.objects.first()
    if row is None:
        return
    page = address(model, "change", row.pk)
    assert operator.get(page).status_code == 200
    if isinstance(shown, ReadOnly):
        assert operator.post(page, {}).status_code == 403
    for closed in (address(model, "add"), address(model, "delete", row.pk)):
        assert operator.get(closed).status_code == 403
        assert operator.post(closed, {"post": "yes"}).status_code == 403


def test_nothing_clinical_and_no_way_to_sign_in_as_another_is_there(operator):
    assert not any(map(admin.site.is_registered, (*CLINICAL, Group)))
    labels = {model._meta.app_label for model, _ in TABLES}
    assert labels == {"transcripts", "review"}
    for path in ("/admin/auth/user/", "/admin/mfa/authenticator/", "/admin/account/emailaddress/"):
        assert operator.get(path).status_code == 404


def test_a_superuser_sees_no_more_than_any_operator(cast, as_, review):
    User.objects.filter(pk=cast.manager.user_id).update(is_staff=True, is_superuser=True)
    superuser = as_(cast.manager)
    assert superuser.get("/admin/transcripts/patient/").status_code == 404
    change = address(models.User, "change", cast.editor.user_id)
    assert superuser.post(change, {"is_staff": "on"}).status_code == 403


def test_no_word_of_a_patient_is_on_any_page(operator, cast, review):
    rows.signed(review, cast)
    for model, _ in TABLES:
        row = model.objects.first()
        pages = [address(model, "changelist")]
        pages += [address(model, "change", row.pk)] if row else []
        for page in pages:
            shown = operator.get(page).content.decode()
            for word in ("Paula", "10001", "lisinopril", "speech.flac", "human_speech"):
                assert word not in shown, (page, word)


def test_no_row_says_a_patients_name_when_it_is_printed(cast, review):
    rows.signed(review, cast)
    seen = set()
    for model in apps.get_models():
        if model._meta.app_label in ("transcripts", "review"):
            for row in model.objects.all()[:5]:
                seen.add(model)
                for word in ("Paula", "10001", "lisinopril", ".flac", "1970"):
                    assert word not in f"{row} {row!r}", model
    assert len(seen) > 15


def test_a_switch_of_a_practice_is_changed_on_record(operator, cast):
    page = address(Practice, "change", cast.practice.pk)
    given = {"bucket": "hill-practice", "engine": "", "keep_streams": "on", "shadow": "on"}
    assert operator.post(page, given | {"signed_copies": "on"}).status_code == 302
    cast.practice.refresh_from_db()
    assert cast.practice.shadow and cast.practice.signed_copies
    told = AuditEvent.objects.filter(action__in=("shadow.switched", "practice.changed"))
    assert {row.action: row.detail for row in told} == {
        "shadow.switched": {"on": True},
        "practice.changed": {"columns": ["signed_copies"]},
    }


def test_the_admin_is_for_operators_only(cast, as_):
    for member in (cast.editor, cast.manager):
        assert as_(member).get("/admin/").status_code == 302
