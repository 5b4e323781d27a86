"""A Countersign on several hosts: web and worker processes that share nothing but three servers.

Hosts are network namespaces of this machine, each with an address of its own on one bridge, or all
this machine itself. PostgreSQL, Redis and S3 are Debian's and moto's (tests.external), and reached
as over a network. Every host has a data folder of its own; the key folder is the same, as in
docs/deploying.md.
"""

import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.demo.services import Service, free_port, launcher
from config.demo.supervisor import web_command, worker_command
from tests import external

ROOT = Path(__file__).parents[2]
BRIDGE, GATEWAY = "csbr0", "10.77.0.1"
PATIENCE = 120


@dataclass(slots=True)
class Host:
    """A web address if it serves, and the beginning of each command that runs on it."""

    name: str
    address: str
    port: int = 0
    within: tuple[str, ...] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}"

    def cut(self) -> None:
        """The cable is pulled: nothing comes in, nothing goes out, nobody is told."""
        _ip("link", "set", f"cs-{self.name}", "down")

    def mend(self) -> None:
        _ip("link", "set", f"cs-{self.name}", "up")


@dataclass(slots=True)
class Site:
    hosts: list[Host]
    folder: Path
    settings: dict[str, str]

    @property
    def webs(self) -> list[Host]:
        return [host for host in self.hosts if host.port]

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        ended = subprocess.run(command, cwd=ROOT, env=self.environment("desk"), timeout=PATIENCE,
                               capture_output=True, text=True)  # fmt: skip
        assert ended.returncode == 0, ended.stderr[-3000:]
        return ended.stdout

    def environment(self, host: str) -> dict[str, str]:
        data = self.folder / host
        data.mkdir(exist_ok=True)
        kept = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        return kept | self.settings | {"COUNTERSIGN_DATA": str(data)}

    def start(self, host: Host, *commands: tuple[str, ...]) -> None:
        with (self.folder / f"{host.name}.log").open("ab") as log:
            for command in commands:
                child = Service("child", (*host.within, *command), probe=lambda: None)
                host.processes.append(
                    subprocess.Popen(
                        launcher(child),
                        cwd=ROOT,
                        env=self.environment(host.name),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )  # fmt: skip
                )

    def wait(self, host: Host, page: str = "healthz") -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and all(p.poll() is None for p in host.processes):
            with suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{host.url}/{page}", timeout=5).close()
                return
            time.sleep(0.2)
        raise RuntimeError((self.folder / f"{host.name}.log").read_text()[-3000:])


@contextmanager
def running(folder: Path, hosts: list[Host], address: str) -> Iterator[Site]:
    """Two web processes and three workers over the hosts, with the demonstration's practice."""
    with ExitStack() as stack:
        folder.chmod(0o755)
        settings = {
            "COUNTERSIGN_ENV": "demo",
            "COUNTERSIGN_SAFETY": "0",
            "COUNTERSIGN_STREAMS": "1",
            "COUNTERSIGN_KEYS": str(folder / "keys"),
            "COUNTERSIGN_STORAGE": "s3://store",
            "COUNTERSIGN_S3_ENDPOINT": stack.enter_context(external.s3(address)),
            "AWS_ACCESS_KEY_ID": "s3",
            "AWS_SECRET_ACCESS_KEY": "s3",
            "DATABASE_URL": stack.enter_context(external.postgres(folder, address)),
            "REDIS_URL": stack.enter_context(external.redis(address)),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": ",".join({host.address for host in hosts}),
        }
        site = Site(hosts, folder, settings)
        site.settings["BASE_URL"] = site.webs[0].url
        site.manage("migrate", "--noinput", "-v0")
        site.manage("create_keys")
        site.manage("demo_seed")
        site.manage("collectstatic", "--noinput", "-v0")
        stack.callback(_stop, hosts)
        for number, host in enumerate(hosts):
            commands = [worker_command(f"worker-{number}")]
            if host.port:
                shutil.copytree(folder / "desk" / "static", folder / host.name / "static")
                commands.append(web_command(host.address, host.port))
            site.start(host, *commands)
        for host in site.webs:
            site.wait(host, "readyz")
        yield site


def one_host() -> list[Host]:
    """Three names for this machine; two of them serve."""
    loopback = external.LOOPBACK
    return [Host("a", loopback, free_port()), Host("b", loopback, free_port()), Host("c", loopback)]


@contextmanager
def three_hosts() -> Iterator[list[Host]]:
    """Three namespaces behind one bridge; two of them serve. PermissionError where not allowed."""
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        raise PermissionError("network namespaces need root and iproute2") from error
    names = ("a", "b", "c")
    try:
        _ip("addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        hosts = [_namespace(name, f"10.77.0.{11 + n}") for n, name in enumerate(names)]
        hosts[0].port = hosts[1].port = 8000
        yield hosts
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", f"cs-{name}"], stderr=subprocess.DEVNULL)
        _ip("link", "del", BRIDGE)


def _namespace(name: str, address: str) -> Host:
    space = f"cs-{name}"
    inside = (shutil.which("ip") or "ip", "netns", "exec", space)
    _ip("netns", "add", space)
    _ip("link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space)
    _ip("link", "set", space, "master", BRIDGE, "up")
    _ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
    _ip("-n", space, "link", "set", "eth0", "up")
    _ip("-n", space, "link", "set", "lo", "up")
    return Host(name, address, within=inside)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=20)


def _stop(hosts: list[Host]) -> None:
    for host in hosts:
        for process in host.processes:
            process.terminate()
    for host in hosts:
        for process in host.processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()
