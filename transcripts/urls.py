"""Addresses of this app's pages and answers."""

from django.urls import path

from transcripts.views import jobs, media, upload

urlpatterns = [
    path("upload/", upload.upload, name="upload"),
    path("recordings/<uuid:recording_id>/audio", media.audio, name="recording-audio"),
    path("recordings/<uuid:recording_id>/peaks", media.peaks, name="recording-peaks"),
    path("jobs/<uuid:job_id>/retry", jobs.retry, name="job-retry"),
    path("jobs/<uuid:job_id>/cancel", jobs.cancel, name="job-cancel"),
]
