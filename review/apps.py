"""The review app: on start it hooks in the audit recorder and what it does on its own."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"

    def ready(self) -> None:
        from review import documents, enums
        from review.actions import opening
        from review.audit import logins, record
        from transcripts import events
        from transcripts.aws import deliveries
        from transcripts.enums import Action

        events.register_recorder(record.record)
        events.on(Action.RECORDING_UPLOADED, opening.expect)
        events.on(Action.JOB_COMPLETED, opening.open_review)
        events.on(Action.RECORDING_DESCRIBED, opening.refuse_once_signed)
        events.on(enums.Action.DOCUMENT_SIGNED, deliveries.expect_signed)
        deliveries.register_signed_source(documents.aws_copy)
        logins.connect()
