"""Captions: on the words' times, readable at once, safe in players, marked while unsigned."""

import re
from decimal import Decimal

import pytest

from review.release import captions, letter
from review.release.canonical import document
from tests.review.release.sample import segment, signed, values, visit

CUE = re.compile(r"(\d\d):(\d\d):(\d\d)[.,](\d{3}) --> (\d\d):(\d\d):(\d\d)[.,](\d{3})")


def draft(*segments):
    return document(**values([*segments]))


def test_every_cue_of_a_draft_says_so():
    doc = draft(*visit(3))
    for made in (captions.srt(doc, signature=None), captions.vtt(doc, signature=None)):
        assert made.count(letter.DRAFT) >= made.count("-->") > 3


def test_a_signed_copy_says_who_signed_and_carries_no_draft_mark():
    doc, signature = signed()
    made = captions.vtt(doc, signature=signature)
    assert "NOTE Signed by Ana Reyes" in made and letter.DRAFT not in made


def test_another_documents_signature_is_refused():
    _, signature = signed()
    with pytest.raises(ValueError):
        captions.srt(signed(author="Somebody else")[0], signature=signature)


def test_all_words_are_there_once_and_in_order():
    doc = draft(*visit(5))
    said = " ".join(cue.text for cue in captions.cues(doc))
    assert said.split() == " ".join(s["text"] for s in doc["segments"]).split()


def test_cues_are_short_and_run_forward():
    doc = draft(*visit(5))
    before = Decimal(0)
    for cue in captions.cues(doc):
        assert before <= cue.start <= cue.end
        assert len(cue.text) <= captions.MOST_CHARACTERS
        assert cue.end - cue.start <= captions.MOST_SECONDS + 1
        before = cue.end


def test_markup_in_the_text_is_no_markup_in_webvtt():
    doc = draft(segment(0, "<b>Note</b> A&B --> C", speaker="spk_0"))
    made = captions.vtt(doc, signature=None)
    assert "<v Speaker 1>&lt;b&gt;" in made and len(CUE.findall(made)) == 1


def test_times_are_written_as_each_format_has_them():
    doc = draft(segment(0, "Later.", start=3725.5))
    assert "01:02:05,500 --> " in captions.srt(doc, signature=None)
    assert "01:02:05.500 --> " in captions.vtt(doc, signature=None)


def test_a_document_without_words_has_no_cues():
    doc = draft(segment(0, ""))
    assert captions.vtt(doc, signature=None).startswith("WEBVTT\n\nNOTE")
    assert not list(captions.cues(doc))
