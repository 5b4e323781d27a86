"""A folder as storage, in which every object is encrypted (see transcripts.sealed).

Objects from before there was encryption are read as they are, until `manage.py encrypt_media` has
been through their folder: from then on a plain object in it is refused.
"""

import io
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from transcripts import keyring, sealed

PARTIAL = ".part"


class SealedStorage(FileSystemStorage):
    """Raises sealed.Altered, keyring.Destroyed or vault.Unreadable for what can't be read."""

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("stored objects are written once, by save")
        file = Path(self.path(name)).open("rb")  # noqa: SIM115  handed to the caller
        try:
            return File(self._plain(name, file), name)
        except BaseException:
            file.close()
            raise

    def _plain(self, name: str, file: BinaryIO) -> BinaryIO:
        key_id = sealed.key_id_of(file.read(sealed.HEADER.size))
        file.seek(0)
        if key_id is None:
            self._refuse_plain(name)
            return file
        key = keyring.for_reading(name, key_id)
        return io.BufferedReader(sealed.Reader(file, key=key, name=name), sealed.CHUNK)

    def _refuse_plain(self, name: str) -> None:
        row = keyring.row_of(name)
        if row and row.all_sealed:
            raise sealed.Altered("an object that must be encrypted is not")

    def plain_path(self, name: str) -> Path | None:
        """The object's own file, where it is not encrypted; None where it is."""
        with open(self.path(name), "rb") as file:
            if sealed.key_id_of(file.read(sealed.HEADER.size)) is not None:
                return None
        self._refuse_plain(name)
        return Path(self.path(name))

    def size(self, name: str) -> int:
        """Bytes of the plain object."""
        with open(self.path(name), "rb") as file:
            head = file.read(sealed.HEADER.size)
        if sealed.key_id_of(head) is None:
            return super().size(name)
        return sealed.length_of(head)

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        self._write(name, path, content, os.link)
        return str(name).replace("\\", "/")

    def seal_in_place(self, name: str) -> bool:
        """Encrypts a plain object; False when it was encrypted already. Readers see either."""
        path = self.plain_path(name)
        if path is None:
            return False
        keyring.for_writing(name, all_sealed=False)
        with path.open("rb") as plain:
            self._write(name, path, File(plain), os.replace)
        return True

    def _write(
        self, name: str, path: Path, content: File, put: Callable[[Path, Path], None]
    ) -> None:
        """Seals into a file beside the target, put there when it is whole and on the disk."""
        key_id, key = keyring.for_writing(name)
        os.makedirs(path.parent, self.directory_permissions_mode or 0o700, exist_ok=True)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PARTIAL}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(partial, flags, 0o600), "wb") as target:
                if content.seekable():
                    content.seek(0)
                sealed.seal(content, target, key=key, key_id=key_id, name=name, length=content.size)
                target.flush()
                os.fsync(target.fileno())
            put(partial, path)
        finally:
            partial.unlink(missing_ok=True)
