"""The signed package and its offline check: whatever was changed is found, and named."""

import hashlib
import json
import random
import subprocess
import sys

import pytest

from review.audit import chain
from review.release import package, verify
from review.release.canonical import canonical_bytes, digest, document, new_key, sign
from tests.review.release.sample import SIGNING, values

PRIVATE, PUBLIC, KEY = new_key()
AUDIO = b"the recording"


def sealed(doc):
    """A signature over the document, with the audit row of the signing."""
    data = canonical_bytes(doc)
    row = {
        "time": doc["signed_at"],
        "practice": "p-1",
        "actor": {"id": "u-1", "display": "Ana Reyes", "role": "clinician"},
        "action": "document.signed",
        "object": {"type": "Recording", "id": "r-1", "version": None},
        "outcome": "success",
        "detail": {"sha256": digest(data)},
        "patient": None,
        "request": {"ip": None, "user_agent": None, "request_id": None, "session": None},
    }
    head = doc["audit_head"]
    event = chain.seal(row, seq=head["seq"] + 1, prev_hash=head["hash"])
    return package.Signed(data.decode(), digest(data), sign(data, PRIVATE), KEY, PUBLIC, event)


def made(**changes):
    audio = hashlib.sha256(AUDIO).hexdigest()
    return document(**values(audio_sha256=audio, **changes), **SIGNING)


@pytest.fixture(scope="module")
def two():
    first = sealed(made())
    return package.render([first, sealed(made(prior_signature=first.sha256, audit_seq=90))])


def refused(data, **options):
    with pytest.raises(verify.Broken) as broken:
        verify.check(data, **options)
    return broken.value.args


def altered(data, change):
    value = json.loads(data)
    change(value)
    return verify.dump(value)


def test_a_package_as_it_was_made_holds(two):
    assert [d["signer"]["name"] for d in verify.check(two, key=KEY)] == ["Ana Reyes", "Ana Reyes"]


@pytest.mark.parametrize(
    "data", [b"", b"{}\n", b"[]\n", b"\xff\n", b'{"a":1,"a":1}\n', b"[" * 9999]
)
def test_what_is_no_package_is_refused_without_an_error(data):
    assert refused(data)[0] == 0


def test_ten_thousand_changed_bytes_are_found(two):
    chance = random.Random(3)
    for _ in range(10_000):
        at, byte = chance.randrange(len(two)), chance.randrange(256)
        if two[at] != byte:
            refused(two[:at] + bytes([byte]) + two[at + 1 :])


@pytest.mark.parametrize("count", [1, 7, 64])
def test_cut_off_and_doubled_bytes_are_found(two, count):
    for at in range(0, len(two) - count, 997):
        refused(two[:at] + two[at + count :])
        refused(two[:at] + two[at : at + count] + two[at:])


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["segments"][0].update(text="Blood pressure was 210/80, A1c 7.9."),
        lambda d: d["audio"].update(sha256="00" * 32),
        lambda d: d["signer"].update(name="Bea Reyes"),
        lambda d: d.update(signed_at="2025-11-24T11:19:05.123457Z"),
        lambda d: d.update(meaning="rejected"),
    ],
    ids=["text", "audio", "signer", "time", "meaning"],
)
def test_a_text_signed_by_nobody_is_found_even_with_its_right_digest(two, change):
    def rewrite(value):
        entry = value["documents"][0]
        content = json.loads(entry["canonical"])
        change(content)
        data = canonical_bytes(content)
        entry.update(canonical=data.decode(), sha256=digest(data))

    assert refused(altered(two, rewrite)) == (
        1,
        "the signature is not that of this text by this key",
    )


def test_documents_cannot_change_places_or_stand_alone(two):
    assert refused(altered(two, lambda v: v["documents"].reverse()))[0] == 1
    assert refused(altered(two, lambda v: v["documents"].pop(0)))[0] == 1


def test_an_audit_row_of_another_signing_is_found(two):
    def swap(value):
        first, second = value["documents"]
        first["event"] = second["event"]

    assert "does not follow the audit log" in refused(altered(two, swap))[1]


def test_a_package_under_another_key_is_found_when_the_key_is_known(two):
    assert refused(two, key="0" * 16) == (0, f"it was not signed with the key {'0' * 16}")


def test_the_program_says_what_holds_and_what_does_not(two, tmp_path):
    good, bad, audio = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "audio"
    good.write_bytes(two)
    bad.write_bytes(two.replace(b"120/80", b"210/80", 1))
    audio.write_bytes(AUDIO)

    def run(*arguments):
        command = [sys.executable, "-I", verify.__file__, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=20)

    right = run(good, "--audio", audio, "--key", KEY)
    assert right.returncode == 0 and "ok: 2 signatures" in right.stdout
    assert run(bad).stdout == "document 1: the text is not the text with this SHA-256\n"
    wrong = run(good, "--audio", good)
    assert wrong.returncode == 1 and "not the recording" in wrong.stdout
    assert run(tmp_path / "none").returncode == 2
    assert KEY in run(good).stdout
