"""How the pages of quality write scores and times."""

from django import template

register = template.Library()
A_LINE = 70  # characters in a row of a text field


@register.filter
def hundredths(value: int) -> str:
    """9675 is 96.75, 10000 is 100."""
    return f"{value / 100:.2f}".rstrip("0").rstrip(".")


@register.filter
def clock(seconds: float) -> str:
    """75.4 is 1:15."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


@register.filter
def minutes(seconds: float) -> str:
    """The length of a recording: 1:15 min."""
    return f"{clock(seconds)} min"


@register.filter
def rows(text: str) -> int:
    """How many rows a text field needs for it."""
    return max(1, -(-len(text) // A_LINE))
