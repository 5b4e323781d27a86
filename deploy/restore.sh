#!/bin/sh
# deploy/restore.sh SOURCE [--at NAME] [--key FILE] [--keys FOLDER] [--replace]
# Puts a backup back and verifies it: same audit heads, every recording readable. Stop Countersign
# first (docs/retention.md).
set -eu
cd "$(dirname "$0")/.."
[ -d .venv ] && PATH="$PWD/.venv/bin:$PATH"
exec python -m config.demo.beside python manage.py restore "$@"
