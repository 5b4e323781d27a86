"""Whom a recording is about can be corrected until the document is signed."""

from datetime import date

FIELDS = {
    "mrn": "20002",
    "patient_name": "Nora New",
    "birth_date": "1990-05-05",
    "specialty": "PEDIATRICS",
    "type": "CONVERSATION",
    "encounter_date": "2026-03-03",
}


def test_another_patient_author_and_date(cast, review, as_):
    url = f"/recordings/{review.recording_id}/details/"
    form = as_(cast.editor).get(url).context["form"]
    assert form.initial["mrn"] == "10001"
    answer = as_(cast.editor).post(url, FIELDS | {"author": str(cast.colleague.pk)})
    assert answer.status_code == 302
    review.recording.refresh_from_db()
    assert review.recording.patient.mrn == "20002"
    assert review.recording.author == cast.colleague
    assert review.recording.encounter_date == date(2026, 3, 3)


def test_a_number_of_another_patient_is_refused(cast, review, as_):
    url = f"/recordings/{review.recording_id}/details/"
    wrong = FIELDS | {"mrn": "10001", "author": str(cast.clinician.pk)}
    answer = as_(cast.editor).post(url, wrong)
    assert answer.status_code == 422 and "mrn" in answer.context["form"].errors


def test_not_for_everyone(cast, review, as_):
    url = f"/recordings/{review.recording_id}/details/"
    assert as_(cast.manager).get(url).status_code == 403
    assert as_(cast.outsider).get(url).status_code == 404
