"""Damaged files and traps through a served installation, with a real worker behind it."""

import http.client
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.attack.report import Result
from tests.attack.site import CSRF, Site
from tests.security import mutants, traps
from tests.transcripts.test_upload import FIELDS

SENT = 25
MOST_MEMORY = 1.5 * 2**30
PATIENCE = 300
UNFINISHED = "QUEUED", "IN_PROGRESS"


def live(site: Site) -> Result:
    """No failure, no death, no request to the outside, no job that stays, memory in bounds."""
    result = Result("uploads", f"{SENT} damaged files, every trap and a bomb, worked to their end.")
    watch = Memory()
    before = children(os.getpid())
    with traps.listening() as (url, asked):
        try:
            for name, raw in files(site, url):
                status, said = send(site, name, raw)
                if status not in (201, 422) or (status == 422 and not said.get("remedy")):
                    result.add(name, f"answered {status}")
            if left := wait(site):
                result.add("jobs", f"{left} not ended after {PATIENCE} s")
        finally:
            watch.stop()
    if asked:
        result.add("outside", f"asked for {asked}")
    if gone := before - children(os.getpid()):
        result.add("processes", f"died: {gone}")
    if watch.most > MOST_MEMORY:
        result.add("memory", f"{watch.most >> 20} MB in one process")
    result.covered += f" Most memory of a process: {watch.most >> 20} MB."
    return result


def files(site: Site, url: str) -> list[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        temporary = site.server.data / "tmp"
        temporary.mkdir(exist_ok=True)
        other = traps.foreign(temporary)
        hostile = [(name, raw) for name, (raw, _) in traps.traps(other, url).items()]
        bomb = traps.hours_of_silence(Path(folder) / "bomb.flac").read_bytes()
    return [*mutants.mutants(SENT), *hostile, ("bomb.flac", bomb)]


def send(site: Site, name: str, raw: bytes) -> tuple[int, dict[str, Any]]:
    edge = uuid4().hex
    fields = FIELDS | {"author": author(site)}
    body = b"".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    )
    body += (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
    )
    body += b"Content-Type: audio/wav\r\n\r\n" + raw + f"\r\n--{edge}--\r\n".encode()
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=200)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Cookie": site.cookies["editor"],
        "X-CSRFToken": CSRF,
        "Accept": "application/json",
    }
    connection.request("POST", "/upload/", body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    try:
        return answer.status, json.loads(said)
    except ValueError:
        return answer.status, {}


_authors: dict[str, str] = {}


def author(site: Site) -> str:
    """The clinician's membership."""
    if site.url not in _authors:
        _authors[site.url] = site.server.run(
            "from transcripts.models import Membership\n"
            "answer = str(Membership.objects.get(user__username='carla').pk)"
        )
    return _authors[site.url]


def wait(site: Site) -> int:
    """Jobs of this part that have not ended when patience has; the states' own wait for ever."""
    until = time.monotonic() + PATIENCE
    count = (
        "from transcripts.models import MedicalTranscriptionJob as Job\n"
        f"answer = Job.objects.filter(status__in={UNFINISHED!r}, recording__patient__mrn='10001')"
        ".count()"
    )
    while (left := site.server.run(count)) and time.monotonic() < until:
        time.sleep(3)
    return left


def children(parent: int) -> set[int]:
    """Processes that this one started and that are alive."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return {int(number) for number in path.read_text().split()}


class Memory:
    """The most resident memory that any process below this one had."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(0.2):
            waiting = list(children(os.getpid()))
            while waiting:
                try:
                    one = waiting.pop()
                    waiting += children(one)
                    pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
                    self.most = max(self.most, pages * os.sysconf("SC_PAGE_SIZE"))
                except (OSError, ValueError):
                    continue
