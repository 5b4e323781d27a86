"""Which patients a clinician has emergency access to at this moment."""

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from transcripts.models import EmergencyAccess, Membership

# Plain SQL: every request and every live message asks, and building it took longer than asking.
GRANTED = RawSQL(
    """ARRAY(
        SELECT jsonb_build_object('patient', e.patient_id, 'grant', e.id)
        FROM transcripts_emergencyaccess AS e
        WHERE e.member_id = transcripts_membership.id
            AND e.began_at <= statement_timestamp() AND e.ends_at > statement_timestamp()
        ORDER BY e.began_at
    )""",
    (),
    output_field=ArrayField(JSONField()),
)
ACTIVE = EmergencyAccess.objects.filter(began_at__lte=Now(), ends_at__gt=Now())


def grants(member: Membership | None) -> dict[UUID, UUID]:
    """The newest grant by patient. No query for a membership with GRANTED as `granted`."""
    if member is None:
        return {}
    if "granted" in member.__dict__:
        return {UUID(row["patient"]): UUID(row["grant"]) for row in member.granted}
    rows = ACTIVE.filter(member=member).order_by("began_at")
    return dict(rows.values_list("patient_id", "pk"))


def granted(member: Membership) -> list[UUID]:
    return list(grants(member))
