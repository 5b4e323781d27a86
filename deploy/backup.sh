#!/bin/sh
# deploy/backup.sh TARGET --key FILE | --new-key FILE | --unencrypted [--keys FOLDER] [--keep N]
# Backs up database and storage, of `make run` as of a site of your own (docs/retention.md). Runs
# while Countersign serves. The keys are not in it: see --keys.
set -eu
cd "$(dirname "$0")/.."
[ -d .venv ] && PATH="$PWD/.venv/bin:$PATH"
exec python -m config.demo.beside python manage.py backup "$@"
