"""What a listener sees while somebody speaks: words come early and seldom change."""

from transcripts.engines.lines import Word
from transcripts.engines.stream_agreement import Agreement


def words(text: str, probability: float = 0.9) -> list[Word]:
    """The text's words, a third of a second each."""
    return [
        Word(f" {word}", n / 3, (n + 1) / 3, probability) for n, word in enumerate(text.split())
    ]


def shown(seen: list[Word]) -> str:
    return "".join(word.text for word in seen).strip()


def test_a_word_still_being_spoken_is_held_back() -> None:
    assert shown(Agreement().take(words("he takes met"), 1.05)) == "he takes"


def test_a_doubtful_word_waits_for_a_second_hearing() -> None:
    agreement = Agreement()

    assert shown(agreement.take(words("he", 0.9) + words("x takes", 0.2)[1:], 3.0)) == "he"
    assert shown(agreement.take(words("he takes", 0.2), 3.0)) == "he takes"


def test_a_word_that_a_certain_one_follows_is_believed_sooner() -> None:
    """The first word of a sentence seldom scores well, however clear it was."""
    assert shown(Agreement().take(words("he", 0.42) + words("x denies", 0.95)[1:], 3.0)) == (
        "he denies"
    )
    assert Agreement().take(words("he", 0.42) + words("x denies", 0.6)[1:], 3.0) == []


def test_what_is_shown_stands_against_one_other_hearing() -> None:
    agreement = Agreement()
    agreement.take(words("he takes metformin daily"), 3.0)

    once = agreement.take(words("he takes met foreman daily now"), 3.0)
    assert shown(once) == "he takes metformin daily"

    twice = agreement.take(words("he takes met foreman daily now"), 3.0)
    assert shown(twice) == "he takes met foreman daily now"


def test_what_is_shown_does_not_shrink() -> None:
    agreement = Agreement()
    agreement.take(words("he takes metformin"), 3.0)

    assert shown(agreement.take(words("he takes metformin", 0.1), 1.05)) == "he takes metformin"


def test_case_and_marks_are_no_change() -> None:
    agreement = Agreement()
    agreement.take(words("good morning."), 3.0)

    assert shown(agreement.take(words("Good morning, what"), 3.0)) == "Good morning, what"


def test_more_words_than_anybody_speaks_are_not_shown() -> None:
    assert Agreement().take(words("type two " * 10), 0.8) == []


def test_at_a_pause_everything_is_shown() -> None:
    assert shown(Agreement().take(words("he takes met", 0.3), 1.0, whole=True)) == "he takes met"
