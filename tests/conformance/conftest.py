"""One server for all conformance tests of a run."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance import server as servers
from tests.conformance.server import AUDIO, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.running(tmp_path_factory.mktemp("aws")) as running:
        running.put("visits/jfk.flac", AUDIO / "human_speech_jfk.flac")
        yield running
        log = (running.data / "log.txt").read_text()
        print(log)


@pytest.fixture(scope="session")
def client(server: Server) -> Any:
    return server.client(retries=4)
