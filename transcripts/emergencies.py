"""Which patients a clinician has emergency access to at this moment."""

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject, Now

from transcripts.models import EmergencyAccess, Membership

ACTIVE = EmergencyAccess.objects.filter(began_at__lte=Now(), ends_at__gt=Now())


def granted_to_outer() -> ArraySubquery:
    """For an annotation `granted` on memberships, so that a request asks once."""
    rows = ACTIVE.filter(member=OuterRef("pk")).order_by("began_at")
    return ArraySubquery(rows.values(grant=JSONObject(patient="patient_id", grant="pk")))


def grants(member: Membership | None) -> dict[UUID, UUID]:
    """The newest grant by patient. No query for a membership that a request or socket has."""
    if member is None:
        return {}
    if "granted" in member.__dict__:
        return {UUID(row["patient"]): UUID(row["grant"]) for row in member.granted}
    rows = ACTIVE.filter(member=member).order_by("began_at")
    return dict(rows.values_list("patient_id", "pk"))


def granted(member: Membership) -> list[UUID]:
    return list(grants(member))
