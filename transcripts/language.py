"""Which language engine this site uses: its own, or Amazon Comprehend Medical."""

from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from transcripts.engines.comprehend import AwsLanguage
from transcripts.engines.entities import LocalLanguage


@cache
def language() -> LocalLanguage | AwsLanguage:
    """The engine named by COUNTERSIGN_LANGUAGE. Raises ImproperlyConfigured for any other name."""
    if settings.LANGUAGE_ENGINE == "aws":
        return AwsLanguage(settings.AWS_REGION, settings.AWS_ENDPOINT)
    if settings.LANGUAGE_ENGINE == "local":
        return LocalLanguage()
    raise ImproperlyConfigured("COUNTERSIGN_LANGUAGE is neither local nor aws.")
