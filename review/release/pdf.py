"""The PDF copy of a document: a clinical letter for archives, the same bytes each time.

Pure. What is said is decided in letter.py, which typeface draws it in glyphs.py, what surrounds it
on a page in sheet.py; tags.py notes what each piece is, and archive.py makes it a PDF/A-3a.
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    Spacer,
)

from review.release import archive, letter
from review.release.glyphs import BOLD, MONO, REGULAR, complete, markup, register
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
    Counted,
    furniture,
    style,
)
from review.release.tags import Element, Figure, Grid, said

PAGES = {"letter": LETTER, "a4": A4}
GUTTER = 13 * mm
LOGO = (50 * mm, 18 * mm)

PRACTICE = style(14, 18, fontName=BOLD, textColor=ACCENT)
TITLE = style(12.5, 17, fontName=BOLD)
SUBTITLE = style(8.5, 13, textColor=QUIET)
LABEL = style(7, 12, textColor=QUIET)
VALUE = style(9, 12)
STRONG = style(9, 12, fontName=BOLD)
CODE = style(7, 12, fontName=MONO)
NOTE = style(7.5, 11, textColor=QUIET)
WARNING = style(9, 13, textColor=ALERT)
BODY = style(
    9.8,
    15,
    leftIndent=GUTTER,
    spaceAfter=7,
    bulletFontName=REGULAR,
    bulletFontSize=7,
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
    head: letter.Letterhead | None = None,
    signed: bytes = b"",
    progress: Callable[[int, int], None] | None = None,
    page: Literal["letter", "a4"] = "letter",
) -> bytes:
    """The document as PDF/A-3a; without a signature every page is marked as a draft.

    `signature` has signer, title, licence, signed_at (ISO), meaning, attestation, sha256, key_id
    and signature (base64); `signed` is the signed package, which the file then carries along.
    `progress` is told how many pieces of how many are laid out.
    ValueError when the signature is not that of `doc`.
    """
    letter.check(doc, signature, follow_ups)
    register()
    size = PAGES[page]
    width, height = size
    out = io.BytesIO()
    template = BaseDocTemplate(
        out, pagesize=size, invariant=1, initialFontName=REGULAR, lang=archive.LANGUAGE
    )

    def frame(top: float) -> Frame:
        return Frame(SIDE, BOTTOM, width - 2 * SIDE, height - BOTTOM - top, 0, 0, 0, 0)

    practice = letter.letterhead(doc, head)[0]
    first = furniture(doc, signature, size, practice=practice, header=False)
    later = furniture(doc, signature, size, practice=practice, header=True)
    template.addPageTemplates(
        [
            PageTemplate("first", [frame(TOP)], onPage=first),
            PageTemplate("later", [frame(TOP + HEADER)], onPage=later),
        ]
    )
    root = Element("Document")
    story = _story(root, doc, signature, follow_ups, head, width - 2 * SIDE)
    if progress:
        template.setProgressCallBack(_telling(progress, len(story)))
    template.build(story, canvasmaker=Counted)
    return archive.finish(
        out.getvalue(),
        root,
        title=f"{letter.label(doc['document']['type'])} {doc['document']['id']}",
        author=letter.one_line(doc["author"]),
        subject=letter.DRAFT if signature is None else f"Signed, SHA-256 {signature['sha256']}",
        when=signature["signed_at"] if signature else None,
        attached=(letter.file_name(doc, "json", draft=False), signed) if signed else None,
    )


def _telling(progress: Callable[[int, int], None], total: int) -> Callable[[str, int], None]:
    def tell(kind: str, value: int) -> None:
        if kind == "PROGRESS":
            progress(min(value, total), total)

    return tell


def _story(
    root: Element,
    doc: Mapping[str, Any],
    signature: Mapping[str, str] | None,
    follow_ups: Sequence[letter.FollowUp],
    head: letter.Letterhead | None,
    width: float,
) -> list[Flowable]:
    def line(text: str, look: Any, tag: str = "P", face: str = REGULAR, **more: Any) -> Flowable:
        return said(markup(text, face), look, root.add(tag), **more)

    made: list[Flowable] = [
        NextPageTemplate("later"),
        _letterhead(root, doc, head, width),
        _rule(width),
        Spacer(0, 5 * mm),
    ]
    if signature is None:
        made += [line(letter.DRAFT, WARNING), Spacer(0, 3 * mm)]
    made += [
        line(letter.one_line(doc["document"]["title"]), TITLE, "H1", BOLD),
        *[line(each, SUBTITLE) for each in letter.kind(doc)],
        Spacer(0, 3 * mm),
        _heading(root, doc, width),
        Spacer(0, 6 * mm),
    ]
    if note := letter.notice(follow_ups):
        made += [line(note, WARNING), Spacer(0, 4 * mm)]
    paragraphs = letter.paragraphs(doc)
    for paragraph in paragraphs:
        lead = ""
        if paragraph.speaker:
            lead = (
                f'<font color="#1f5673" size="8.5"><b>{markup(paragraph.speaker, BOLD)}</b></font>'
                "  "
            )
        words = lead + markup(_bind(paragraph.text))
        made.append(said(words, BODY, root.add("P"), bulletText=paragraph.time))
    additions = letter.additions(follow_ups)
    printed = " ".join([p.text for p in paragraphs])
    printed += " ".join(value for _, value in [*letter.patient(doc), *letter.encounter(doc)])
    for addition in additions:
        printed += " ".join([addition.title, addition.reason, *addition.text])
    if not complete(printed):
        note = "Characters that the typefaces of this letter lack are written as [U+code]."
        made.append(line(note, NOTE))
    made.append(Spacer(0, 5 * mm))
    if signature is None:
        return [*made, _draft_block(root, doc, width)]
    made.append(_signed(root, letter.signature_lines(doc, signature), width))
    for addition in additions:
        made += [Spacer(0, 6 * mm), line(addition.title, TITLE, "H2", BOLD)]
        made += [line(addition.reason, SUBTITLE)] if addition.reason else []
        made += [line(_bind(text), BODY) for text in addition.text]
        made += [Spacer(0, 3 * mm), _signed(root, addition.lines, width)]
    return made


def _letterhead(
    root: Element, doc: Mapping[str, Any], head: letter.Letterhead | None, width: float
) -> Flowable:
    """Name, address and telephone number; the logo at the right."""
    name, *lines = letter.letterhead(doc, head)
    words = [said(markup(name, BOLD), PRACTICE, root.add("P"))]
    words += [said(markup(each), SUBTITLE, root.add("P")) for each in lines]
    logo: Flowable | str = ""
    if head and head.logo:
        logo = Figure(io.BytesIO(head.logo), *LOGO, kind="proportional", hAlign="RIGHT")
        logo.element = root.add("Figure", alt=f"Logo of {name}")
    table = Grid([[words, logo]], colWidths=[width - LOGO[0], LOGO[0]])
    table.setStyle([*_TIGHT, ("ALIGN", (1, 0), (1, 0), "RIGHT")])
    return table


def _bind(text: str) -> str:
    """No line ends between a number and its unit: 1,000 / mg is how doses are misread."""
    return _UNIT.sub("\u00a0", text)


def _heading(root: Element, doc: Mapping[str, Any], width: float) -> Grid:
    listing = root.add("Table")
    rows = []
    for n, pairs in enumerate(zip(letter.patient(doc), letter.encounter(doc), strict=True)):
        row = listing.add("TR")
        cells: list[Flowable] = []
        for m, (label, value) in enumerate(pairs):
            look, face = (STRONG, BOLD) if (n, m) == (0, 0) else (VALUE, REGULAR)
            cells.append(said(label, LABEL, row.add("TH", scope="Row")))
            cells.append(said(markup(value, face), look, row.add("TD")))
        rows.append(cells)
    table = Grid(rows, colWidths=[16 * mm, width * 0.5 - 16 * mm, 22 * mm, width * 0.5 - 22 * mm])
    table.setStyle(
        [
            *_BOX,
            ("BOX", (0, 0), (-1, -1), 0.5, LINE),
            *[("TOPPADDING", (n, 1), (n, -1), _LABEL_TOP) for n in (0, 2)],
            *[("TOPPADDING", (n, 0), (n, 0), 4 + _LABEL_TOP) for n in (0, 2)],
        ]
    )
    return table


def _signed(root: Element, lines: list[tuple[str, str]], width: float) -> Flowable:
    listing = root.add("Table")
    title = listing.add("TR").add("TH", span=2, scope="Column")
    rows: list[list[Any]] = [[said("Electronically signed", STRONG, title), ""]]
    for label, value in lines:
        row = listing.add("TR")
        name = said(label, LABEL, row.add("TH", scope="Row"))
        rows.append([name, _value(label, value, row.add("TD"))])
    table = Grid(rows, colWidths=[22 * mm, width - 22 * mm])
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


def _value(label: str, value: str, element: Element) -> Flowable:
    if label in ("SHA-256", "Key"):
        return said(markup(value, MONO), CODE, element)
    if label == "Signed by":
        return said(markup(value, BOLD), STRONG, element)
    return said(markup(value), VALUE, element)


def _draft_block(root: Element, doc: Mapping[str, Any], width: float) -> Flowable:
    note = said(markup(letter.draft_note(doc)), WARNING, root.add("P"))
    table = Grid([[note]], colWidths=[width])
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), ALERT_TINT),
            ("LINEABOVE", (0, 0), (-1, 0), 1.5, ALERT),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    return KeepTogether([table])


def _rule(width: float) -> Grid:
    table = Grid([[""]], colWidths=[width], rowHeights=[2 * mm])
    table.setStyle([("LINEBELOW", (0, 0), (-1, -1), 1.5, ACCENT)])
    return table


_TIGHT: Iterable[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
]
_BOX: Iterable[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("TOPPADDING", (0, 0), (-1, 0), 6),
    ("BOTTOMPADDING", (0, -1), (-1, -1), 7),
]
_LABEL_TOP = 3.6  # puts the smaller type of a label on the line of its value
