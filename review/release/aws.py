"""The signed document for AWS clients: their result object over the signed text, and the proof.

The canonical document and its signature stand under "countersign", so that the copy can be checked
anywhere.
"""

import json
from typing import Any

from review.release.letter import DRAFT
from transcripts.aws import results


def render(
    document: dict[str, Any],
    *,
    lines: list[dict[str, Any]],
    job_name: str,
    account_id: str,
    settings: dict[str, Any],
    signature: dict[str, str] | None,
) -> bytes:
    """UTF-8 JSON, marked as a draft without a signature.

    `document` is the canonical document, `lines` its segments as line dicts.
    """
    made = results.document(
        job_name=job_name, account_id=account_id, lines=lines, settings=settings
    )
    made["countersign"] = {"document": document, "signature": signature}
    if signature is None:
        made["countersign"]["status"] = DRAFT
    return json.dumps(made, ensure_ascii=False).encode()
