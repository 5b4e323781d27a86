"""What the duties of the day did not see is done at night."""

from datetime import timedelta

import pytest
from django.db.models import F

from review.actions import adverse_events, catching_up, labelling, quality_draw, terms
from review.models import QualityRule, Signature
from tests import rows

pytestmark = pytest.mark.django_db


def test_what_was_signed_while_no_worker_ran_is_caught_up_with(cast):
    """Days later; the duties of the day look for what was signed since yesterday alone."""
    rule = QualityRule.objects.create(
        practice=cast.practice, type="DICTATION", percent=100, changed_by=cast.manager.user
    )
    rows.signed(rows.review(cast), cast)
    with rows.ignored_triggers("review_signature"), rows.ignored_triggers("review_qualityrule"):
        Signature.objects.update(signed_at=F("signed_at") - timedelta(days=3))
        QualityRule.objects.filter(pk=rule.pk).update(
            created_at=rule.created_at - timedelta(days=4)
        )
    assert labelling.label_due() == terms.gather_due() == {"documents": 0}
    assert adverse_events.search_due()["searched"] == quality_draw.draw_due()["documents"] == 0
    all_of_it = {"labels": 1, "corrections": 1, "adverse_events": 1, "second_reviews": 1}
    assert catching_up.catch_up() == all_of_it
    assert catching_up.catch_up() == dict.fromkeys(all_of_it, 0)
