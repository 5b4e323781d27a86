"""Comprehend Medical over HTTP: a stub that checks both sides against AWS's published model."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator

from transcripts.engines.base import EngineError
from transcripts.engines.comprehend import AWAY, REFUSED, AwsLanguage, chunks
from transcripts.engines.entities import LocalLanguage

MODEL = get_session().get_service_model("comprehendmedical")
LOCAL = {
    "DetectEntitiesV2": LocalLanguage().detect_entities_v2,
    "DetectPHI": LocalLanguage().detect_phi,
    "InferICD10CM": LocalLanguage().infer_icd10_cm,
}


def valid(shape: Any, value: Any) -> None:
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()
    enums(shape, value)


def enums(shape: Any, value: Any) -> None:
    """botocore does not check enums; we do."""
    if shape.type_name == "structure":
        for name, part in value.items():
            enums(shape.members[name], part)
    elif shape.type_name == "list":
        for part in value:
            enums(shape.member, part)
    elif getattr(shape, "enum", None):
        assert value in shape.enum, (shape.name, value)


class Stub(BaseHTTPRequestHandler):
    calls: list[tuple[str, str]]
    refuse: list[tuple[int, str]]

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        shape = MODEL.operation_model(operation)
        valid(shape.input_shape, body)
        self.server.calls.append((operation, body["Text"]))
        if self.server.refuse:
            status, code = self.server.refuse.pop(0)
            self.answer(status, {"__type": code, "Message": "no"})
        else:
            answer = LOCAL[operation](body["Text"])
            valid(shape.output_shape, answer)
            self.answer(200, answer)

    def answer(self, status: int, value: Any) -> None:
        raw = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    server.calls, server.refuse = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def engine(stub: ThreadingHTTPServer) -> AwsLanguage:
    return AwsLanguage("us-east-1", f"http://127.0.0.1:{stub.server_port}")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([(400, "AccessDeniedException")], REFUSED),
        ([(400, "ThrottlingException")] * 3, AWAY),
        ([(500, "InternalServerException")] * 3, AWAY),
        ([(400, "TextSizeLimitExceededException")], "AWS refused the text"),
    ],
)
def test_refusals_are_sentences_without_the_text(
    stub: ThreadingHTTPServer, answers: list[tuple[int, str]], sentence: str
) -> None:
    stub.refuse += answers
    with pytest.raises(EngineError) as caught:
        engine(stub).detect_entities_v2("Karen takes aspirin")
    assert sentence in caught.value.reason
    assert "Karen" not in caught.value.reason


def test_a_server_that_is_away_is_said() -> None:
    with pytest.raises(EngineError):
        AwsLanguage("us-east-1", "http://127.0.0.1:9").detect_phi("text")


def test_a_passing_trouble_is_tried_again(stub: ThreadingHTTPServer) -> None:
    stub.refuse += [(500, "InternalServerException")]
    assert engine(stub).detect_phi("MRN 30077")["Entities"]


def test_both_engines_answer_in_the_same_shape(stub: ThreadingHTTPServer) -> None:
    text = "He denies cough. Lisinopril 20 mg daily. TSH was 7.9. Left knee. MRN 30077."
    for method in ("detect_entities_v2", "detect_phi", "infer_icd10_cm"):
        remote = getattr(engine(stub), method)(text)
        local = getattr(LocalLanguage(), method)(text)
        assert {name: remote[name] for name in local} == local


def test_long_texts_are_cut_between_turns_and_their_places_moved_back(
    stub: ThreadingHTTPServer,
) -> None:
    turn = "é" + "Well, that is a long story about my garden. " * 200 + "I take aspirin. "
    text = turn * 4
    turns = [(n * len(turn), (n + 1) * len(turn), None) for n in range(4)]
    found = engine(stub).detect_entities_v2(text, turns)["Entities"]
    assert len(stub.calls) == 2
    assert all(len(part.encode()) <= 20_000 for _, part in stub.calls)
    drugs = [e for e in found if e["Category"] == "MEDICATION"]
    assert len(drugs) == 4
    assert {text[e["BeginOffset"] : e["EndOffset"]] for e in drugs} == {"aspirin"}
    assert len({e["Id"] for e in found}) == len(found)


def test_a_turn_without_end_is_cut_between_words() -> None:
    text = "word " * 9000
    parts = list(chunks(text, [(0, len(text), None)], 20_000))
    assert "".join(part for _, part in parts) == text
    assert all(part.endswith("word ") for _, part in parts)
