"""A practice in which every text attacks whoever reads it, as rows of a served installation.

Fifty strings stand where people, machines and files can write: names of patients, files, people,
speakers, vocabularies, keys and the practice; words, readings, notes, questions, reasons, addenda.
What a form would refuse is written into the row itself.
"""

from typing import Any
from uuid import uuid4

from django.db import transaction

from review.actions import addenda, flags, letterheads, retention, worklist
from review.models import CheckOff, Destination, Review, Segment
from review.safety.run import CHECKS
from tests import cast as people
from tests import rows
from tests.browser.states import spoken
from tests.cast import Cast
from tests.factories import about, assembled, line
from transcripts.actions import keys, streams
from transcripts.enums import Role, VocabularyState
from transcripts.models import MedicalVocabulary, Practice

# Each would call xss(), ask for /xss or leave something of that name on the page.
STRINGS = [
    "<script>xss()</script>",
    "</script><script>xss()</script>",
    "<ScRiPt>xss()</sCrIpT>",
    "<script src=//127.0.0.1:1/xss.js></script>",
    "<script/src=data:,xss()></script>",
    "<<script>xss();//<</script>",
    "<img src=/xss onerror=xss()>",
    "<img src=x onerror=\"xss()\">",
    "\"><img src=x onerror=xss()>",
    "'><img src=x onerror=xss()>",
    "\" onmouseover=\"xss()\" data-xss=\"",
    "' onmouseover='xss()' data-xss='",
    "\" autofocus onfocus=xss() x=\"",
    "` onmouseover=xss() data-xss=`",
    "<svg onload=xss()>",
    "<svg/onload=xss()//",
    "<svg><script>xss()</script></svg>",
    "<svg><animate onbegin=xss() attributeName=x>",
    "<svg><use href=data:image/svg+xml,xss></svg>",
    "<math><mi xlink:href=javascript:xss()>x</mi></math>",
    "<body onload=xss()>",
    "<iframe src=javascript:xss()></iframe>",
    "<iframe srcdoc='<script>xss()</script>'>",
    "<object data=javascript:xss()>",
    "<embed src=/xss>",
    "<link rel=stylesheet href=/xss>",
    "<style>@import'/xss';</style>",
    "<style>*{background:url(/xss)}</style>",
    "<base href=//127.0.0.1:1/xss/>",
    "<meta http-equiv=refresh content='0;url=/xss'>",
    "<form action=/xss><button autofocus>x</button></form>",
    "<details open ontoggle=xss()>",
    "<video><source onerror=xss()></video>",
    "<audio src=x onerror=xss()>",
    "<marquee onstart=xss()>x</marquee>",
    "<a href=javascript:xss()>xss</a>",
    "<a href=\"data:text/html,<script>xss()</script>\">x</a>",
    "javascript:xss()",
    "</textarea><script>xss()</script>",
    "</title><script>xss()</script>",
    "</style><xss-element>",
    "--><xss-element>",
    "]]><xss-element>",
    "<xss-element data-xss=1>",
    "<template><xss-element></template>",
    "<noscript><p title='</noscript><img src=x onerror=xss()>'>",
    "&lt;img src=x onerror=xss()&gt;",
    "&#60;script&#62;xss()&#60;/script&#62;",
    "\\u003cscript\\u003exss()\\u003c/script\\u003e",
    "{{constructor.constructor('xss()')()}}${xss()}",
]  # fmt: skip


def make() -> dict[str, Any]:
    """The practice's people and places: {"users": {role: name}, state: path}."""
    cast = _people()
    for number, text in enumerate(STRINGS):
        _patient(cast, number, text)
    _around(cast)
    marks = _document(cast, 100, sure=0.4)
    _questions(cast, marks)
    ready = _document(cast, 101)
    signed = _document(cast, 102)
    rows.signed(signed, cast)
    pended = _document(cast, 103)
    worklist.pend(review=pended, reason="audio", note=STRINGS[14], by=cast.editor)
    addenda.draft(
        review=Review.objects.get(pk=signed.pk),
        kind="addendum",
        reason=STRINGS[0],
        text="\n".join(STRINGS),
        by=cast.clinician,
    )
    made = {"marks": marks, "ready": ready, "signed": signed}
    return {
        "users": {f"hostile {m.role}": m.user.username for m in _members(cast)},
        "dictation": f"/dictate/{_dictation(cast)}/",
        **{name: f"/recordings/{review.recording_id}/" for name, review in made.items()},
    }


def _people() -> Cast:
    practice = Practice.objects.create(name=STRINGS[6], bucket="hostile-practice")
    roles = ("editor", "clinician", "colleague", "manager", "auditor")
    made = {}
    for number, name in enumerate(roles):
        role = Role.CLINICIAN if name == "colleague" else Role(name)
        member = people.member(practice, f"hostile-{name}", role)
        text = STRINGS[7 + number]
        member.user.first_name = member.user.last_name = text
        member.user.save()
        member.title = member.licence = text
        member.printed_name = text if role == Role.CLINICIAN else ""
        member.save()
        made[name] = member
    return Cast(practice=practice, outsider=made["colleague"], **made)


def _members(cast: Cast) -> list[Any]:
    return [cast.editor, cast.clinician, cast.manager, cast.auditor]


def _patient(cast: Cast, number: int, text: str) -> None:
    """A patient, a file and a job of that name; the job failed for that reason."""
    made = rows.recording(cast, mrn=f"{number}{text}"[:64], name=text, original_name=text)
    made.jobs.update(
        status="FAILED",
        failure_reason=text,
        tags={text: text},
        name=f"{number}{text}",
        completed_at=made.created_at,
    )
    MedicalVocabulary.objects.create(
        practice=cast.practice,
        name=f"{number}{text}",
        content=f"Phrase\tIPA\tSoundsLike\tDisplayAs\n{text}\t\t\t{text}\n",
        terms=[{"phrase": text, "ipa": text, "sounds_like": text, "display_as": text}],
        state=VocabularyState.FAILED if number % 2 else VocabularyState.READY,
        failure_reason=text if number % 2 else "",
        modified_at=made.created_at,
    )


def _around(cast: Cast) -> None:
    """Whatever managers can fill."""
    for check, text in zip(CHECKS, STRINGS, strict=False):
        CheckOff.objects.create(
            practice=cast.practice, check_name=check, reason=text, by=cast.manager.user
        )
    for text in STRINGS[::5]:
        keys.create(practice=cast.practice, by=cast.manager.user, label=text)
        Destination.objects.create(
            practice=cast.practice,
            kind="hl7",
            label=text,
            address=text,
            receiver=text,
            news=[],
            encrypted_secret=b"",
            created_by=cast.manager.user,
        )
    letterheads.change(
        practice=cast.practice,
        name=STRINGS[0],
        address="\n".join(STRINGS[1:7]),
        phone=STRINGS[40],
        logo=None,
        by=cast.manager.user,
    )
    held = rows.recording(cast, mrn="held", name=STRINGS[8])
    retention.place_hold(reason=STRINGS[9], recording=held, patient=None, by=cast.manager)


def _lines(sure: float) -> list[dict[str, Any]]:
    """A line dict for each string, the whole of it another reading of each of its words."""
    lines = []
    for number, text in enumerate(STRINGS):
        made = line([(word, sure) for word in text.split()], number * 0.8)
        for item in made["items"]:
            item["start"], item["end"] = number * 0.8, number * 0.8 + 0.7
            item["alternatives"] = [{"content": text, "confidence": 0.2}]
        lines.append(made | {"end": number * 0.8 + 0.7, "speaker": f"spk_{number % 10}"})
    return lines


def _document(cast: Cast, number: int, sure: float = 0.99) -> Review:
    """Every string is a line and a reading; ten of them are speakers."""
    made = spoken(cast, name=STRINGS[number % 50 + 8], mrn=f"{number}{STRINGS[10]}"[:64])
    review = assembled(made, _lines(sure))
    Review.objects.filter(pk=review.pk).update(speakers={f"spk_{n}": STRINGS[n] for n in range(10)})
    review.refresh_from_db()
    return review


def _questions(cast: Cast, review: Review) -> None:
    for segment, text in zip(Segment.objects.filter(review=review), STRINGS, strict=True):
        flags.query(
            review=review,
            segment_id=segment.pk,
            base_version=segment.version,
            items=[segment.items[0]["id"]],
            note=text,
            op_id=uuid4(),
            by=cast.editor,
        )


def _dictation(cast: Cast) -> str:
    """An unfinished one of which every line is hostile."""
    with transaction.atomic():
        stream = streams.begin(
            practice=cast.practice,
            by=cast.clinician.user,
            about=about(cast.clinician, mrn=STRINGS[1], patient_name=STRINGS[2]),
            sample_rate=16_000,
            channels=1,
            settings={},
        )
    for number, said in enumerate(_lines(0.99)):
        streams.said(stream_id=stream.pk, index=number, line=said | {"speaker": None})
    return str(stream.pk)
