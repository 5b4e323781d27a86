"""The whole path below the browser: from recording to signed document, with the real engine."""

import json

import pytest

from review.actions import edit
from review.models import AuditEvent, Signature
from tests import factories
from tests.cast import PASSWORD
from tests.factories import upload
from transcripts import lease
from transcripts.actions import work


@pytest.mark.timeout(120)
def test_from_recording_to_signed_document(cast, as_):
    recording = upload(cast, "human_speech_jfk.flac")
    while unit := lease.claim("test"):
        work.run(unit)
    browser = as_(cast.clinician)
    state = browser.get(f"/recordings/{recording.pk}/state").json()
    assert state["job"]["status"] == "COMPLETED"
    text = " ".join(segment["text"] for segment in state["segments"]).lower()
    assert "ask not what your country can do for you" in text

    operations = state["review"]["operations_url"]
    for segment in state["segments"]:
        for flag in segment["flags"]:
            body = {
                "op_id": flag["id"],
                "kind": "confirm",
                "segment": segment["id"],
                "base_version": segment["version"],
                "items": flag["items"],
            }
            answer = browser.post(operations, json.dumps(body), content_type="application/json")
            assert answer.status_code == 200
    page = browser.get(state["review"]["sign_url"])
    assert page.status_code == 200
    answer = browser.post(
        state["review"]["sign_url"], {"password": PASSWORD, "shown": page.context["hash"]}
    )
    assert answer.status_code == 302
    signature = Signature.objects.get()
    assert json.loads(signature.document)["segments"][0]["text"] == state["segments"][0]["text"]
    pdf = browser.get(f"/recordings/{recording.pk}/document.pdf")
    assert pdf.status_code == 200 and pdf.content.startswith(b"%PDF")
    plain = browser.get(f"/recordings/{recording.pk}/document.txt").content.decode()
    assert "DRAFT" not in plain and signature.sha256[:8] in plain
    actions = list(AuditEvent.objects.order_by("seq").values_list("action", flat=True))
    assert actions[0] == "recording.uploaded" and "document.signed" in actions
    assert edit.Conflict


def test_other_readings_of_a_line_reach_the_page(cast, as_):
    recording = upload(cast)
    said = [factories.line(words, 3.0 * n) for n, words in enumerate(factories.WORDS)]
    other = factories.line([("Patient", 0.9), ("takes", 0.9), ("listen", 0.4), (".", None)], 0.0)
    said[0]["alternatives"] = [other["items"]]
    review = factories.assembled(recording, said)
    url = f"/recordings/{review.recording_id}/state"
    segments = as_(cast.editor).get(url).json()["segments"]
    assert segments[0]["alternatives"] == ["Patient takes listen."]
    assert segments[1]["alternatives"] == []
