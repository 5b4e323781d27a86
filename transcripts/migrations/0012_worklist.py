from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made while the version before serves: recordings are written all the time."""

    atomic = False
    dependencies = [("transcripts", "0011_operating")]
    operations = [
        AddIndexConcurrently(
            "recording", models.Index(fields=["practice", "author"], name="recording_of")
        ),
    ]
