"""What production refuses to serve with: each reason with its remedy."""

import os
from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 40
FEWEST_CHARACTERS = 12
# Words of examples; a secret with one of them was copied from somewhere.
COPIED = ("changeme", "change-me", "django-insecure", "example", "password", "only-for-checks")


def refuse() -> None:
    """Called by web and worker before they serve: ImproperlyConfigured with all that is wrong."""
    if not settings.PRODUCTION:
        return
    from config import checks  # which imports this module

    found = [*checks.production_settings(None), *missing_keys(), *known_secret()]
    if found:
        reasons = "\n".join(f"- {each.msg} {each.hint}" for each in found)
        raise ImproperlyConfigured(f"Countersign does not start in production:\n{reasons}")


def demo_left_over() -> list[CheckMessage]:
    """DEBUG, a weak secret, and a data folder of the demonstration."""
    found = []
    if settings.DEBUG or os.environ.get("DEBUG", "").lower() in ("1", "true", "yes", "on"):
        found.append(
            Error(
                "DEBUG is on, which shows patients' data on error pages.",
                hint="Take DEBUG out of the environment.",
                id="countersign.E006",
            )
        )
    secret = settings.SECRET_KEY
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < FEWEST_CHARACTERS:
        found.append(
            Error(
                "SECRET_KEY is too short or too simple.",
                hint="Make one with `openssl rand -base64 48`.",
                id="countersign.E007",
            )
        )
    for name in ("demo.json", "secrets/django"):
        if (Path(settings.DATA) / name).exists():
            found.append(
                Error(
                    f"COUNTERSIGN_DATA is the folder of a demonstration: it holds {name}.",
                    hint="Give a site a folder and a database of its own, made empty.",
                    id="countersign.E008",
                )
            )
            break
    return found


def known_secret() -> list[CheckMessage]:
    """A secret that stands in a repository or in a manual is none."""
    secret = settings.SECRET_KEY.lower()
    if not any(word in secret for word in COPIED):
        return []
    return [
        Error(
            "SECRET_KEY looks as if it were copied from an example.",
            hint="Make one with `openssl rand -base64 48`.",
            id="countersign.E009",
        )
    ]


def missing_keys() -> list[CheckMessage]:
    """Without the master key nothing stored can be read; a new one must not come by itself."""
    path = settings.KEYS / "master.key"
    try:
        readable = bool(path.read_bytes().strip())
    except OSError:
        readable = False
    if readable:
        return []
    return [
        Error(
            f"The master key {path} is missing or can't be read.",
            hint="On a new site run `manage.py create_keys`; else put it back from its copy.",
            id="countersign.E010",
        )
    ]
