"""How far a practice is set up, and what its people do first. Reads only."""

from dataclasses import dataclass

from django.urls import reverse

from review.enums import EDITABLE, FINAL, SetupState, SetupStep
from review.models import Letterhead, Review, SetupMark
from review.permissions import Permission, refusal
from transcripts.enums import Role
from transcripts.models import Invitation, Membership, Practice, Recording, RetentionRule

FEW = 1  # recordings on the worklist up to which what to do first is shown

HELP = {
    SetupStep.PRACTICE: "The name that people see at the top of each page.",
    SetupStep.LETTERHEAD: "What stands above a signed document on paper.",
    SetupStep.PEOPLE: "Who corrects, who signs, who runs the practice. At least one clinician.",
    SetupStep.DEFAULTS: "What an upload begins with; it can be changed for each recording.",
    SetupStep.THRESHOLD: "How sure the machine must be of a word for it not to be marked.",
    SetupStep.RETENTION: "When sound and drafts go. Signed documents always stay.",
    SetupStep.ENGINE: "Where recordings are turned into text.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the set-up; `state` is done, skipped or open."""

    slug: str
    label: str
    help: str
    state: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a new practice does once; it is done as soon as it can be seen."""

    label: str
    done: bool
    to: str = ""


def steps(practice: Practice) -> list[Step]:
    """All steps in order. Five queries."""
    marks = dict(SetupMark.objects.filter(practice=practice).values_list("step", "state"))
    found = _found(practice)
    return [
        Step(
            step.value,
            step.label,
            HELP[step],
            SetupState.DONE if found.get(step) else marks.get(step, "open"),
        )
        for step in SetupStep
    ]


def _found(practice: Practice) -> dict[str, bool]:
    """Steps that are done already, whoever did them and where."""
    people = practice.memberships.filter(disabled_at=None).count()
    return {
        SetupStep.LETTERHEAD: Letterhead.objects.filter(practice=practice).exists(),
        SetupStep.PEOPLE: people > 1 or Invitation.objects.filter(practice=practice).exists(),
        SetupStep.DEFAULTS: bool(practice.default_specialty),
        SetupStep.RETENTION: RetentionRule.objects.filter(practice=practice).exists(),
        SetupStep.ENGINE: bool(practice.engine),
    }


def next_open(practice: Practice) -> str | None:
    """The first step that nobody has settled yet."""
    return next((step.slug for step in steps(practice) if step.state == "open"), None)


def first_tasks(member: Membership) -> list[Task]:
    """What this person's practice does first, ticked where it is done; [] once all is done."""
    practice = member.practice
    recordings = Recording.objects.filter(practice=practice).exists()
    reviews = Review.objects.filter(practice=practice)
    signed = reviews.filter(state__in=FINAL).exists()
    read = signed or reviews.filter(state__in=EDITABLE).exists()
    tasks = []
    if refusal(member, Permission.SETUP) is None:
        done = next_open(practice) is None
        tasks.append(Task("Set the practice up", done, reverse("setup")))
        clinicians = Membership.objects.filter(
            practice=practice, role=Role.CLINICIAN, disabled_at=None
        ).exists()
        tasks.append(Task("Have a clinician, who signs", clinicians, reverse("people")))
    upload = reverse("upload") if refusal(member, Permission.UPLOAD) is None else ""
    tasks += [
        Task("Upload a first recording", recordings, upload),
        Task("Let it be transcribed; it appears below by itself", read),
        Task("Correct the text, and have its author sign it", signed),
    ]
    return [] if all(task.done for task in tasks) else tasks
