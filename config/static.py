"""Static files: bundled by esbuild, under hashed names, compressed, and served from there."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCES = settings.BASE_DIR / "static"
PACKAGES = settings.BASE_DIR / "node_modules"
BUNDLE_SECONDS = 60
# What pages ask for by name; everything else is imported by one of these.
ENTRIES = (
    "css/*.css",
    "js/*/main.js",
    "js/dictate/worklet.js",
    "js/quality/terms.js",
    "js/site/theme-early.js",
)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """What `collectstatic` fills. Each script and style sheet of a page is one file."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            paths |= {name: (self, name) for name in bundle(Path(self.location))}
        yield from super().post_process(paths, dry_run=dry_run, **options)


def bundle(target: Path) -> list[str]:
    """Writes each entry, with all that it imports, and its source map under its own name.

    The names, relative to `target`. ImproperlyConfigured where esbuild is missing or refuses.
    """
    # The program itself: the package's script of the same name would need Node.
    programs = sorted(PACKAGES.glob("@esbuild/*/bin/esbuild"))
    if not programs:
        raise ImproperlyConfigured("esbuild is not installed. Run `make setup`.")
    entries = sorted(path for each in ENTRIES for path in SOURCES.glob(each))
    options = ("--bundle", "--minify", "--sourcemap", "--format=esm", "--loader:.svg=dataurl")
    ended = subprocess.run(
        [
            programs[0],
            *entries,
            *options,
            "--preserve-symlinks",
            f"--outbase={SOURCES}",
            f"--outdir={target}",
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=BUNDLE_SECONDS,
    )
    if ended.returncode:
        raise ImproperlyConfigured(f"esbuild could not bundle the static files.\n{ended.stderr}")
    names = [path.relative_to(SOURCES).as_posix() for path in entries]
    for name in names:
        _name_sources(target / f"{name}.map")
    return [*names, *(f"{name}.map" for name in names)]


def _name_sources(source_map: Path) -> None:
    """Names sources from the project's folder on: hashed names must be the same on every host."""
    found = json.loads(source_map.read_text())
    here = source_map.parent.resolve()
    found["sources"] = [
        os.path.relpath((here / path).resolve(), settings.BASE_DIR) for path in found["sources"]
    ]
    source_map.write_text(json.dumps(found))


class StaticFiles(WhiteNoiseMiddleware):
    """Hands each file over whole: they are small, and ASGI would gather an iterator anyway."""

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
