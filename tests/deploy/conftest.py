"""A production server behind Debian's nginx with deploy/nginx.conf and a certificate of our own."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.demo.services import free_port
from tests.conformance import server as servers
from tests.conformance.server import ROOT, Server

# Another address than the clients', as on a real network.
PROXY = "127.0.0.2"
SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text()


@dataclass(frozen=True, slots=True)
class Front:
    """The three doors of nginx; `server` is the application with its address through 443."""

    server: Server
    plain: str
    streaming: str
    certificate: Path


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    ports = {80: free_port(), 443: free_port(), 8443: free_port()}
    site = f"https://localhost:{ports[443]}"
    certificate = make_certificate(folder)
    with servers.running(
        tmp_path_factory.mktemp("site"),
        COUNTERSIGN_ENV="production",
        COUNTERSIGN_STREAMS="2",
        COUNTERSIGN_TRUSTED_PROXIES=PROXY,
        BASE_URL=site,
        ALLOWED_HOSTS="localhost,127.0.0.1",
    ) as server:
        conf = folder / "nginx.conf"
        conf.write_text(rendered(folder, server.url.rpartition(":")[2], ports))
        nginx = subprocess.Popen(
            [shutil.which("nginx") or "nginx", "-c", conf, "-g", "daemon off;"]
        )
        try:
            wait(ports[443])
            streaming = f"https://localhost:{ports[8443]}"
            plain = f"http://localhost:{ports[80]}"
            yield Front(replace(server, url=site), plain, streaming, certificate)
        finally:
            nginx.terminate()
            nginx.wait(10)


def rendered(folder: Path, port: str, ports: dict[int, int]) -> str:
    """The shipped file with this machine's ports, folders and addresses, else unchanged."""
    text = SHIPPED.replace("server web:8000;", f"server 127.0.0.1:{port};")
    for usual, own in ports.items():
        text = re.sub(rf"listen {usual}\b", f"listen 127.0.0.1:{own}", text)
    text = text.replace("http {", f"http {{ proxy_bind {PROXY}; grpc_bind {PROXY};", 1)
    text = text.replace("/etc/nginx/tls", str(folder)).replace("/run/nginx.pid", f"{folder}/pid")
    return f"user {'root' if os.getuid() == 0 else os.getlogin()};\n{text}"


def make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "fullchain.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def wait(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, "nginx did not start"
            time.sleep(0.1)
