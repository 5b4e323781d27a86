"""The recipes of docs/aws-clients.md, run as they stand: boto3, the AWS CLI, JavaScript."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conformance import node_packages
from tests.conformance.calls import fetched, name
from tests.conformance.recipes import blocks, filled, script
from tests.conformance.server import AUDIO, Server

Ended = subprocess.CompletedProcess[str]
LANGUAGES = ("python", "sh", "js")


def run(command: list[str], folder: Path) -> Ended:
    kept = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        command, cwd=folder, env=kept | {"PATH": path}, capture_output=True, text=True, timeout=100
    )


@pytest.fixture(scope="module")
def ran(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    """All three at once: each waits ten seconds between its looks at the job, as at AWS."""
    server.put("visits/2231.wav", AUDIO / "human_speech_jfk.flac")
    folder, packages = tmp_path_factory.mktemp("recipes"), node_packages.installed()

    def python() -> Ended:
        (block,) = blocks("Python", "python")
        path = script(folder, "start.py", filled(block, server, job=name("python")))
        return run([sys.executable, str(path)], folder)

    def sh() -> Ended:
        (block,) = blocks("AWS CLI", "sh")
        path = script(folder, "start.sh", filled(block, server, job=name("cli")))
        return run(["sh", "-e", str(path)], folder)

    def js() -> Ended:
        (block,) = blocks("JavaScript", "js")
        filled_in = filled(block, server, job=name("js"))
        return run([node_packages.node(), "--input-type=module", "-e", filled_in], packages)

    with ThreadPoolExecutor() as threads:
        started = {each.__name__: threads.submit(each) for each in (python, sh, js)}
        return {language: each.result() for language, each in started.items()}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recipe_ends_with_the_address_of_the_transcript(ran, language: str) -> None:
    ended = ran[language]
    assert ended.returncode == 0, ended.stderr[-3000:]
    uri = ended.stdout.split()[-1]
    result = fetched(uri)
    assert result["status"] == "COMPLETED"
    assert "country" in result["results"]["transcripts"][0]["transcript"]
