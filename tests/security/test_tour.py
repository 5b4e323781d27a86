"""Every act that can be put on record is, in one walk through the whole program."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from review import enums as review_enums
from review.models import AuditEvent
from tests.cast import Cast
from tests.tour import people, quality, running, speech, text
from tests.tour import signing as signed
from transcripts import enums
from transcripts.models import Membership

pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
LABELS = dict(enums.Action.choices) | dict(review_enums.Action.choices)


CHAPTERS = (
    running.processes,
    people.people_come_and_go,
    people.access_keys,
    people.emergencies,
    speech.recordings_come,
    speech.jobs_end,
    speech.live_speech,
    speech.vocabularies_change,
    speech.aws_client,
    speech.shadows_run,
    speech.keys_at_rest,
    text.editing,
    text.worklists,
    text.before_the_machine_is_done,
    text.transcribed_again,
    text.checks_switched,
    signed.destinations_told,
    signed.documents,
    signed.two_step,
    running.backups,  # before tables are altered, for which pg_dump would wait
    running.keys_of_the_practice,
    running.drug_safety,
    running.thresholds,
    running.files,
    running.audit_pages,
    running.figures_seen,
    quality.reviewed_twice,
    quality.terms_decided,
    running.retention,
    people.signing_in_and_out,
    people.sessions_end,
)


@pytest.fixture
def toured(
    cast: Cast,
    as_: Callable[[Membership], Client],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    tmp_path: Path,
) -> list[AuditEvent]:
    """The rows that the whole walk left."""
    given = {
        "cast": cast,
        "as_": as_,
        "monkeypatch": monkeypatch,
        "settings": settings,
        "folder": tmp_path,
    }
    for chapter in CHAPTERS:
        chapter(**{name: given[name] for name in signature(chapter).parameters})
    return list(AuditEvent.objects.order_by("practice", "seq"))


def test_every_act_there_is_leaves_its_row(toured: list[AuditEvent]) -> None:
    done = {row.action for row in toured}
    assert LABELS.keys() - done == set(), "nothing on the tour does these"
    assert done - LABELS.keys() == set(), "acts without a sentence"
    for row in toured:
        assert row.actor_display and row.outcome in ("success", "denied", "failure"), row.action
        sentence = f"{row.actor_display} {LABELS[row.action]}"
        assert sentence.isprintable() and not sentence.endswith((".", " ")), sentence
        assert row.object_type, row.action
