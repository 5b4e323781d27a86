"""What is answered where nothing else answered: 503 when the process is too busy, else 500."""

import sys

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from transcripts import unavailable
from transcripts.aws import views as aws


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is handled."""
    if not unavailable.is_busy(sys.exc_info()[1]):
        return defaults.server_error(request)
    if request.path.startswith("/aws/"):
        return aws.overloaded()
    return unavailable.answer(request, "busy", unavailable.BUSY)
