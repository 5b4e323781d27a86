"""The review app: on start it hooks in the audit recorder and what it does on its own."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"

    def ready(self) -> None:
        from review.actions import opening
        from review.audit import logins, record
        from transcripts import events
        from transcripts.enums import Action

        events.register_recorder(record.record)
        events.on(Action.RECORDING_UPLOADED, opening.expect)
        events.on(Action.JOB_COMPLETED, opening.open_review)
        logins.connect()
