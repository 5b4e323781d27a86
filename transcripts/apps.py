"""The transcripts app: on start it hooks in what follows a finished job."""

from datetime import timedelta

from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "transcripts"

    def ready(self) -> None:
        from transcripts import duties, events, sessions
        from transcripts.actions import (
            at_rest,
            emergency,
            selfchecks,
            shadows,
            signing_in,
            sweeping,
            uploads,
        )
        from transcripts.aws import deliveries
        from transcripts.enums import Action

        events.on(Action.JOB_COMPLETED, deliveries.expect)
        events.on(Action.JOB_COMPLETED, shadows.expect)
        signing_in.connect()
        at_rest.register_secrets(at_rest.access_keys_anew)
        at_rest.register_secrets(at_rest.factors_anew)
        duties.add("sweep", sweeping.sweep, every=timedelta(hours=1))
        duties.add("uploads", uploads.sweep, every=timedelta(hours=1))
        every = timedelta(seconds=30)
        duties.add("model-check", selfchecks.nightly_model, at="04:00")
        duties.add("storage-check", selfchecks.storage, every=timedelta(hours=1))
        duties.add("certificate-check", selfchecks.certificate, at="05:00")
        duties.add("sessions", sessions.end_lapsed, every=every, bound=timedelta(minutes=5))
        duties.add("emergencies", emergency.tell_ends, every=every, bound=timedelta(minutes=5))
