"""The diagram of docs/signing.md is the transition table."""

from review import diagram
from review.enums import TRANSITIONS, Meaning


def test_the_page_shows_the_table_as_it_is():
    page = diagram.PAGE.read_text(encoding="utf-8")
    assert diagram.drawn(page) == page, "write it anew: python -m review.diagram"


def test_every_transition_and_meaning_is_drawn():
    drawn = diagram.mermaid()
    for old, new in TRANSITIONS:
        assert f"{old.value} --> {new.value}" in drawn
    assert all(meaning.label.lower() in drawn for meaning in Meaning)
