"""Which language engine this site uses: its own, or Amazon Comprehend Medical."""

from functools import cache

from django.conf import settings

from transcripts.engines.comprehend import AwsLanguage
from transcripts.engines.entities import LocalLanguage


@cache
def language() -> LocalLanguage | AwsLanguage:
    """The engine named by COUNTERSIGN_LANGUAGE."""
    if settings.LANGUAGE_ENGINE == "aws":
        return AwsLanguage(settings.AWS_REGION, settings.AWS_ENDPOINT)
    return LocalLanguage()
