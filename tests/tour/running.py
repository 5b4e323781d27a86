"""Chapters of the tour: keys, drug safety, thresholds, exports, the log itself, retention."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from review import backups as store
from review import keys
from review import retention as rules
from review.actions import adverse_events, calibrating, exports, labelling, letterheads
from review.actions import retention as removals
from review.actions import thresholds as lines
from review.audit import service
from review.models import AdverseEvent, DriftAlarm, Export, WordLabels
from review.permissions import Permission
from review.thresholds import Choice, workbench
from tests import rows
from tests.cast import Cast
from tests.factories import transcribed
from tests.tour.page import Browsers
from transcripts.actions import members, practices
from transcripts.models import Practice

SAID = [[*((word, 0.99) for word in ["Nausea", "from", "the", "metformin"]), (".", None)]]
GIVEN = Choice("local", "given-words")


def keys_of_the_practice(cast: Cast) -> None:
    """A new signing key, a new letterhead."""
    keys.rotate(practice=cast.practice, by=cast.manager.user)
    letterheads.change(
        practice=cast.practice,
        name="Hill Practice",
        address="1 Main Street",
        phone="555-0100",
        logo=None,
        by=cast.manager.user,
    )


def drug_safety(cast: Cast, as_: Browsers) -> None:
    """A suspected event found, looked at, decided, taken back, exported."""
    rows.signed(transcribed(rows.recording(cast, mrn="40001", name="Ada Adverse"), SAID), cast)
    adverse_events.search_due()
    browser = as_(cast.clinician)
    browser.get("/drug-safety/")
    given = {"event_id": AdverseEvent.objects.get().pk, "by": cast.clinician}
    adverse_events.accept(causality="possible", reason="Seen.", **given)
    adverse_events.reopen(**given)
    browser.get("/drug-safety/export.csv")


def thresholds(cast: Cast) -> None:
    """Documents labelled, a calibration fitted and a line chosen on it; later the words drift."""
    from tests.review.test_thresholds import labels

    labelling.label()
    made = WordLabels.objects.filter(model="given-words").first().review
    with connection.cursor() as cursor:  # one signed document stands for many
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE review_wordlabels DROP CONSTRAINT review_wordlabels_pkey")
    for number in range(60):
        changed = 3 if number < 40 else 12
        labels(made, cast, number, changed=changed).save(force_insert=True)
    calibrating.ask(by=cast.manager)
    calibrating.run_asked()
    point = workbench(cast.practice.pk, GIVEN).points[3]
    lines.choose(choice=GIVEN, threshold=point["t"], reason="Fewer marks.", by=cast.manager)
    for alarm in DriftAlarm.objects.all():
        lines.acknowledge(alarm=alarm, note="A new room.", anew=False, by=cast.manager)


def files(cast: Cast, as_: Browsers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file fetched and expired, one cancelled, one that can't be made."""

    def make(export: Export, file: Any, progress: exports.Progress) -> None:
        file.write(b"hello")

    kind = exports.Kind("A test", make, Permission.VIEW, lambda export: "test.txt", "text/plain")
    monkeypatch.setattr(exports.workers, "stopping", lambda: False)
    monkeypatch.setitem(exports.KINDS, "tour", kind)
    ask = {"kind": "tour", "practice": cast.practice, "by": cast.editor.user}
    exports.cancel(export=exports.request(**ask), by=cast.editor.user)
    row = exports.request(**ask)
    exports.make_due()
    b"".join(as_(cast.editor).get(f"/exports/{row.pk}/file"))
    Export.objects.filter(pk=row.pk).update(expires_at="2026-01-01T00:00Z")
    exports.expire()
    exports.request(**ask)
    for _ in range(exports.MOST_ATTEMPTS):  # as if its process had died each time
        exports._claim()
        Export.objects.update(lease_until="2026-01-01T00:00Z")
    exports.sweep()


def audit_pages(cast: Cast, as_: Browsers) -> None:
    """The log looked at, exported, checked, and exported by itself from now on."""
    auditor = as_(cast.auditor)
    auditor.get("/audit/")
    auditor.post("/audit/export", {"form": "jsonl"})
    auditor.post("/audit/schedule", {"form": "csv", "rhythm": "weekly"})
    auditor.post("/audit/check")
    exports.make_due()


def figures_seen(cast: Cast, as_: Browsers) -> None:
    """The manager's figures, and one of them as a file."""
    manager = as_(cast.manager)
    manager.post("/my-notices/", {"kinds": ["late"]})
    manager.post("/setup/engine/", {"skip": "1"})
    name = manager.get("/dashboard/").context["figures"][0].name
    assert manager.get(f"/dashboard/{name}.csv").status_code == 200


def operating(cast: Cast, as_: Browsers) -> None:
    """An operator looks, pauses, orders, begins anew and has a check run; makes a practice."""
    members.set_operator(user=cast.auditor.user, operator=True)
    operator = as_(cast.auditor)
    operator.get("/operate/")
    operator.post("/operate/queue", {"mode": "draining"})
    operator.post("/operate/queue", {"mode": "open"})
    job = rows.recording(cast, mrn="60001", name="Olaf Ordered").jobs.get()
    operator.post(f"/operate/jobs/{job.pk}/priority", {"priority": "1"})
    operator.post(f"/operate/jobs/{job.pk}/release")
    operator.post("/operate/duties/storage-check")
    operator.post("/operate/practices/new", {"name": "Lake Practice", "first_name": "Mona"})
    made = Practice.objects.get(name="Lake Practice")
    practices.change(practice=made, by=cast.auditor.user, name="Lakeside Practice")
    password = "a password of nobody else"
    members.create(practice=None, standing=None, username="olga", password=password, operator=True)


def retention(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules set and previewed, a hold placed and lifted; then years pass."""
    removals.set_rules(audio_days=30, draft_days=90, by=cast.manager)
    removals.preview(by=cast.manager)
    held = rows.review(cast, mrn="50001", name="Hugo Hold").recording
    hold = removals.place_hold(reason="A complaint.", by=cast.manager, recording=held, patient=None)
    removals.lift_hold(hold_id=hold.pk, reason="Settled.", by=cast.manager)
    later = timedelta(days=10_000)
    monkeypatch.setattr(rules, "Now", lambda: timezone.now() + later)
    removals.enforce(cast.practice)


def backups(cast: Cast, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A backup made, and put back as far as that goes within a test's transaction."""
    call_command("backup", str(folder), unencrypted=True)
    monkeypatch.setattr(store, "restore", lambda *args, **more: {"objects": 0})
    with suppress(CommandError):  # rows of this transaction are in no dump
        call_command("restore", str(folder))


def processes() -> None:
    """A worker that begins and ends."""
    service.begun("worker")
    service.ended("worker")
