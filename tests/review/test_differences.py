"""Two machine transcripts compared: classes of words, places, and time that keeps both together."""

import random
import time

import pytest

from review.differences import Kind, compare, kind_of

DRUGS = {"lisinopril", "metoprolol"}.__contains__


def line(text: str, start: float = 0.0, *, step: float = 0.4, channel: int | None = None) -> dict:
    """Words of 0.3 s, one every `step` seconds; a comma is a mark of its own."""
    items, now = [], start
    for word in text.split():
        spoken = word != ","
        items.append(
            {
                "type": "pronunciation" if spoken else "punctuation",
                "content": word,
                "start": round(now, 3) if spoken else None,
                "end": round(now + 0.3, 3) if spoken else None,
            }
        )
        now += step if spoken else 0
    return {"channel": channel, "items": items}


def places(ours: str, theirs: str) -> list[tuple[str, str, str]]:
    found = compare([line(ours)], [line(theirs)], DRUGS)
    return [(place.kind.value, place.ours, place.theirs) for place in found.places]


def test_nothing_differs():
    found = compare([line("Patient takes lisinopril")], [line("patient takes , Lisinopril")], DRUGS)
    assert found.places == () and (found.ours, found.theirs, found.same) == (3, 3, 3)
    assert compare([], [], DRUGS).places == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        ("on metoprolol now", "on meta pro lol now", "drug"),
        ("take 15 mg", "take 50 mg", "number"),
        ("take fifteen", "take fifty", "number"),
        ("take 5 mg", "take 5 mcg", "number"),
        ("once a day", "twice a day", "number"),
        ("148/86 today", "148/80 today", "number"),
        ("denies pain", "has pain", "polarity"),
        ("the left knee", "the knee", "polarity"),
        ("yes please", "please", "polarity"),
        ("she isn't well", "she is well", "polarity"),
        ("the knee", "a knee", "other"),
    ],
)
def test_the_most_harmful_word_names_the_class(ours, theirs, kind):
    assert [found for found, _, _ in places(ours, theirs)] == [kind]


def test_what_one_side_did_not_hear_is_a_place_too():
    assert places("no chest pain", "no pain") == [("other", "chest", "")]
    assert places("", "two words") == [("number", "", "two words")]


def test_neighbouring_words_come_apart_where_time_allows():
    assert places("takes lisinopril 15 daily", "takes listen 50 daily") == [
        ("drug", "lisinopril", "listen"),
        ("number", "15", "50"),
    ]
    ours = [line("takes lisinopril 15 daily")]
    theirs = [line("takes listen 50 daily", step=0.4, start=0.2)]
    assert [p.ours for p in compare(ours, theirs, DRUGS).places] == ["lisinopril 15"]


def test_a_place_says_when_and_between_what():
    (place,) = compare(
        [line("one two three four five six")], [line("one two tree four")], DRUGS
    ).places[:1]
    assert (place.before, place.ours, place.theirs, place.after) == (
        "one two",
        "three",
        "tree",
        "four five six",
    )
    assert (place.start, place.end) == (0.8, 1.1)


def test_words_of_a_class_are_counted():
    found = compare([line("no 15 mg lisinopril for her")], [line("no 15 mg lisinopril")], DRUGS)
    assert found.of == {Kind.DRUG: 1, Kind.NUMBER: 2, Kind.POLARITY: 1, Kind.OTHER: 2}
    assert found.differing(Kind.OTHER) == 1 and found.differing(Kind.DRUG) == 0


def test_channels_are_compared_each_with_its_own():
    ours = [line("yes I do", channel=0), line("any pain", channel=1)]
    theirs = [line("any pain", channel=1), line("yes I do", channel=0)]
    assert compare(ours, theirs, DRUGS).places == ()
    # An engine without channels is compared by time alone.
    mixed = [line("yes I do any pain")]
    assert compare([line("yes I do any pain", channel=0)], mixed, DRUGS).places == ()


def test_a_word_on_the_other_side_of_a_pause_costs_two_places_at_most():
    spoken = " ".join(f"w{n}" for n in range(70))
    ours = [line(spoken), line("next", 40.0)]
    theirs = [line(f"{spoken} next"), line("", 40.0)]
    assert len(compare(ours, theirs, DRUGS).places) <= 2


def test_the_class_of_a_word():
    assert kind_of("98.6", DRUGS) == Kind.NUMBER
    assert kind_of("tablets", DRUGS) == Kind.NUMBER
    assert kind_of("bilateral", DRUGS) == Kind.POLARITY
    assert kind_of("knee", DRUGS) == Kind.OTHER


def test_an_hour_of_speech_is_compared_in_seconds():
    chance = random.Random(7)
    words = [f"w{chance.randrange(800)}" for _ in range(9_000)]
    other = [w if chance.random() > 0.15 else f"w{chance.randrange(800)}" for w in words]

    def lines(said: list[str]) -> list[dict]:
        return [line(" ".join(said[i : i + 12]), i * 0.4 + i / 24) for i in range(0, 9_000, 12)]

    begun = time.process_time()
    found = compare(lines(words), lines(other), DRUGS)
    assert time.process_time() - begun < 10
    assert 0.83 < found.same / 9_000 < 0.88
