"""The dashboard: figures of one practice alone, from a fixed number of queries, each with its list
and its file."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from review import dashboard, figure_lists
from review.actions import labelling
from review.figures import standing
from review.models import AuditCheck, AuditEvent, DriftAlarm, Review, WordLabels
from tests import rows
from transcripts import workers
from transcripts.enums import JobStatus
from transcripts.models import Duty, MedicalTranscriptionJob

pytestmark = pytest.mark.django_db


def shown(practice) -> dict[str, dashboard.Figure]:
    return {one.name: one for one in dashboard.figures(standing(practice.pk))}


@pytest.fixture
def signed(cast):
    """Two signed documents, the one as the machine said it; each took two hours and was due after
    one. What people changed is only in the other."""
    made = []
    for number in range(2):
        review = rows.review(cast, mrn=f"2000{number}")
        rows.resolve(review, cast.editor)
        made.append(review)
    segment = made[1].segments.first()
    rows.edit.replace_text(
        review=made[1],
        segment_id=segment.pk,
        base_version=segment.version,
        text="Something else was said",
        op_id=rows.uuid4(),
        by=cast.editor,
    )
    for review in made:
        rows.resolve(review, cast.editor)
        ago = timezone.now() - timedelta(hours=2)
        type(review.recording).objects.filter(pk=review.recording_id).update(created_at=ago)
        Review.objects.filter(pk=review.pk).update(due_at=ago + timedelta(hours=1))
        review.refresh_from_db()
        rows.signed(review, cast)
    return made


def test_a_practice_in_which_nothing_happened_has_no_figures_and_no_error(cast, as_):
    found = shown(cast.practice)
    assert found["queue"].value == found["late"].value == "0"
    for name in ("turnaround", "unedited", "changed", "marks", "audit"):
        assert found[name].value == dashboard.NONE
    assert found["turnaround"].chart is None
    assert found["workers"].trouble
    page = as_(cast.manager).get("/dashboard/")
    assert page.status_code == 200 and b"nothing to draw yet" in page.content


def test_depth_and_age_of_the_queue_and_jobs_by_state(cast):
    for number in range(3):
        rows.recording(cast, mrn=str(number))
    oldest = MedicalTranscriptionJob.objects.first()
    ago = timezone.now() - timedelta(hours=3)
    MedicalTranscriptionJob.objects.filter(pk=oldest.pk).update(created_at=ago)
    rows.review(cast, mrn="4")
    found = shown(cast.practice)
    assert found["queue"].value == "3" and "3 h 00 min" in found["queue"].note
    assert found["jobs"].table.rows == [
        ["Queued", 3],
        ["Transcribing", 0],
        ["Completed", 1],
        ["Failed", 0],
        ["Cancelled", 0],
    ]
    first = figure_lists.of("queue", cast.practice.pk).rows[0]
    assert first[0] == oldest.recording_id and first[-1] == "3 h 00 min"


def test_a_job_still_counts_that_waits_longer_than_the_figures_look_back(cast):
    rows.recording(cast)
    MedicalTranscriptionJob.objects.update(created_at=timezone.now() - timedelta(days=60))
    assert shown(cast.practice)["queue"].value == "1"
    now = timezone.now()
    MedicalTranscriptionJob.objects.update(status=JobStatus.CANCELLED, completed_at=now)
    assert shown(cast.practice)["jobs"].value == "0"


def test_turnaround_against_what_was_due_and_the_share_without_an_edit(cast, signed):
    found = shown(cast.practice)
    assert found["turnaround"].value == "2 h 00 min / 2 h 00 min"
    assert "due after 1 h 00 min, 0% in time" in found["turnaround"].note
    assert found["unedited"].value == "50 %"
    unedited = figure_lists.of("unedited", cast.practice.pk).rows
    assert [row[0] for row in unedited] == [signed[0].recording_id]
    assert len(figure_lists.of("turnaround", cast.practice.pk).rows) == 2
    assert found["turnaround"].table.rows[-1][1] == 2  # today
    assert found["turnaround"].chart.lines == ["p50, hours", "p95, hours", "Due after, hours"]


def test_changed_words_and_marks_by_engine_and_specialty_are_those_of_the_labels(cast, signed):
    labelling.label_due()
    labels = list(WordLabels.objects.all())
    assert len(labels) == 2
    words, changed = (sum(getattr(row, name) for row in labels) for name in ("words", "changed"))
    found = shown(cast.practice)
    engine, specialty, documents, *numbers = found["changed"].table.rows[0]
    assert (engine, specialty) == (f"{labels[0].engine} {labels[0].model}", "Family medicine")
    assert documents == 2
    assert numbers == [words, changed, round(1000 * changed / words, 1)] and changed > 0
    marks = sum(review.flags.exclude(state="superseded").count() for review in signed)
    assert found["marks"].table.rows[0][4] == marks > 0
    most = figure_lists.of("changed", cast.practice.pk).rows[0]
    assert most[0] == signed[1].recording_id


def test_late_documents_failing_duties_a_broken_log_and_drift_are_trouble(cast):
    review = rows.review(cast)
    past = timezone.now() - timedelta(minutes=90)
    Review.objects.filter(pk=review.pk).update(due_at=past)
    now = timezone.now()
    Duty.objects.update_or_create(name="retention", defaults={"failures": 2, "due_at": now})
    about = {"practice": cast.practice.pk, "began_at": now, "size": 5, "head": "", "root": ""}
    AuditCheck.objects.create(ok=False, broken_seq=3, reason="hash", **about)
    DriftAlarm.objects.create(
        practice=cast.practice,
        watched="engine",
        key="=local/tiny",
        way="up",
        before=3,
        after=30,
        documents=9,
        since=past,
        upto=past,
    )
    found = shown(cast.practice)
    assert found["late"].value == "1" and found["late"].trouble
    assert figure_lists.of("late", cast.practice.pk).rows[0][-1] == "1 h 30 min"
    assert found["duties"].table.rows == [["retention"]] and found["duties"].trouble
    assert found["audit"].value == "Broken" and found["audit"].table.rows[0][3] == 3
    assert found["drift"].value == "1" and found["drift"].trouble


def test_storage_and_workers(cast):
    made = rows.recording(cast)
    workers.beat("worker-1")
    found = shown(cast.practice)
    assert found["storage"].table.rows[0][1:3] == [1, made.size]
    assert found["workers"].table.rows[0][0] == "worker-1" and not found["workers"].trouble


def test_another_practice_is_in_no_figure_and_no_list(cast, signed):
    labelling.label_due()
    rows.recording(cast)
    elsewhere = cast.outsider.practice
    for one in dashboard.figures(standing(elsewhere.pk)):
        assert one.value in ("0", dashboard.NONE, "0\xa0bytes"), one
    for name in set(figure_lists.LISTS) - {"duties", "workers"}:
        assert figure_lists.of(name, elsewhere.pk).rows == []
        assert figure_lists.of(name, cast.practice.pk).rows or name == "late"


def test_more_documents_are_no_more_queries(cast, signed, as_):
    labelling.label_due()
    with CaptureQueriesContext(connection) as few:
        standing(cast.practice.pk)
    for number in range(3):
        rows.signed(rows.review(cast, mrn=str(30_000 + number)), cast)
        rows.recording(cast, mrn=str(40_000 + number))
    labelling.label_due()
    with CaptureQueriesContext(connection) as many:
        standing(cast.practice.pk)
    assert len(many) == len(few) <= 11


def test_each_figure_opens_its_list_and_is_a_file(cast, signed, as_):
    labelling.label_due()
    browser = as_(cast.manager)
    page = browser.get("/dashboard/").content.decode()
    for one in dashboard.figures(standing(cast.practice.pk)):
        assert f'href="{one.to}"' in page
        assert browser.get(one.to).status_code == 200
        answer = browser.get(f"/dashboard/{one.name}.csv")
        assert answer["Content-Type"].startswith("text/csv")
        head, *lines = csv.reader(io.StringIO(answer.content.decode()))
        assert head == one.table.head and len(lines) == len(one.table.rows)
    assert browser.get("/dashboard/nothing.csv").status_code == 404


def test_a_cell_that_begins_a_formula_is_made_harmless(cast, as_):
    now = timezone.now()
    about = {"practice": cast.practice, "watched": "engine", "way": "up", "before": 1, "after": 2}
    DriftAlarm.objects.create(key="=HYPERLINK(1)", documents=1, since=now, upto=now, **about)
    answer = as_(cast.manager).get("/dashboard/drift.csv").content.decode()
    assert "'=HYPERLINK(1)" in answer and ",=HYP" not in answer and "\n=HYP" not in answer


def test_looking_and_downloading_are_recorded_and_staying_is_not(cast, signed, as_):
    browser = as_(cast.manager)
    browser.get("/dashboard/")
    browser.get("/dashboard/turnaround/")
    browser.get("/dashboard/jobs.csv")
    browser.get("/dashboard/live")
    found = AuditEvent.objects.filter(action__startswith="figures.").order_by("seq")
    assert [event.action for event in found] == [
        "figures.viewed",
        "figures.viewed",
        "figures.exported",
    ]
    recordings = {str(one.recording_id) for one in signed}
    assert set(found[1].detail["recordings"]) == recordings


def test_no_list_and_no_figure_names_a_patient(cast, signed, as_):
    labelling.label_due()
    browser = as_(cast.manager)
    for path in ["/dashboard/", *(f"/dashboard/{name}/" for name in figure_lists.LISTS)]:
        text = browser.get(path).content.decode()
        assert "Paula" not in text and "20000" not in text, path
