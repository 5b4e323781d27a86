"""The review app: on start it hooks in the audit recorder and what it does on its own."""

from datetime import timedelta

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"

    def ready(self) -> None:
        from review import copies, enums
        from review.actions import (
            adverse_events,
            calibrating,
            catching_up,
            comparing,
            destinations,
            dictated,
            document_exports,
            exports,
            labelling,
            notices,
            opening,
            outbox,
            quality_draw,
            retention,
            terms,
            worklist,
        )
        from review.audit import checkpoints, exporting, live, logins, record
        from transcripts import duties, events
        from transcripts.actions import at_rest
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
        at_rest.register_secrets(destinations.secrets_anew)
        duties.add("retention", retention.nightly, at="02:00", bound=timedelta(hours=3))
        exporting.register()
        duties.add("audit-exports", exporting.request_due, every=timedelta(minutes=5))
        duties.add("audit-checkpoints", checkpoints.make_due, every=timedelta(seconds=60))
        duties.add("audit-check", live.check_all, at="03:00", bound=timedelta(hours=6))
        duties.add("adverse-events", adverse_events.search_due, every=adverse_events.EVERY)
        document_exports.register()
        duties.add("labels", labelling.label_due, every=timedelta(seconds=60))
        duties.add("catch-up", catching_up.catch_up, at="01:00", bound=timedelta(hours=3))
        every = timedelta(seconds=5)
        duties.add("refits", calibrating.run_asked, every=every, bound=timedelta(minutes=30))
        duties.add("calibrations", calibrating.nightly, at="02:30", bound=timedelta(hours=2))
        duties.add("search-words", worklist.index_words, every=timedelta(seconds=5))
        duties.add("second-reviews", quality_draw.draw_due, every=timedelta(seconds=60))
        duties.add("corrections", terms.gather_due, every=timedelta(minutes=5))
        duties.add("turnaround", worklist.escalate_due, every=timedelta(seconds=30))
        for action in notices.HEARD:
            events.on(action, notices.expect)
        duties.add("notices", notices.send_due, every=timedelta(seconds=30))
        duties.add("exports-expire", exports.expire, every=timedelta(hours=1))
