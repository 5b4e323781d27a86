"""The doors a page shows. What each role may do is one table, in transcripts.permissions."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token

from transcripts.permissions import TABLE, Permission, check, refusal

__all__ = ["Permission", "check", "refusal", "template_context"]


def template_context(request: HttpRequest) -> dict[str, Any]:
    """What every page needs: which doors to show, the version, and whether this is a demo."""
    member = getattr(request, "membership", None)
    # Django masks the token anew wherever it is looked at: nine times a page.
    token = {"csrf_token": get_token(request)} if member else {}
    return token | {
        "perms_ui": {permission.value: refusal(member, permission) is None for permission in TABLE},
        "version": settings.VERSION,
        "demo": settings.DEMO,
        "idle_seconds": settings.SESSION_IDLE,
        "single_sign_on": settings.OIDC_URL and settings.OIDC_NAME,
    }
