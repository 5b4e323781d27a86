"""Parts of a page that Jinja renders, within templates of Django's."""

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString

from transcripts.jinja import rendered

register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: Context, name: str) -> SafeString:
    """The template `name` of templates/jinja2, with all that this one knows."""
    return rendered(name, context.flatten())
