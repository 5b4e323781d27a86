"""Notes where AWS's transcript of a job differs from the machine's own; changes neither."""

from dataclasses import asdict

from review import differences
from review.differences import Kind
from review.models import Comparison
from transcripts import events
from transcripts.engines import formatting, words
from transcripts.models import Shadow, Transcript


def compare(event: events.Event) -> None:
    """AWS is done with the job's recording too: the differences are computed once and kept."""
    shadow = Shadow.objects.get(job=event.detail["job"])
    made = Transcript.objects.select_related("recording").get(job=shadow.job_id)
    recording = made.recording
    ours = [{"channel": row.channel, "items": row.items} for row in made.segments.all()]
    # What AWS wrote in words is compared in the form that ours has.
    theirs = formatting.written(shadow.segments, type=recording.type, specialty=recording.specialty)
    found = differences.compare(ours, theirs, words.is_drug)
    Comparison.objects.create(
        practice_id=shadow.practice_id,
        transcript=made,
        ours=found.ours,
        theirs=found.theirs,
        same=found.same,
        kinds={kind: {"of": found.of[kind], "differ": found.differing(kind)} for kind in Kind},
        places=[asdict(place) for place in found.places],
    )
