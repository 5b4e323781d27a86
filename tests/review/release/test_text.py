"""The plain text copy."""

from review.release import text
from review.release.canonical import document
from tests.review.release.sample import segment, signed, values, visit

DRAFT = "DRAFT — NOT FOR PATIENT CARE"


def test_a_signed_copy_says_who_what_and_when():
    doc, signature = signed()
    made = text.render(doc, signature=signature)
    for said in (
        "Lakeside Family Practice",
        "Diabetes follow-up",
        "Dictation · Family medicine",
        "Patient   Lena Müller",
        "Born      04 Mar 1961",
        "MRN       MRN-004821",
        "Encounter 24 Nov 2025",
        "0:00      Blood pressure was 120/80, A1c 7.9.",
        "Signed by Ana Reyes, MD, Family Medicine",
        "Licence   CA A-104233",
        "Signed at 24 Nov 2025, 11:19:05 UTC",
        "Meaning   Author: I dictated this and it is correct.",
        f"SHA-256   {signature['sha256']}",
        f"Key       Ed25519 {signature['key_id']}",
    ):
        assert said in made.splitlines()
    assert "DRAFT" not in made
    printed = made[made.index("Signature ") :].removeprefix("Signature ")
    assert "".join(printed.split()) == signature["signature"]


def test_an_unsigned_copy_begins_and_ends_as_a_draft():
    for doc in (document(**values()), signed()[0]):
        lines = text.render(doc, signature=None).splitlines()
        assert lines[0] == lines[-1] == DRAFT
        assert any(line.startswith("Not signed.") for line in lines)
        assert not any("Electronically signed" in line for line in lines)


def test_what_is_still_to_be_checked_is_counted():
    flag = values()["flags"][0] | {"state": "open"}
    made = text.render(document(**values(flags=[flag, flag])), signature=None)
    assert "2 passages are still to be checked." in " ".join(made.split())


def test_lines_are_at_most_80_wide_and_lose_no_word():
    segments = [*visit(5), segment(9, "x" * 300 + " end", start=900.0)]
    doc, signature = signed(segments=segments, practice_name="Practice " * 20)
    made = text.render(doc, signature=signature)
    assert max(map(len, made.splitlines())) <= 80
    assert made.endswith("\n")
    squeezed = "".join(made.split())
    assert all("".join(s["text"].split()) in squeezed for s in doc["segments"])


def test_the_follow_up_of_a_signed_document_names_it():
    doc, signature = signed(prior_signature="ef" * 32)
    assert "ef" * 32 in text.render(doc, signature=signature)
