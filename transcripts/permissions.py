"""Roles and what they may do: one table. docs/permissions.md and the tests are made from it.

Which recordings a person sees is in access; what a document's state allows is in review.policies.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied

from transcripts.enums import Role
from transcripts.models import Membership, User


class Permission(StrEnum):
    VIEW = "view"
    EDIT = "edit"
    SIGN = "sign"
    RELEASE = "release"
    UPLOAD = "upload"
    DICTATE = "dictate"
    VOCABULARIES = "vocabularies"
    EMERGENCY = "emergency"
    EMERGENCY_REVIEW = "emergency_review"
    AUDIT = "audit"
    PEOPLE = "people"
    KEYS = "keys"
    CONNECT = "connect"
    CHECKS = "checks"
    THRESHOLDS = "thresholds"
    DRUG_SAFETY = "drug_safety"
    LETTERHEAD = "letterhead"
    SIGNING_KEYS = "signing_keys"
    RETENTION = "retention"
    ASSIGN = "assign"
    DASHBOARD = "dashboard"
    SECOND_REVIEW = "second_review"
    QUALITY = "quality"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Grant:
    """What it is about, who has it, and what everybody else is told."""

    what: str
    roles: frozenset[str]
    refusal: str


EDITOR, CLINICIAN, MANAGER, AUDITOR = Role.EDITOR, Role.CLINICIAN, Role.MANAGER, Role.AUDITOR


def _grant(what: str, *roles: str, otherwise: str) -> Grant:
    return Grant(what, frozenset(roles), otherwise)


TABLE: dict[Permission, Grant] = {
    Permission.VIEW: _grant(
        "Read transcripts and play recordings; clinicians their own and unassigned ones",
        *(EDITOR, CLINICIAN, MANAGER),
        otherwise="Your role does not include reading transcripts.",
    ),
    Permission.EDIT: _grant(
        "Change transcripts",
        *(EDITOR, CLINICIAN),
        otherwise="Only editors and clinicians change transcripts.",
    ),
    Permission.SIGN: _grant(
        "Sign, co-sign, add to and amend documents",
        CLINICIAN,
        otherwise="Only a clinician can sign.",
    ),
    Permission.RELEASE: _grant(
        "Download documents",
        *(EDITOR, CLINICIAN, MANAGER),
        otherwise="Your role does not include downloading documents.",
    ),
    Permission.UPLOAD: _grant(
        "Upload recordings, and cancel and repeat their transcription",
        *(EDITOR, CLINICIAN, MANAGER),
        otherwise="Your role does not include uploading recordings.",
    ),
    Permission.DICTATE: _grant(
        "Dictate in the browser",
        *(EDITOR, CLINICIAN),
        otherwise="Only editors and clinicians dictate.",
    ),
    Permission.VOCABULARIES: _grant(
        "See and change vocabularies",
        *(EDITOR, CLINICIAN, MANAGER),
        otherwise="Your role does not include vocabularies.",
    ),
    Permission.EMERGENCY: _grant(
        "Take emergency access to a patient's recordings, for 60 minutes and to read only",
        CLINICIAN,
        otherwise="Only clinicians take emergency access.",
    ),
    Permission.EMERGENCY_REVIEW: _grant(
        "Review the emergency accesses of others",
        *(MANAGER, AUDITOR),
        otherwise="Only auditors and managers review emergency access.",
    ),
    Permission.AUDIT: _grant(
        "Read and export the audit log",
        *(MANAGER, AUDITOR),
        otherwise="Only auditors and managers read the audit log.",
    ),
    Permission.PEOPLE: _grant(
        "Invite people, change roles, end access, reset second factors, set the sign-in rules",
        MANAGER,
        otherwise="Only practice managers see and change who belongs to the practice.",
    ),
    Permission.KEYS: _grant(
        "Make and revoke access keys",
        MANAGER,
        otherwise="Only practice managers see and make access keys.",
    ),
    Permission.CONNECT: _grant(
        "Connect other systems",
        MANAGER,
        otherwise="Only practice managers connect other systems.",
    ),
    Permission.CHECKS: _grant(
        "Switch safety checks off and on",
        MANAGER,
        otherwise="Only practice managers decide which safety checks are used.",
    ),
    Permission.THRESHOLDS: _grant(
        "Set the confidence below which words are marked",
        MANAGER,
        otherwise="Only practice managers decide which words are marked.",
    ),
    Permission.DRUG_SAFETY: _grant(
        "Search signed documents for adverse events, and report them",
        *(CLINICIAN, MANAGER),
        otherwise="Only clinicians and managers report adverse events.",
    ),
    Permission.LETTERHEAD: _grant(
        "Change the letterhead",
        MANAGER,
        otherwise="Only practice managers change the letterhead.",
    ),
    Permission.SIGNING_KEYS: _grant(
        "See and replace signing keys",
        MANAGER,
        otherwise="Only practice managers see and replace the signing keys.",
    ),
    Permission.RETENTION: _grant(
        "Decide how long things are kept, and hold them",
        MANAGER,
        otherwise="Only practice managers decide how long things are kept.",
    ),
    Permission.ASSIGN: _grant(
        "Assign work, set priorities and turnaround times",
        MANAGER,
        otherwise="Only practice managers assign work and set turnaround times.",
    ),
    Permission.DASHBOARD: _grant(
        "See how the practice stands: its figures and the lists behind them",
        MANAGER,
        otherwise="Only practice managers see the figures of the practice.",
    ),
    Permission.SECOND_REVIEW: _grant(
        "Review signed documents a second time, see one's own quality, dispute findings",
        *(EDITOR, CLINICIAN, MANAGER),
        otherwise="Your role does not include second reviews.",
    ),
    Permission.QUALITY: _grant(
        "Decide how many documents are reviewed a second time, see everybody's quality",
        MANAGER,
        otherwise="Only practice managers see everybody's quality.",
    ),
    Permission.SETUP: _grant(
        "Set the practice up: name, defaults, engine",
        MANAGER,
        otherwise="Only practice managers set the practice up.",
    ),
}


def refusal(member: Membership | None, permission: Permission) -> str | None:
    """Why the member may not, as a sentence; None when they may."""
    grant = TABLE[permission]
    return None if member and member.role in grant.roles else grant.refusal


def check(member: Membership | None, permission: Permission) -> None:
    """PermissionDenied with the same sentence the page shows."""
    if sentence := refusal(member, permission):
        raise PermissionDenied(sentence)


def check_operator(user: User) -> None:
    """PermissionDenied for who does not run the installation (`User.is_staff`).

    An operator is no role in a practice: they see queues, workers, keys and practices by name, and
    nothing clinical unless they are a member of a practice besides.
    """
    if not (user.is_active and user.is_staff):
        raise PermissionDenied("Only operators of this installation see how it stands.")


def as_markdown() -> str:
    """The table for docs/permissions.md."""
    head = ["", *(role.label for role in Role)]
    lines = [
        "# Roles and permissions",
        "",
        "Made by `manage.py permissions --write` from `transcripts/permissions.py`, the table that",
        "the application asks; a test fails when this page is not what the table says.",
        "",
        f"| {' | '.join(head)} |",
        "| --- |" + " :-: |" * len(Role),
    ]
    for grant in TABLE.values():
        marks = "".join(" yes |" if role in grant.roles else " |" for role in Role)
        lines.append(f"| {grant.what} |{marks}")
    lines += [
        "",
        "Operators of the installation are marked as such (`manage.py operators`), with or without",
        "a role in a practice. They alone see what is under /operate/ and the Django admin, which",
        "show nothing clinical ([administering](administering.md)).",
        "",
        "People of another practice get the answer of an address that does not exist. What a",
        "document's state allows besides is in `review/policies.py`.",
        "",
    ]
    return "\n".join(lines)
