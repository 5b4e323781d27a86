"""AWS for tests: moto over HTTP, and before its Transcribe a door that can refuse or drop calls."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

Answer = tuple[int, dict[str, Any]]
THROTTLED: Answer = (400, {"__type": "ThrottlingException", "Message": "Rate exceeded"})
DROPPED: Answer = (0, {})
START = "StartMedicalTranscriptionJob"


@dataclass(slots=True)
class StandIn:
    """`url` is Transcribe's, `s3_url` is S3's. `answers` are given instead of moto's, by operation;
    `calls` are all operations with their bodies, in order. `result` is written where a started job
    wants it, which moto does not do.
    """

    s3_url: str
    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    result: bytes = b""

    def write(self, asked: dict[str, Any]) -> None:
        self.s3.put_object(
            Bucket=asked["OutputBucketName"], Key=asked["OutputKey"], Body=self.result
        )

    @property
    def s3(self) -> Any:
        return boto3.client("s3", endpoint_url=self.s3_url, region_name="us-east-1")

    @property
    def transcribe(self) -> Any:
        return boto3.client("transcribe", endpoint_url=self.s3_url, region_name="us-east-1")

    def keys(self, bucket: str) -> list[str]:
        return [row["Key"] for row in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        return [body for name, body in self.calls if name == operation]

    def clear(self) -> None:
        self.answers.clear()
        self.calls.clear()
        self.result = b""
        request = urllib.request.Request(f"{self.s3_url}/moto-api/reset", method="POST")
        urllib.request.urlopen(request).close()


@contextmanager
def running() -> Iterator[StandIn]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    aws = StandIn(f"http://{host}:{port}")

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            aws.calls.append((operation, json.loads(body)))
            status, answer = aws.answers.get(operation) or self._forwarded(body)
            if aws.result and operation == START and status == 200:
                aws.write(json.loads(body))
            if not status:
                self.close_connection = True
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _forwarded(self, body: bytes) -> Answer:
            kept = ("Authorization", "Content-Type", "X-Amz-Target", "X-Amz-Date")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            try:
                with urllib.request.urlopen(
                    urllib.request.Request(aws.s3_url, body, headers)
                ) as answer:
                    return answer.status, json.loads(answer.read() or b"{}")
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read())

        def log_message(self, *_: object) -> None:
            pass

    door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Thread(target=door.serve_forever, daemon=True).start()
    aws.url = f"http://127.0.0.1:{door.server_address[1]}"
    try:
        yield aws
    finally:
        door.shutdown()
        door.server_close()
        moto.stop()
