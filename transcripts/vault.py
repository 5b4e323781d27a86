"""The master key, which is kept outside of the database, and what it protects there.

KEYS/master.key is the one in use. Older ones, master-ID.key, are read for as long as they lie
there. Small secrets are Fernet tokens; keys are wrapped by AES-256-GCM under a key derived from the
master key, with what they are for as associated data.
"""

import base64
import contextlib
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE = 12


class Unreadable(Exception):
    """No master key here opens this."""


@dataclass(frozen=True, slots=True)
class Master:
    """`id` names the key without telling it."""

    id: str
    key: bytes

    @property
    def fernet(self) -> Fernet:
        return Fernet(self.key)

    @property
    def wrapping(self) -> AESGCM:
        raw = base64.urlsafe_b64decode(self.key)
        return AESGCM(HKDF(SHA256(), 32, None, b"countersign wrapped keys 1").derive(raw))


def write_private(path: Path, content: bytes) -> None:
    """Creates a file that only its owner can read; FileExistsError when it is there already."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
        file.write(content)


def create_master_key() -> Path:
    """Makes the key where there is none; returns its path."""
    path = settings.KEYS / "master.key"
    with contextlib.suppress(FileExistsError):
        write_private(path, new_key())
    return path


def new_key() -> bytes:
    return base64.urlsafe_b64encode(os.urandom(32))


def key_id(key: bytes) -> str:
    return sha256(b"countersign master key\0" + key).hexdigest()[:16]


_read: dict[Path, tuple[tuple[int, ...], list[Master]]] = {}


def masters() -> list[Master]:
    """All master keys that lie here, the one in use first.

    Read anew whenever a file there was changed, so that every process follows a rotation.
    """
    path = settings.KEYS / "master.key"
    try:
        seen = path.stat()
    except FileNotFoundError:
        if settings.PRODUCTION:
            raise ImproperlyConfigured(
                f"The master key {path} is missing. Make it once with `manage.py create_keys`."
            ) from None
        create_master_key()
        seen = path.stat()
    mark = (seen.st_mtime_ns, seen.st_ino, path.parent.stat().st_mtime_ns)
    if path not in _read or _read[path][0] != mark:
        files = [path, *sorted(path.parent.glob("master-*.key"))]
        keys = dict.fromkeys(file.read_bytes().strip() for file in files)
        _read[path] = (mark, [Master(key_id(key), key) for key in keys])
    return _read[path][1]


def stage() -> Master:
    """Makes a key that is readable here and not in use yet, to be copied to every host."""
    key = new_key()
    write_private(settings.KEYS / f"master-{key_id(key)}.key", key)
    return Master(key_id(key), key)


def rotate(to: str) -> Master:
    """Puts a staged key into use; the old one stays readable. Unreadable where it is not here."""
    path = settings.KEYS / "master.key"
    known = {master.id: master for master in masters()}
    if to not in known:
        raise Unreadable(f"The master key {to} is not in {settings.KEYS}. Copy its file there.")
    old = masters()[0]
    with contextlib.suppress(FileExistsError):
        write_private(path.with_name(f"master-{old.id}.key"), old.key)
    fresh = path.with_name(f".master.{os.getpid()}.new")
    write_private(fresh, known[to].key)
    os.replace(fresh, path)
    return masters()[0]


def encrypt(secret: str) -> bytes:
    return masters()[0].fernet.encrypt(secret.encode())


def decrypt(token: bytes) -> str:
    """The secret; InvalidToken when no master key here opens it."""
    for master in masters():
        with contextlib.suppress(InvalidToken):
            return master.fernet.decrypt(bytes(token)).decode()
    raise InvalidToken


def is_current(token: bytes) -> bool:
    """Whether the master key in use encrypted this secret."""
    try:
        masters()[0].fernet.decrypt(bytes(token))
    except InvalidToken:
        return False
    return True


def wrap(key: bytes, purpose: str) -> tuple[str, bytes]:
    """The id of the master key in use, and the key under it. `purpose` must be told to unwrap."""
    master = masters()[0]
    return master.id, seal_key(master.wrapping, key, purpose)


def unwrap(wrapped: bytes, purpose: str, master_id: str) -> bytes:
    """Raises Unreadable when the master key is not here, or the wrapping was altered."""
    for master in masters():
        if master.id == master_id:
            return open_key(master.wrapping, wrapped, purpose)
    raise Unreadable(f"The master key {master_id} is not in {settings.KEYS}. Put its copy back.")


def seal_key(cipher: AESGCM, key: bytes, purpose: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + cipher.encrypt(nonce, key, purpose.encode())


def open_key(cipher: AESGCM, wrapped: bytes, purpose: str) -> bytes:
    """Raises Unreadable when it was altered or is for something else."""
    wrapped = bytes(wrapped)
    try:
        return cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], purpose.encode())
    except InvalidTag:
        raise Unreadable("A wrapped key does not open: it was altered, or is of another.") from None
