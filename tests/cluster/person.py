"""A person at one of the web hosts, over plain HTTP and WebSockets."""

import json
import re
import time
from datetime import date
from typing import Any
from uuid import uuid4

import requests
from websockets.sync.client import ClientConnection, connect

from tests.cluster.site import Host, Site
from tests.factories import AUDIO

TIMEOUT = (5, 30)


class Person:
    """Logged in once; the session holds at every host."""

    def __init__(self, site: Site, role: str) -> None:
        logins = json.loads((site.folder / "desk" / "demo.json").read_text())
        self.site, self.login, self.host = site, logins["users"][role], site.webs[0]
        self.session = requests.Session()
        page = self.get("/accounts/login/")
        form = {"login": self.login["username"], "password": self.login["password"]}
        self.post("/accounts/login/", form | {"csrfmiddlewaretoken": token(page.text)})
        # Cookies belong to an address; behind one balancer both hosts have the same.
        for host in site.webs:
            for cookie in list(self.session.cookies):
                self.session.cookies.set(cookie.name, cookie.value, domain=host.address, path="/")

    def at(self, host: Host) -> "Person":
        self.host = host
        return self

    def get(self, path: str, **more: Any) -> requests.Response:
        answer = self.session.get(f"{self.host.url}{path}", timeout=TIMEOUT, **more)
        assert answer.status_code < 400, (path, answer.status_code, answer.text[-800:])
        return answer

    def post(self, path: str, data: Any, **more: Any) -> requests.Response:
        more.setdefault("headers", {})["Referer"] = self.host.url
        return self.session.post(f"{self.host.url}{path}", data, timeout=TIMEOUT, **more)

    @property
    def csrf(self) -> str:
        return self.session.cookies.get("csrftoken", domain=self.host.address) or ""

    # What people do

    def upload(self, name: str = "human_speech_jfk.flac") -> str:
        """Sends a recording; its path."""
        page = self.get("/upload/").text
        author = re.search(r'<option value="([0-9a-f-]{36})"', page) or re.search(
            r'name="author" value="([0-9a-f-]{36})"', page
        )
        fields = {
            "patient_name": "Cara Cluster",
            "mrn": "C-1",
            "encounter_date": date.today().isoformat(),
            "author": author[1] if author else "",
            "specialty": "FAMILYMEDICINE",
            "type": "DICTATION",
            "csrfmiddlewaretoken": token(page),
        }
        with (AUDIO / name).open("rb") as file:
            answer = self.post("/upload/", fields, files={"file": (name, file)},
                               headers={"Accept": "application/json"})  # fmt: skip
        assert answer.status_code == 201, answer.text[-800:]
        return answer.json()["recording"]["url"]

    def state(self, path: str) -> dict[str, Any]:
        return self.get(f"{path}state", headers={"Accept": "application/json"}).json()

    def transcribed(self, path: str, seconds: float = 150) -> dict[str, Any]:
        """The state once the machine's transcript is there."""
        until = time.monotonic() + seconds
        while (now := self.state(path))["review"]["state"] == "waiting":
            assert time.monotonic() < until, now["job"]
            time.sleep(0.3)
        return now

    def operate(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(f"{path}operations", json.dumps(body), headers={
            "Content-Type": "application/json", "X-CSRFToken": self.csrf})  # fmt: skip
        assert answer.status_code == 200, (answer.status_code, answer.text[-500:])
        return answer.json()

    def append(self, path: str, segment: dict[str, Any], word: str) -> dict[str, Any]:
        return self.operate(path, appending(segment, word))

    def confirm_all(self, path: str) -> None:
        for _ in range(100):
            marked = [(s, f) for s in self.state(path)["segments"] for f in s["flags"]
                      if f["state"] == "open"]  # fmt: skip
            if not marked:
                return
            segment, flag = marked[0]
            self.operate(path, operation("confirm", segment, items=flag["items"]))
        raise AssertionError("marked words are left")

    def sign(self, path: str) -> None:
        page = self.get(f"{path}sign/").text
        form = dict(re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))  # fmt: skip
        answer = self.post(f"{path}sign/", form | {"password": self.login["password"]})
        assert answer.status_code == 200, answer.text[-800:]
        assert self.state(path)["review"]["state"] == "signed", answer.text[-800:]

    def look(self, path: str) -> ClientConnection:
        kept = "; ".join(f"{c.name}={c.value}" for c in self.session.cookies
                         if c.domain == self.host.address)  # fmt: skip
        url = f"ws://{self.host.address}:{self.host.port}/ws{path}"
        return connect(url, origin=self.host.url, additional_headers={"Cookie": kept})


def operation(kind: str, segment: dict[str, Any], **more: Any) -> dict[str, Any]:
    upon = {"segment": segment["id"], "base_version": segment["version"]}
    return {"op_id": str(uuid4()), "kind": kind, **upon, **more}


def appending(segment: dict[str, Any], word: str) -> dict[str, Any]:
    end = len(segment["text"])
    return operation(
        "replace_range", segment, expect="", text=f" {word}", **{"from": end, "to": end}
    )


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found, page[-500:]
    return found[1]
