"""The review screen's states as rows, made inside a served installation. No engine is asked."""

import json
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from review.actions import adverse_events
from tests import rows
from tests.cast import PASSWORD, Cast, make_cast
from tests.factories import AUDIO, assembled
from transcripts import events, media
from transcripts.enums import Action, JobStatus, Stage, Type
from transcripts.models import Chunk, MedicalTranscriptionJob, Recording, Shadow, User, Worker

SPEECH = AUDIO / "conversation_mono.wav"
HOURS = 4
# Speaker, text; "word/0.43" has that confidence (else 0.97), "=one,an_other" are its readings.
TALK = """
0 Good morning , what brings you in today ?
1 I have had this cough for about three weeks/0.72 .
1 Now I am bringing up yellow phlegm/0.31=flame,film .
0 Any fever/0.88 , chills/0.64 , or shortness of breath ?
1 A bit of a fever at night , and I get wheezy/0.58=weedy,we_see when I climb the stairs/0.91 .
0 Do you have a history of asthma/0.76=as_ma or any allergies to medicines ?
1 I had asthma as a child . I am allergic to penicillin/0.44=penicillamine .
1 It gave me a rash/0.66 .
0 Okay/0.78 . I will listen to your chest .
0 I can hear some crackles/0.37=cackles,crackers at the right base/0.74=face .
0 I think this is a bronchitis/0.69 , possibly an early pneumonia/0.79 .
0 I will prescribe doxycycline/0.42=doxy_cycling one hundred/0.77 milligrams
0 twice/0.73 a day for seven/0.71 days .
1 Should I take it with food/0.93 ?
0 Yes , with plenty of water , and stay out of the sun/0.68 .
0 Use your albuterol/0.39=al_butyl inhaler/0.86 two puffs/0.62=buffs
0 every six/0.75 hours as needed .
1 Thank you . When should I come back/0.89 ?
0 In one week , or sooner if the fever goes above one hundred and one .
"""
HEARD_THERE = {
    "phlegm": "flame",
    "penicillin": "penicillamine",
    "twice": "once",
    "right": "left",
    "six": "eight",
    "Yes": "Yeah",
}
MARKED = 20  # words of it under 0.8
LOOKS = 5  # words of it from 0.8 to under 0.95
# The same review under several names: tests that change it take one each.
ALIKE = ("marks", "confirming", "typing", "sliding", "walking", "conflict")


def talk(seconds: float) -> list[dict[str, Any]]:
    """Line dicts of TALK, spread evenly over so many seconds."""
    lines = [line.split() for line in TALK.strip().splitlines()]
    words = sum(w not in ".,?" for line in lines for w in line[1:])
    step, now, made = seconds / words, 0.0, []
    for speaker, *tokens in lines:
        items, start = [], now
        for token in tokens:
            spoken = token not in (".", ",", "?")
            items.append(_item(token, now if spoken else None, step))
            now += step if spoken else 0
        times = {"start": round(start, 3), "end": round(now, 3)}
        made.append(times | {"speaker": f"spk_{speaker}", "channel": None, "items": items})
    return made


def _item(token: str, start: float | None, step: float) -> dict[str, Any]:
    content, _, rest = token.partition("/")
    score, _, others = rest.partition("=")
    confidence = None if start is None else float(score or 0.97)
    readings = [
        {"content": other.replace("_", " "), "confidence": 0.2 / (i + 1)}
        for i, other in enumerate(others.split(","))
    ]
    return {
        "type": "punctuation" if start is None else "pronunciation",
        "content": content,
        "start": None if start is None else round(start, 3),
        "end": None if start is None else round(start + step * 0.9, 3),
        "confidence": confidence,
        "raw_confidence": confidence,
        "alternatives": readings if others else [],
        "by": "machine",
    }


def make(*names: str) -> dict[str, Any]:
    """Makes these states (all by default): {"password", "users": {role: name}, state: path}."""
    cast = make_cast()
    cast.practice.confidence_threshold = "0.80"
    cast.practice.save()
    makers = {
        **dict.fromkeys(ALIKE, marks),
        "empty": empty,
        "loading": loading,
        "progress": progress,
        "ready": ready,
        "signed": signed,
        "error": error,
        "compared": compared,
        "long": long,
        "critical": critical,
    }
    wanted = {name: makers[name](cast) for name in names or makers}
    User.objects.create_user("olga", password=PASSWORD, first_name="Olga", is_staff=True)
    people = {"editor": "eve", "clinician": "carla", "manager": "max", "auditor": "ada"}
    return {
        "password": PASSWORD,
        "users": people | {"operator": "olga"},
        **{name: f"/recordings/{made.pk}/" for name, made in wanted.items()},
    }


def spoken(cast: Cast, **changes: Any) -> Recording:
    folder = media.new_folder(cast.practice.pk)
    with wave.open(str(SPEECH)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    bins = np.array_split(np.abs(samples.astype(np.int32)), int(seconds * 20))
    peaks = {"per_second": 20, "duration": seconds, "peaks": [int(b.max() / 328) for b in bins]}
    values = {
        "media": media.store(f"{folder}/media", SPEECH),
        "peaks": default_storage.save(f"{folder}/peaks", ContentFile(json.dumps(peaks).encode())),
        "media_format": "wav",
        "codec": "pcm_s16le",
        "duration": round(seconds, 3),
        "type": Type.CONVERSATION,
        "name": "Rosa Delgado",
        "mrn": "41205",
    }
    return rows.recording(cast, **(values | changes))


def marks(cast: Cast) -> Recording:
    """Ready for review, twenty words marked."""
    made = spoken(cast)
    assembled(made, talk(float(made.duration)))
    return made


def critical(cast: Cast) -> Recording:
    """As marks, with the words that must be heard before they are settled."""
    with override_settings(SAFETY_CHECKS=True):
        return marks(cast)


def empty(cast: Cast) -> Recording:
    """Done, and nobody said a word."""
    made = spoken(cast, name="Nils Nobody", mrn="41206")
    assembled(made, [])
    return made


def loading(cast: Cast) -> Recording:
    """Waiting in the queue."""
    return spoken(cast, name="Quinn Queue", mrn="41207")


def progress(cast: Cast) -> Recording:
    """Half transcribed; the worker that does it is alive."""
    made = spoken(cast, name="Paul Progress", mrn="41208")
    job = rows.cut(made, 2)
    half = float(made.duration) / 2
    lines = [line for line in talk(float(made.duration)) if line["end"] <= half]
    Chunk.objects.filter(job=job, index=0).update(segments=lines, done=True, seconds_done=half)
    Worker.objects.update_or_create(name="states", defaults={"seen_at": timezone.now()})
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        status=JobStatus.IN_PROGRESS, stage=Stage.TRANSCRIBE
    )
    return made


def ready(cast: Cast) -> Recording:
    """Every marked word decided; its author can sign."""
    made = spoken(cast, name="Rita Ready", mrn="41212")
    rows.resolve(assembled(made, talk(float(made.duration))), cast.editor)
    return made


def signed(cast: Cast) -> Recording:
    made = spoken(cast, name="Sina Signed", mrn="41209")
    review = assembled(made, talk(float(made.duration)))
    signature = rows.signed(review, cast)
    adverse_events.search(signature.pk)
    return made


def error(cast: Cast) -> Recording:
    """Its job failed, with a reason in plain words."""
    made = spoken(cast, name="Erik Error", mrn="41210")
    made.jobs.update(
        status=JobStatus.FAILED,
        failure_reason="The worker stopped three times at the same place. Try again.",
        completed_at=timezone.now(),
    )
    return made


def compared(cast: Cast) -> Recording:
    """Tagged by an AWS client, and compared with AWS, which heard some words otherwise."""
    made = spoken(cast, name="Clara Compared", mrn="41219")
    made.jobs.update(tags={"site": "north wing", "referral": "R-17"})
    lines = talk(float(made.duration))
    assembled(made, lines)
    job = made.jobs.get()
    for item in (item for line in lines for item in line["items"]):
        item["content"] = HEARD_THERE.get(item["content"], item["content"])
    Shadow.objects.create(
        practice=made.practice,
        job=job,
        status=JobStatus.COMPLETED,
        segments=lines,
        completed_at=timezone.now(),
    )
    with transaction.atomic():
        events.about(made, Action.SHADOW_COMPLETED, job=str(job.pk))
    return made


def long(cast: Cast) -> Recording:
    """Four hours of sound (115 MB) under a transcript of a few lines spread over it."""
    seconds = HOURS * 3600
    folder = media.new_folder(cast.practice.pk)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "long.wav"
        with wave.open(str(path), "wb") as sound:
            sound.setparams((1, 1, 8000, 0, "NONE", ""))
            sound.writeframes(bytes([128]) * 8000 * seconds)
        key = media.store(f"{folder}/media", path)
    peaks = {"per_second": 20, "duration": seconds, "peaks": [i % 97 for i in range(20 * seconds)]}
    made = spoken(
        cast,
        name="Lena Long",
        mrn="41211",
        media=key,
        codec="pcm_u8",
        duration=seconds,
        size=8000 * seconds,
        peaks=default_storage.save(f"{folder}/peaks", ContentFile(json.dumps(peaks).encode())),
    )
    assembled(made, talk(float(seconds)))
    return made
