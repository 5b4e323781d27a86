"""The transcripts app: on start it hooks in what AWS clients wait for."""

from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "transcripts"

    def ready(self) -> None:
        from transcripts import events
        from transcripts.aws import deliveries
        from transcripts.enums import Action

        events.on(Action.JOB_COMPLETED, deliveries.expect)
