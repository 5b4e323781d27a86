"""Suspected adverse drug events from the signed document to the export; refusals first."""

import csv
import io
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from fhir.resources.R4B.bundle import Bundle

from review.actions import adverse_events
from review.enums import Suspicion
from review.models import AdverseEvent, AdverseEventSearch, AuditEvent, Signature
from review.policies import Refused
from review.release import adverse_events as files
from tests import rows
from tests.cast import Cast
from tests.factories import transcribed, upload


def said(text: str) -> list[tuple[str, float | None]]:
    return [*((word, 0.99) for word in text.split()), (".", None)]


SAID = [
    said("Since starting amlodipine she has ankle swelling"),
    said("Nausea from the metformin"),
]


@pytest.fixture
def signature(cast: Cast) -> Signature:
    return rows.signed(transcribed(upload(cast), SAID), cast)


@pytest.fixture
def found(signature: Signature) -> list[AdverseEvent]:
    adverse_events.search_due()
    return list(signature.adverse_events.order_by("start"))


class TestFinding:
    def test_nothing_is_looked_for_before_a_document_is_signed(self, cast: Cast) -> None:
        transcribed(upload(cast), SAID)
        assert adverse_events.search_due() == {"searched": 0, "found": 0}

    def test_a_signed_document_is_searched_once(self, signature: Signature) -> None:
        assert adverse_events.search_due() == {"searched": 1, "found": 2}
        assert adverse_events.search_due() == {"searched": 0, "found": 0}
        assert adverse_events.search(signature.pk) == 0
        assert AuditEvent.objects.filter(action="adverse_event.searched").count() == 1

    def test_what_is_kept_is_the_sentence_and_its_seconds(self, found: list[AdverseEvent]) -> None:
        first, second = found
        assert (first.drug, first.reaction) == ("amlodipine", "ankle swelling")
        assert first.evidence == "Since starting amlodipine she has ankle swelling."
        assert (float(first.start), float(first.end)) == (0.0, 3.5)
        assert (second.drug, second.reaction, second.state) == ("metformin", "nausea", "open")

    def test_one_that_waits_for_a_co_signature_is_not_searched(self, cast: Cast) -> None:
        cast.clinician.cosigned = True
        cast.clinician.save()
        rows.signed(transcribed(upload(cast), SAID), cast)
        assert adverse_events.search_due()["searched"] == 0


class TestDatabase:
    def test_a_pair_stands_once_in_a_document(self, found: list[AdverseEvent]) -> None:
        row = found[0]
        again = {f: getattr(row, f) for f in ("practice", "signature", "drug", "reaction")}
        with pytest.raises(IntegrityError), transaction.atomic():
            AdverseEvent.objects.create(**again, cue="x", evidence="x")

    def test_not_of_another_practice(self, found: list[AdverseEvent], cast: Cast) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            AdverseEvent.objects.create(
                practice=cast.outsider.practice, signature=found[0].signature, drug="x",
                reaction="y", cue="z", evidence="z",
            )  # fmt: skip

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "accepted", "causality": "possible"},
            {"state": "rejected", "reason": "an old complaint"},
            {"reason": "undecided"},
            {"drug": "another"},
            {"evidence": "another"},
        ],
    )
    def test_a_decision_says_who_and_what_was_found_stays(
        self, found: list[AdverseEvent], change: dict[str, str]
    ) -> None:
        with pytest.raises(Exception, match="who_when_and_why|Cannot update"), transaction.atomic():
            AdverseEvent.objects.filter(pk=found[0].pk).update(**change)

    def test_no_row_is_deleted(self, found: list[AdverseEvent]) -> None:
        for row in (found[0], AdverseEventSearch.objects.get()):
            with pytest.raises(Exception, match="Cannot (update or )?delete"), transaction.atomic():
                type(row).objects.filter(pk=row.pk).delete()


class TestDeciding:
    def test_a_rejection_has_a_reason(self, found: list[AdverseEvent], cast: Cast) -> None:
        with pytest.raises(Refused, match="Write why"):
            adverse_events.reject(event_id=found[0].pk, reason="  ", by=cast.manager)

    def test_an_acceptance_says_how_likely(self, found: list[AdverseEvent], cast: Cast) -> None:
        with pytest.raises(Refused, match="how likely"):
            adverse_events.accept(event_id=found[0].pk, causality="", reason="", by=cast.manager)

    def test_twice_is_refused_and_undo_opens_it_again(
        self, found: list[AdverseEvent], cast: Cast
    ) -> None:
        event, by = {"event_id": found[0].pk}, {"by": cast.manager}
        adverse_events.accept(**event, causality="probable", reason="dose dependent", **by)
        with pytest.raises(Refused, match="already"):
            adverse_events.reject(**event, reason="no", **by)
        row = adverse_events.reopen(**event, **by)
        assert (row.state, row.decided_by, row.reason) == (Suspicion.OPEN, None, "")
        told = AuditEvent.objects.filter(action__startswith="adverse_event.").order_by("seq")
        assert [one.action for one in told][-2:] == [
            "adverse_event.decided",
            "adverse_event.reopened",
        ]

    @pytest.mark.parametrize("who", ["outsider", "colleague"])
    def test_of_others_there_is_nothing(
        self, found: list[AdverseEvent], cast: Cast, who: str
    ) -> None:
        with pytest.raises(AdverseEvent.DoesNotExist):
            adverse_events.reject(event_id=found[0].pk, reason="no", by=getattr(cast, who))


class TestPage:
    def test_others_see_nothing_of_it(self, found: Any, cast: Cast, as_: Any) -> None:
        for who in (cast.outsider, cast.colleague):
            page = as_(who).get("/drug-safety/?state=all").content.decode()
            assert "amlodipine" not in page
        assert as_(cast.editor).get("/drug-safety/").status_code == 403

    def test_the_list_shows_evidence_sound_and_patient_and_looking_is_on_record(
        self, found: Any, cast: Cast, as_: Any
    ) -> None:
        page = as_(cast.manager).get("/drug-safety/").content.decode()
        assert "<mark>amlodipine</mark> she has <mark>ankle swelling</mark>" in page
        assert 'data-start="0.000" data-end="3.500"' in page
        assert "MRN 10001" in page
        viewed = AuditEvent.objects.filter(action="adverse_event.viewed").get()
        assert "amlodipine" not in str(viewed.row())

    def test_a_decision_by_form_leads_back_with_its_undo(
        self, found: Any, cast: Cast, as_: Any
    ) -> None:
        browser, where = as_(cast.manager), f"/drug-safety/{found[0].pk}/decide"
        answer = browser.post(where, {"decision": "reject", "reason": "old", "back": "state=open"})
        assert answer.url == f"/drug-safety/?state=open&undo={found[0].pk}"
        page = browser.get(answer.url).content.decode()
        assert f'id="e{found[0].pk}"' not in page
        assert "data-undo" in page
        browser.post(where, {"decision": "reopen"})
        assert "amlodipine</mark>" in browser.get("/drug-safety/?drug=amlodipine").content.decode()

    def test_a_foreign_address_to_go_back_to_is_not_taken(
        self, found: Any, cast: Cast, as_: Any
    ) -> None:
        where = f"/drug-safety/{found[0].pk}/decide"
        answer = as_(cast.manager).post(where, {"decision": "x", "back": "//evil.example/?a=b"})
        assert answer.url == "/drug-safety/?"

    def test_the_page_asks_as_much_for_one_as_for_many(
        self, found: Any, cast: Cast, as_: Any
    ) -> None:
        browser = as_(cast.manager)
        browser.get("/drug-safety/")

        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert browser.get("/drug-safety/").status_code == 200
            return len(asked)

        two = queries()
        signature = found[0].signature
        AdverseEvent.objects.bulk_create(
            AdverseEvent(practice_id=found[0].practice_id, signature=signature, drug=f"d{n}",
                         reaction="rash", cue="from", evidence="e")
            for n in range(20)
        )  # fmt: skip
        assert queries() == two


class TestExport:
    def test_csv_cells_run_no_formula(self) -> None:
        assert [files.cell(t) for t in ("=1+1", "@x", "-2", "\tx", "a=b")] == [
            *("'=1+1", "'@x", "'-2", "'\tx"),
            "a=b",
        ]

    def test_csv_holds_what_is_shown(self, found: Any, cast: Cast, as_: Any) -> None:
        text = as_(cast.manager).get("/drug-safety/export.csv?state=all").content.decode()
        made = list(csv.DictReader(io.StringIO(text)))
        assert {row["drug"] for row in made} == {"amlodipine", "metformin"}
        assert made[0]["mrn"] == "10001"
        assert AuditEvent.objects.filter(action="adverse_event.exported").count() == 1

    def test_fhir_is_valid_and_holds_accepted_ones_only(
        self, found: Any, cast: Cast, as_: Any
    ) -> None:
        adverse_events.accept(
            event_id=found[0].pk, causality="probable", reason="since the start", by=cast.manager
        )
        answer = as_(cast.manager).get("/drug-safety/export.json?state=all")
        assert answer["Content-Type"] == "application/fhir+json"
        made = Bundle.model_validate(answer.json())
        (entry,) = made.entry
        event = entry.resource
        assert event.event.text == "ankle swelling"
        assert event.contained[0].code.text == "amlodipine"
        causality = event.suspectEntity[0].causality[0].assessment
        assert causality.coding[0].code == "Probably-Likely"
        assert event.referenceDocument[0].reference == (
            f"DocumentReference/{found[0].signature.review_id}"
        )

    def test_another_form_is_not_there(self, found: Any, cast: Cast, as_: Any) -> None:
        assert as_(cast.manager).get("/drug-safety/export.xml").status_code == 404
