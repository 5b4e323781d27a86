"""`python -m config.demo.beside COMMAND …`: runs a command with the embedded PostgreSQL's address.

Beside a running Countersign it uses its server; otherwise it starts the server for as long as the
command takes. With DATABASE_URL set it only runs the command.
"""

import os
import subprocess
import sys

from config.demo import lock, place, services

# Settings want it; a command beside the demo rings no bell.
NO_REDIS = "redis://127.0.0.1:1/0"


def main(command: list[str]) -> int:
    """Returns the command's exit status."""
    here = place.from_environment()
    place.make_folders(here)
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return _run(command, here, {})
    if url := services.running_postgres(here.data):
        return _run(command, here, {"DATABASE_URL": url, "REDIS_URL": NO_REDIS})
    with lock.hold(here.data, "a backup or restore"):
        service = services.postgres(here.data)
        server = subprocess.Popen(services.launcher(service), stdin=subprocess.DEVNULL, cwd="/")
        try:
            services.wait_until_ready(service, lambda: server.poll() is None)
            return _run(command, here, {"DATABASE_URL": service.url, "REDIS_URL": NO_REDIS})
        finally:
            server.send_signal(service.stop)
            server.wait(30)
            services.tidy(here.data)


def _run(command: list[str], here: place.Place, told: dict[str, str]) -> int:
    return subprocess.run(command, env=place.environment(here, **told)).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (services.ServiceFailed, lock.Occupied) as reason:
        sys.exit(str(reason))
