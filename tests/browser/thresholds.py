"""Documents for the threshold workbench in a served app: run there, not in the test's process."""

import random
from uuid import uuid4

from review.actions import calibrating, edit
from tests import rows
from tests.cast import Cast
from tests.factories import assembled, line
from transcripts.models import Membership, Practice

BUNDLED = "tiny.en@1a5afae06a4d"
SAID = (
    "the",
    "patient",
    "takes",
    "lisinopril",
    "twenty",
    "mg",
    "daily",
    "for",
    "his",
    "left",
    "knee",
)


def cast() -> Cast:
    practice = Practice.objects.get(name="Hill Practice")
    of = {m.user.username: m for m in Membership.objects.select_related("user", "practice")}
    names = {"editor": "eve", "clinician": "carla", "colleague": "colin", "manager": "max"}
    people = {role: of[name] for role, name in names.items()}
    return Cast(practice=practice, auditor=of["ada"], outsider=of["otto"], **people)


def transcribed(people: Cast, mrn: str, seed: int = 1, lines: int = 8):
    """A review of lines whose scores are drawn; the words are always the same."""
    draw = random.Random(seed)
    said = [
        line([(word, round(draw.betavariate(9, 0.6), 3)) for word in SAID], start=n * 8.0)
        for n in range(lines)
    ]
    made = rows.recording(people, mrn=mrn, duration=8 * lines)
    return assembled(made, said, model=BUNDLED)


def one() -> str:
    """One transcript of the bundled model, not signed: the workbench shows the prior."""
    made = transcribed(cast(), "70000")
    return f"/recordings/{made.recording_id}/"


def many(documents: int) -> int:
    """So many signed documents, in which the less sure words were changed more often."""
    people = cast()
    draw = random.Random(7)
    for number in range(documents):
        made = transcribed(people, f"8{number:04}", seed=number)
        for segment in made.text.order_by("position"):
            words = [
                "something" if draw.random() > 0.25 + 0.75 * item["confidence"] else item["content"]
                for item in segment.items
            ]
            edit.replace_text(
                review=made,
                segment_id=segment.pk,
                base_version=segment.version,
                text=" ".join(words),
                op_id=uuid4(),
                by=people.editor,
            )
        rows.signed(made, people)
    return calibrating.nightly()["fits"]
