"""The Word copy of a document: the same words as the PDF, and the same bytes each time.

Pure. What is said is decided in letter.py. Word files are archives that carry the time they were
made; here they carry the time of the signature.
"""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from review.release import letter

ALERT = RGBColor(0xA3, 0x20, 0x2B)
QUIET = RGBColor(0x5B, 0x68, 0x75)
# Archives know no time before this.
EPOCH = datetime(1980, 1, 1, tzinfo=UTC)


def render(
    doc: Mapping[str, Any],
    *,
    signature: Mapping[str, str] | None,
    follow_ups: Sequence[letter.FollowUp] = (),
    head: letter.Letterhead | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> bytes:
    """The document as DOCX; a draft says so at the head of every page.

    `progress` is told how many paragraphs of how many are written.

    ValueError when the signature is not that of `doc`.
    """
    letter.check(doc, signature, follow_ups)
    when = datetime.fromisoformat(signature["signed_at"]) if signature else EPOCH
    made = Document()
    _properties(made, doc, signature, when)
    _furniture(made, doc, signature)
    _letterhead(made, doc, head)
    made.add_heading(letter.one_line(doc["document"]["title"]), 1)
    for line in letter.kind(doc):
        made.add_paragraph(line)
    _table(made, [*letter.patient(doc), *letter.encounter(doc)])
    if note := letter.notice(follow_ups):
        made.add_paragraph().add_run(note).font.color.rgb = ALERT
    paragraphs = letter.paragraphs(doc)
    for number, paragraph in enumerate(paragraphs):
        progress(number, len(paragraphs))
        block = made.add_paragraph()
        _quiet(block, f"{paragraph.time}  ")
        if paragraph.speaker:
            block.add_run(f"{paragraph.speaker}: ").bold = True
        block.add_run(_printable(paragraph.text))
    if signature is None:
        made.add_paragraph().add_run(letter.draft_note(doc)).font.color.rgb = ALERT
    else:
        made.add_heading("Electronically signed", 2)
        _table(made, letter.signature_lines(doc, signature))
    for addition in letter.additions(follow_ups):
        made.add_heading(_printable(addition.title), 2)
        for text in filter(None, [addition.reason, *addition.text]):
            made.add_paragraph(_printable(text))
        _table(made, addition.lines)
    out = io.BytesIO()
    made.save(out)
    return _timeless(out.getvalue(), when)


def _letterhead(made: Any, doc: Mapping[str, Any], head: letter.Letterhead | None) -> None:
    name, *lines = letter.letterhead(doc, head)
    if head and head.logo:
        picture = made.add_picture(io.BytesIO(head.logo), height=Mm(18))
        picture._inline.docPr.set("descr", _printable(f"Logo of {name}"))
    title = made.add_paragraph().add_run(_printable(name))
    title.bold, title.font.size = True, Pt(14)
    for line in lines:
        _quiet(made.add_paragraph(), line)


def _properties(
    made: Any, doc: Mapping[str, Any], signature: Mapping[str, str] | None, when: datetime
) -> None:
    core = made.core_properties
    core.title = f"{letter.label(doc['document']['type'])} {doc['document']['id']}"
    core.author = _printable(letter.one_line(doc["author"]))
    core.subject = letter.DRAFT if signature is None else f"Signed, SHA-256 {signature['sha256']}"
    core.comments, core.last_modified_by, core.language = "", "Countersign", "en-US"
    core.created = core.modified = when.astimezone(UTC).replace(tzinfo=None)


def _furniture(made: Any, doc: Mapping[str, Any], signature: Mapping[str, str] | None) -> None:
    """The head and foot of every page: whose document it is, the draft mark, page x of y."""
    section = made.sections[0]
    head = section.header.paragraphs[0]
    (_, name), (_, born), (_, mrn) = letter.patient(doc)
    _quiet(head, f"{name} · born {born} · MRN {mrn}")
    if signature is None:
        mark = section.header.add_paragraph()
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = mark.add_run(letter.DRAFT)
        run.bold, run.font.size, run.font.color.rgb = True, Pt(14), ALERT
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _quiet(foot, f"{doc['document']['id']} · page ")
    _field(foot, "PAGE")
    _quiet(foot, " of ")
    _field(foot, "NUMPAGES")


def _field(block: Paragraph, code: str) -> None:
    """A number that Word works out (ECMA-376 part 1, 17.16.18)."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    block._p.append(field)


def _quiet(block: Paragraph, text: str) -> None:
    run = block.add_run(_printable(text))
    run.font.size, run.font.color.rgb = Pt(8), QUIET


def _table(made: Any, pairs: list[tuple[str, str]]) -> None:
    table = made.add_table(rows=0, cols=2)
    for name, value in pairs:
        cells = table.add_row().cells
        _quiet(cells[0].paragraphs[0], name)
        cells[1].text = _printable(value)
    made.add_paragraph()


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(char for char in text if char.isprintable())


def _timeless(data: bytes, when: datetime) -> bytes:
    """The same archive with every member dated `when`."""
    out = io.BytesIO()
    moment = when.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, moment)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return out.getvalue()
