"""The table of the cache, which holds the rate limits of the log-in."""

from django.core.management import call_command
from django.db import migrations


def create(apps: object, schema_editor: object) -> None:
    call_command("createcachetable", verbosity=0, database=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
