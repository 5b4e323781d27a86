"""Drug names that look or sound alike, after FDA's name differentiation project (public domain).

Typed afresh; only groups that are certain are here. The capitals are FDA's way of showing where the
names differ; the text of the document is never changed to them.
"""

from review.safety.document import Document, Mark, marks

_GROUPS = (
    ("acetaZOLAMIDE", "acetoHEXAMIDE"),
    ("buPROPion", "busPIRone"),
    ("chlorproMAZINE", "chlorproPAMIDE"),
    ("clomiPHENE", "clomiPRAMINE"),
    ("cycloSERINE", "cycloSPORINE"),
    ("DAUNOrubicin", "DOXOrubicin"),
    ("dimenhyDRINATE", "diphenhydrAMINE"),
    ("DOBUTamine", "DOPamine"),
    ("glipiZIDE", "glyBURIDE"),
    ("hydrALAZINE", "hydrOXYzine", "HYDROmorphone"),
    ("medroxyPROGESTERone", "methylPREDNISolone", "methylTESTOSTERone"),
    ("niCARdipine", "NIFEdipine"),
    ("predniSONE", "prednisoLONE"),
    ("risperiDONE", "rOPINIRole"),
    ("sulfADIAZINE", "sulfiSOXAZOLE"),
    ("TOLAZamide", "TOLBUTamide"),
    ("vinBLAStine", "vinCRIStine"),
)
_OTHERS = {
    name.lower(): (name, tuple(other for other in group if other != name))
    for group in _GROUPS
    for name in group
}


def find(document: Document) -> list[Mark]:
    found = []
    for drug in document.of("MEDICATION"):
        known = _OTHERS.get(drug["Text"].lower().split()[0])
        if known:
            shown, others = known
            sentence = f"{shown} is easily taken for {' or '.join(others)}."
            place = (drug["BeginOffset"], drug["BeginOffset"] + len(shown))
            alternatives = tuple(other.lower() for other in others)
            found += marks(document, [place], "sound_alike", sentence, alternatives=alternatives)
    return found
