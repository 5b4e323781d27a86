"""`manage.py backup TARGET`: database and stored objects, as they are now, into a folder."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from review import backups
from transcripts import events
from transcripts.enums import Action

UNDECIDED = (
    "Say how the backup is to lie there: --key FILE encrypts it (make the file once with "
    "--new-key FILE), --unencrypted leaves the database's dump readable for whoever has the folder."
)


class Command(BaseCommand):
    help = (
        "Makes a backup: the database at one moment, then the stored objects, only new ones. "
        "Keys are not in it: without a copy of COUNTERSIGN_KEYS, kept elsewhere, no audio of a "
        "backup can be played and no stored secret read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="A folder; the same one every time.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--key", type=Path, help="Encrypt the backup under this file's key.")
        how.add_argument("--new-key", type=Path, help="Make a key in this file, and use it.")
        how.add_argument("--unencrypted", action="store_true")
        parser.add_argument("--keys", type=Path, help="Also copy the site's keys, to this folder.")
        parser.add_argument("--keep", type=int, default=0, help="Only so many backups; 0: all.")

    def handle(self, *, target: Path, **options: Any) -> None:
        target = target.expanduser().resolve()
        key_file = options["key"] or options["new_key"]
        if not key_file and not options["unencrypted"]:
            raise CommandError(UNDECIDED)
        keys = options["keys"] and options["keys"].expanduser().resolve()
        if keys and (keys.is_relative_to(target) or target.is_relative_to(keys)):
            raise CommandError("Keys don't belong beside what they open: name another folder.")
        try:
            if options["new_key"]:
                backups.new_key(options["new_key"])
            key = backups.read_key(key_file) if key_file else None
            made = backups.make(target, key=key, keep=options["keep"], say=self.stdout.write)
        except (backups.Failed, OSError) as error:
            raise CommandError(str(error)) from None
        events.emit(
            events.Event(
                action=Action.BACKUP_MADE,
                practice_id=None,
                object_type="Backup",
                detail={"stamp": made["stamp"], "objects": made["objects"]},
            )
        )
        self.stdout.write(
            f"Backup {made['stamp']}: {made['objects']} objects, of which "
            f"{made['objects_copied']} were new. Audit heads:"
        )
        for practice, head in made["audit_heads"].items():
            self.stdout.write(f"  {practice} {head['seq']} {head['hash']}")
        self._keys(keys)

    def _keys(self, folder: Path | None) -> None:
        if folder is None:
            self.stdout.write(
                f"NOT in it: the keys in {settings.KEYS}. Keep a copy of that folder, and of the "
                "backup's own key, in another place: without them nothing here can be read."
            )
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copytree(settings.KEYS, folder, dirs_exist_ok=True)
        self.stdout.write(f"The keys were copied to {folder}. Keep it in another place.")
