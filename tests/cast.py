"""The people of the tests. The outsider belongs to another practice and must see nothing."""

from dataclasses import dataclass

from transcripts.enums import Role
from transcripts.models import Membership, Practice, User

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Cast:
    practice: Practice
    editor: Membership
    clinician: Membership
    colleague: Membership
    manager: Membership
    auditor: Membership
    outsider: Membership


def make_cast() -> Cast:
    practice = Practice.objects.create(name="Hill Practice", bucket="hill-practice")
    elsewhere = Practice.objects.create(name="Valley Practice", bucket="valley-practice")
    return Cast(
        practice=practice,
        editor=member(practice, "eve", Role.EDITOR),
        clinician=member(practice, "carla", Role.CLINICIAN),
        colleague=member(practice, "colin", Role.CLINICIAN),
        manager=member(practice, "max", Role.MANAGER),
        auditor=member(practice, "ada", Role.AUDITOR),
        outsider=member(elsewhere, "otto", Role.CLINICIAN),
    )


def member(practice: Practice, username: str, role: Role) -> Membership:
    user = User.objects.create_user(username, password=PASSWORD, first_name=username.title())
    printed = f"{username.title()} Example, MD" if role == Role.CLINICIAN else ""
    return Membership.objects.create(
        user=user,
        practice=practice,
        role=role,
        printed_name=printed,
        title="Physician" if printed else "",
        licence="MD-1" if printed else "",
    )
