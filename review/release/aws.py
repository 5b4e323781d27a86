"""The signed document for AWS clients: their result object over the signed text, and the proof.

The canonical document and its signature stand under "countersign", so that the copy can be checked
anywhere.
"""

import json
from typing import Any

from transcripts.aws import results


def render(
    document: dict[str, Any],
    *,
    lines: list[dict[str, Any]],
    job_name: str,
    account_id: str,
    settings: dict[str, Any],
    signature: dict[str, str],
) -> bytes:
    """UTF-8 JSON. `document` is the canonical document, `lines` its segments as line dicts."""
    made = results.document(
        job_name=job_name, account_id=account_id, lines=lines, settings=settings
    )
    made["countersign"] = {"document": document, "signature": signature}
    return json.dumps(made, ensure_ascii=False).encode()
