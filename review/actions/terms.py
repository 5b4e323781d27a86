"""Frequent corrections as terms: gathered by a duty, added to a vocabulary, or dismissed."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from review import documents, queries
from review.enums import Action, TermChoice
from review.models import Corrections, Review, TermDecision
from review.permissions import Permission, check
from review.policies import Refused
from review.quality import corrections
from transcripts import duties, events
from transcripts.actions import vocabularies
from transcripts.engines import vocabulary as tables
from transcripts.enums import VocabularyState
from transcripts.models import MedicalVocabulary, Membership

AT_ONCE = 500
NEW = "corrections"  # name of the vocabulary that is made where there is none


def gather_due(since: timedelta | None = queries.LATELY) -> dict[str, int]:
    """The duty: the corrections of documents that were signed since."""
    rows = queries.signed(since).filter(corrections=None)
    found: dict[object, int] = {}
    for pk in list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        if duties.over():
            break
        practice = _gather(pk)
        found[practice] = found.get(practice, 0) + 1
    for practice, many in found.items():
        events.emit(
            events.Event(
                action=Action.CORRECTIONS_READ,
                practice_id=practice,
                object_type="practice",
                object_id=practice,
                detail={"documents": many},
            )
        )
    return {"documents": sum(found.values())}


def _gather(pk: object) -> object:
    review = Review.objects.select_related(
        "transcript", "recording__patient", "recording__author__user"
    ).get(pk=pk)
    items = [i for line in review.transcript.segments.order_by("index") for i in line.items]
    recording = review.recording
    names = [recording.patient.name if recording.patient else "", recording.author_name]
    Corrections.objects.create(
        review=review,
        practice_id=review.practice_id,
        pairs=corrections.pairs(items, documents.content(review)["words"], names),
        signed_at=review.attested.signed_at,
    )
    return review.practice_id


@transaction.atomic
def add(*, heard: str, written: str, vocabulary: str, by: Membership) -> MedicalVocabulary:
    """Puts the term into a vocabulary of that name, made where there is none, and checks it.

    Raises Refused, with the reason of the vocabulary where it is that.
    """
    check(by, Permission.VOCABULARIES)
    rows = MedicalVocabulary.objects.select_for_update().filter(practice=by.practice)
    row = rows.filter(name=vocabulary or NEW).first()
    content = (row and row.content) or "\t".join(tables.COLUMNS) + "\n"
    columns = content.split("\n", 1)[0].split("\t")
    line = corrections.row(written, columns)
    phrases = {term.spoken.casefold() for term in vocabularies.terms_of(row)}
    if tables.Term(corrections.row(written, ["Phrase"])).spoken.casefold() in phrases:
        raise Refused(f"“{written}” stands in {row.name} already.")
    content = f"{content.rstrip(chr(10))}\n{line}\n"
    _sound(content)
    try:
        if row:
            made = vocabularies.replace(vocabulary=row, content=content, by=by.user)
        else:
            made = vocabularies.create(
                practice=by.practice, name=vocabulary or NEW, content=content, by=by.user
            )
    except vocabularies.Refused as reason:
        raise Refused(str(reason)) from None
    made = vocabularies.check(vocabulary=made)
    assert made.state == VocabularyState.READY
    told = {"vocabulary": str(made.pk), "version": made.version}
    _decide(heard, written, TermChoice.ADDED, by, Action.TERM_ADDED, made.name, **told)
    return made


def _sound(content: str) -> None:
    """Refused before anything is stored where the table would not be READY."""
    try:
        tables.parse(content)
    except tables.VocabularyError as error:
        line, sentence = error.problems[0]
        raise Refused(f"The vocabulary would not be accepted. Line {line}: {sentence}") from None


@transaction.atomic
def dismiss(*, heard: str, written: str, by: Membership) -> None:
    """It is not offered again. Raises Refused."""
    check(by, Permission.VOCABULARIES)
    _decide(heard, written, TermChoice.DISMISSED, by, Action.TERM_DISMISSED)


@transaction.atomic
def take_back(*, decision: TermDecision, by: Membership) -> None:
    """Offers it again; what was added stays in its vocabulary until somebody takes it out."""
    check(by, Permission.VOCABULARIES)
    pk = decision.pk
    if TermDecision.objects.filter(pk=pk).delete()[0]:
        _tell(Action.TERM_TAKEN_BACK, by, pk)


def _decide(
    heard: str,
    written: str,
    choice: TermChoice,
    by: Membership,
    action: Action,
    name: str = "",
    **told: object,
) -> None:
    heard, written = heard.casefold(), written.casefold()
    known = Corrections.objects.filter(practice=by.practice)
    if not written or not known.exists():
        raise Refused("There is no such correction.")
    values = {"practice": by.practice, "heard": heard, "written": written}
    try:
        with transaction.atomic():
            row = TermDecision.objects.create(choice=choice, vocabulary=name, by=by.user, **values)
    except IntegrityError:
        raise Refused("Somebody has decided this already.") from None
    _tell(action, by, row.pk, **told)


def _tell(action: Action, by: Membership, pk: object, **told: object) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=by.practice_id,
            by=by.user,
            object_type="TermDecision",
            object_id=pk,
            detail=told,
        )
    )
