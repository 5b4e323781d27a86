"""The environment of a production site, for programs that are started to see what they say."""

import os
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]


def environment(data: Path, **changes: str) -> dict[str, str]:
    """Everything a site must give; a change to "" takes it away. A master key is made in `data`."""
    keys = data / "keys"
    keys.mkdir(exist_ok=True)
    if not (keys / "master.key").exists():
        (keys / "master.key").write_bytes(Fernet.generate_key())
    values = {
        "COUNTERSIGN_ENV": "production",
        "COUNTERSIGN_DATA": str(data),
        "SECRET_KEY": "9x!Hq2#Lw8@Vt5$Kz0^Bm7&Rc3*Yd6(Pf1)Jg4-Ns_Tu+Xe=Ai",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1",
        "BASE_URL": "https://countersign.example.org",
        "ALLOWED_HOSTS": "countersign.example.org",
        "PATH": os.environ["PATH"],
    }
    return {name: value for name, value in (values | changes).items() if value}


def python(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
