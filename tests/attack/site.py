"""A Countersign on the loopback to be attacked: web, worker, documents in every state, log-ins."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.demo.services import Service, launcher
from config.demo.supervisor import worker_command
from tests.conformance import server as servers

# Logged in without the page, which would count wrong passwords and lock the tools out.
LOG_IN = """
from django.test import Client
from tests.browser import states
from transcripts.models import MedicalVocabulary, User
made = states.make('marks', 'ready', 'signed', 'error')
answer = made | {'cookies': {}}
for role, name in made['users'].items():
    browser = Client()
    browser.force_login(User.objects.get(username=name))
    session = browser.cookies['sessionid'].value
    answer['cookies'][role] = f"sessionid={session}; csrftoken={'c' * 32}"
"""
CSRF = "c" * 32


@dataclass(frozen=True, slots=True)
class Site:
    """`states` are paths of review screens; `cookies` the Cookie header of each role."""

    server: servers.Server
    states: dict[str, str]
    cookies: dict[str, str]
    key: servers.Key

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def log(self) -> str:
        return (self.server.data / "log.txt").read_text(errors="replace")

    def recording(self, state: str = "marks") -> str:
        return self.states[state].split("/")[2]


@contextmanager
def running() -> Iterator[Site]:
    data = Path(tempfile.mkdtemp(prefix="countersign-attack-"))
    try:
        with servers.running(data, workers=0, COUNTERSIGN_STREAMS="0") as server:
            made = server.run(LOG_IN)
            key = server.make_key("hill-practice", scopes=["documents.read", "audit.read"])
            with _worker(server):  # not before: it would take the jobs that the states are made of
                yield Site(server, made, made["cookies"], key)
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _worker(server: servers.Server) -> Iterator[None]:
    service = Service("worker", worker_command("attacked"), probe=lambda: None)
    with (server.data / "log.txt").open("ab") as log:
        worker = subprocess.Popen(
            launcher(service),
            cwd=servers.ROOT,
            env=server.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def description(site: Site) -> dict[str, Any]:
    """OpenAPI 3 of every address that answers machines and scripts, from the addresses themselves.

    What may be sent is described loosely on purpose: whatever comes must be answered in words.
    """
    kept = site.recording(), site.recording("signed")
    paths: dict[str, Any] = {}
    for path, query in GETS.items():
        for number in kept if "{recording}" in path else kept[:1]:
            address = path.replace("{recording}", number)
            paths.setdefault(address, {})["get"] = {
                "parameters": [
                    {"name": name, "in": "query", "schema": {"type": "string"}} for name in query
                ],
                "responses": {"default": {"description": "Anything but a failure"}},
            }
    for path in POSTS:
        schema = OPERATION if path.endswith("operations") else {}
        paths.setdefault(path.replace("{recording}", kept[0]), {})["post"] = {
            "parameters": [
                {"name": name, "in": "header", "schema": {"type": "string"}}
                for name in HEADERS.get(path, ())
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {"default": {"description": "Anything but a failure"}},
        }
    return {"openapi": "3.0.3", "info": {"title": "Countersign", "version": "0"}, "paths": paths}


OPERATION = {
    "type": "object",
    "properties": {
        "op_id": {"type": "string", "format": "uuid"},
        "kind": {
            "enum": [
                *("replace_text", "replace_all", "split", "merge", "speaker", "rename_speaker"),
                *("merge_speakers", "blank", "query", "confirm", "undo", "nonsense"),
            ]
        },
        "segment": {"type": "string", "format": "uuid"},
        "base_version": {},
        "text": {},
        "at": {},
        "items": {},
        "note": {},
        "name": {},
        "speaker": {},
    },
    "required": ["op_id", "kind"],
}
# Addresses with the parameters that they read; `sqlmap` glances at each of them.
GETS = {
    "/": [
        *("page", "rows", "state", "type", "specialty", "author", "assignee", "priority", "order"),
    ],
    "/drug-safety/": ["state", "drug", "since", "until", "page", "undo"],
    "/drug-safety/export.csv": ["state", "drug", "since", "until"],
    "/thresholds/": ["model", "engine", "specialty", "type", "target", "t"],
    "/destinations/": ["page"],
    "/dashboard/turnaround/": ["page"],
    "/audit/": ["person", "patient", "action", "outcome", "since", "until", "before", "sort"],
    "/audit/tail": ["person", "patient", "action", "outcome", "since", "until", "after"],
    "/exports/state": [],
    "/recordings/{recording}/state": [],
    "/recordings/{recording}/history": ["segment", "item"],
    "/recordings/{recording}/peaks": ["from", "to"],
    "/recordings/{recording}/entities": [],
    "/recordings/{recording}/comparison/": ["kind", "page"],
    "/recordings/{recording}/document.txt": [],
    "/recordings/{recording}/document.json": [],
    "/recordings/{recording}/addendum/": ["kind"],
    "/fhir/metadata": [],
    "/fhir/DocumentReference": [
        *("patient", "patient.identifier", "identifier", "status", "date", "_count", "_offset"),
    ],
    "/fhir/AuditEvent": ["date", "patient", "_count", "_offset"],
}
# Those that come closest to SQL that is written by hand, one of each kind.
INTO_SQL = {
    "/": ["author", "order"],
    "/audit/": ["person", "patient", "before", "sort"],
    "/drug-safety/": ["drug", "since"],
    "/thresholds/": ["model"],
    "/recordings/{recording}/history": ["item"],
    "/fhir/DocumentReference": ["patient.identifier", "date"],
}
HEADERS = {"/uploads/": ("Upload-Length",)}
POSTS = [
    "/recordings/{recording}/operations",
    "/recordings/{recording}/look",
    "/recordings/{recording}/plays",
    "/my-keys/keep",
    "/session/active",
    "/uploads/",
]


def write_description(site: Site, folder: Path) -> Path:
    path = folder / "openapi.json"
    path.write_text(json.dumps(description(site)))
    return path
