"""Every act that can be put on record is, in one walk through the whole program."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from review import enums as review_enums
from review.models import AuditEvent
from tests import rows
from tests.cast import Cast
from tests.tour import people, quality, running, speech, text
from tests.tour import signing as signed
from transcripts import enums
from transcripts.models import Membership

pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
LABELS = dict(enums.Action.choices) | dict(review_enums.Action.choices)


CHAPTERS = (
    running.processes,
    running.backups,  # before tables are altered, for which pg_dump would wait
    rows.hold_to_policies,  # what follows works for a role that does not own the tables
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
    running.keys_of_the_practice,
    running.drug_safety,
    running.thresholds,
    running.files,
    running.audit_pages,
    running.figures_seen,
    quality.reviewed_twice,
    quality.terms_decided,
    running.operating,
    running.retention,
    people.signing_in_and_out,
    people.sessions_end,
)


# The events that an audit log of health records must hold, in the words of the requirement, and the
# actions that are each of them here.
REQUIRED = """
log-in: login.succeeded login.failed login.locked
log-out: logout session.ended session.idle session.expired
second factor and password: second_factor.added second_factor.removed second_factor.reset
second factor and password: recovery_codes.made password.changed sign_in.linked
access key made, used, refused, revoked: key.created key.used key.refused key.revoked
other keys used: data_key.used document.signed
role, permission and membership: role.changed sign_in_rules.changed person.invited invitation.used
user made and disabled: invitation.used invitation.withdrawn person.disabled person.enabled
emergency access: emergency.begun emergency.refused emergency.ended emergency.reviewed
recording created, read, played, updated: recording.uploaded review.viewed recording.played
recording created, read, played, updated: details.viewed recording.described
deleted and restored: audio.removed draft.removed backup.made backup.restored
upload: upload.begun upload.discarded recording.uploaded recording.rejected
job: job.started job.resumed job.completed job.failed job.cancelled job.retried
edit: segment.edited word.replaced segment.split segment.merged edit.undone edit.redone
low-confidence word accepted: flag.confirmed
signing: document.previewed document.signed document.cosigned document.amended document.rejected
signing: document.sign_refused addendum.drafted addendum.discarded document.reviewed
search, and lists with the ids shown: worklist.viewed fhir.searched
print, copy, export, download: document.released draft.released export.downloaded
AWS calls: job.viewed job.listed job.tagged job.deleted result.fetched vocabulary.viewed
AWS calls: vocabulary.listed vocabulary.created vocabulary.deleted tags.listed
stream opened and closed: stream.begun stream.finished stream.discarded
configuration: shadow.switched safety.switched threshold.changed letterhead.changed
configuration: destination.created turnaround.changed audit.scheduled
vocabulary: vocabulary.created vocabulary.updated vocabulary.deleted vocabulary.checked
retention and legal hold: retention.changed hold.placed hold.lifted
key rotation: master_key.rotated media_key.rotated signing_key.rotated audit.key_created
audit log viewed, exported, verified: audit.viewed audit.exported audit.verified
software, clock offset, encryption: software.started software.stopped media.sealed media.refused
denied: access.denied login.failed key.refused document.sign_refused emergency.refused
"""


@pytest.fixture
def toured(
    cast: Cast,
    as_: Callable[[Membership], Client],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    folder_storage: None,
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
    lines = REQUIRED.strip().splitlines()
    required = {name for line in lines for name in line.split(":")[1].split()}
    done = {row.action for row in toured}
    assert LABELS.keys() - done == set(), "nothing on the tour does these"
    assert done - LABELS.keys() == set(), "acts without a sentence"
    assert required - done == set(), "required, and nothing does these"
    for row in toured:
        assert row.actor_display and row.outcome in ("success", "denied", "failure"), row.action
        sentence = f"{row.actor_display} {LABELS[row.action]}"
        assert sentence.isprintable() and not sentence.endswith((".", " ")), sentence
        assert row.object_type, row.action
