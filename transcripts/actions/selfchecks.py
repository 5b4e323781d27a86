"""What the installation tries on itself in a worker: model, storage, certificate. Duties all.

What a check finds is numbers and codes; one that fails raises Failing with them, so that the duty
counts as failed and still says what was found.
"""

import re
import secrets
import socket
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from transcripts import media, workers
from transcripts.actions import work
from transcripts.engines.base import Options
from transcripts.enums import EngineName, Specialty, Type
from transcripts.models import Practice

PHRASE = Path(work.__file__).parents[1] / "engines" / "data" / "phrase.flac"
SAID = "And so, my fellow Americans, ask not what your country can do for you."
ENOUGH = 0.8  # of the words; a model that is whole hears them all
PATIENCE = 300  # seconds until the engine is free
OBJECT = 64 * 1024  # bytes
WARN_DAYS = 14
CONNECT_SECONDS = 5


class Failing(Exception):
    """The check found something wrong; `found` says what."""

    def __init__(self, **found: Any) -> None:
        super().__init__("a check of the installation failed")
        self.found = found


class ModelMisheard(Failing):
    """The engine ran, but what it said is not the phrase."""


class EngineBusy(Failing):
    """The process transcribed something else all the time."""


class StorageAltered(Failing):
    """What came back is not what was written."""


class CertificateEnds(Failing):
    """The certificate has run out, or does so soon."""


def nightly_model() -> dict[str, Any] | None:
    """The test phrase, where this site's own engine is the one in use."""
    return model() if settings.ENGINE == EngineName.LOCAL else {"skipped": settings.ENGINE}


def model() -> dict[str, Any]:
    """Transcribes the test phrase with this process's engine.

    {"text", "right", "words", "seconds", "model", "worker"}; raises EngineError, or Failing.
    """
    if not work.ENGINE.acquire(timeout=PATIENCE):
        raise EngineBusy(waited=PATIENCE)
    try:
        began = time.monotonic()
        options = Options(specialty=Specialty.FAMILYMEDICINE, type=Type.DICTATION)
        lines = list(work.engine().transcribe(PHRASE, options, lambda seconds: None))
        took = time.monotonic() - began
    finally:
        work.ENGINE.release()
    text = " ".join(line.text for line in lines)
    heard, wanted = _words(text), _words(SAID)
    right = sum(word in heard for word in wanted)
    found = {
        "text": text,
        "right": right,
        "words": len(wanted),
        "seconds": round(took, 2),
        "model": work.engine().model_id,
        "worker": workers.OWNER,
    }
    if right < ENOUGH * len(wanted):
        raise ModelMisheard(**found)
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def storage() -> dict[str, Any]:
    """Writes, reads and deletes an object as a recording's, key and all; {"bytes", "seconds"}.

    {} before there is a practice, whose key it takes. Raises Failing, or what the storage does.
    """
    practice = Practice.objects.order_by("pk").first()
    if practice is None:
        return {}
    body, folder = secrets.token_bytes(OBJECT), media.new_folder(practice.pk)
    began = time.monotonic()
    try:
        name = default_storage.save(f"{folder}/check", ContentFile(body))
        with default_storage.open(name) as file:
            same = file.read() == body
    finally:
        media.discard(folder)
    found = {"bytes": OBJECT, "seconds": round(time.monotonic() - began, 3)}
    if not same:
        raise StorageAltered(**found)
    return found


def certificate() -> dict[str, Any]:
    """How long the site's TLS certificate is good: {"ends", "days"}; {} for a site without https.

    It is read from COUNTERSIGN_TLS_CERTIFICATE, or else from where BASE_URL leads. Raises Failing,
    OSError or ValueError.
    """
    where = urlsplit(settings.BASE_URL)
    if settings.TLS_CERTIFICATE:
        found = x509.load_pem_x509_certificate(Path(settings.TLS_CERTIFICATE).read_bytes())
    elif where.scheme == "https":
        found = x509.load_der_x509_certificate(_shown(where.hostname or "", where.port or 443))
    else:
        return {}
    left = found.not_valid_after_utc - datetime.now(UTC)
    result = {"ends": found.not_valid_after_utc.isoformat(), "days": left.days}
    if left.days < WARN_DAYS:
        raise CertificateEnds(**result)
    return result


def _shown(host: str, port: int) -> bytes:
    """The certificate that the server shows, trusted or not: only its end is asked for."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return secure.getpeercert(binary_form=True) or b""
