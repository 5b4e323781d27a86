from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made while the version before serves: both tables are written all the time."""

    atomic = False
    dependencies = [("review", "0028_operating")]
    operations = [
        AddIndexConcurrently(
            "signature", models.Index(fields=["signed_at"], name="signature_in_time")
        ),
        AddIndexConcurrently(
            "auditevent", models.Index(fields=["practice", "time"], name="audit_in_time")
        ),
    ]
