"""A person's own keys and habits of the review screen: the page, and keeping what it sends."""

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from transcripts.access import logged_in_script
from transcripts.actions import people
from transcripts.views.answers import problem

LIMIT = 20_000


@login_required
@require_GET
def own_keys(request: HttpRequest) -> HttpResponse:
    """The page; its table is drawn from the list of commands by the browser."""
    return render(request, "review/keys.html", {"key_map": request.user.key_map})


@logged_in_script
@require_POST
def keep_keys(request: HttpRequest) -> JsonResponse:
    """JSON as keymap.js describes it. 200 {}, or 422 with a sentence."""
    try:
        if len(request.body) > LIMIT:
            raise people.Refused("These settings are too long.")
        sent = json.loads(request.body)
        if not isinstance(sent, dict):
            raise ValueError
        people.set_key_map(user=request.user, key_map=sent)
    except people.Refused as refusal:
        return problem("refused", str(refusal), 422)
    except (ValueError, TypeError, RecursionError):
        sentence = "The settings could not be understood. Reload the page."
        return problem("malformed", sentence, 422)
    return JsonResponse({})
