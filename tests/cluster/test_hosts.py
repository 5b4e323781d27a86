"""Whichever host is asked, the answer is the same; a host that is cut off loses nothing."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
import pytest
import requests
from websockets.exceptions import WebSocketException

from tests.cluster.person import Person, appending
from tests.cluster.site import Site
from tests.conformance import streams
from tests.conformance.server import Key, Server

T = TypeVar("T")
pytestmark = pytest.mark.timeout(600)


def heard(socket, kind: str, seconds: float = 40) -> dict:
    """The next live message of a kind."""
    until = time.monotonic() + seconds
    while True:
        message = json.loads(socket.recv(timeout=max(0.1, until - time.monotonic())))
        if message["type"] == kind:
            return message


def rows(site: Site, sql: str) -> list[tuple]:
    """What the database says, asked without the application."""
    with psycopg.connect(site.settings["DATABASE_URL"], connect_timeout=5) as connection:
        return connection.execute(sql).fetchall()


def soon(act: Callable[[], T], seconds: float = 60) -> T:
    """What `act` says once it says something; a host that does not answer is asked again."""
    until = time.monotonic() + seconds
    while True:
        try:
            if said := act():
                return said
        except (requests.RequestException, WebSocketException, OSError):
            pass
        assert time.monotonic() < until, "too late"
        time.sleep(0.5)


def test_recordings_sent_to_both_are_transcribed_by_all(site: Site, clinician: Person) -> None:
    first, second = site.webs
    sent = [clinician.at(site.webs[n % 2]).upload() for n in range(6)]
    for path in sent:
        text = " ".join(s["text"] for s in clinician.at(first).transcribed(path)["segments"])
        assert "country" in text
        assert text == " ".join(s["text"] for s in clinician.at(second).state(path)["segments"])
    assert len(rows(site, "SELECT name FROM transcripts_worker")) == 3


def test_an_edit_at_one_host_is_seen_live_at_the_other(site: Site, clinician: Person) -> None:
    first, second = site.webs
    path = clinician.at(first).upload()
    clinician.transcribed(path)
    with clinician.at(second).look(path) as socket:
        heard(socket, "hello")
        segment = clinician.at(first).state(path)["segments"][0]
        clinician.append(path, segment, "indeed")
        message = heard(socket, "segment")
        assert "indeed" in json.dumps(message)
    assert clinician.at(second).state(path)["segments"][0]["text"].endswith("indeed")


def test_a_stream_spoken_to_one_host_is_a_recording_at_both(site: Site, clinician: Person) -> None:
    aws = json.loads((site.folder / "desk" / "demo.json").read_text())["aws"]
    key = Key(aws["access_key_id"], aws["secret_access_key"], "")
    for host in site.webs:
        server = Server(host.url, site.folder, {}, None, key)
        url = streams.address(server, session_id=(session := streams_id(host.port, host.address)))
        spoken = asyncio.run(streams.spoken(url, streams.said(streams.pcm()), pace=0.02))
        assert spoken.text, (spoken.error, spoken.message)
        recorded = (
            "SELECT recording_id FROM transcripts_livestream"
            f" WHERE session_id = '{session}' AND recording_id IS NOT NULL"
        )
        ((recording,),) = soon(lambda: rows(site, recorded))  # noqa: B023
        for web in site.webs:
            assert clinician.at(web).state(f"/recordings/{recording}/")["segments"]


def streams_id(port: int, address: str) -> str:
    tail = f"{port:05d}{address.rpartition('.')[2]:0>7}"
    return f"5c0a1a52-0000-4000-8000-{tail}"


def test_a_document_signed_at_one_host_is_the_same_at_the_other(
    site: Site, clinician: Person
) -> None:
    first, second = site.webs
    path = clinician.at(first).upload()
    clinician.transcribed(path)
    clinician.at(second).confirm_all(path)
    clinician.at(first).sign(path)
    signed = [clinician.at(host).get(f"{path}document.txt").content for host in site.webs]
    assert signed[0] == signed[1] and b"country" in signed[0]


def test_a_worker_cut_off_at_work_loses_nothing(apart: Site, clinician: Person) -> None:
    *_, third = apart.hosts
    sent = [clinician.at(apart.webs[0]).upload("conversation_mono.wav") for _ in range(4)]
    (worker,) = third.processes
    busy = f"SELECT 1 FROM transcripts_chunk WHERE lease_owner LIKE '%:{worker.pid}'"
    soon(lambda: rows(apart, busy))
    third.cut()
    try:
        texts = [
            [s["text"] for s in clinician.transcribed(path, seconds=240)["segments"]]
            for path in sent
        ]
    finally:
        third.mend()
    assert all(texts)
    more = clinician.upload()
    clinician.transcribed(more)
    once = "SELECT count(*) FROM transcripts_transcript GROUP BY recording_id"
    assert set(rows(apart, once)) == {(1,)}
    assert [[s["text"] for s in clinician.state(path)["segments"]] for path in sent] == texts


def test_edits_at_a_host_that_is_cut_off_are_there_once_when_it_is_back(
    apart: Site, clinician: Person
) -> None:
    first, second = apart.webs
    path = clinician.at(first).upload("conversation_mono.wav")
    head, *_, last = clinician.transcribed(path)["segments"]
    typed = appending(head, "offline")
    clinician.at(second).state(path)
    second.cut()
    try:
        with pytest.raises(requests.RequestException):
            clinician.at(second).operate(path, typed)
        last = clinician.at(first).append(path, last, "online")["segment"]
    finally:
        second.mend()
    # The page sends again what was not acknowledged, and hears of the others.
    soon(lambda: clinician.at(second).operate(path, typed))
    with soon(lambda: clinician.at(second).look(path)) as socket:
        heard(socket, "hello")
        assert segments(clinician, path)[-1].endswith("online")
        clinician.at(first).append(path, last, "again")
        assert "online again" in json.dumps(heard(socket, "segment"))
    assert " ".join(segments(clinician.at(first), path)).count("offline") == 1


def segments(person: Person, path: str) -> list[str]:
    return [segment["text"] for segment in person.state(path)["segments"]]
