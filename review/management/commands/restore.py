"""`manage.py restore SOURCE`: puts a backup back, and says whether it is what was backed up."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from review import backups
from review.audit import live
from transcripts import events, media, sealed
from transcripts.enums import Action
from transcripts.models import Recording


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty database and the storage, then checks that the audit log "
        "ends where it did, that it holds, and that every recording can be read. Stop the web and "
        "worker processes first, and put the keys back (--keys, or by hand)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="The folder that backups were made into.")
        parser.add_argument("--at", help="Which backup, by its name; the newest otherwise.")
        parser.add_argument("--key", type=Path, help="The backup's key, if it is encrypted.")
        parser.add_argument("--keys", type=Path, help="Copy of the site's keys, to be put back.")
        parser.add_argument(
            "--replace", action="store_true", help="Overwrite a database that is not empty."
        )

    def handle(self, *, source: Path, **options: Any) -> None:
        try:
            manifest = backups.read(source, options["at"])
            key = backups.read_key(options["key"]) if options["key"] else None
            if options["keys"]:
                _put_keys(options["keys"])
            done = backups.restore(source, manifest, key=key, replace=options["replace"])
        except sealed.Altered as error:
            raise CommandError(f"The key is another, or the backup was altered: {error}.") from None
        except (backups.Failed, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Backup {manifest['stamp']} is back: {done['objects']} objects.")
        problems = self._heads(manifest) + self._recordings()
        events.emit(
            events.Event(
                action=Action.BACKUP_RESTORED,
                practice_id=None,
                object_type="Backup",
                outcome="failure" if problems else "success",
                detail={"stamp": manifest["stamp"], "problems": problems},
            )
        )
        if problems:
            raise CommandError("The restored Countersign is not what was backed up; see above.")
        self.stdout.write("Restored and verified. Apply deploy/roles.sql again where you use it.")

    def _heads(self, manifest: dict[str, Any]) -> int:
        now, problems = backups.heads_now(), 0
        for practice, head in manifest["audit_heads"].items():
            same = now.get(practice) == head
            problems += not same
            said = "same audit head" if same else "ANOTHER AUDIT HEAD"
            self.stdout.write(f"  {practice}: {said}, {head['seq']} {head['hash']}")
        for practice in manifest["audit_heads"]:
            if not (check := live.check(UUID(practice))).ok:
                problems += 1
                self.stdout.write(f"  {practice}: row {check.broken_seq}: {check.reason}")
        return problems

    def _recordings(self) -> int:
        """Reads every recording to its end and compares its hash; how many are not as they were."""
        opened, wrong = 0, 0
        for row in Recording.objects.filter(removal=None).iterator(500):
            try:
                with default_storage.open(row.media) as file:
                    good = backups.digest(file) == row.sha256
                why = "has another hash"
            except (*media.UNREADABLE, OSError) as error:
                good, why = False, f"cannot be read ({type(error).__name__})"
            opened += good
            if not good:
                wrong += 1
                self.stdout.write(f"  Recording {row.pk} {why}.")
        self.stdout.write(f"  {opened} of {opened + wrong} recordings open, with the same hash.")
        return wrong


def _put_keys(folder: Path) -> None:
    """Copies keys that are not here; one that is here stays."""
    for path in folder.rglob("*"):
        target = settings.KEYS / path.relative_to(folder)
        if path.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(path, target)
