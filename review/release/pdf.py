"""The PDF copy of a document: a clinical letter, the same bytes each time.

Pure. What is said is decided in letter.py, which typeface draws it in glyphs.py, and what surrounds
it on a page is in sheet.py.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from review.release import letter
from review.release.glyphs import BOLD, MONO, REGULAR, complete, markup
from review.release.sheet import (
    ACCENT,
    ALERT,
    ALERT_TINT,
    BOTTOM,
    HEADER,
    LINE,
    QUIET,
    SIDE,
    TINT,
    TOP,
    furniture,
    style,
)

PAGES = {"letter": LETTER, "a4": A4}
GUTTER = 13 * mm

PRACTICE = style(15, 19, fontName=BOLD, textColor=ACCENT)
TITLE = style(13, 17, fontName=BOLD)
SUBTITLE = style(9, 13, textColor=QUIET)
LABEL = style(7.5, 12, textColor=QUIET)
VALUE = style(9.5, 12)
STRONG = style(9.5, 12, fontName=BOLD)
CODE = style(7.5, 12, fontName=MONO)
NOTE = style(8, 11, textColor=QUIET)
WARNING = style(9.5, 13, textColor=ALERT)
BODY = style(
    10.5,
    15.5,
    leftIndent=GUTTER,
    spaceAfter=7,
    bulletFontName=REGULAR,
    bulletFontSize=7.5,
    bulletColor=QUIET,
    allowWidows=0,
    allowOrphans=0,
)


_UNIT = re.compile(
    r"(?<=\d) (?=(?:[mµμknd]?g|mcg|[mµμd]?L|mm ?Hg|[mc]?m|mEq|[mµμ]?mol|[mµμ]?IU|units?|bpm|kcal"
    r"|%|°[CF]?)(?![^\W\d_]))"
)


def render(
    doc: Mapping[str, Any],
    *,
    signature: Mapping[str, str] | None,
    follow_ups: Sequence[letter.FollowUp] = (),
    page: Literal["letter", "a4"] = "letter",
) -> bytes:
    """The document as PDF; without a signature every page is marked as a draft.

    `signature` has signer, title, licence, signed_at (ISO), meaning, attestation, sha256, key_id
    and signature (base64). ValueError when it is not the signature of `doc`.
    """
    letter.check(doc, signature, follow_ups)
    # Pages are counted by building once; the footer of the second build knows the number.
    total, _ = _build(doc, signature, follow_ups, PAGES[page], 0)
    return _build(doc, signature, follow_ups, PAGES[page], total)[1]


def _build(
    doc: Mapping[str, Any],
    signature: Mapping[str, str] | None,
    follow_ups: Sequence[letter.FollowUp],
    size: tuple[float, float],
    total: int,
) -> tuple[int, bytes]:
    width, height = size
    out = io.BytesIO()
    template = BaseDocTemplate(
        out,
        pagesize=size,
        title=f"{letter.label(doc['document']['type'])} {doc['document']['id']}",
        author=letter.one_line(doc["author"]),
        subject=letter.DRAFT if signature is None else f"Signed, SHA-256 {signature['sha256']}",
        creator="Countersign",
        lang="en-US",
        invariant=1,
        displayDocTitle=True,
    )

    def frame(top: float) -> Frame:
        return Frame(SIDE, BOTTOM, width - 2 * SIDE, height - BOTTOM - top, 0, 0, 0, 0)

    first = furniture(doc, signature, size, total, header=False)
    later = furniture(doc, signature, size, total, header=True)
    template.addPageTemplates(
        [
            PageTemplate("first", [frame(TOP)], onPage=first),
            PageTemplate("later", [frame(TOP + HEADER)], onPage=later),
        ]
    )
    template.build(_story(doc, signature, follow_ups, width - 2 * SIDE))
    return template.page, out.getvalue()


def _story(
    doc: Mapping[str, Any],
    signature: Mapping[str, str] | None,
    follow_ups: Sequence[letter.FollowUp],
    width: float,
) -> list[Flowable]:
    made: list[Flowable] = [
        NextPageTemplate("later"),
        Paragraph(markup(letter.one_line(doc["practice"]["name"]), BOLD), PRACTICE),
        _rule(width),
        Spacer(0, 5 * mm),
        Paragraph(markup(letter.one_line(doc["document"]["title"]), BOLD), TITLE),
        *[Paragraph(markup(line), SUBTITLE) for line in letter.kind(doc)],
        Spacer(0, 3 * mm),
        _heading(doc, width),
        Spacer(0, 6 * mm),
    ]
    if note := letter.notice(follow_ups):
        made += [Paragraph(markup(note), WARNING), Spacer(0, 4 * mm)]
    for paragraph in letter.paragraphs(doc):
        lead = ""
        if paragraph.speaker:
            lead = (
                f'<font color="#1f5673" size="9"><b>{markup(paragraph.speaker, BOLD)}</b></font>  '
            )
        made.append(
            Paragraph(lead + markup(_bind(paragraph.text)), BODY, bulletText=paragraph.time)
        )
    printed = " ".join([p.text for p in letter.paragraphs(doc)])
    printed += " ".join(value for _, value in [*letter.patient(doc), *letter.encounter(doc)])
    for addition in letter.additions(follow_ups):
        printed += " ".join([addition.title, addition.reason, *addition.text])
    if not complete(printed):
        note = "Characters that the typefaces of this letter lack are written as [U+code]."
        made.append(Paragraph(note, NOTE))
    made.append(Spacer(0, 5 * mm))
    if signature is None:
        return [*made, _draft_block(doc, width)]
    lines = letter.signature_lines(doc, signature)
    made.append(_signed(lines, width))
    for addition in letter.additions(follow_ups):
        made += [Spacer(0, 6 * mm), Paragraph(markup(addition.title, BOLD), TITLE)]
        made += [Paragraph(markup(addition.reason), SUBTITLE)] if addition.reason else []
        made += [Paragraph(markup(_bind(text)), BODY) for text in addition.text]
        made += [Spacer(0, 3 * mm), _signed(addition.lines, width)]
    return made


def _bind(text: str) -> str:
    """No line ends between a number and its unit: 1,000 / mg is how doses are misread."""
    return _UNIT.sub("\u00a0", text)


def _heading(doc: Mapping[str, Any], width: float) -> Table:
    rows = [
        [
            Paragraph(label, LABEL),
            Paragraph(markup(value, BOLD), STRONG) if n == 0 else Paragraph(markup(value), VALUE),
            Paragraph(other, LABEL),
            Paragraph(markup(other_value), VALUE),
        ]
        for n, ((label, value), (other, other_value)) in enumerate(
            zip(letter.patient(doc), letter.encounter(doc), strict=True)
        )
    ]
    table = Table(rows, colWidths=[16 * mm, width * 0.5 - 16 * mm, 22 * mm, width * 0.5 - 22 * mm])
    table.setStyle(
        [
            *_BOX,
            ("BOX", (0, 0), (-1, -1), 0.5, LINE),
            *[("TOPPADDING", (n, 1), (n, -1), _LABEL_TOP) for n in (0, 2)],
            *[("TOPPADDING", (n, 0), (n, 0), 4 + _LABEL_TOP) for n in (0, 2)],
        ]
    )
    return table


def _signed(lines: list[tuple[str, str]], width: float) -> Flowable:
    rows = [[Paragraph("Electronically signed", STRONG), ""]]
    rows += [[Paragraph(label, LABEL), _value(label, value)] for label, value in lines]
    table = Table(rows, colWidths=[22 * mm, width - 22 * mm])
    table.setStyle(
        [
            *_BOX,
            ("BACKGROUND", (0, 0), (-1, -1), TINT),
            ("SPAN", (0, 0), (1, 0)),
            ("LINEABOVE", (0, 0), (-1, 0), 1.5, ACCENT),
            ("TOPPADDING", (0, 1), (0, -1), _LABEL_TOP),
            ("TOPPADDING", (1, len(rows) - 2), (1, -1), _LABEL_TOP),
        ]
    )
    return KeepTogether([table])


def _value(label: str, value: str) -> Paragraph:
    if label in ("SHA-256", "Key"):
        return Paragraph(markup(value), CODE)
    if label == "Signed by":
        return Paragraph(markup(value, BOLD), STRONG)
    return Paragraph(markup(value), VALUE)


def _draft_block(doc: Mapping[str, Any], width: float) -> Flowable:
    table = Table([[Paragraph(markup(letter.draft_note(doc)), WARNING)]], colWidths=[width])
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), ALERT_TINT),
            ("LINEABOVE", (0, 0), (-1, 0), 1.5, ALERT),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    return KeepTogether([table])


def _rule(width: float) -> Table:
    table = Table([[""]], colWidths=[width], rowHeights=[2 * mm])
    table.setStyle([("LINEBELOW", (0, 0), (-1, -1), 1.5, ACCENT)])
    return table


_BOX: Iterable[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("TOPPADDING", (0, 0), (-1, 0), 6),
    ("BOTTOMPADDING", (0, -1), (-1, -1), 7),
]
_LABEL_TOP = 3.6  # puts the smaller type of a label on the line of its value
