"""The review app: on start it hooks in the audit recorder and what it does on its own."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"

    def ready(self) -> None:
        from review import copies, enums
        from review.actions import comparing, dictated, opening, outbox
        from review.audit import logins, record
        from transcripts import events
        from transcripts.aws import deliveries
        from transcripts.enums import Action

        events.register_recorder(record.record)
        events.on(Action.RECORDING_UPLOADED, opening.expect)
        events.on(Action.JOB_COMPLETED, opening.open_review)
        events.on(Action.JOB_COMPLETED, dictated.apply)  # once the review is open
        events.on(Action.SHADOW_COMPLETED, comparing.compare)
        events.on(Action.RECORDING_DESCRIBED, opening.refuse_once_signed)
        for action in (
            enums.Action.DOCUMENT_SIGNED,
            enums.Action.DOCUMENT_COSIGNED,
            enums.Action.DOCUMENT_AMENDED,
        ):
            events.on(action, deliveries.expect_signed)
        deliveries.register_signed_source(copies.aws_copy)
        for action in outbox.NEWS:
            events.on(action, outbox.expect)
        logins.connect()
