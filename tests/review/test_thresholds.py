"""The threshold workbench over real signed documents: labels, fits, lines, pages, drift."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from review import thresholds
from review.actions import calibrating, edit, labelling
from review.actions import thresholds as actions
from review.models import (
    AuditEvent,
    Calibration,
    DriftAlarm,
    Refit,
    ThresholdChange,
    WordLabels,
)
from review.policies import Refused
from review.threshold.columns import Columns, pack, unpack
from review.thresholds import Choice
from tests import rows
from tests.factories import MARKED

BUNDLED = "tiny.en@1a5afae06a4d"
GIVEN = Choice("local", "given-words")


def signed(cast, number=1, change=True, **about):
    """A signed document; with `change` its second marked word was corrected."""
    made = rows.review(cast, mrn=f"2000{number}", **about)
    if change:
        flag = made.flags.filter(segment__text__startswith="Denies").get()
        edit.replace_text(
            review=made,
            segment_id=flag.segment_id,
            base_version=flag.segment.version,
            text="Denies chest pressure.",
            op_id=uuid4(),
            by=cast.editor,
        )
    rows.signed(made, cast)
    return made


def labels(made, cast, number, *, words=100, changed=5, model="given-words", clinician=None):
    """A row of labels for a document that is signed already, as if it were another."""
    scores = [(n % 100) / 100 for n in range(words)]
    wrong = [n < changed for n in range(words)]
    none = [0] * words
    columns = Columns(scores, scores, [5] * words, wrong, none, [s < 0.8 for s in scores])
    return WordLabels(
        review=made,
        practice=cast.practice,
        engine="local",
        model=model,
        specialty="FAMILYMEDICINE",
        type="DICTATION",
        clinician=clinician or cast.clinician,
        source="Upload, 16 kHz, 1 channel",
        seconds=60,
        signed_at=timezone.now() - timedelta(hours=500 - number),
        rules=1,
        words=words,
        changed=changed,
        added=0,
        left_out=0,
        columns=pack(columns),
    )


@pytest.fixture
def many(cast, monkeypatch):
    """So many rows of labels, all of one signed document: the key is loosened for the test."""
    from django.db import connection

    made = signed(cast)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE review_wordlabels DROP CONSTRAINT review_wordlabels_pkey")

    def make(number, **about):
        labels(made, cast, number, **about).save(force_insert=True)

    return make


def test_a_document_is_labelled_once_it_is_signed_and_only_once(cast):
    made = rows.review(cast)
    assert labelling.label() == 0
    rows.signed(made, cast)
    assert labelling.label() == 1
    assert labelling.label() == 0
    row = WordLabels.objects.get()
    assert (row.words, row.changed, row.added, row.left_out) == (12, 0, 0, 0)
    assert sum(unpack(bytes(row.columns)).flagged) == MARKED


def test_labels_hold_what_was_changed_and_no_words(cast):
    signed(cast)
    labelling.label()
    row = WordLabels.objects.get()
    columns = unpack(bytes(row.columns))
    assert (row.words, row.changed) == (12, 1)
    assert [n for n, changed in enumerate(columns.changed) if changed] == [6]
    assert columns.raw[6] == pytest.approx(0.55)
    assert row.source == "Upload, 16 kHz, 1 channel"


def test_labels_never_change_and_belong_to_signed_documents(cast):
    signed(cast)
    labelling.label()
    row = WordLabels.objects.get()
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        WordLabels.objects.update(changed=0)
    draft = rows.review(cast, mrn="30000")
    row.pk = draft.pk
    row.review = draft
    with pytest.raises(IntegrityError, match="Only a signed document"), transaction.atomic():
        row.save(force_insert=True)


def test_a_fit_is_made_once_for_what_was_signed(cast):
    for number in range(3):
        signed(cast, number, change=number == 0)
    found = calibrating.nightly()
    assert found == {"documents": 3, "fits": 1, "alarms": 0}
    assert calibrating.nightly()["fits"] == 0
    made = Calibration.objects.get()
    assert (made.number, made.documents, made.words, made.changed) == (1, 3, 36, 1)
    assert made.report[""]["documents"] == 3
    signed(cast, 9)
    calibrating.nightly()
    assert [row.number for row in Calibration.objects.order_by("number")] == [1, 2]


def test_until_enough_is_signed_the_page_says_what_is_missing(cast, as_):
    made = rows.review(cast)
    page = as_(cast.manager).get(reverse("thresholds")).content.decode()
    assert "20 more signed documents" in page and "never measured" in page
    bundled = Choice("local", BUNDLED)
    bench = thresholds.workbench(made.practice_id, bundled)
    assert not bench.own and bench.report["words"] == 1387


def test_with_enough_the_figures_are_the_practices_own(cast, many, as_):
    for number in range(30):
        many(number)
    calibrating.fit_all(cast.practice.pk)
    page = as_(cast.manager).get(reverse("thresholds")).content.decode()
    assert "30 signed documents" in page
    assert "At random" in page and "Errors caught" in page and "Words flagged" in page
    assert page.count('<svg class="th-plot"') == 4


def test_a_point_is_chosen_by_target(cast, many, as_):
    for number in range(30):
        many(number)
    calibrating.fit_all(cast.practice.pk)
    bench = thresholds.workbench(cast.practice.pk, GIVEN)
    wanted = next(p for p in bench.points if p["caught"] >= 0.9)
    page = as_(cast.manager).get(reverse("thresholds"), {"target": "90"}).content.decode()
    assert f'name="t" value="{wanted["t"]}"' in page


def test_a_line_marks_new_transcripts_and_leaves_open_reviews(cast, many, as_):
    for number in range(30):
        many(number)
    calibrating.fit_all(cast.practice.pk)
    open_now = rows.review(cast, mrn="40001")
    browser = as_(cast.manager)
    bench = thresholds.workbench(cast.practice.pk, GIVEN)
    point = next(p for p in bench.points if p["t"] >= 0.5)
    sent = {"engine": "local/given-words", "type": "DICTATION", "ranking": "raw", "t": point["t"]}
    assert browser.post(reverse("threshold-choose"), sent).status_code == 422
    assert browser.post(reverse("threshold-choose"), sent | {"reason": "Fewer"}).status_code == 302
    change = ThresholdChange.objects.get()
    assert (change.by, change.reason, change.was) == (cast.manager.user, "Fewer", None)
    assert change.expected["control"] == point["control"]
    assert AuditEvent.objects.filter(action="threshold.changed").count() == 1
    assert open_now.flags.count() == MARKED
    later = rows.review(cast, mrn="40002")
    assert later.threshold == change.floor and later.threshold < Decimal("0.8")
    assert later.flags.count() == 1  # 0.41, no longer 0.55
    assert rows.review(cast, mrn="40003", type="CONVERSATION").flags.count() == MARKED


def test_the_most_specific_line_is_in_force(cast, many):
    for number in range(30):
        many(number)
    calibrating.fit_all(cast.practice.pk)
    for about in ({}, {"specialty": "FAMILYMEDICINE"}, {"type": "DICTATION"}):
        choice = Choice("local", "given-words", **about)
        bench = thresholds.workbench(cast.practice.pk, choice)
        actions.choose(choice=choice, threshold=bench.points[3]["t"], reason="x", by=cast.manager)
    transcript = rows.review(cast, mrn="50001").transcript
    found = thresholds.in_force(cast.practice.pk, transcript)
    assert (found.type, found.specialty) == ("DICTATION", "")
    transcript.model = "another"
    assert thresholds.in_force(cast.practice.pk, transcript) is None


def test_the_preview_counts_marks_and_errors_of_the_last_documents(cast, many):
    for number in range(60):
        many(number)
    calibrating.fit_all(cast.practice.pk)
    bench = thresholds.workbench(cast.practice.pk, GIVEN)
    shown = thresholds.preview(cast.practice.pk, bench, 0.03)
    assert len(shown) == 20
    assert shown[0]["marks"] == {"before": 80, "after": 3}
    assert shown[0]["caught"] == {"before": 5, "after": 3}
    assert shown[0]["by_chance"] == {"before": 4.0, "after": 0.1}


def test_other_practices_see_and_change_nothing(cast, many, as_):
    for number in range(30):
        many(number)
    calibrating.fit_all(cast.practice.pk)
    alarm = _alarm(cast)
    other = cast.outsider
    other.role = "manager"
    other.save()
    page = as_(other).get(reverse("thresholds")).content.decode()
    assert "Nothing was transcribed yet" in page and "given-words" not in page
    assert thresholds.drift(other.practice_id) == []
    answer = as_(other).post(reverse("drift-acknowledge", args=[alarm.pk]), {"note": "x"})
    assert answer.status_code == 404


def test_a_refit_is_asked_for_once_and_its_progress_is_told(cast, as_):
    signed(cast)
    browser = as_(cast.manager)
    assert browser.post(reverse("threshold-refit")).status_code == 302
    assert browser.post(reverse("threshold-refit")).status_code == 409
    state = browser.get(reverse("threshold-refit-state")).json()["refit"]
    assert state["running"] and state["state"] == "queued"
    calibrating.run_asked()
    state = browser.get(reverse("threshold-refit-state")).json()["refit"]
    assert not state["running"] and state["state"] == "done"
    assert Refit.objects.get().ended_at and Calibration.objects.count() == 1


def test_more_changed_words_raise_one_alarm_for_engine_clinician_and_source(cast, many, as_):
    for number in range(40):
        many(number, changed=3)
    assert calibrating.watch(cast.practice.pk) == 0
    for number in range(40, 60):
        many(number, changed=12)
    assert calibrating.watch(cast.practice.pk) == 3
    assert calibrating.watch(cast.practice.pk) == 0
    found = thresholds.drift(cast.practice.pk)
    assert {each["alarm"].way for each in found} == {"up"}
    assert "Carla Example, MD" in {each["name"] for each in found}
    for each in found:
        with pytest.raises(Refused):
            actions.acknowledge(alarm=each["alarm"], note=" ", anew=False, by=cast.manager)
        actions.acknowledge(alarm=each["alarm"], note="New room", anew=True, by=cast.manager)
    assert thresholds.drift(cast.practice.pk) == []
    assert calibrating.watch(cast.practice.pk) == 0


def _alarm(cast):
    now = datetime.now(UTC)
    return DriftAlarm.objects.create(
        practice=cast.practice,
        watched="engine",
        key="local/given-words",
        way="up",
        before=10,
        after=30,
        documents=9,
        since=now,
        upto=now,
    )


def test_an_alarm_is_acknowledged_on_the_page_with_a_note(cast, as_):
    rows.review(cast)
    alarm = _alarm(cast)
    browser = as_(cast.manager)
    assert "More words are changed" in browser.get(reverse("thresholds")).content.decode()
    where = reverse("drift-acknowledge", args=[alarm.pk])
    assert browser.post(where, {"note": ""}).status_code == 422
    assert browser.post(where, {"note": "New microphones"}).status_code == 302
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.note, alarm.anew) == (
        cast.manager.user,
        "New microphones",
        False,
    )


def test_the_report_is_json_and_a_page(cast, many, tmp_path):
    for number in range(30):
        many(number)
    calibrating.fit_all(cast.practice.pk)
    call_command("threshold_report", practice=str(cast.practice.pk), out=str(tmp_path))
    told = json.loads((tmp_path / "thresholds.json").read_text())
    engine = told["practices"][0]["engines"][0]
    assert engine["own"] and engine["report"]["documents"] == 30
    for name in ("raw", "calibrated", "classes"):
        at = engine["report"]["at"][name]
        assert {"flagged", "caught", "control"} <= set(at)
    page = (tmp_path / "thresholds.html").read_text()
    assert "th-plot" in page and "At random" in page and "<script" not in page
