"""The icons of the pages: one SVG file holds them all, a page refers to its symbols."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@cache  # a long list shows the same few hundreds of times
def icon(name: str, size: str = "") -> SafeString:
    """The symbol `name` of img/icons.svg; small ("s"), large ("l") or as high as its line."""
    sized = f" icon-{size}" if size else ""
    svg = '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return format_html(svg, sized, static("img/icons.svg"), name)
