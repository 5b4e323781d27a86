"""MDM messages: the right trigger, numbers and parents, text that cannot break out, and answers."""

from datetime import UTC, datetime

import hl7
import pytest

from review.release import hl7v2, text
from tests.review.release.sample import segment, signed

SENT = datetime(2025, 11, 24, 12, 0, 5, tzinfo=UTC)
PARENT = "0198f1c2-77aa-7000-8000-0242ac129999"


def message(trigger="T02", parent=None, **changes):
    doc, signature = signed(**changes)
    made = hl7v2.message(
        doc,
        signature=signature,
        trigger=trigger,
        control_id="0198F1C277AA70008000",
        sent_at=SENT,
        text=text.render(doc, signature=signature),
        parent=parent,
    )
    return hl7.parse(made)


def ack(code="AA", control_id="0198F1C277AA70008000", rest=""):
    return f"MSH|^~\\&|EHR||||20251124||ACK|9|P|2.5.1\rMSA|{code}|{control_id}{rest}\r"


@pytest.mark.parametrize(("trigger", "parent"), [("T02", PARENT), ("T06", None), ("T10", None)])
def test_an_original_has_no_parent_and_all_others_have_one(trigger, parent):
    with pytest.raises(ValueError):
        message(trigger, parent)


@pytest.mark.parametrize("trigger", ["T06", "T10"])
def test_what_follows_has_its_own_number_and_names_its_parent(trigger):
    txa = message(trigger, PARENT).segment("TXA")
    assert str(txa[13]) == f"{PARENT}^COUNTERSIGN" and PARENT not in str(txa[12])


def test_an_original_is_legally_authenticated_by_its_signer():
    made = message()
    txa = made.segment("TXA")
    assert str(made.segment("MSH")[9]) == "MDM^T02^MDM_T02"
    assert (str(txa[13]), str(txa[17]), str(txa[19])) == ("", "AU", "AV")
    assert str(txa[22]).startswith("CA A-104233^Ana Reyes^") and "20251124111905" in str(txa[22])


def test_the_patient_is_named_family_name_first():
    pid = message().segment("PID")
    assert (str(pid[3]), str(pid[5]), str(pid[7])) == (
        "MRN-004821^^^^MR",
        "Müller^Lena",
        "19610304",
    )


def test_a_document_without_a_patient_is_a_message_all_the_same():
    assert str(message(patient=None).segment("PID")) == "PID|1"


def test_text_cannot_break_out_of_its_field():
    evil = "a|b^c~d\\e&f\rOBX|9|TX \u0000 end"
    made = message(segments=[segment(0, evil)], author=evil, practice_name=evil)
    kinds = [str(s[0]) for s in made]
    assert kinds[:5] == ["MSH", "EVN", "PID", "PV1", "TXA"] and set(kinds[5:]) == {"OBX"}
    said = "".join(str(s[5]) for s in made if str(s[0]) == "OBX")
    assert r"a\F\b\S\c\R\d\E\e\T\f" in said


def test_the_text_is_the_printed_copy_line_by_line():
    doc, signature = signed()
    lines = text.render(doc, signature=signature).splitlines()
    assert sum(str(s[0]) == "OBX" for s in message()) == len(lines)


@pytest.mark.parametrize("code", ["AA", "CA"])
def test_an_acknowledgment_is_taken(code):
    assert hl7v2.answer(ack(code), "0198F1C277AA70008000").accepted


def test_a_refusal_keeps_its_code_and_not_its_words():
    said = hl7v2.answer(
        ack("AE", rest="|Patient Lena unknown\rERR||PID^1|204^Unknown key^HL70357|E"),
        "0198F1C277AA70008000",
    )
    assert not said.accepted and said.error == "204" and "Lena" not in repr(said)


@pytest.mark.parametrize(
    "reply",
    ["", "rubbish", "MSH|^~\\&|x\r", ack(control_id="ANOTHER"), ack("ZZ")],
    ids=["nothing", "rubbish", "no MSA", "of another message", "unknown code"],
)
def test_what_is_no_answer_to_this_message_is_an_error(reply):
    with pytest.raises(ValueError):
        hl7v2.answer(reply, "0198F1C277AA70008000")
