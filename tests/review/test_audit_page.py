"""The audit page and its export: for those who answer for it, narrowed as asked, of any length."""

import csv
import io
import tracemalloc

import pytest
from django.db import connection

from review.actions import exports
from review.audit import chain, exporting, sorting
from review.models import AuditEvent, AuditHead, Export
from review.views import audit as view
from tests import rows
from tests.rows import resolve
from transcripts import events


@pytest.fixture
def page(cast, as_):
    """Asks for the page as the auditor, with filters."""
    browser = as_(cast.auditor)

    def ask(**filters: str):
        return browser.get("/audit/", filters)

    return ask


def shown(answer) -> set[str]:
    return {event.action for event in answer.context["page"]}


def grow(practice, size: int) -> None:
    """So many rows at once, each sealed upon the last, past the trigger that takes them singly."""
    head, _ = AuditHead.objects.get_or_create(practice=practice.pk)
    made, previous = [], head.hash
    for seq in range(head.seq + 1, head.seq + size + 1):
        row = {
            "time": "2026-03-02T10:00:00.000000Z",
            "practice": str(practice.pk),
            "actor": {"id": None, "display": "Countersign", "role": None},
            "action": "review.viewed",
            "object": {"type": "", "id": None, "version": None},
            "outcome": "success",
            "detail": {"n": seq},
            "patient": None,
            "request": {"ip": None, "user_agent": None, "request_id": None, "session": None},
        }
        canonical, digest = chain.seal(row, seq=seq, prev_hash=previous)
        made.append(
            AuditEvent(
                practice=practice.pk,
                seq=seq,
                time="2026-03-02T10:00:00Z",
                actor_display="Countersign",
                action="review.viewed",
                outcome="success",
                detail={"n": seq},
                request=row["request"],
                prev_hash=previous,
                hash=digest,
                canonical=canonical,
            )
        )
        previous = digest
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE review_auditevent DISABLE TRIGGER review_audit_next_link")
        AuditEvent.objects.bulk_create(made, batch_size=1000)
        cursor.execute("ALTER TABLE review_auditevent ENABLE TRIGGER review_audit_next_link")
    AuditHead.objects.filter(practice=practice.pk).update(seq=head.seq + size, hash=previous)


def test_the_newest_events_come_first_in_plain_words(cast, page, review):
    resolve(review, cast.editor)
    listed = list(page().context["page"])
    assert [e.seq for e in listed] == sorted((e.seq for e in listed), reverse=True)
    assert listed[0].sentence == "looked at the audit log"
    assert listed[1].sentence == "confirmed marked words" and listed[1].actor_display == "Eve"


def test_another_practices_events_are_not_shown(cast, page):
    rows.recording(cast, author=cast.outsider)
    assert {event.practice for event in page().context["page"]} == {cast.practice.pk}


def test_it_is_narrowed_by_person_action_outcome_and_day(cast, page, as_, review):
    resolve(review, cast.editor)
    as_(cast.auditor).get(f"/recordings/{review.recording_id}/")
    today = AuditEvent.objects.first().time.date().isoformat()
    assert shown(page(action="flag.confirmed")) == {"flag.confirmed"}
    assert shown(page(outcome="denied")) == {"access.denied"}
    assert "flag.confirmed" in shown(page(person=str(cast.editor.user_id)))
    assert "access.denied" not in shown(page(person=str(cast.editor.user_id)))
    assert "flag.confirmed" in shown(page(since=today, until=today))
    assert "flag.confirmed" in shown(page(since="0001-01-01", until="9999-12-31"))
    assert shown(page(since="2999-01-01")) == set() == shown(page(until="2000-01-01"))


@pytest.mark.parametrize(
    "filters",
    [
        {"action": "'; DROP"},
        {"since": "yesterday"},
        {"before": "x"},
        {"sort": "'; DROP"},
        {"sort": "who", "top": "x", "page": "9" * 17},
        {"person": "\x00"},
        {"patient": "x"},
    ],
)
def test_filters_that_make_no_sense_do_no_harm(page, filters):
    assert page(**filters).status_code == 200


def test_the_page_says_whether_the_chain_holds(cast, page, review):
    page()
    stated = page().context["chain"]
    assert (stated["ok"], stated["broken"]) == (True, None)
    assert stated["size"] == AuditHead.objects.get(practice=cast.practice.pk).seq


def test_events_that_come_while_the_page_is_made_do_not_look_like_a_break(cast, page, monkeypatch):
    first_break = chain.first_break

    def busy(found):
        events.emit(events.Event(action="x", practice_id=cast.practice.pk))
        return first_break(found)

    monkeypatch.setattr(view.chain, "first_break", busy)
    assert page().context["chain"]["ok"] is True


def test_a_row_altered_by_the_databases_master_is_named(cast, page, review):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE review_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE review_auditevent SET outcome = 'denied' WHERE seq = 2")
        cursor.execute("ALTER TABLE review_auditevent ENABLE TRIGGER USER")
    stated = page().context["chain"]
    assert stated["ok"] is False and stated["broken"].seq == 2


def test_a_cut_off_end_is_noticed(cast, page, review):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE review_auditevent DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM review_auditevent WHERE seq > 2")
        cursor.execute("ALTER TABLE review_auditevent ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert page().context["chain"]["ok"] is False


def test_a_long_log_is_paged_with_a_constant_number_of_queries(cast, page, as_):
    grow(cast.practice, 3)
    browser = as_(cast.auditor)
    counts = []
    for _ in range(2):
        with connection.execute_wrapper(counter := Counter()):
            answer = browser.get("/audit/")
        counts.append(counter.seen)
        grow(cast.practice, 300)
    assert counts[0] == counts[1]
    older = answer.context["older"]
    following = browser.get("/audit/", {"before": older}).context["page"]
    assert len(following) == view.ROWS_A_PAGE and following[0].seq == older - 1
    assert answer.status_code == 200


SHOWN = {
    "time": lambda event: event.seq,
    "who": lambda event: event.actor_display.lower(),
    "role": lambda event: event.actor_role,
    "what": lambda event: event.sentence.casefold(),
    "patient": lambda event: event.patient,
    "object": lambda event: event.object_type,
    "outcome": lambda event: event.outcome,
}


@pytest.mark.parametrize("field", sorting.FIELDS)
def test_it_is_put_in_order_by_every_field_both_ways(cast, page, as_, review, field):
    resolve(review, cast.editor)
    rows.recording(cast, mrn="10002", name="Petra Probe")
    as_(cast.auditor).get(f"/recordings/{review.recording_id}/")
    page()
    for sort in (field, f"-{field}"):
        answer = page(sort=sort)
        values = [SHOWN[field](event) for event in answer.context["page"]]
        said = [value for value in values if value != ""]
        assert said == sorted(said, reverse=sort != field) and len(set(said)) > 1
        assert values[len(said) :] == [""] * (len(values) - len(said)), "what is empty comes last"
        headings = [c["state"] for c in answer.context["columns"] if c["state"]]
        way = "ascending" if sort == field else "descending"
        assert headings == ([way] if field in view.COLUMNS else [])
        assert answer.content.decode().count(f'aria-sort="{way}"') == len(headings)


@pytest.mark.parametrize("sort", ["time", "who", "-what", "outcome"])
def test_every_order_is_paged_whole_while_new_rows_come(cast, as_, sort):
    grow(cast.practice, 3)
    browser = as_(cast.auditor)
    counts, seen = [], []
    for more in (0, 300):
        grow(cast.practice, more)
        with connection.execute_wrapper(counter := Counter()):
            answer = browser.get("/audit/", {"sort": sort})
        counts.append(counter.seen)
    assert counts[0] == counts[1]
    size = AuditHead.objects.get(practice=cast.practice.pk).seq
    while True:
        seen += [event.seq for event in answer.context["page"]]
        events.emit(events.Event(action="x", practice_id=cast.practice.pk))
        if not (following := answer.context["following"]) or len(seen) > size:
            break
        answer = browser.get(f"/audit/?{following}")
    assert sorted(seen)[:size] == list(range(1, size + 1)) and len(set(seen)) == len(seen)


def test_of_a_long_log_the_newest_part_is_put_in_order_and_it_is_said(cast, page, monkeypatch):
    monkeypatch.setattr(sorting, "WINDOW", 50)
    grow(cast.practice, 300)
    answer = page(sort="who")
    assert len(answer.context["page"]) == 50 and "The newest 50" in answer.content.decode()
    assert not answer.context["following"]


class Counter:
    """Counts queries."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, execute, sql, params, many, context):
        self.seen += 1
        return execute(sql, params, many, context)


def test_twenty_thousand_rows_are_exported_whole_in_constant_memory(cast, tmp_path):
    grow(cast.practice, 20_000)
    export = exporting.request(practice=cast.practice, by=cast.auditor.user, form="csv")
    path = tmp_path / "audit.csv"
    tracemalloc.start()
    with path.open("wb") as file:
        said = exporting.write(export, file, lambda done, total: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    lines = list(csv.reader(io.StringIO(path.read_text(), newline="")))
    assert said["rows"] > 20_001 and lines[said["rows"]][0] == str(said["rows"])
    assert lines[said["rows"] + 1][0] == "checkpoint"
    assert peak < path.stat().st_size / 2, f"{peak} bytes for {path.stat().st_size} of text"


def test_who_saw_a_patient_and_what_a_person_did(cast, as_, page, review):
    as_(cast.clinician).get(f"/recordings/{review.recording_id}/")
    patient = review.recording.patient
    found = as_(cast.auditor).post("/audit/patient", {"mrn": patient.mrn})
    assert found["Location"] == f"/audit/?patient={patient.pk}"
    summary = page(patient=str(patient.pk)).context["summary"]
    assert summary["title"] == "Who saw this patient"
    assert {line["what"] for line in summary["lines"]} >= {"Carla"}
    did = page(person=str(cast.clinician.user_id)).context["summary"]
    assert "looked at a transcript" in {line["what"] for line in did["lines"]}


def test_a_record_number_of_another_practice_finds_nobody(cast, as_):
    rows.recording(cast, author=cast.outsider, mrn="20002")
    answer = as_(cast.auditor).post("/audit/patient", {"mrn": "20002"})
    assert answer["Location"] == "/audit/"


def test_a_page_that_follows_gets_what_is_new_and_its_beginning_is_on_record(cast, as_, review):
    browser = as_(cast.auditor)
    after = AuditHead.objects.get(practice=cast.practice.pk).seq
    answer = browser.get("/audit/tail", {"after": after, "begin": 1})
    assert [event.action for event in answer.context["page"]] == ["audit.viewed"]
    resolve(review, cast.editor)
    answer = browser.get("/audit/tail", {"after": after + 1})
    assert "flag.confirmed" in {event.action for event in answer.context["page"]}
    assert "audit.viewed" not in {event.action for event in answer.context["page"]}
    assert browser.get("/audit/tail", {"after": "x"}).status_code == 422


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
def test_it_is_exported_by_itself_as_often_as_the_practice_wants(cast, as_):
    browser = as_(cast.auditor)
    assert exporting.request_due() == {"asked": 0}
    browser.post("/audit/schedule", {"rhythm": "daily", "form": "jsonl"})
    assert exporting.request_due() == {"asked": 1} and exporting.request_due() == {"asked": 0}
    assert exports.sweep()
    made = Export.objects.get()
    assert (made.state, made.requested_by, made.expires_at) == ("ready", None, None)
    assert browser.get(f"/exports/{made.pk}/file").status_code == 200
    browser.post("/audit/schedule", {"rhythm": "", "form": "jsonl"})
    assert exporting.request_due() == {"asked": 0}
    said = AuditEvent.objects.filter(action="audit.scheduled").order_by("seq")
    assert [event.detail["rhythm"] for event in said] == ["daily", "never"]


def test_it_is_checked_on_demand_and_the_result_is_kept(cast, as_, page, review):
    as_(cast.auditor).post("/audit/check")
    done = page().context["checked"]
    assert done.ok and done.size > 5
    assert AuditEvent.objects.filter(action="audit.verified").count() == 1
