"""One server for all conformance tests of a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import server as servers
from tests.conformance.server import AUDIO, Server

# Short enough to be waited for: a stream's silence, its length in seconds, and how many there are.
LIVE = {
    "COUNTERSIGN_STREAM_IDLE": "5",
    "COUNTERSIGN_STREAM_LONGEST": "60",
    "COUNTERSIGN_STREAMS": "6",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test waits for web and worker to start as well, which takes long if it is busy."""
    for item in items:
        if Path(__file__).parent in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.running(tmp_path_factory.mktemp("aws"), **LIVE) as running:
        running.put("visits/jfk.flac", AUDIO / "human_speech_jfk.flac")
        yield running
        log = (running.data / "log.txt").read_text()
        print(log)


@pytest.fixture(scope="session")
def client(server: Server) -> Any:
    return server.client(retries=4)
