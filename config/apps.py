"""The configuration app: it carries the demo's commands and the system checks."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from config import celery  # noqa: F401  tasks need the application


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  registers them

        # Uploads are spooled before any view runs; whitenoise looks before any file is there.
        settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        if not settings.STORAGE.startswith("s3://"):
            Path(settings.STORAGE).mkdir(parents=True, exist_ok=True, mode=0o700)
