"""Tagged PDF: what each piece of a page is, noted while reportlab draws it.

Pure. reportlab draws no structure itself: each piece is enclosed in marked content here, and
archive.py writes the tree of them into the file (ISO 32000-1, 14.7 and 14.8).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Union

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Image, Paragraph, Table

from review.release.glyphs import REGULAR


@dataclass(slots=True, eq=False)
class Element:
    """One element of the structure; `kids` are elements and (page from 1, number in it) pairs."""

    tag: str
    kids: list[Union["Element", tuple[int, int]]] = field(default_factory=list)
    scope: str = ""
    span: int = 1
    alt: str = ""

    def add(self, tag: str, **more: Any) -> "Element":
        """A new element inside this one, after those that are there."""
        made = Element(tag, **more)
        self.kids.append(made)
        return made


@contextmanager
def marked(canvas: Canvas, element: Element | None) -> Iterator[None]:
    """What is drawn meanwhile is `element`'s, or with None only decoration."""
    if element is None:
        canvas._code.append("/Artifact BMC")
    else:
        page = canvas.getPageNumber()
        counts = canvas.__dict__.setdefault("marks", {})
        number = counts[page] = counts.get(page, -1) + 1
        element.kids.append((page, number))
        canvas._code.append(f"/{element.tag} <</MCID {number}>> BDC")
    yield
    canvas._code.append("EMC")


class Said(Paragraph):
    """A paragraph that knows what it is, in all the pieces that it is split into."""

    element: Element | None = None

    def split(self, width: float, height: float) -> list[Any]:
        parts = super().split(width, height)
        for part in parts:
            part.element = self.element
        return parts

    def drawOn(self, canvas: Canvas, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802
        with marked(canvas, self.element):
            super().drawOn(canvas, x, y, _sW)


class Figure(Image):
    """A picture with words in its place for who can't see it."""

    element: Element | None = None

    def drawOn(self, canvas: Canvas, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802
        with marked(canvas, self.element):
            super().drawOn(canvas, x, y, _sW)


class Grid(Table):
    """A table whose lines and tints are decoration; what its cells are, the cells know."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Else an empty cell brings in a typeface that is not embedded.
        self.setStyle([("FONTNAME", (0, 0), (-1, -1), REGULAR)])

    def _drawBkgrnd(self) -> None:  # noqa: N802
        with marked(self.canv, None):
            super()._drawBkgrnd()

    def _drawLines(self) -> None:  # noqa: N802
        with marked(self.canv, None):
            super()._drawLines()


def said(text: str, style: Any, element: Element | None, **more: Any) -> Said:
    """A paragraph of the markup `text` that is `element`."""
    made = Said(text, style, **more)
    made.element = element
    return made
