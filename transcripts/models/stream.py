"""Speech that is being said now: the stream, the audio kept of it, and the lines heard so far.

An open stream becomes a recording when it is finished; its audio and lines are rows only until
then. Streams of AWS clients carry an access key, dictations in the browser carry none.
"""

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from transcripts.enums import Specialty, StreamState, Type


class LiveStream(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    practice = models.ForeignKey("transcripts.Practice", models.PROTECT, related_name="streams")
    by = models.ForeignKey("transcripts.User", models.PROTECT, related_name="+")
    access_key = models.ForeignKey(
        "transcripts.AccessKey", models.SET_NULL, null=True, related_name="streams"
    )
    dictated = models.BooleanField(help_text="Spoken in the browser, not sent by an AWS client.")
    patient = models.ForeignKey(
        "transcripts.Patient", models.PROTECT, null=True, related_name="streams"
    )
    author = models.ForeignKey(
        "transcripts.Membership", models.PROTECT, null=True, related_name="+"
    )
    encounter_date = models.DateField()
    specialty = models.CharField(max_length=20, choices=Specialty)
    type = models.CharField(max_length=16, choices=Type)
    settings = models.JSONField(default=dict, help_text="AWS's names, as of a job.")
    content_identification = models.CharField(max_length=8, blank=True, help_text="PHI or nothing.")
    vocabulary = models.ForeignKey(
        "transcripts.MedicalVocabulary", models.SET_NULL, null=True, related_name="streams"
    )
    session_id = models.CharField(max_length=36, blank=True, help_text="AWS's SessionId.")
    sample_rate = models.PositiveIntegerField(help_text="Hertz.")
    channels = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=StreamState, default=StreamState.OPEN)
    stored = models.BooleanField(default=True, help_text="Off: nothing of it is kept.")
    frames = models.PositiveIntegerField(default=0, help_text="Frames kept: 0 up to this number.")
    samples = models.BigIntegerField(default=0, help_text="Samples kept, of one channel.")
    browser = models.CharField(
        max_length=36, blank=True, help_text="Which browser numbers the frames of a dictation now."
    )
    corrections = models.JSONField(
        default=dict, help_text="Texts that a person gave lines while speaking, by line number."
    )
    recording = models.OneToOneField(
        "transcripts.Recording", models.PROTECT, null=True, related_name="stream"
    )
    begun_at = models.DateTimeField(auto_now_add=True)
    last_audio_at = models.DateTimeField(help_text="By the database's clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "session_id"],
                condition=Q(state=StreamState.OPEN) & ~Q(session_id=""),
                name="one_open_stream_of_a_session",
            ),
            models.CheckConstraint(
                condition=Q(recording__isnull=True) | Q(state=StreamState.FINISHED),
                name="only_a_finished_stream_has_a_recording",
            ),
            models.CheckConstraint(
                condition=Q(channels__gte=1, channels__lte=2), name="stream_is_mono_or_stereo"
            ),
        ]
        indexes = [
            models.Index(
                fields=["practice", "by"],
                name="stream_unfinished",
                condition=Q(state__in=[StreamState.OPEN, StreamState.ENDED]),
            )
        ]

    def __str__(self) -> str:
        return f"Live stream {self.pk}"

    @property
    def seconds(self) -> float:
        """Audio kept."""
        return self.samples / self.sample_rate

    @property
    def length(self) -> str:
        """The same as minutes and seconds: 0:57."""
        minutes, seconds = divmod(int(self.seconds), 60)
        return f"{minutes}:{seconds:02}"


class StreamAudio(models.Model):
    """One frame of at most a second: raw s16le, interleaved where there are two channels."""

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(LiveStream, models.CASCADE, related_name="audio")
    seq = models.PositiveIntegerField()
    first_sample = models.BigIntegerField(help_text="Of one channel, counted through the stream.")
    pcm = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="one_frame_of_a_number")
        ]

    def __str__(self) -> str:
        return f"Frame {self.pk}"


class StreamResult(models.Model):
    """A final: one line as chunks carry it, in the order in which the lines were heard."""

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(LiveStream, models.CASCADE, related_name="results")
    index = models.PositiveIntegerField()
    start = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    end = models.DecimalField(max_digits=9, decimal_places=3, help_text="Seconds.")
    line = models.JSONField()

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "index"], name="one_line_of_a_number"),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="line_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"Line {self.pk}"
