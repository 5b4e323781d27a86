"""A real web process on the test's own database and Redis, and plain HTTP to it."""

import http.client
import json
import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.test import Client

from config.demo.services import Service, free_port, launcher
from config.demo.supervisor import web_command
from transcripts.models import Membership

START_SECONDS = 60
CSRF = "c" * 32


def database() -> str:
    """The address of the test's database; its name has to be asked for while it is in use."""
    server = connection.settings_dict
    login = f"{server['USER']}:{quote(server['PASSWORD'])}"
    port = f"&port={server['PORT']}" if server["PORT"] else ""
    return f"postgres://{login}@/{server['NAME']}?host={quote(server['HOST'], safe='')}{port}"


class Web:
    """Starts web processes on one port, and kills them."""

    def __init__(self, log: Path, **more: str) -> None:
        self.port = free_port()
        self.log = log
        self.environment = os.environ | {
            "DATABASE_URL": database(),
            "COUNTERSIGN_ENV": "demo",  # with a pool of connections, as in production
            "DEMO": "0",
            "COUNTERSIGN_STREAMS": "0",
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            **more,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                launcher(Service("web", web_command("127.0.0.1", self.port), probe=lambda: None)),
                env=self.environment,
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                asked.request("GET", "/healthz")
                if asked.getresponse().status == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"no web process:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """kill -9 of the process and its children, and wait until they are gone."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
            self.process.wait(10)
            self.process = None


def cookies(member: Membership) -> dict[str, str]:
    """Headers with which this person is logged in, and may post."""
    browser = Client()
    browser.force_login(member.user)
    kept = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
    return {
        "Cookie": f"{kept}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }


class Line:
    """One kept-alive connection; a broken one is an OSError or an HTTPException, then a new one."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.port, self.headers = port, headers
        self._open: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        self._open = self._open or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            self._open.request(method, path, sent, self.headers)
            answer = self._open.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.close()
            raise

    def close(self) -> None:
        if self._open:
            self._open.close()
            self._open = None
