"""A new signing key: the old one vouches for it, and what the old one signed still verifies."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from review import copies, keys
from review.models import AuditEvent, Review, Signature, SigningKey
from review.release import verify
from tests.cast import PASSWORD
from tests.review.test_recipients import add
from tests.rows import signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(review, cast):
    """A document signed with the first key, with an amendment signed with the second."""
    first = signed(review, cast)
    second = keys.rotate(practice=cast.practice, by=cast.manager.user)
    add(Review.objects.get(), cast)
    return Review.objects.get(), first.key.key_id, second.key_id


def broken(data, **options):
    with pytest.raises(verify.Broken) as found:
        verify.check(data, **options)
    return found.value.args[1]


# What is refused


def test_there_is_nothing_to_replace_before_the_first_signature(cast):
    with pytest.raises(keys.NoKey):
        keys.rotate(practice=cast.practice, by=None)
    with pytest.raises(CommandError, match="no signing key yet"):
        call_command("rotate_signing_key", practice=str(cast.practice.pk))
    with pytest.raises(CommandError, match="no such practice"):
        call_command("rotate_signing_key", practice="x")


def test_without_the_old_private_key_one_must_say_that_it_is_lost(cast, review):
    old = signed(review, cast).key
    (settings.KEYS / f"{old.key_id}.pem").unlink()
    with pytest.raises(keys.KeyMissing):
        keys.rotate(practice=cast.practice, by=None)
    assert SigningKey.objects.count() == 1
    made = keys.rotate(practice=cast.practice, by=None, lost=True)
    assert made.rotation_by_old == ""
    proof = copies.proof(Review.objects.get())
    assert verify.check(proof, key=made.key_id) and verify.check(proof, key=old.key_id)


def test_the_page_asks_for_the_password(cast, as_, review):
    signed(review, cast)
    browser = as_(cast.manager)
    assert browser.post("/signing-keys/", {"password": "wrong"}).status_code == 422
    assert SigningKey.objects.count() == 1
    assert browser.post("/signing-keys/", {"password": PASSWORD}).status_code == 302
    page = browser.get("/signing-keys/").content.decode()
    assert all(key.key_id in page for key in SigningKey.objects.all())
    event = AuditEvent.objects.get(action="signing_key.rotated")
    assert event.actor_display == "Max" and event.detail["vouched"] is True


# What holds


def test_old_signatures_still_verify_and_new_ones_are_the_new_keys(two, cast, as_):
    document, old, new = two
    assert [row.key.key_id for row in Signature.objects.order_by("number")] == [old, new]
    for form in ("txt", "pdf", "proof"):
        url = f"/recordings/{document.recording_id}/document.{form}"
        assert as_(cast.clinician).get(url).status_code == 200
    for key in (old, new):
        assert len(verify.check(copies.proof(document), key=key)) == 2
    private = settings.KEYS / f"{new}.pem"
    assert private.stat().st_mode & 0o077 == 0
    assert "PRIVATE" not in SigningKey.objects.get(key_id=new).public_key


def test_a_package_of_the_old_key_leads_to_the_new_one(cast, review):
    old = signed(review, cast).key.key_id
    document = Review.objects.get()
    printed = copies.proof(document, later_keys=False)
    new = keys.rotate(practice=cast.practice, by=None).key_id
    assert copies.proof(document, later_keys=False) == printed
    whole = copies.proof(document)
    assert set(json.loads(whole)["keys"]) == {old, new}
    assert verify.check(whole, key=new) and verify.check(whole, key=old)
    assert "not signed with the key" in broken(printed, key=new)


def test_keys_that_do_not_vouch_for_each_other_are_found(two, cast):
    document, old, new = two
    package = json.loads(copies.proof(document))

    def altered(change):
        value = json.loads(json.dumps(package))
        change(value)
        return verify.dump(value)

    said = json.loads(package["rotations"][0]["canonical"])
    forged = json.dumps(said | {"at": "2020-01-01T00:00:00.000000Z"})
    assert "did not sign" in broken(altered(lambda v: v["rotations"][0].update(canonical=forged)))
    unvouched = altered(lambda v: v["rotations"][0].update(by_old=""))
    assert verify.check(unvouched) and verify.check(unvouched, key=new)
    assert f"the key {old} does not vouch for the key {new}" in broken(unvouched, key=old)
    assert "is not complete" in broken(altered(lambda v: v["rotations"][0].pop("by_new")))
    assert "not a signed package" in broken(altered(lambda v: v.pop("rotations")))
    swapped = altered(lambda v: v["rotations"].append(v["rotations"][0]))
    assert "do not follow one another" in broken(swapped)


def test_a_changed_byte_of_the_rotation_is_found(two):
    data = copies.proof(two[0])
    begin = data.index(b'"rotations"')
    for at in range(begin, len(data) - 1, 3):
        broken(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_the_browsers_check_takes_it_too(two, tmp_path):
    package = tmp_path / "package.json"
    package.write_bytes(copies.proof(two[0]))
    script = (
        f"import {{ check }} from '{settings.BASE_DIR}/static/js/verify/check.js';"
        "import { readFile } from 'node:fs/promises';"
        "const { rotations, keys } = await check(new Uint8Array(await readFile(process.argv[1])));"
        "console.log(JSON.stringify([rotations, keys.length]));"
    )
    command = ["node", "--input-type=module", "-e", script, str(package)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    (rotation,), count = json.loads(done.stdout)
    assert count == 2 and rotation == {"old": two[1], "next": two[2], "vouched": True}


def test_the_program_needs_nothing_of_this_one(two, tmp_path):
    package = tmp_path / "package.json"
    package.write_bytes(copies.proof(two[0]))
    command = [sys.executable, "-I", verify.__file__, str(package), "--key", two[1]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and "ok: 2 signatures" in done.stdout


# What SQL cannot do


def test_keys_form_one_chain_and_stay_as_they_are(two, cast):
    key = SigningKey.objects.get(key_id=two[2])
    for change in ({"public_key": "x"}, {"rotation_by_old": ""}, {"key_id": "0" * 16}):
        with pytest.raises(DatabaseError), transaction.atomic():
            SigningKey.objects.filter(pk=key.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        SigningKey.objects.filter(key_id=two[1]).update(retired_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        key.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        SigningKey.objects.create(practice=cast.practice, key_id="1" * 16, public_key="x")
