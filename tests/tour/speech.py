"""Chapters of the tour: recordings, jobs, live speech, vocabularies, AWS clients, shadows."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing as links
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from review.models import Review
from tests import factories, rows, tones
from tests.cast import Cast
from tests.tour.page import Browsers, Page
from tests.transcripts.aws import signing
from tests.transcripts.remote import RESULT
from transcripts import buckets, lease
from transcripts.actions import (
    at_rest,
    jobs,
    keys,
    recordings,
    remote,
    shadows,
    streams,
    tapes,
    uploads,
    vocabularies,
)
from transcripts.aws import callers, deliveries, places
from transcripts.engines.base import MediaRejected
from transcripts.keyring import folder_of
from transcripts.models import MedicalTranscriptionJob, MedicalVocabulary, Practice, Shadow

TABLE = "Phrase\tIPA\tSoundsLike\tDisplayAs\nlisinopril\t\t\t\n"


def recordings_come(cast: Cast, as_: Browsers) -> None:
    """One given up, one refused, one taken and described anew, played, then altered from behind."""
    given_up = uploads.begin(practice=cast.practice, by=cast.editor.user, length=10)
    uploads.append(upload=given_up, offset=0, piece=b"half")
    uploads.discard(upload=given_up, by=cast.editor.user)
    with pytest.raises(MediaRejected):
        factories.upload(cast, "edge_text_renamed.wav")
    review = rows.review(cast, mrn="10010", name="Rita Recorded")
    page = Page(as_(cast.clinician), review)
    b"".join(page.get("audio"))
    page.get("peaks")
    about = factories.about(cast.clinician, mrn="10011", patient_name="Rita Recorded")
    recordings.describe(recording=review.recording, about=about, by=cast.clinician.user)
    stored = Path(default_storage.path(review.recording.media))
    stored.write_bytes(b"x" + stored.read_bytes()[1:])
    page.browser.get(page.url + "audio")


def jobs_end(cast: Cast) -> None:
    """A job cancelled, begun again, its worker lost, and failed."""
    job = rows.recording(cast, mrn="10020").jobs.get()
    jobs.cancel(job=job, by=cast.editor.user)
    jobs.retry(job=job, by=cast.editor.user)
    lease.claim("lost", job=job)
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(lease_until="2026-01-01T00:00Z")
    jobs.fail(unit=lease.claim("tour", job=job), reason="The engine did not answer.")


def live_speech(cast: Cast) -> None:
    """One dictation corrected and finished, one discarded."""
    begin = {
        "practice": cast.practice,
        "by": cast.clinician.user,
        "about": factories.about(cast.clinician),
        "sample_rate": 16_000,
        "channels": 1,
        "settings": {},
    }
    stream = streams.begin(**begin)
    streams.keep(stream_id=stream.pk, seq=0, pcm=tones.speechlike(1.0))
    line = factories.line([("Denies", 0.9), ("pain", 0.9), (".", None)], 0.1)
    streams.said(stream_id=stream.pk, index=0, line=line)
    changes: dict[int, dict[str, str] | None] = {0: {"text": "Denies any pain.", "was": ""}}
    streams.correct(stream_id=stream.pk, changes=changes, by=cast.clinician.user)
    tapes.finish(stream_id=stream.pk, heard_all=True)
    streams.discard(stream_id=streams.begin(**begin).pk, by=cast.clinician.user)


def vocabularies_change(cast: Cast) -> None:
    """Made, checked, replaced, and deleted."""
    given = {"content": TABLE, "by": cast.editor.user}
    row = vocabularies.create(practice=cast.practice, name="drugs", **given)
    row = vocabularies.check(vocabulary=row)
    vocabularies.replace(vocabulary=row, **given)
    vocabularies.check(vocabulary=MedicalVocabulary.objects.get())
    vocabularies.delete(vocabulary=MedicalVocabulary.objects.get(), by=cast.editor.user)


def aws_client(cast: Cast) -> None:
    """Jobs and vocabularies looked at, listed, tagged, fetched, deleted by a signed client."""
    key, secret = keys.create(practice=cast.practice, by=cast.manager.user, label="Gateway")
    account = callers.account_id(cast.practice)

    def call(operation: str, **body: Any) -> None:
        sent = json.dumps(body).encode()
        target = f"Transcribe.{operation}"
        about = {"key": key.access_key_id, "secret": secret, "url": "http://testserver/aws/"}
        headers = signing.headers(sent, **about, X_Amz_Target=target)
        kind = headers.pop("content-type")
        answer = Client().post("/aws/", sent, content_type=kind, headers=headers)
        assert answer.status_code == 200, (operation, answer.content)

    vocabularies.create(practice=cast.practice, name="terms", content=TABLE, by=cast.editor.user)
    arn = f"arn:aws:transcribe:us-east-1:{account}"
    tags = [{"Key": "ward", "Value": "3"}]
    call("TagResource", ResourceArn=f"{arn}:medical-vocabulary/terms", Tags=tags)
    review = rows.review(cast, mrn="10030", name="Arno Aws")
    job = review.recording.jobs.get()
    output = {"OutputBucketName": cast.practice.bucket, "MedicalTranscriptionJobName": "tour"}
    output |= {"LanguageCode": "en-US", "Type": "DICTATION", "Specialty": "PRIMARYCARE"}
    output |= {"Media": {"MediaFileUri": f"s3://{cast.practice.bucket}/a.wav"}}
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        request=output, name="tour", access_key=key, engine_state={"output": {"result": True}}
    )
    call("TagResource", ResourceArn=f"{arn}:medical-transcription-job/tour", Tags=tags)
    buckets.write(places.result_place(output), b"{}")
    link = links.dumps((str(job.pk), str(key.pk)), salt=deliveries.SALT)
    assert Client().get(f"/aws/results/{link}").status_code == 200
    call("GetMedicalTranscriptionJob", MedicalTranscriptionJobName="tour")
    call("ListMedicalTranscriptionJobs")
    call("GetMedicalVocabulary", VocabularyName="terms")
    call("ListMedicalVocabularies")
    call("ListTagsForResource", ResourceArn=f"{arn}:medical-vocabulary/terms")
    call("DeleteMedicalTranscriptionJob", MedicalTranscriptionJobName="tour")


def shadows_run(cast: Cast, as_: Browsers, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Switched on, one recording compared and looked at, one that AWS refused."""
    from transcripts.engines.base import EngineError

    settings.ENGINE, settings.SHADOW = "local", "aws"
    _switch_on(cast, as_)
    made = Review.objects.get(pk=rows.review(cast, mrn="10040", name="Sven Shadow").pk)
    document = json.loads(RESULT.read_text())

    def answered(unit: Any, heartbeat: object, path: Path, *, take: Any) -> None:
        take(unit, MedicalTranscriptionJob.objects.get(pk=unit.job.pk), document)

    def refused(*args: object, **more: object) -> None:
        raise EngineError("AWS did not take the recording.")

    monkeypatch.setattr(shadows.copies, "tidy", lambda row: None)
    monkeypatch.setattr(shadows.copies, "engine", lambda: SimpleNamespace(model_id="aws"))
    for send in (answered, refused):
        monkeypatch.setattr(remote, "send", send)
        shadows.turn("tour")
        if send is answered:
            Page(as_(cast.editor), made).get("comparison/")
            rows.review(cast, mrn="10041", name="Sven Second")
    assert set(Shadow.objects.values_list("status", flat=True)) == {"COMPLETED", "FAILED"}
    Practice.objects.update(shadow=False)


def _switch_on(cast: Cast, as_: Browsers) -> None:
    """On the practice's page of the admin, which is where that stands."""
    user = cast.manager.user
    user.is_staff = True
    user.save()
    operator = as_(cast.manager)
    address = reverse("admin:transcripts_practice_change", args=[cast.practice.pk])
    context = operator.get(address).context
    form = context["adminform"].form
    values = {
        name: form[name].value()
        for name in form.fields
        if form[name].value() is not None and form[name].value() is not False
    }
    answer = operator.post(address, values | {"shadow": "on"})
    assert answer.status_code == 302, answer.context["errors"]
    user.is_staff = False
    user.save()


def keys_at_rest(cast: Cast) -> None:
    """A folder encrypted, a new key of the practice, a new master key."""
    at_rest.seal_folder(folder_of(rows.recording(cast, mrn="10050").media))
    at_rest.renew_practice_key(cast.practice)
    at_rest.rotate_master_key()
