"""System checks that explain themselves: what is wrong and how to put it right."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from config import startup


@register(Tags.security, deploy=True)
def production_settings(app_configs: object, **_: object) -> list[CheckMessage]:
    """In production the demo's conveniences are errors."""
    problems: list[CheckMessage] = []
    if not settings.PRODUCTION:
        hint = "Set COUNTERSIGN_ENV=production."
        return [Warning("Not running in production mode.", hint=hint, id="countersign.W001")]
    if not settings.BASE_URL.startswith("https://"):
        problems.append(
            Error(
                "BASE_URL is not an https address.",
                hint="Set BASE_URL to the address people use, such as https://countersign.example.org.",
                id="countersign.E002",
            )
        )
    if "*" in settings.ALLOWED_HOSTS or not settings.ALLOWED_HOSTS:
        problems.append(
            Error(
                "ALLOWED_HOSTS does not name this site's hosts.",
                hint="Set ALLOWED_HOSTS to a comma-separated list of host names.",
                id="countersign.E003",
            )
        )
    if not settings.OPERATOR_SECOND_FACTOR:
        problems.append(
            Warning(
                "Operators reach /operate/ and /admin/ by a password alone.",
                hint="Take COUNTERSIGN_OPERATOR_SECOND_FACTOR out, or set it to 1.",
                id="countersign.W007",
            )
        )
    return problems + startup.demo_left_over()


@register()
def shadow_engine(app_configs: object, **_: object) -> list[CheckMessage]:
    """A misspelt name must not pass for "off", nor for "on"."""
    if settings.SHADOW in ("", "aws"):
        return []
    return [
        Error(
            "COUNTERSIGN_SHADOW names no engine to compare with.",
            hint="Set COUNTERSIGN_SHADOW=aws, or leave it out.",
            id="countersign.E005",
        )
    ]


@register()
def front_end_packages(app_configs: object, **_: object) -> list[CheckMessage]:
    """The waveform library and the typefaces of PDFs come from npm and are not committed."""
    packages = settings.BASE_DIR / "node_modules"
    wanted = (packages / "wavesurfer.js" / "dist", packages / "dejavu-fonts-ttf" / "ttf")
    if all(folder.is_dir() for folder in wanted):
        return []
    return [
        Warning(
            "The front-end packages are not installed.",
            hint="Run `make setup` (or `npm ci`) in the project folder.",
            id="countersign.W004",
        )
    ]
