"""The templates in templates/jinja2: what is repeated hundreds of times on a page.

Jinja makes Python of a template, which renders the rows of a long list in a fifth of the time.
"""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from jinja2 import Environment, StrictUndefined

from transcripts.templatetags.icons import icon


def environment(**options: Any) -> Environment:
    """What those templates may use: `icon` and `url`. An unknown name is an error."""
    made = Environment(**options | {"undefined": StrictUndefined})
    made.globals |= {"icon": icon, "url": url}
    return made


def url(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def rendered(
    template: str, context: dict[str, Any], request: HttpRequest | None = None
) -> SafeString:
    """A part of a page, for a template of Django's to hold; Jinja has escaped what is in it.

    With the request come its tokens for forms, and what the person may do.
    """
    return SafeString(render_to_string(template, context, request, using="jinja2"))
