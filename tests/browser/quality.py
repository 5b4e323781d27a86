"""Second reviews in every state, inside a served installation."""

from review.actions import disputes, quality_draw, terms
from review.models import Review, SecondReview
from tests import rows
from tests.browser.states import spoken, talk
from tests.cast import Cast
from tests.factories import assembled
from tests.review import seconds
from transcripts.models import Membership, Practice

FIRST = {7: "It gave me a fever.", 9: "I can hear some cackles at the left base."}
SECOND = {
    6: "I had asthma as a child. I am allergic to penicillin and sulfa.",
    7: "It gave me a fever.",
    9: "I can hear some crackles at the right base.",
}
PEOPLE = {"editor": "eve", "clinician": "carla", "colleague": "colin", "manager": "max"}


def cast() -> Cast:
    """The people of the served practice, by their names."""
    practice = Practice.objects.get(name="Hill Practice")
    found = {
        role: Membership.objects.get(practice=practice, user__username=name)
        for role, name in (PEOPLE | {"auditor": "ada"}).items()
    }
    outsider = Membership.objects.get(user__username="otto")
    return Cast(practice=practice, outsider=outsider, **found)


def make() -> dict[str, str]:
    """Documents of the editor: blind (two), being compared, closed with a dispute; and rules.

    The second reviewer is `manager`, who alone did not work on them.
    """
    people = cast()
    seconds.everything(people)
    made = {}
    for number, state in enumerate(("blind", "offline", "compare", "closed")):
        recording = spoken(people, name=f"Quinn Quality {number}", mrn=f"5120{number}")
        review = assembled(recording, talk(float(recording.duration)))
        for place, text in FIRST.items():
            seconds.type_in(review, people.editor, place, text)
        rows.signed(review, people)
        quality_draw.draw_due()
        second = SecondReview.objects.get(review=Review.objects.get(pk=review.pk))
        if state in ("compare", "closed"):
            second = seconds.submitted(second, people.manager, SECOND)
        if state == "closed":
            seconds.closed(second, people.manager)
            finding = second.findings.first()
            disputes.open_dispute(finding=finding, text="I hear it so.", by=people.editor)
        made[state] = f"/quality/second/{second.pk}/"
    terms.gather_due()
    return made
