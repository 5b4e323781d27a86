"""Every read of this app that is worth a name."""

from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.http import Http404

from review import wire
from review.enums import FlagState, State
from review.models import Review
from transcripts import queries as transcription
from transcripts import wire as transcript_wire
from transcripts.access import recording_or_404, visible_recordings
from transcripts.enums import JobStatus
from transcripts.models import MedicalTranscriptionJob, Membership


def review_or_404(member: Membership | None, recording_id: object) -> Review:
    """The review of a recording this member may see, with all that its pages show; else Http404."""
    recording = recording_or_404(member, recording_id)
    rows = Review.objects.select_related("practice", "transcript__job", "offered")
    try:
        review = rows.get(recording=recording)
    except Review.DoesNotExist:
        raise Http404 from None
    review.recording = recording
    return review


def screen_state(review: Review, member: Membership) -> dict[str, Any]:
    """All that the review screen shows, as JSON. A constant number of queries."""
    job = transcription.latest_job(review.recording)
    waiting = review.state == State.WAITING
    return {
        "seq": review.recording.live_seq,
        "me": {"id": str(member.user_id), "name": member.user.name},
        "recording": transcript_wire.recording(review.recording),
        "job": transcription.job_state(job),
        "review": wire.review(review, member) | wire.doors(review, member, job),
        "transcript": None if waiting else wire.transcript(review),
        "segments": transcription.provisional_segments(job) if waiting else wire.segments(review),
    }


ENDED_BADLY = Q(state=State.WAITING, recording__jobs__status__in=["FAILED", "CANCELLED"])
# What the worklist's tabs show.
FILTERS: dict[str, Q] = {
    "all": Q(),
    "waiting": Q(state=State.WAITING) & ~ENDED_BADLY,
    "ready": Q(state=State.READY),
    "in_review": Q(state=State.IN_REVIEW),
    "ready_to_sign": Q(state=State.READY_TO_SIGN),
    "signed": Q(state=State.SIGNED),
    "failed": ENDED_BADLY,
}


def worklist(member: Membership | None, *, state: str, search: str) -> QuerySet[Review]:
    """Reviews this member may see, newest first, with job, progress and open flags."""
    jobs = MedicalTranscriptionJob.objects.order_by("-generation").annotate(
        done=Sum("chunks__seconds_done"), all=Sum(F("chunks__end") - F("chunks__start"))
    )
    rows = _visible(member).filter(FILTERS.get(state, Q()))
    if search:
        rows = rows.filter(
            Q(recording__patient__name__icontains=search)
            | Q(recording__patient__mrn__istartswith=search)
            | Q(recording__author__printed_name__icontains=search)
        )
    return (
        rows.select_related("recording__patient", "recording__author__user", "assignee")
        .prefetch_related(Prefetch("recording__jobs", queryset=jobs, to_attr="newest_jobs"))
        .annotate(flags_open=Count("flags", filter=Q(flags__state=FlagState.OPEN)))
        .order_by("-created_at", "-id")
    )


def worklist_counts(member: Membership | None) -> dict[str, int]:
    """How many reviews each filter of the worklist shows. One query."""
    counts = {name: Count("pk", filter=q, distinct=True) for name, q in FILTERS.items() if q}
    return _visible(member).aggregate(all=Count("pk", distinct=True), **counts)


def _visible(member: Membership | None) -> QuerySet[Review]:
    return Review.objects.filter(recording__in=visible_recordings(member))


def percent_done(job: MedicalTranscriptionJob) -> int:
    """Progress of a job as the worklist shows it, 0..100."""
    if job.status == JobStatus.COMPLETED:
        return 100
    return min(99, round(100 * transcription.share_done({"done": job.done, "all": job.all})))
