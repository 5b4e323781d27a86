"""Once a night: what the duties of the day left undone, as after days on which no worker ran."""

from review.actions import adverse_events, labelling, quality_draw, terms
from transcripts import duties

# What each does to signed documents, and what it calls the number of those it looked at.
STEPS = {
    "labels": (labelling.label_due, "documents"),
    "corrections": (terms.gather_due, "documents"),
    "adverse_events": (adverse_events.search_due, "searched"),
    "second_reviews": (quality_draw.draw_due, "documents"),
}


def catch_up() -> dict[str, int]:
    """The duty: goes through all signed documents; how many each step had left."""
    found = dict.fromkeys(STEPS, 0)
    for name, (due, looked) in STEPS.items():
        while not duties.over() and (done := due(since=None)[looked]):
            found[name] += done
    return found
