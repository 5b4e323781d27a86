"""Human edits of an older transcript, carried into a newer one where they fit."""

from typing import Any

from review.carry import carry


def items(text: str, by: str = "machine") -> list[dict[str, Any]]:
    return [
        {
            "id": f"{by}-{n}",
            "type": "punctuation" if word in ".," else "pronunciation",
            "content": word,
            "start": None,
            "end": None,
            "confidence": None,
            "by": by,
        }
        for n, word in enumerate(text.split())
    ]


def test_an_edit_whose_place_is_the_same_is_carried():
    old, edited = items("takes listen opel daily ."), items("takes lisinopril daily .")
    new = [items("He takes listen opel daily ."), items("No pain .")]
    result = carry(old, [edited], new)
    assert result.texts == ["He takes lisinopril daily.", "No pain."]
    assert (result.fitted, result.collided) == (1, 0)


def test_an_edit_of_words_the_newer_transcript_says_differently_collides():
    old, edited = items("takes listen opel daily ."), items("takes lisinopril daily .")
    result = carry(old, [edited], [items("takes lisinopril twice daily .")])
    assert result.texts == ["takes lisinopril twice daily."]
    assert (result.fitted, result.collided) == (0, 1)


def test_an_insertion_needs_both_its_neighbours():
    old, edited = items("no chest pain ."), items("no chest pain today .")
    assert carry(old, [edited], [items("no chest pain .")]).texts == ["no chest pain today."]
    assert carry(old, [edited], [items("no chest pains .")]).collided == 1


def test_an_edit_across_two_newer_segments_collides():
    old, edited = items("stop aspirin start warfarin"), items("stop it now warfarin")
    result = carry(old, [edited], [items("stop aspirin"), items("start warfarin")])
    assert (result.texts, result.collided) == (["stop aspirin", "start warfarin"], 1)


def test_nothing_edited_and_nothing_said():
    assert carry(items("yes ."), [items("yes .")], [items("yes .")]).fitted == 0
    assert carry([], [], []).texts == []
    assert carry(items("yes ."), [[]], [[]]).texts == [""]


def test_words_put_in_at_a_boundary_stay_on_their_side():
    old, new = items("no pain . no fever ."), [items("no pain ."), items("no fever .")]
    at_the_end = [items("no pain . checked ."), items("no fever .")]
    assert carry(old, at_the_end, new).texts == ["no pain. checked.", "no fever."]
    at_the_beginning = [items("no pain ."), items("still no fever .")]
    assert carry(old, at_the_beginning, new).texts == ["no pain.", "still no fever."]
