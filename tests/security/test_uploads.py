"""Uploads that attack: a thousand damaged files, files that reach elsewhere, bombs, broken lines.

Number 15 of docs/security.md's table of tests.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from django.conf import settings as configured

from tests import rows
from tests.security import mutants, probes, traps
from tests.transcripts.test_upload import send
from transcripts import lease
from transcripts.actions import work
from transcripts.engines.base import RejectionCode
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording

MUTANTS = 1000
SENT = 12  # of them also through the page
MOST_MEMORY = 1.5 * 2**30
MOST_SECONDS = 60.0


def through_the_sandbox(folder: Path) -> list[dict]:
    command = [sys.executable, "-m", "tests.security.probes", str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=280)
    assert said.stderr == ""
    return [json.loads(line) for line in said.stdout.splitlines()]


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    with traps.listening() as heard:
        yield heard


def test_a_thousand_damaged_files_are_taken_or_refused_in_words(tmp_path: Path) -> None:
    for name, raw in mutants.mutants(MUTANTS):
        (tmp_path / name).write_bytes(raw)
    found = through_the_sandbox(tmp_path)
    assert len(found) == MUTANTS
    known = {probes.ACCEPTED, *get_args(RejectionCode)}
    assert [one for one in found if one["outcome"] not in known] == []
    assert 100 < sum(one["outcome"] == probes.ACCEPTED for one in found) < 900
    assert max(one["memory"] for one in found) < MOST_MEMORY
    assert max(one["took"] for one in found) < MOST_SECONDS


def test_traps_reach_no_other_file_no_host_and_no_limit(tmp_path: Path, listener) -> None:
    url, asked = listener
    other = traps.foreign(tmp_path)
    set_ = traps.traps(other, url)
    for name, (raw, _) in set_.items():
        (tmp_path / name).write_bytes(raw)
    found = {one.pop("name"): one for one in through_the_sandbox(tmp_path)}
    assert found.pop(traps.FOREIGN)["outcome"] == probes.ACCEPTED
    assert {name: one["outcome"] for name, one in found.items()} == {
        name: expected for name, (_, expected) in set_.items()
    }
    taken = [one["sound"] for one in found.values() if one["outcome"] == probes.ACCEPTED]
    assert len(taken) == 2 and max(taken) < 1.2, "the other recording lasts two seconds"
    assert asked == []
    assert max(one["memory"] for one in found.values()) < MOST_MEMORY


@pytest.mark.django_db(transaction=True)
def test_through_the_page_nothing_fails_and_nothing_stays_behind(cast, as_, listener, monkeypatch):
    url, asked = listener
    before = {*configured.FILE_UPLOAD_TEMP_DIR.iterdir()}  # of workers that other tests killed
    other = traps.foreign(configured.FILE_UPLOAD_TEMP_DIR)
    try:
        browser = as_(cast.editor)
        hostile = traps.traps(other, url)
        names = ("concat.wav", "list-absolute.m3u8", "linked.m4a", "one-hertz.wav")
        contents = dict(mutants.mutants(SENT)) | {name: hostile[name][0] for name in names}
        for name, raw in contents.items():
            answer = send(browser, cast, name, raw)
            assert answer.status_code in (201, 422), (name, answer.content)
            assert answer.status_code == 201 or answer.json()["remedy"]
        assert asked == []
        digests = {hashlib.sha256(raw).hexdigest() for raw in contents.values()}
        assert {made.sha256 for made in Recording.objects.all()} < digests
        # What was taken is worked on to its end.
        monkeypatch.setattr(work, "engine", rows.Says)
        while unit := lease.claim("tests"):
            work.run(unit)
        ended = MedicalTranscriptionJob.objects.values_list("status", flat=True)
        assert len(ended) > 2 and set(ended) == {"COMPLETED"}
        longest = max(float(chunk.end) for chunk in Chunk.objects.all())
        assert longest < mutants.SECONDS * 30, "somebody else's sound"
    finally:
        other.unlink()
    assert {*configured.FILE_UPLOAD_TEMP_DIR.iterdir()} == before
