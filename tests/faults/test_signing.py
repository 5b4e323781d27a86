"""Signatures against edits at the same moment, many times over."""

import json
from uuid import uuid4

import pytest

from review.actions import edit, sign
from review.actions.operation import Done
from review.models import Signature
from review.policies import Refused
from tests import rows
from tests.cast import PASSWORD
from tests.rows import resolve, shown_now, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def test_a_signature_never_covers_other_words_than_the_document_has(cast):
    """Two hundred rounds of a signature against an edit: whichever comes second is refused."""
    review = rows.review(cast)
    resolve(review, cast.editor)
    outcomes = {"signed": 0, "edited": 0}
    for number in range(200):
        if number:
            review = rows.review(cast, mrn=f"r{number}")
            resolve(review, cast.editor)
        segment, digest = review.segments.last(), shown_now(review)

        def put(review=review, segment=segment):
            return edit.replace_text(
                review=review,
                segment_id=segment.pk,
                base_version=segment.version,
                text="Follow up never.",
                op_id=uuid4(),
                by=cast.editor,
            )

        def put_name(review=review, digest=digest):
            return sign.sign(review=review, by=cast.clinician, password=PASSWORD, shown=digest)

        edited, signature = together(put, put_name)
        texts = list(review.segments.order_by("position").values_list("text", flat=True))
        if isinstance(signature, Signature):
            outcomes["signed"] += 1
            assert isinstance(edited, Refused)
            assert [s["text"] for s in json.loads(signature.document)["segments"]] == texts
        else:
            outcomes["edited"] += 1
            assert isinstance(signature, sign.Changed) and isinstance(edited, Done)
            assert texts[-1] == "Follow up never." and review.signatures.count() == 0
    assert sum(outcomes.values()) == 200
