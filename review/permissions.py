"""What a person may do, by role: one table. What a document's state allows is in policies."""

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from transcripts.access import may_upload
from transcripts.enums import Role
from transcripts.models import Membership


class Permission(StrEnum):
    VIEW = "view"
    EDIT = "edit"
    SIGN = "sign"
    RELEASE = "release"
    AUDIT = "audit"
    CONNECT = "connect"
    CHECKS = "checks"


GRANTS: dict[str, frozenset[Permission]] = {
    Role.EDITOR: frozenset({Permission.VIEW, Permission.EDIT, Permission.RELEASE}),
    Role.CLINICIAN: frozenset(
        {Permission.VIEW, Permission.EDIT, Permission.SIGN, Permission.RELEASE}
    ),
    Role.MANAGER: frozenset(
        {
            *(Permission.VIEW, Permission.RELEASE, Permission.AUDIT),
            *(Permission.CONNECT, Permission.CHECKS),
        }
    ),
    Role.AUDITOR: frozenset({Permission.AUDIT}),
}

REFUSALS = {
    Permission.VIEW: "Your role does not include reading transcripts.",
    Permission.EDIT: "Only editors and clinicians change transcripts.",
    Permission.SIGN: "Only a clinician can sign.",
    Permission.RELEASE: "Your role does not include downloading documents.",
    Permission.AUDIT: "Only auditors and managers read the audit log.",
    Permission.CONNECT: "Only practice managers connect other systems.",
    Permission.CHECKS: "Only practice managers decide which safety checks are used.",
}


def refusal(member: Membership | None, permission: Permission) -> str | None:
    """Why the member may not, as a sentence; None when they may."""
    if member and permission in GRANTS[member.role]:
        return None
    return REFUSALS[permission]


def check(member: Membership | None, permission: Permission) -> None:
    """PermissionDenied with the same sentence the page shows."""
    if sentence := refusal(member, permission):
        raise PermissionDenied(sentence)


def template_context(request: HttpRequest) -> dict[str, Any]:
    """What every page needs: which doors to show, the version, and whether this is a demo."""
    member = getattr(request, "membership", None)
    doors = {permission.value: refusal(member, permission) is None for permission in Permission}
    return {
        "perms_ui": doors | {"upload": may_upload(member)},
        "version": settings.VERSION,
        "demo": settings.DEMO,
    }
