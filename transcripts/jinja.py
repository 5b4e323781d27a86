"""The templates in templates/jinja2: the head of each page, and what a page repeats.

Jinja makes Python of a template, which renders the rows of a long list in a fifth of the time.
"""

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from jinja2 import Environment, StrictUndefined

from transcripts.templatetags.icons import icon


def environment(**options: Any) -> Environment:
    """What those templates may use: `icon`, `static` and `url`. An unknown name is an error."""
    made = Environment(**options | {"undefined": StrictUndefined})
    made.globals |= {"icon": icon, "static": static, "url": url}
    return made


@lru_cache(maxsize=4096)
def url(name: str, *args: object) -> str:
    """An address; dozens go with each page, list and edit, and are the same every time."""
    return reverse(name, args=args)


def rendered(template: str, context: dict[str, Any]) -> SafeString:
    """A part of a page; Jinja has escaped what is in it."""
    return SafeString(render_to_string(template, context, using="jinja2"))
