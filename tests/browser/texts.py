"""Transcripts of a given length, made inside a served installation that has its people already."""

from tests import rows
from tests.bench.transcripts import lines
from tests.cast import Cast
from tests.factories import assembled
from transcripts.models import Membership


def make(*plan: tuple[str, int, float]) -> dict[str, str]:
    """plan: (name, words, minutes) each; {name: path}. Their sound is a short recording."""
    members = {m.user.username: m for m in Membership.objects.select_related("user", "practice")}
    cast = Cast(
        practice=members["eve"].practice,
        editor=members["eve"],
        clinician=members["carla"],
        colleague=members["colin"],
        manager=members["max"],
        auditor=members["ada"],
        outsider=members["otto"],
    )
    made = {}
    for number, (name, words, minutes) in enumerate(plan):
        recording = rows.recording(cast, duration=minutes * 60, mrn=f"7{number:04}", name=name)
        assembled(recording, lines(words, minutes * 60))
        made[name] = f"/recordings/{recording.pk}/"
    return made
