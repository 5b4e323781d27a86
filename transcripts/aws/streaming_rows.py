"""A live stream's dealings with the database: who calls, and what of the stream is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from transcripts import vault
from transcripts.actions import streams, tapes
from transcripts.actions.recordings import About
from transcripts.aws import callers, limits, sigv4, streaming_rules
from transcripts.aws.callers import Caller
from transcripts.aws.errors import AwsError, conflict
from transcripts.aws.jobs import vocabulary_named
from transcripts.aws.streaming_rules import Wanted
from transcripts.engines.streaming import StreamOptions
from transcripts.enums import Specialty, StreamState
from transcripts.models import LiveStream, MedicalVocabulary
from transcripts.streaming import options_for

SCOPE = "stream"
MOST_SPEAKERS = 10
PASSING = (DatabaseError, InterfaceError)  # a database that is away comes back
TAKEN_OVER = "A new stream was started with the same session ID. The current stream ends."

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A client's request as it came; `parameters` by their names in a query."""

    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    payload_hash: str
    parameters: Mapping[str, str]
    presigned: bool


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that was found in order, and the secret that signs its chunks."""

    caller: Caller
    wanted: Wanted
    vocabulary: MedicalVocabulary | None
    options: StreamOptions
    chain: sigv4.Chain

    @property
    def practice_id(self) -> UUID:
        return self.caller.key.practice_id

    @property
    def key_id(self) -> UUID:
        return self.caller.key.pk


async def in_thread(call: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Runs what asks the database in any thread: streams don't wait for each other."""
    run = database_sync_to_async(call, thread_sensitive=False)
    return await run(*arguments, **named)


def admit(request: Request) -> Admitted:
    """The caller and what is wanted; AwsError unless the request is right in every respect."""
    try:
        made = sigv4.from_query(request.query) if request.presigned else None
        claim = made or sigv4.from_headers(request.headers)
    except sigv4.Refused as refusal:
        raise AwsError(refusal.code, refusal.message) from None
    caller = callers.verified(
        claim,
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        payload_hash=request.payload_hash,
    )
    limits.check(caller.key.pk, request.operation)
    callers.allow(caller, request.operation, SCOPE)
    wanted = streaming_rules.wanted(request.parameters)
    vocabulary = vocabulary_named(caller, wanted.vocabulary)
    options = options_for(
        caller.practice,
        sample_rate=wanted.sample_rate,
        channels=wanted.channels,
        specialty=wanted.specialty,
        type=wanted.type,
        vocabulary=vocabulary,
        speakers=wanted.speakers,
        phi=wanted.phi,
    )
    chain = sigv4.Chain(claim, vault.decrypt(caller.key.encrypted_secret))
    return Admitted(caller, wanted, vocabulary, options, chain)


def begin(admitted: Admitted, session_id: str) -> LiveStream:
    """The stream's row. An open stream of the same session ends; its driver is told elsewhere."""
    wanted, caller = admitted.wanted, admitted.caller
    settings: dict[str, Any] = {"Specialty": wanted.specialty}
    if wanted.speakers:
        settings |= {"ShowSpeakerLabels": True, "MaxSpeakerLabels": MOST_SPEAKERS}
    if wanted.channels == 2:
        settings["ChannelIdentification"] = True
    if wanted.vocabulary:
        settings["VocabularyName"] = wanted.vocabulary
    return streams.begin(
        practice=caller.practice,
        by=caller.user,
        about=About(
            specialty=Specialty.FAMILYMEDICINE,
            type=wanted.type,
            encounter_date=timezone.localdate(),
        ),
        sample_rate=wanted.sample_rate,
        channels=wanted.channels,
        settings=settings,
        content_identification="PHI" if wanted.phi else "",
        vocabulary=admitted.vocabulary,
        session_id=session_id.lower(),
        access_key=caller.key,
    )


def keep(
    stream_id: UUID, first: int, frames: Sequence[bytes], lines: Sequence[tuple[int, dict]]
) -> None:
    """Stores frames (numbered from `first`) and finals; what is stored already is passed over."""
    if frames:
        streams.keep_all(stream_id=stream_id, first_seq=first, frames=frames)
    for index, line in lines:
        streams.said(stream_id=stream_id, index=index, line=line)


def finish(stream_id: UUID, heard_all: bool) -> None:
    """Makes the recording, and its transcript where everything was heard."""
    tapes.finish(stream_id=stream_id, heard_all=heard_all)


def check(stream_id: UUID, key_id: UUID) -> None:
    """AwsError once the stream may not go on: its key was revoked, or its session taken over."""
    if callers.usable_key(key_id) is None:
        raise AwsError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    state = LiveStream.objects.values_list("state", flat=True).get(pk=stream_id)
    if state != StreamState.OPEN:
        raise conflict(TAKEN_OVER)
