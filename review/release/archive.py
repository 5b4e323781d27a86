"""A drawn PDF made into an archive's: structure, metadata, colours, and the signed data in it.

Pure. PDF/A-3a (ISO 19005-3): fonts are embedded by glyphs.py; here come the structure tree, XMP
that says what the information dictionary says, the output intent, and the signed package as an
associated file. Nothing in it depends on when or where it is written.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from review.release.tags import Element

LANGUAGE = "en-US"
PRODUCER = "Countersign"
# Drafts carry no time of their own.
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>A</pdfaid:conformance>
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
   <dc:description><rdf:Alt>
    <rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
   <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
   <xmp:CreatorTool>{producer}</xmp:CreatorTool>
   <xmp:CreateDate>{iso}</xmp:CreateDate>
   <xmp:ModifyDate>{iso}</xmp:ModifyDate>
   <pdf:Producer>{producer}</pdf:Producer>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def finish(
    data: bytes,
    root: Element,
    *,
    title: str,
    author: str,
    subject: str,
    when: str | None,
    attached: tuple[str, bytes] | None,
) -> bytes:
    """The PDF with the structure under `root`. `when` is ISO 8601; `attached` a name and JSON."""
    moment = datetime.fromisoformat(when).astimezone(UTC) if when else UNDATED
    with pikepdf.open(io.BytesIO(data)) as pdf:
        _describe(pdf, moment, title=title, author=author, subject=subject)
        _structure(pdf, root)
        _colours(pdf)
        if attached:
            _attach(pdf, moment, *attached)
        out = io.BytesIO()
        pdf.save(
            out,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return out.getvalue()


def _describe(pdf: pikepdf.Pdf, moment: datetime, *, title: str, author: str, subject: str) -> None:
    date = f"D:{moment:%Y%m%d%H%M%S}+00'00'"
    info = {"Title": title, "Author": author, "Subject": subject, "Creator": PRODUCER}
    info |= {"Producer": PRODUCER, "CreationDate": date, "ModDate": date}
    pdf.trailer.Info = pdf.make_indirect(Dictionary({f"/{k}": String(v) for k, v in info.items()}))
    xmp = _XMP.format(
        title=escape(title),
        author=escape(author),
        subject=escape(subject),
        language=LANGUAGE,
        producer=PRODUCER,
        iso=f"{moment:%Y-%m-%dT%H:%M:%S}+00:00",
    )
    stream = pdf.make_stream(xmp.encode())
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = stream
    pdf.Root.Lang = String(LANGUAGE)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _structure(pdf: pikepdf.Pdf, root: Element) -> None:
    """The structure tree, and for each page which element each of its marks belongs to."""
    marks: dict[int, dict[int, Any]] = {}
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    tree.K = Array([_element(pdf, root, tree, marks)])
    numbers = Array()
    for page in sorted(marks):
        pdf.pages[page - 1].obj.StructParents = page - 1
        pdf.pages[page - 1].obj.Tabs = Name.S
        of_page = [marks[page][number] for number in sorted(marks[page])]
        numbers.extend([page - 1, pdf.make_indirect(Array(of_page))])
    tree.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))
    tree.ParentTreeNextKey = len(pdf.pages)
    pdf.Root.StructTreeRoot = tree
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _element(
    pdf: pikepdf.Pdf, element: Element, parent: Any, marks: dict[int, dict[int, Any]]
) -> Any:
    made = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{element.tag}"), P=parent))
    if element.alt:
        made.Alt = String(element.alt)
    if element.scope:
        made.A = Dictionary(O=Name.Table, Scope=Name(f"/{element.scope}"))
        if element.span > 1:
            made.A.ColSpan = element.span
    kids = Array()
    for kid in element.kids:
        if isinstance(kid, Element):
            kids.append(_element(pdf, kid, made, marks))
        else:
            page, number = kid
            marks.setdefault(page, {})[number] = made
            kids.append(Dictionary(Type=Name.MCR, Pg=pdf.pages[page - 1].obj, MCID=number))
    made.K = kids
    return made


@cache
def srgb() -> bytes:
    """The colour profile that the colours of a page are meant in: IEC 61966-2-1.

    A file, since the library that made it (LittleCMS) writes the time of making into it.
    """
    return (Path(__file__).parent / "srgb.icc").read_bytes()


def _colours(pdf: pikepdf.Pdf) -> None:
    profile = pdf.make_stream(srgb())
    profile.N = 3
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=profile,
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def _attach(pdf: pikepdf.Pdf, moment: datetime, name: str, content: bytes) -> None:
    """The file that the letter was printed from (ISO 32000-2, 14.13), as everyone can check it."""
    stream = pdf.make_stream(content)
    stream.Type, stream.Subtype = Name.EmbeddedFile, Name("/application/json")
    date = String(f"D:{moment:%Y%m%d%H%M%S}+00'00'")
    stream.Params = Dictionary(Size=len(content), ModDate=date, CreationDate=date)
    specification = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(name),
            UF=String(name),
            Desc=String("The signed document, to be verified"),
            AFRelationship=Name.Source,
            EF=Dictionary(F=stream, UF=stream),
        )
    )
    pdf.Root.AF = Array([specification])
    pdf.Root.Names = Dictionary(
        EmbeddedFiles=Dictionary(Names=Array([String(name), specification]))
    )


def elements(data: bytes) -> Iterator[tuple[str, str]]:
    """(tag, alternative text) of each element of a tagged PDF, in reading order; for checks."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        waiting = [*reversed(list(pdf.Root.StructTreeRoot.K))]
        while waiting:
            one = waiting.pop()
            if one.get("/S") is None:
                continue
            yield str(one.S).removeprefix("/"), str(one.get("/Alt", ""))
            waiting += reversed(list(one.get("/K", [])))
