"""Stored audio: unreadable to who has the disk, refused when it was altered, readable to us."""

import io
import subprocess
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from review.models import AuditEvent
from tests import rows
from transcripts import keyring, media, sealed, vault
from transcripts.actions import at_rest, sweeping
from transcripts.models import AccessKey, DataKey, PracticeKey

CONTENT = rows.SPEECH.read_bytes()

pytestmark = [
    pytest.mark.usefixtures("folder_storage"),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async"),
]


def file_of(key: str) -> Path:
    return Path(default_storage.path(key))


def flip(key: str, place: int) -> None:
    content = bytearray(file_of(key).read_bytes())
    content[place] ^= 1
    file_of(key).write_bytes(bytes(content))


def make_plain(recording) -> None:
    """The recording as it was stored before there was encryption."""
    for key in (recording.media, recording.peaks):
        with default_storage.open(key) as file:
            plain = file.read()
        file_of(key).write_bytes(plain)
    DataKey.objects.filter(folder=keyring.folder_of(recording.media)).delete()


def listened(browser, recording, header="bytes=0-"):
    return browser.get(f"/recordings/{recording.pk}/audio", headers={"Range": header})


@pytest.fixture
def recording(cast):
    return rows.recording(cast)


@pytest.mark.parametrize("place", [3, 30, 60, -1], ids=["magic", "header", "first", "tag"])
def test_a_flipped_byte_is_refused_and_on_record(cast, as_, recording, place):
    flip(recording.media, place)
    header = "bytes=0-" if place >= 0 else f"bytes={len(CONTENT) - 10}-"
    answer = listened(as_(cast.clinician), recording, header)
    assert answer.status_code == 409 and b"fLaC" not in answer.content
    event = AuditEvent.objects.get(action="media.refused")
    assert (event.outcome, event.object_id) == ("failure", str(recording.pk))
    assert event.detail["code"] == "altered" and event.actor_display == "Carla"
    assert not AuditEvent.objects.filter(action="recording.played").exists()


def test_a_byte_altered_further_on_breaks_the_answer_off(cast, as_, recording):
    flip(recording.media, -1)
    answer = listened(as_(cast.clinician), recording)
    received = []
    with pytest.raises(sealed.Altered):
        received.extend(answer)
    assert sum(map(len, received)) < len(CONTENT)
    assert AuditEvent.objects.filter(action="media.refused").exists()


def test_a_plain_file_put_in_the_place_of_an_encrypted_one_is_refused(cast, as_, recording):
    file_of(recording.media).write_bytes(CONTENT)
    assert listened(as_(cast.clinician), recording).status_code == 409


def test_two_recordings_objects_put_in_each_others_place_are_refused(cast, as_, recording):
    other = rows.recording(cast)
    content = file_of(other.media).read_bytes()
    file_of(recording.media).write_bytes(content)
    assert listened(as_(cast.clinician), recording).status_code == 409


def test_an_altered_waveform_is_refused(cast, as_, recording):
    flip(recording.peaks, -1)
    answer = as_(cast.clinician).get(f"/recordings/{recording.pk}/peaks")
    assert answer.status_code == 409


def test_a_worker_does_not_transcribe_what_was_altered(cast, recording):
    from transcripts import lease
    from transcripts.actions import work

    flip(recording.media, -1)
    work.run(lease.claim("test"))
    job = recording.jobs.get()
    assert job.status == "FAILED" and "not as it was stored" in job.failure_reason
    assert AuditEvent.objects.filter(action="media.refused").exists()


def test_without_its_key_nothing_can_be_read(cast, as_, recording):
    DataKey.objects.all().delete()
    answer = listened(as_(cast.clinician), recording)
    assert answer.status_code == 409
    assert AuditEvent.objects.get(action="media.refused").detail["code"] == "key_destroyed"


def test_objects_outside_of_a_folder_are_not_stored(db):
    with pytest.raises(SuspiciousFileOperation):
        default_storage.save("countersign/loose", ContentFile(b"x"))


def test_a_wrapped_key_moved_to_another_recording_does_not_open(cast, recording):
    other = DataKey.objects.get(folder=keyring.folder_of(rows.recording(cast).media))
    DataKey.objects.filter(folder=keyring.folder_of(recording.media)).update(wrapped=other.wrapped)
    with pytest.raises(vault.Unreadable):
        default_storage.open(recording.media)


def test_nothing_stored_can_be_played_or_read_by_others(cast, recording):
    for key in (recording.media, recording.peaks):
        stored = file_of(key).read_bytes()
        assert stored.startswith(sealed.MAGIC)
        assert (
            b"fLaC" not in stored and b"per_second" not in stored and CONTENT[500:520] not in stored
        )
        assert file_of(key).stat().st_mode & 0o077 == 0
    probed = (
        subprocess.run(
            ["ffprobe", "-v", "error", str(file_of(recording.media))], capture_output=True
        )
        if Path("/usr/bin/ffprobe").exists()
        else None
    )
    assert probed is None or probed.returncode != 0


def test_a_local_copy_is_plain_and_gone_afterwards(recording):
    with media.local_copy(recording.media) as path:
        assert path.read_bytes() == CONTENT and path.parent.stat().st_mode & 0o077 == 0
    assert not path.exists()


def test_old_plain_files_are_played_and_encrypted_in_place(cast, as_, recording):
    make_plain(recording)
    browser = as_(cast.clinician)
    assert b"".join(listened(browser, recording)) == CONTENT
    out = io.StringIO()
    call_command("encrypt_media", stdout=out)
    assert "2 objects of 1 recordings" in out.getvalue()
    assert file_of(recording.media).read_bytes().startswith(sealed.MAGIC)
    assert b"".join(listened(browser, recording)) == CONTENT
    file_of(recording.media).write_bytes(CONTENT)  # no way back
    assert listened(browser, recording).status_code == 409
    assert AuditEvent.objects.get(action="media.sealed").detail == {"objects": 2}


def test_encrypting_in_place_that_was_cut_short_goes_on_where_it_was(cast, recording):
    make_plain(recording)
    default_storage.seal_in_place(recording.peaks)
    with default_storage.open(recording.media) as file:
        assert file.read() == CONTENT
    assert at_rest.seal_folder(keyring.folder_of(recording.media)) == 1
    with default_storage.open(recording.media) as file:
        assert file.read() == CONTENT


def test_after_a_new_master_key_a_hundred_objects_and_all_secrets_still_open(cast, recording):
    folders = [media.new_folder(cast.practice.pk) for _ in range(100)]
    names = [default_storage.save(f"{f}/media", ContentFile(f.encode())) for f in folders]
    from transcripts.actions import keys

    key, secret = keys.create(
        practice=cast.practice, user=cast.editor.user, by=cast.manager.user, label="x"
    )  # noqa: E501
    before = PracticeKey.objects.get().master
    call_command("rotate_keys", stdout=io.StringIO())
    assert PracticeKey.objects.get().master == vault.masters()[0].id != before
    assert vault.is_current(AccessKey.objects.get(pk=key.pk).encrypted_secret)
    assert vault.decrypt(AccessKey.objects.get(pk=key.pk).encrypted_secret) == secret
    for folder, name in zip(folders, names, strict=True):
        with default_storage.open(name) as file:
            assert file.read() == folder.encode()
    assert AuditEvent.objects.filter(
        action="master_key.rotated", practice=cast.practice.pk
    ).exists()


def test_what_is_under_the_old_master_key_is_read_during_the_rotation(cast, recording):
    token = vault.encrypt("a secret")
    vault.rotate(vault.stage().id)
    assert vault.decrypt(token) == "a secret" and not vault.is_current(token)
    with default_storage.open(recording.media) as file:
        assert file.read() == CONTENT


def test_hosts_that_have_the_staged_key_read_what_the_first_puts_under_it(cast, recording):
    staged = vault.stage()
    with default_storage.open(recording.media) as file:  # read by this host, not in use yet
        assert file.read() == CONTENT and vault.masters()[0] != staged
    other_host = vault.masters()
    call_command("rotate_keys", to=staged.id, stdout=io.StringIO())
    assert PracticeKey.objects.get().master == staged.id
    assert staged.id in {master.id for master in other_host}
    with pytest.raises(CommandError, match="is not in"):
        call_command("rotate_keys", to="0" * 16)


def test_without_the_old_master_key_what_is_under_it_says_so(cast, recording):
    old = vault.masters()[0].id
    vault.rotate(vault.stage().id)
    path = vault.settings.KEYS / f"master-{old}.key"
    content = path.read_bytes()
    path.unlink()
    keyring._opened.cache_clear()
    try:
        with pytest.raises(vault.Unreadable, match=old):
            default_storage.open(recording.media)
    finally:
        path.write_bytes(content)


def test_a_new_key_of_the_practice_wraps_all_its_data_keys(cast, recording):
    assert at_rest.renew_practice_key(cast.practice) == 1
    assert DataKey.objects.get().wrapped_by.retired_at is None
    with default_storage.open(recording.media) as file:
        assert file.read() == CONTENT


def test_a_killed_processs_copies_are_swept_and_a_living_ones_are_not(
    settings, monkeypatch, tmp_path
):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path  # what other tests left behind is not counted
    monkeypatch.setattr(sweeping, "YOUNG_SECONDS", -1)
    left = tmp_path / "left"
    left.mkdir()
    (left / "media").write_bytes(b"plain")
    with media.workspace() as held:
        assert sweeping.sweep_copies() == 1
        assert held.exists() and not left.exists()


def test_stored_audio_that_became_nothing_is_swept_after_a_day(cast, recording, monkeypatch):
    orphan = media.new_folder(cast.practice.pk)
    media.store(f"{orphan}/media", rows.SPEECH)
    gone, export = media.new_folder(cast.practice.pk), media.new_folder(cast.practice.pk)
    for folder in (gone, export):
        media.store(f"{folder}/export", rows.SPEECH)
    media.delete(f"{gone}/export")
    assert sweeping.sweep_orphans(cast.practice) == 0
    monkeypatch.setattr(sweeping, "ORPHANED", sweeping.timedelta(seconds=-1))
    assert sweeping.sweep_orphans(cast.practice) == 2
    assert default_storage.exists(f"{export}/export") and not default_storage.exists(gone)
    assert not default_storage.exists(f"{orphan}/media")
    assert not DataKey.objects.filter(folder=orphan).exists()
    assert default_storage.exists(recording.media)
