"""Addresses of this app's pages and answers."""

from django.urls import path

from transcripts.aws import downloads
from transcripts.aws import views as aws
from transcripts.views import (
    dictate,
    jobs,
    keys,
    media,
    people,
    signing_in,
    upload,
    uploads,
    vocabularies,
)

urlpatterns = [
    path("upload/", upload.upload, name="upload"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/<uuid:upload_id>", uploads.pieces, name="upload-pieces"),
    path("dictate/", dictate.dictate, name="dictate"),
    path("dictate/<uuid:stream_id>/", dictate.dictation, name="dictation"),
    path("dictate/<uuid:stream_id>/discard", dictate.discard, name="dictation-discard"),
    path("recordings/<uuid:recording_id>/audio", media.audio, name="recording-audio"),
    path("recordings/<uuid:recording_id>/peaks", media.peaks, name="recording-peaks"),
    path("jobs/<uuid:job_id>/retry", jobs.retry, name="job-retry"),
    path("jobs/<uuid:job_id>/cancel", jobs.cancel, name="job-cancel"),
    path("people/", people.people, name="people"),
    path("people/<uuid:member_id>/", people.person, name="person"),
    path("people/<uuid:member_id>/disable", people.disable, name="person-disable"),
    path("people/<uuid:member_id>/enable", people.enable, name="person-enable"),
    path("people/<uuid:member_id>/factors", people.reset_factors, name="person-factors"),
    path("people/<uuid:member_id>/sessions", people.end_sessions, name="person-sessions"),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw",
        people.withdraw,
        name="invitation-withdraw",
    ),
    path("sign-in-rules/", people.rules, name="sign-in-rules"),
    path("invitation/<str:token>/", signing_in.invitation, name="invitation"),
    path("session/", signing_in.clock, name="session-clock"),
    path("session/active", signing_in.active, name="session-active"),
    path("sessions/", signing_in.sessions, name="sessions"),
    path("sessions/<uuid:number>/end", signing_in.end, name="session-end"),
    path("sessions/others/end", signing_in.end_others, name="sessions-end-others"),
    path("keys/", keys.keys, name="access-keys"),
    path("keys/<uuid:key_id>/revoke", keys.revoke, name="access-key-revoke"),
    path("vocabularies/", vocabularies.vocabularies, name="vocabularies"),
    path("vocabularies/new", vocabularies.new, name="vocabulary-new"),
    path("vocabularies/<uuid:vocabulary_id>/", vocabularies.vocabulary, name="vocabulary"),
    path("vocabularies/<uuid:vocabulary_id>/delete", vocabularies.delete, name="vocabulary-delete"),
    path(
        "vocabularies/<uuid:vocabulary_id>/download",
        vocabularies.download,
        name="vocabulary-download",
    ),
    # boto3 sends to the address as it was configured, others add the slash.
    path("aws", aws.json_1_1),
    path("aws/", aws.json_1_1, name="aws"),
    path("aws/service/Transcribe/operation/<str:operation>", aws.rpc_v2_cbor),
    path("aws/results/<str:token>", downloads.result, name="aws-result"),
    path("aws/vocabularies/<str:token>", downloads.vocabulary, name="aws-vocabulary"),
]
