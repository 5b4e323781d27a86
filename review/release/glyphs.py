"""The typefaces of a PDF, and what becomes of a character that they lack: it is never dropped.

DejaVu (npm dejavu-fonts-ttf) has Latin with all its accents, Greek, Cyrillic and the signs of
medicine, and is embedded in every file. What it lacks is written as its code point, "[U+4E2D]".
"""

from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "DejaVuSansCondensed"
BOLD = "DejaVuSansCondensed-Bold"
MONO = "DejaVuSansMono"
HARD_SPACE = "\u00a0"
FOLDER = Path(__file__).parents[2] / "node_modules" / "dejavu-fonts-ttf" / "ttf"


@cache
def register() -> None:
    """Reads the typefaces, once a process; before anything is laid out."""
    for name in (REGULAR, BOLD, MONO):
        pdfmetrics.registerFont(TTFont(name, FOLDER / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, REGULAR, BOLD)


def markup(text: str, face: str = REGULAR) -> str:
    """Paragraph markup of plain one-line text set in `face`; hard spaces stay hard."""
    if text.isascii() and text.isprintable():
        return escape(text)
    return escape("".join(char if drawn(char, face) else f"[U+{ord(char):04X}]" for char in text))


def complete(text: str) -> bool:
    """Whether every character can be drawn."""
    return all(drawn(char, REGULAR) for char in set(text) if not char.isspace())


def drawn(char: str, face: str) -> bool:
    if not char.isprintable() and char != HARD_SPACE:
        return False
    register()
    return ord(char) in pdfmetrics.getFont(face).face.charToGlyph
