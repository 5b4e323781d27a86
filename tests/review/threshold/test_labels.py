"""Which words count as changed, and which are not judged at all."""

import pytest

from review.threshold.columns import Columns, pack, unpack
from review.threshold.kinds import Kind, kind_of
from review.threshold.labels import judge


def machine(text: str, score: float | None = 0.9) -> list[dict]:
    made = []
    for n, word in enumerate(text.split()):
        kind = "punctuation" if word in ".,?" else "pronunciation"
        made.append({"id": f"m{n}", "type": kind, "content": word, "confidence": score})
    return made


def changed(said: str, signed: str, kept: str = "") -> list[str]:
    """The words of the machine that count as changed, where only words of `kept` keep their id."""
    items = machine(said)
    ids = {item["content"]: item["id"] for item in items if item["content"] in kept.split()}
    words = [[ids.get(word, f"h{n}"), word] for n, word in enumerate(signed.split())]
    return [items[word.at]["content"] for word in judge(items, words).words if word.changed]


@pytest.mark.parametrize(
    ("said", "signed"),
    [
        ("no chest pain", "No chest pain"),
        ("no chest pain , today", "no chest pain today ."),
        ("follow-up in two weeks", "follow up in 2 weeks"),
        ("one hundred twenty over eighty", "120/80"),
        ("120/80", "120 over 80"),
        ("twenty five milligrams", "25 mg"),
        ("5.0 mg", "5 milligrams"),
        ("eight point one percent", "8.1%"),
        ("we don't know", "we do not know"),
        ("he cannot walk", "he can not walk"),
        ("the third visit", "the 3rd visit"),
        ("milligrams per deciliter", "mg/dL"),
        ("ten thousand units", "10,000 units"),
    ],
)
def test_how_it_is_written_is_no_change(said, signed):
    assert changed(said, signed) == []


@pytest.mark.parametrize(
    ("said", "signed", "wrong"),
    [
        ("takes fifteen milligrams", "takes 50 mg", ["fifteen"]),
        ("denies chest pain", "denies chest pressure", ["pain"]),
        ("twenty five milligrams", "26 mg", ["twenty", "five"]),
        ("left knee", "right knee", ["left"]),
        ("he can walk", "he cannot walk", []),
        ("the the knee", "the knee", ["the"]),
        ("120/80", "120/90", ["120/80"]),
        ("mm-hm", "no", ["mm-hm"]),
    ],
)
def test_what_is_said_is(said, signed, wrong):
    assert changed(said, signed) == wrong


def test_words_of_the_machine_that_still_stand_are_kept_wherever_they_went():
    assert changed("knee left the", "the left knee", kept="knee left the") == []


def test_words_are_compared_only_between_kept_neighbours():
    assert changed("pain a b pain c", "pain x pain c pain", kept="a c") != []


def test_hesitations_signs_and_words_without_a_score_are_not_judged():
    items = machine("um the uh knee") + machine("- gone", score=None)
    found = judge(items, [["h1", "knee"]])
    assert [items[word.at]["content"] for word in found.words] == ["the", "knee"]
    assert found.left_out == 4


def test_words_that_the_machine_lacks_are_counted_apart():
    found = judge(machine("chest pain"), [["m0", "chest"], ["h1", "no"], ["m1", "pain"]])
    assert found.added == 1
    assert not any(word.changed for word in found.words)


def test_an_emptied_document_changed_every_word():
    assert [word.changed for word in judge(machine("chest pain"), []).words] == [True, True]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Lisinopril", Kind.DRUG),
        ("20", Kind.NUMBER),
        ("mg", Kind.NUMBER),
        ("Denies", Kind.POLARITY),
        ("left-sided", Kind.POLARITY),
        ("perzole", Kind.UNKNOWN),
        ("the", Kind.SMALL),
        ("knee", Kind.OTHER),
        ("%", Kind.NUMBER),
    ],
)
def test_classes_of_words(word, kind):
    assert kind_of(word) == kind


def test_columns_come_back_as_they_were():
    sent = Columns([0.1234, 1.0, 0.0], [0.5, 0.9, 0.0], [0, 5, 3], [1, 0, 0], [0, 1, 0], [1, 0, 1])
    found = unpack(pack(sent))
    for name in ("raw", "shown", "kind", "changed", "critical", "flagged"):
        assert list(getattr(found, name)) == pytest.approx(getattr(sent, name))


def test_a_score_that_is_no_number_is_0():
    one = [0]
    assert list(unpack(pack(Columns([float("nan")], [2.0], one, one, one, one))).raw) == [0.0]


@pytest.mark.parametrize("data", [b"", b"x", pack(Columns([], [], [], [], [], []))[:-1]])
def test_what_are_no_columns_is_refused(data):
    with pytest.raises(ValueError, match="no columns"):
        unpack(data)
