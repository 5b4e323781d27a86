"""The words of a printed copy: paragraphs, dates, names, and the guard on signatures."""

import copy

import pytest

from review.release import letter, pdf, text
from review.release.canonical import document
from tests.review.release.sample import segment, signed, values


def paragraphs(*segments):
    return letter.paragraphs(document(**values(list(segments))))


def test_segments_of_one_speaker_run_on_until_a_pause():
    made = paragraphs(
        segment(1, "One.", start=0.0),
        segment(2, "Two.", start=2.0),
        segment(3, "Three.", start=10.0),
    )
    assert [(p.speaker, p.time, p.text) for p in made] == [
        (None, "0:00", "One. Two."),
        (None, "0:10", "Three."),
    ]


def test_a_speaker_is_named_where_he_begins():
    made = paragraphs(
        segment(1, "Any pain?", start=0.0, speaker="spk_0"),
        segment(2, "No.", start=1.3, speaker="spk_1"),
        segment(3, "None.", start=20.0, speaker="spk_1"),
        segment(4, "Good.", start=21.0, speaker="spk_0"),
    )
    assert [p.speaker for p in made] == ["Speaker 1", "Speaker 2", None, "Speaker 1"]


def test_channels_are_named_when_there_are_no_speakers():
    first, second = segment(1, "Hello."), segment(2, "Hi.", start=1.0)
    first["channel"], second["channel"] = 0, 1
    assert [p.speaker for p in paragraphs(first, second)] == ["Channel 1", "Channel 2"]


def test_no_word_is_lost_between_segments_and_paragraphs():
    segments = [segment(n, f"word{n} " * 60, start=n * 40.0) for n in range(20)]
    assert " ".join(p.text for p in paragraphs(*segments)) == " ".join(s["text"] for s in segments)


def test_an_emptied_segment_prints_nothing():
    assert paragraphs(segment(1, ""), segment(2, "Yes."))[0].text == "Yes."


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2025-11-24T11:19:05.123456Z", "24 Nov 2025, 11:19:05 UTC"),
        ("2025-11-24T11:19:05+00:00", "24 Nov 2025, 11:19:05 UTC"),
        ("2025-11-24T06:19:05-05:00", "24 Nov 2025, 06:19:05 UTC-05:00"),
    ],
)
def test_a_moment_names_its_zone(iso, said):
    assert letter.moment(iso) == said


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError):
        letter.moment("2025-11-24T11:19:05")


def test_days_and_clock_times():
    assert letter.day("1961-03-04") == "04 Mar 1961"
    assert letter.day(None) == "—"
    assert letter.clock("9.900") == "0:09"
    assert letter.clock("3723.000") == "1:02:03"


def test_a_document_without_a_patient_says_so():
    doc = document(**values(patient=None, encounter_date=None))
    assert letter.patient(doc) == [("Patient", "Not assigned"), ("Born", "—"), ("MRN", "—")]
    assert "Not assigned" in text.render(doc, signature=None)
    assert pdf.render(doc, signature=None)


def test_a_title_that_says_type_and_specialty_is_not_repeated():
    doc = document(**values(title="Dictation – Family Medicine"))
    assert letter.kind(doc) == []
    assert letter.kind(document(**values())) == ["Dictation · Family medicine"]


def test_a_coded_meaning_is_printed_in_words():
    doc, signature = signed()
    lines = dict(letter.signature_lines(doc, signature | {"meaning": "author-attested"}))
    assert lines["Meaning"] == "Attested by the author"
    assert dict(letter.signature_lines(doc, signature))["Meaning"] == signature["meaning"]


def test_unknown_codes_are_still_words():
    assert letter.label("SPORTS_MEDICINE") == "Sports medicine"


def test_a_file_name_says_nothing_about_the_patient():
    doc, _ = signed(title="Lena Müller visit")
    name = letter.file_name(doc, "pdf", draft=True)
    assert name == "document-0198f1c2-77aa-7000-8000-0242ac120002-draft.pdf"


@pytest.mark.parametrize("render", [text.render, pdf.render])
def test_a_signature_is_never_printed_under_another_document(render):
    doc, signature = signed()
    changed = copy.deepcopy(doc)
    changed["segments"][0]["text"] = "Blood pressure was 210/80, A1c 7.9."
    with pytest.raises(ValueError, match="not that of this document"):
        render(changed, signature=signature)
    with pytest.raises(ValueError, match="not that of this document"):
        render(document(**values()), signature=signature)
