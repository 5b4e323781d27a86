"""Backup and restore: the same audit head, every recording readable, nothing without the keys."""

import io
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from review import backups
from review.models import AuditEvent
from tests import rows
from transcripts import sealed
from transcripts.keyring import folder_of

pytestmark = [
    pytest.mark.usefixtures("folder_storage"),
    pytest.mark.django_db(transaction=True),
]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def signed(cast):
    return rows.signed(rows.review(cast), cast)


@pytest.fixture
def target(tmp_path, signed):
    """One encrypted backup."""
    key = tmp_path / "backup.key"
    said = backup(tmp_path / "backup", new_key=key, keys=tmp_path / "keys")
    assert "The keys were copied" in said
    return tmp_path / "backup"


def backup(target: Path, **options) -> str:
    out = io.StringIO()
    call_command("backup", str(target), stdout=out, **options)
    return out.getvalue()


@contextmanager
def empty_database():
    """The address of a database that has nothing in it, on the tests' server."""
    known, name = connection.settings_dict, f"restored_{uuid4().hex[:8]}"
    told = {name.lower(): known[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
    with psycopg.connect(**told, dbname=known["NAME"], autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}")
        try:
            yield os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        finally:
            session.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restore(source: Path, data: Path, url: str, *options: str) -> subprocess.CompletedProcess:
    """Restores into a site that has nothing but an empty database."""
    told = {"DATABASE_URL": url, "COUNTERSIGN_DATA": str(data)}
    return subprocess.run(
        [sys.executable, "manage.py", "restore", str(source), *options],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "COUNTERSIGN_STORAGE"} | told,
        capture_output=True,
        text=True,
    )


def test_after_everything_is_lost_a_restore_ends_at_the_same_audit_head(signed, target, tmp_path):
    head = backups.read(target, None)["audit_heads"][str(signed.review.practice_id)]
    row = AuditEvent.objects.get(practice=signed.review.practice_id, seq=head["seq"])
    assert row.hash == head["hash"]
    told = ("--key", str(tmp_path / "backup.key"), "--keys", str(tmp_path / "keys"))
    with empty_database() as url:
        done = restore(target, tmp_path / "elsewhere", url, *told)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"same audit head, {head['seq']} {head['hash']}" in done.stdout
        assert "1 of 1 recordings open, with the same hash" in done.stdout
        with psycopg.connect(url) as session:
            document = session.execute("SELECT document FROM review_signature").fetchone()
        assert document == (signed.document,)


def test_nothing_readable_lies_in_an_encrypted_backup_and_no_key(signed, target):
    for path in target.rglob("*"):
        if path.is_file() and path.name not in ("manifest.json", "objects.json"):
            content = path.read_bytes()
            assert content.startswith(sealed.MAGIC), path
            assert b"Paula" not in content and b"lisinopril" not in content
            assert path.stat().st_mode & 0o077 == 0
    keys = {path.read_bytes() for path in settings.KEYS.rglob("*") if path.is_file()}
    assert not keys & {path.read_bytes() for path in target.rglob("*") if path.is_file()}


def test_only_new_objects_are_copied_and_what_no_backup_lists_goes(cast, signed, target, tmp_path):
    (first,) = backups.stamps(target)
    (target / first).rename(target / "2020-01-01T00-00-00Z")
    gone = Path(default_storage.path(folder_of(signed.review.recording.media)))
    for path in gone.iterdir():
        path.unlink()
    rows.recording(cast)
    backup(target, key=tmp_path / "backup.key", keep=1)
    (newest,) = backups.stamps(target)
    assert backups.read(target, newest)["objects_copied"] == 2
    assert not list((target / "objects").rglob(f"{gone.name}/media"))


def test_a_restore_that_is_not_what_was_asked_for_changes_nothing(target, tmp_path):
    backups.new_key(tmp_path / "other.key")
    for why, told in {
        "--replace": {"key": tmp_path / "backup.key"},
        "encrypted": {"replace": True},
        "The key is another": {"replace": True, "key": tmp_path / "other.key"},
    }.items():
        with pytest.raises(CommandError, match=why):
            call_command("restore", str(target), **told)
    assert AuditEvent.objects.filter(action="document.signed").exists()


def test_a_backup_says_what_is_readable_in_it_and_an_altered_dump_is_not_restored(cast, tmp_path):
    folder = tmp_path / "b"
    with pytest.raises(CommandError, match="--unencrypted"):
        backup(folder)
    with pytest.raises(CommandError, match="another folder"):  # keys beside what they open
        backup(folder, unencrypted=True, keys=folder / "keys")
    assert "NOT in it: the keys" in backup(folder, unencrypted=True)
    dump = folder / backups.stamps(folder)[-1] / "database.dump"
    content = bytearray(dump.read_bytes())
    content[-10] ^= 1
    dump.write_bytes(bytes(content))
    with pytest.raises(CommandError, match="not what was backed up"):
        call_command("restore", str(folder), replace=True)


def test_where_there_is_no_backup_it_says_so(tmp_path, db):
    with pytest.raises(CommandError, match="no such backup"):
        call_command("restore", str(tmp_path))
