"""The transcripts app: on start it hooks in what follows a finished job."""

from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "transcripts"

    def ready(self) -> None:
        from transcripts import events
        from transcripts.actions import shadows
        from transcripts.aws import deliveries
        from transcripts.enums import Action

        events.on(Action.JOB_COMPLETED, deliveries.expect)
        events.on(Action.JOB_COMPLETED, shadows.expect)
