"""The words of a document as CSV: one a row, with times, confidence and who wrote it.

Pure. Cells that a spreadsheet would run as a formula are made plain text.
"""

import csv
import io
from collections.abc import Mapping
from typing import Any

from review.audit.export import cell
from review.release import letter

HEADER = ["id", "word", "start", "end", "confidence", "by", "status"]


def render(doc: Mapping[str, Any], *, signature: Mapping[str, str] | None) -> str:
    """CSV with CRLF (RFC 4180), times in seconds. `status` is the signed SHA-256 or the draft mark.

    ValueError when the signature is not that of `doc`.
    """
    letter.check(doc, signature)
    status = letter.DRAFT if signature is None else f"signed {signature['sha256']}"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for word in doc["words"]:
        writer.writerow([*map(cell, word), status])
    return out.getvalue()
