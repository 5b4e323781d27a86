"""Files made in the background: made once whatever dies, seen by whom they are for, then gone."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.functions import Now

from review.actions import exports
from review.models import AuditEvent, Export
from review.permissions import Permission
from review.policies import Refused
from tests.rows import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async"),
]
LOG = "ALTER TABLE review_auditevent"


@pytest.fixture
def kind(monkeypatch):
    """Registers a kind of export with the maker that the test gives."""
    monkeypatch.setattr(exports, "KINDS", {})
    monkeypatch.setattr(exports.workers, "stopping", lambda: False)

    def add(make, permission=Permission.VIEW, **more) -> str:
        exports.add(
            "test",
            exports.Kind(
                label="A test",
                make=make,
                permission=permission,
                file_name=lambda export: f"test-{export.pk}.txt",
                content_type="text/plain",
                **more,
            ),
        )
        return "test"

    return add


def hello(export, file, progress) -> dict[str, int]:
    progress(0, 2)
    file.write(b"hello ")
    file.write(export.parameters.get("whom", "you").encode())
    progress(2, 2)
    return {"words": 2}


def ask(cast, **more) -> Export:
    return exports.request(kind="test", practice=cast.practice, by=cast.editor.user, **more)


def actions() -> list[str]:
    rows = AuditEvent.objects.filter(action__startswith="export.").order_by("seq")
    return list(rows.values_list("action", flat=True))


def test_a_file_is_asked_for_made_and_fetched_and_each_step_is_on_record(cast, as_, kind):
    kind(hello)
    browser = as_(cast.editor)
    row = ask(cast, parameters={"whom": "me"})
    assert browser.get("/exports/state").json()["exports"][0]["state"] == "waiting"
    assert browser.get(f"/exports/{row.pk}/file").status_code == 404
    assert exports.sweep() and not exports.sweep()
    row.refresh_from_db()
    assert (row.state, row.size, row.found, row.done) == ("ready", 8, {"words": 2}, 0)
    assert row.key.startswith(f"countersign/{cast.practice.pk}/")
    answer = browser.get(f"/exports/{row.pk}/file")
    assert b"".join(answer) == b"hello me" and answer["Content-Length"] == "8"
    assert answer["Content-Disposition"] == f'attachment; filename="test-{row.pk}.txt"'
    assert b"Download" in browser.get("/exports/").content
    assert actions() == ["export.requested", "export.completed", "export.downloaded"]


def test_it_is_for_the_one_who_asked_and_only_while_they_may(cast, as_, kind):
    kind(hello)
    row = ask(cast)
    exports.sweep()
    for member in (cast.clinician, cast.manager, cast.auditor, cast.outsider):
        assert as_(member).get(f"/exports/{row.pk}/file").status_code == 404
        assert as_(member).get("/exports/state").json() == {"exports": []}
        assert as_(member).post(f"/exports/{row.pk}/cancel").status_code == 404
    cast.editor.role = "auditor"
    cast.editor.save()
    assert as_(cast.editor).get(f"/exports/{row.pk}/file").status_code == 404


def test_a_shared_one_is_for_all_with_the_permission(cast, as_, kind):
    kind(hello, permission=Permission.AUDIT, shared=True)
    row = exports.request(kind="test", practice=cast.practice, by=None)
    exports.sweep()
    for member, status in ((cast.auditor, 200), (cast.manager, 200), (cast.editor, 404)):
        assert as_(member).get(f"/exports/{row.pk}/file").status_code == status


def test_a_maker_that_fails_is_tried_again_and_then_given_up(cast, kind):
    def fail(export, file, progress):
        raise ValueError("Paula Probe")

    kind(fail)
    row = ask(cast)
    for _ in range(exports.MOST_ATTEMPTS):
        Export.objects.update(lease_until=None)
        assert exports.sweep()
    row.refresh_from_db()
    assert (row.state, row.error, row.attempts) == ("failed", "ValueError", 3)
    assert actions() == ["export.requested", "export.failed"]
    assert not exports.sweep()


def test_one_whose_maker_kills_its_process_is_given_up_too(cast, kind):
    kind(hello)
    row = ask(cast)
    for _ in range(exports.MOST_ATTEMPTS):
        assert exports._claim()
        Export.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert not exports.sweep()
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "gave_up")


def test_two_processes_make_it_once(cast, kind):
    kind(hello)
    ask(cast)
    assert sorted(together(exports.sweep, exports.sweep)) == [False, True]
    assert actions().count("export.completed") == 1


def test_one_that_was_overtaken_leaves_nothing(cast, kind):
    def overtaken(export, file, progress):
        Export.objects.filter(pk=export.pk).update(token=99)
        return hello(export, file, progress)

    kind(overtaken)
    row = ask(cast)
    assert exports.sweep()
    row.refresh_from_db()
    assert (row.state, row.key) == ("running", "")
    folder = f"countersign/{cast.practice.pk}"
    assert not default_storage.exists(folder) or default_storage.listdir(folder) == ([], [])


def test_a_cancelled_one_stops_at_its_next_word(cast, as_, kind):
    begun, go, written = threading.Event(), threading.Event(), []

    def slow(export, file, progress):
        begun.set()
        assert go.wait(10)
        progress(1, 2)
        written.append(1)

    kind(slow)
    row = ask(cast)

    def cancel() -> None:
        assert begun.wait(10)
        exports.cancel(export=row, by=cast.editor.user)
        go.set()

    together(exports.sweep, cancel)
    row.refresh_from_db()
    assert (row.state, written) == ("cancelled", [])
    with pytest.raises(Refused, match="finished already"):
        exports.cancel(export=row, by=cast.editor.user)
    assert actions() == ["export.requested", "export.cancelled"]
    assert as_(cast.editor).post(f"/exports/{row.pk}/cancel").status_code == 302


def test_a_file_goes_after_its_time_and_a_kept_one_stays(cast, kind):
    kind(hello)
    row, kept = ask(cast), ask(cast, kept=None)
    exports.sweep(), exports.sweep()
    row.refresh_from_db()
    assert exports.expire() == {"removed": 0}
    Export.objects.filter(pk=row.pk).update(expires_at=Now() - timedelta(seconds=1))
    assert exports.expire() == {"removed": 1}
    assert not default_storage.exists(row.key)
    kept.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, row.key, kept.state) == ("expired", "", "ready")


def test_one_person_cannot_ask_for_ever_more(cast, kind):
    kind(hello)
    for _ in range(exports.MOST_UNFINISHED):
        ask(cast)
    with pytest.raises(Refused, match="still being made"):
        ask(cast)


def test_what_cannot_be_recorded_is_not_handed_out(cast, as_, kind):
    kind(hello)
    row = ask(cast)
    exports.sweep()
    browser = as_(cast.editor)
    with connection.cursor() as cursor:
        cursor.execute(f"{LOG} ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    try:
        answer = browser.get(f"/exports/{row.pk}/file")
        assert answer.status_code == 503 and b"hello" not in answer.content
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"{LOG} DROP CONSTRAINT full_disk")


def test_there_is_no_file_under_another_number(cast, as_):
    assert as_(cast.editor).get(f"/exports/{uuid4()}/file").status_code == 404
