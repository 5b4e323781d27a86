"""The signed document: its form, its bytes, and a signature that finds any change."""

import base64
import json
import subprocess
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.release.canonical import (
    canonical_bytes,
    digest,
    document,
    key_id,
    new_key,
    sign,
    verify,
)
from tests.review.release.sample import SIGNING, values

PRIVATE, PUBLIC, KEY_ID = new_key()
DOC = document(**values(), **SIGNING)
BYTES = canonical_bytes(DOC)
SIGNATURE = sign(BYTES, PRIVATE)


def test_the_form_of_a_signed_document():
    keys = "format document patient author practice segments words flags audio engine review "
    keys += "signer signed_at meaning attestation prior_signature audit_head "
    keys += "attention authenticated_by"
    assert set(DOC) == set(keys.split())
    assert DOC["format"] == "countersign-document/1"
    assert DOC["segments"][0] == {
        "id": "s0",
        "speaker": None,
        "channel": None,
        "start": "0.000",
        "end": "6.100",
        "paragraph": False,
        "text": "Blood pressure was 120/80, A1c 7.9.",
    }
    assert DOC["words"][0] == ["m0", "Blood", "0.000", "0.500", "0.4300", "machine"]
    assert DOC["words"][4][2:] == [None, None, None, "machine"]
    assert DOC["review"]["threshold"] == "0.7000"
    assert DOC["audit_head"] == {"seq": 77, "hash": "ab" * 32}


def test_the_preview_is_the_same_without_signer_and_time():
    draft = document(**values())
    assert draft.pop("draft") is True
    signed = {k: v for k, v in DOC.items() if k not in ("signer", "signed_at", "authenticated_by")}
    assert draft == signed | {"meaning": None, "attestation": None}


def test_the_bytes_say_the_whole_document_and_hold_no_float():
    assert json.loads(BYTES) == DOC
    assert canonical_bytes(json.loads(BYTES)) == BYTES
    assert len(digest(BYTES)) == 64


@pytest.mark.parametrize("value", [0.1, float("nan"), Decimal("1"), (1, 2), b"x"])
def test_floats_and_other_inexact_values_are_refused_at_any_depth(value):
    with pytest.raises(TypeError):
        canonical_bytes({"a": [{"b": value}]})


def test_a_float_that_slips_in_by_a_plain_value_is_refused():
    with pytest.raises(TypeError):
        document(**values() | {"last_edit_seq": 1.0})


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError):
        document(**values() | {"duration": float("nan")})


def test_a_text_that_is_not_that_of_its_words_is_never_signed():
    changed = values()
    changed["segments"][0]["text"] = "Blood pressure was 210/80, A1c 7.9."
    with pytest.raises(ValueError, match="disagree"):
        document(**changed)


@pytest.mark.parametrize("missing", ["signer", "signed_at", "meaning", "attestation"])
def test_half_a_signature_is_refused(missing):
    with pytest.raises(ValueError):
        document(**values(), **SIGNING | {missing: None})


def test_a_local_time_is_refused():
    with pytest.raises(ValueError):
        document(**values(), **SIGNING | {"signed_at": "2025-11-24T11:19:05+01:00"})


def test_the_signature_holds_for_these_bytes_and_this_key():
    assert verify(BYTES, SIGNATURE, PUBLIC)
    assert not verify(BYTES, SIGNATURE, new_key()[1])
    assert not verify(BYTES, "no base64!", PUBLIC)
    assert not verify(BYTES, "é", PUBLIC)
    assert not verify(BYTES, "", PUBLIC)


@given(st.integers(0, len(BYTES) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(where, flip):
    changed = bytearray(BYTES)
    changed[where] ^= flip
    assert not verify(bytes(changed), SIGNATURE, PUBLIC)


@given(st.integers(0, 63), st.integers(1, 255))
def test_any_changed_byte_of_the_signature_is_found(where, flip):
    changed = bytearray(base64.b64decode(SIGNATURE))
    changed[where] ^= flip
    assert not verify(BYTES, base64.b64encode(changed).decode(), PUBLIC)


def test_openssl_agrees(tmp_path):
    (tmp_path / "doc").write_bytes(BYTES)
    (tmp_path / "sig").write_bytes(base64.b64decode(SIGNATURE))
    (tmp_path / "pub.pem").write_text(PUBLIC)
    command = "openssl pkeyutl -verify -pubin -inkey pub.pem -rawin -in doc -sigfile sig"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_key_id_is_a_short_digest_of_the_public_key():
    assert key_id(PUBLIC) == KEY_ID
    assert len(KEY_ID) == 16
    assert new_key()[2] != KEY_ID
