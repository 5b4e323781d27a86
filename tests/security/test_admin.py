"""The Django admin: every table can be looked at, and history can't be changed there."""

import pytest
from django.contrib import admin
from django.urls import reverse

from transcripts.admin import ReadOnly

TABLES = [(model, shown) for model, shown in admin.site._registry.items()]


@pytest.fixture
def operator(cast, as_):
    cast.manager.user.is_staff = cast.manager.user.is_superuser = True
    cast.manager.user.save()
    return as_(cast.manager)


@pytest.mark.parametrize(("model", "shown"), TABLES, ids=lambda value: str(value)[:60])
def test_a_table_can_be_looked_at(operator, review, model, shown):
    meta = model._meta
    listed = operator.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
    assert listed.status_code == 200
    row = model.objects.first()
    if row is None:
        return
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    assert operator.get(address).status_code == 200
    if isinstance(shown, ReadOnly):
        assert operator.post(address, {}).status_code == 403


def test_no_word_of_a_patient_is_in_the_lists_of_clinical_tables(operator, review):
    for model, shown in TABLES:
        if isinstance(shown, ReadOnly):
            meta = model._meta
            page = operator.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
            assert "Paula Probe" not in page.content.decode()
            assert "lisinopril" not in page.content.decode()


def test_the_admin_is_for_staff_only(cast, as_):
    assert as_(cast.editor).get("/admin/").status_code == 302
