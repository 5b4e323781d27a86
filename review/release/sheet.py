"""What surrounds the text on a page of a PDF: running head, footer, draft marks; and its colours.

Pure. The text itself is laid out in pdf.py. All of it is decoration to a reader of the structure.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Paragraph, Table

from review.release import letter
from review.release.glyphs import BOLD, REGULAR, markup
from review.release.tags import marked

SIDE = 22 * mm
TOP = 20 * mm
BOTTOM = 22 * mm
HEADER = 13 * mm

INK = HexColor("#16202b")
QUIET = HexColor("#5b6875")
LINE = HexColor("#b9c2cb")
TINT = HexColor("#f4f6f8")
ACCENT = HexColor("#1f5673")
ALERT = HexColor("#a3202b")
ALERT_TINT = HexColor("#fbf1f1")
WATERMARK = HexColor("#f3dfe0")


def style(size: float, leading: float, **more: Any) -> ParagraphStyle:
    """A paragraph style; `size` and `leading` in points."""
    settings = {"fontName": REGULAR, "textColor": INK, "splitLongWords": 1} | more
    return ParagraphStyle("", fontSize=size, leading=leading, **settings)


RUNNING = style(8, 11, textColor=QUIET)


def furniture(
    doc: Mapping[str, Any],
    signature: Mapping[str, str] | None,
    size: tuple[float, float],
    *,
    practice: str,
    header: bool,
) -> Callable[[Canvas, BaseDocTemplate], None]:
    """What stands around the text of a page, drawn before it so that the text lies on top."""
    width, height = size

    def draw(canvas: Canvas, template: BaseDocTemplate) -> None:
        with marked(canvas, None):
            canvas.saveState()
            if signature is None:
                _watermark(canvas, size)
                canvas.setFillColor(ALERT)
                canvas.setFont(BOLD, 9)
                canvas.drawCentredString(width / 2, height - 12 * mm, letter.DRAFT)
            if header:
                _running_head(doc, practice, canvas, size)
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.5)
            canvas.line(SIDE, 16 * mm, width - SIDE, 16 * mm)
            canvas.setFillColor(QUIET)
            canvas.setFont(REGULAR, 7.5)
            state = "Not signed" if signature is None else "Electronically signed"
            canvas.drawString(SIDE, 12 * mm, f"Document {doc['document']['id']} · {state}")
            canvas.restoreState()

    return draw


class Counted(Canvas):
    """Writes "Page x of y" on all pages at the end, when y is known: one layout is enough."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.finished: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802
        self.finished.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for state in self.finished:
            self.__dict__.update(state)
            with marked(self, None):
                self.saveState()
                self.setFillColor(QUIET)
                self.setFont(REGULAR, 7.5)
                place = f"Page {self._pageNumber} of {len(self.finished)}"
                self.drawRightString(self._pagesize[0] - SIDE, 12 * mm, place)
                self.restoreState()
            super().showPage()
        super().save()


def _watermark(canvas: Canvas, size: tuple[float, float]) -> None:
    width, height = size
    canvas.saveState()
    canvas.translate(width / 2, height / 2)
    canvas.rotate(math.degrees(math.atan2(height, width)))
    points = 0.82 * math.hypot(width, height) / stringWidth(letter.DRAFT, BOLD, 1)
    canvas.setFont(BOLD, points)
    canvas.setFillColor(WATERMARK)
    canvas.drawCentredString(0, -points * 0.35, letter.DRAFT)
    canvas.restoreState()


def _running_head(
    doc: Mapping[str, Any], name_of_practice: str, canvas: Canvas, size: tuple[float, float]
) -> None:
    width, height = size
    (_, name), (_, born), (_, mrn) = letter.patient(doc)
    who = Paragraph(
        f"<b>{markup(name, BOLD)}</b> · born {markup(born)} · MRN {markup(mrn)}", RUNNING
    )
    practice = Paragraph(markup(name_of_practice), ParagraphStyle("", parent=RUNNING, alignment=2))
    inner = width - 2 * SIDE
    table = Table([[who, practice]], colWidths=[inner * 0.62, inner * 0.38])
    table.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), REGULAR),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ]
    )
    _, tall = table.wrapOn(canvas, inner, HEADER)
    table.drawOn(canvas, SIDE, height - TOP - tall + 4 * mm)
