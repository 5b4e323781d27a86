"""What deploy/ promises without being run: secrets stay out of images, files are well formed."""

import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
# Where docs/deploying.md has a site put what nobody else may read.
SECRETS = [
    *(f"deploy/{secret['file']}" for secret in COMPOSE["secrets"].values()),
    "deploy/secrets/tls/privkey.pem",
    f"deploy/{COMPOSE['x-countersign']['env_file']}",
]


@pytest.mark.parametrize("path", SECRETS)
def test_secrets_of_a_site_get_neither_into_the_image_nor_into_git(path: str) -> None:
    kept_out = (ROOT / ".dockerignore").read_text().split()
    within = [path, *map(str, Path(path).parents)]
    assert any(fnmatch(each, rule) for each in within for rule in kept_out)
    ended = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, timeout=20)
    assert ended.returncode != 1  # 128: not in a repository


def test_the_image_runs_as_nobody_special_on_a_root_it_can_t_write() -> None:
    _, build, image = (DEPLOY / "Dockerfile").read_text().split("\nFROM ")
    assert "make setup" in build and "apt-get" not in image
    assert "\nUSER countersign\n" in image
    for name in ("prepare", "web", "worker", "nginx", "redis"):
        assert COMPOSE["services"][name]["read_only"], name


def test_compose_takes_its_file(tmp_path: Path) -> None:
    if not _answers("docker", "compose", "version"):
        pytest.skip("docker has no compose here")
    shutil.copytree(DEPLOY, folder := tmp_path / "deploy")
    shutil.copy(folder / "countersign.env.example", folder / "countersign.env")
    command = ["docker", "compose", "-f", folder / "compose.yaml", "config", "--quiet"]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not here")
    units = []
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text().replace("/srv/countersign/deploy", str(DEPLOY))
        units.append(path := tmp_path / unit.name)
        path.write_text(text)
    command = ["systemd-analyze", "verify", *units]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert not [line for line in ended.stderr.splitlines() if "countersign" in line]


@pytest.mark.parametrize("script", ["serve", "backup.sh", "restore.sh"])
def test_scripts_are_well_formed_and_may_be_run(script: str) -> None:
    assert (DEPLOY / script).stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", DEPLOY / script], timeout=20).returncode == 0


def _answers(*command: str) -> bool:
    try:
        return not subprocess.run(command, capture_output=True, timeout=30).returncode
    except FileNotFoundError:
        return False
