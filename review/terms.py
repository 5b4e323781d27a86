"""Reads of frequent corrections: what is offered as a term, with counts and examples."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from review.models import Corrections
from transcripts.access import visible_recordings
from transcripts.models import Membership

LATELY = timedelta(days=180)
AT_LEAST = 2  # documents
MOST = 100
EXAMPLES = 3

FREQUENT = """
SELECT lower(p.pair->>0) AS heard, lower(p.pair->>1) AS written,
    mode() WITHIN GROUP (ORDER BY p.pair->>1) AS shown,
    count(*) AS times, count(DISTINCT c.review_id) AS documents
FROM review_corrections AS c, jsonb_array_elements(c.pairs) AS p(pair)
WHERE c.practice_id = %(practice)s AND c.signed_at >= %(since)s AND NOT EXISTS (
    SELECT FROM review_termdecision AS d WHERE d.practice_id = c.practice_id
        AND d.heard = lower(p.pair->>0) AND d.written = lower(p.pair->>1))
GROUP BY 1, 2 HAVING count(DISTINCT c.review_id) >= %(at_least)s
ORDER BY documents DESC, times DESC, written, heard LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the machine heard, what was written instead, how often, and where to listen."""

    heard: str
    written: str
    times: int
    documents: int
    examples: list[dict[str, Any]] = field(default_factory=list)


def offered(member: Membership) -> list[Offer]:
    """The most frequent corrections that nobody has decided. Two queries.

    Counts are of the whole practice; examples are those that the person may hear.
    """
    since = timezone.now() - LATELY
    given = {"practice": member.practice_id, "since": since, "at_least": AT_LEAST, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(FREQUENT, given)
        rows = cursor.fetchall()
    examples = _examples(member, since, {(heard, written) for heard, written, *_ in rows})
    return [
        Offer(heard, shown, times, documents, examples[heard, written])
        for heard, written, shown, times, documents in rows
    ]


def _examples(
    member: Membership, since: datetime, wanted: set[tuple[str, str]]
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    seen: set[tuple[str, str, UUID]] = set()
    rows = Corrections.objects.filter(
        practice=member.practice_id,
        signed_at__gte=since,
        review__recording__in=visible_recordings(member),
    )
    latest = rows.order_by("-signed_at").values_list("review__recording", "pairs")
    for recording, pairs in latest.iterator() if wanted else ():
        for heard, written, start, end in pairs:
            key = heard.lower(), written.lower()
            if key in wanted and len(found[key]) < EXAMPLES and (*key, recording) not in seen:
                seen.add((*key, recording))
                found[key].append({"recording": recording, "start": start, "end": end})
    return found
