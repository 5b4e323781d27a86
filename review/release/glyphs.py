"""Which typeface draws which character of a PDF, so that none is dropped without a word.

The standard PDF faces draw Western European text, the Vera faces that come with reportlab a little
more, Symbol Greek and arrows. What none of them has is written as its code point, "[U+0416]".
"""

from functools import cache
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "Helvetica"
BOLD = "Helvetica-Bold"
MONO = "Courier"
HARD_SPACE = "\u00a0"
_WIDER = {REGULAR: "Vera", BOLD: "VeraBd"}

for _name in _WIDER.values():
    pdfmetrics.registerFont(TTFont(_name, f"{_name}.ttf"))


def markup(text: str, face: str = REGULAR) -> str:
    """Paragraph markup of plain one-line text set in REGULAR or BOLD; hard spaces stay hard."""
    return " ".join(_word(word, face) for word in text.split(" "))


def complete(text: str) -> bool:
    """Whether every character can be drawn."""
    return all(_face(char, REGULAR) for char in set(text) if not char.isspace())


def _word(word: str, face: str) -> str:
    if word.isascii() and word.isprintable():
        return escape(word)
    wider = _WIDER[face]
    if {_face(char, face) for char in word} == {face, wider} and all(
        _has(wider, char) for char in word
    ):
        # Two faces inside one name look like a mistake.
        return _set(word, wider, face)
    runs = groupby(word, key=lambda char: _face(char, face))
    return "".join(_set("".join(chars), run, face) for run, chars in runs)


def _set(text: str, run: str | None, face: str) -> str:
    if run is None:
        return "".join(f"[U+{ord(char):04X}]" for char in text)
    return escape(text) if run == face else f'<font name="{run}">{escape(text)}</font>'


def _face(char: str, face: str) -> str | None:
    if not char.isprintable() and char != HARD_SPACE:
        return None
    return next((f for f in (face, _WIDER[face], "Symbol") if _has(f, char)), None)


@cache
def _has(face: str, char: str) -> bool:
    if face in _WIDER.values():
        return ord(char) in pdfmetrics.getFont(face).face.charToGlyph
    try:
        char.encode(pdfmetrics.getFont(face).encName)
    except UnicodeEncodeError:
        return False
    return True
