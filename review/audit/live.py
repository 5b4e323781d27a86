"""The check of the live table: every row, column, checkpoint and head of a practice's chain."""

from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from review.audit import chain, checkpoints
from review.audit.merkle import Tree
from review.enums import Action
from review.models import AuditCheck, AuditCheckpoint, AuditEvent, AuditHead
from review.models.audit import SYSTEM
from transcripts import duties, events
from transcripts.models import User

BATCH = 1_000


class Interrupted(Exception):
    """The time for the check was over before its end; nothing was found up to there."""


def check_all() -> dict[str, int]:
    """Checks every chain; the nightly duty. Results are rows, a break is an error of the duty."""
    practices = AuditHead.objects.order_by().values_list("practice")
    practices = practices.union(AuditEvent.objects.order_by().values_list("practice").distinct())
    checks = [check(practice) for (practice,) in practices]
    broken = sum(not done.ok for done in checks)
    if broken:
        raise checkpoints.Broken(f"{broken} of {len(checks)} chains do not hold")
    return {"chains": len(checks), "rows": sum(done.size for done in checks)}


def check(practice: UUID, by: User | None = None) -> AuditCheck:
    """Checks one chain up to its present end, and keeps what was found; that is on record too."""
    began = timezone.now()
    tree = Tree()
    head = AuditHead.objects.filter(practice=practice).first() or AuditHead(practice=practice)
    broken, seen = _first_break(practice, head, tree)
    with transaction.atomic():
        made = AuditCheck.objects.create(
            practice=practice,
            began_at=began,
            ok=broken is None,
            size=tree.size,
            head=head.hash,
            root=tree.root,
            checkpoints=seen,
            broken_seq=broken and broken.seq,
            reason=broken.reason[:200] if broken else "",
        )
        events.emit(
            events.Event(
                action=Action.AUDIT_VERIFIED,
                practice_id=None if practice == SYSTEM else practice,
                by=by,
                object_type="AuditCheck",
                object_id=made.pk,
                outcome="failure" if broken else "success",
                detail={"size": made.size, "root": made.root, "broken": made.broken_seq},
            )
        )
    return made


def _first_break(practice: UUID, head: AuditHead, tree: Tree) -> tuple[chain.Break | None, int]:
    """The first row that does not hold, and how many checkpoints were compared."""
    pins = Pins(practice, head.seq)
    last = chain.GENESIS
    for row in _rows(practice, head.seq):
        broken = chain.first_break([row], seq=tree.size, prev_hash=last)
        if broken:
            return broken, pins.compared
        tree.add(row.canonical)
        last = row.hash
        broken = pins.look(tree, last)
        if broken:
            return broken, pins.compared
    return _end(practice, head, tree, last), pins.compared


class Pins:
    """A chain's checkpoints, compared one by one as its tree grows."""

    def __init__(self, practice: UUID, until: int) -> None:
        rows = AuditCheckpoint.objects.filter(practice=practice, size__lte=until)
        self._rows = rows.order_by("size").iterator(chunk_size=BATCH)
        self._next = next(self._rows, None)
        self._prev = chain.GENESIS
        self._good = 0
        self.compared = 0

    def look(self, tree: Tree, last: str) -> chain.Break | None:
        """What the checkpoint of just this size says against the rows, if there is one."""
        pin = self._next
        if pin is None or pin.size != tree.size:
            return None
        reason = checkpoints.problem(pin)
        if not reason and pin.prev != self._prev:
            reason = "the one before it is missing"
        if reason:
            return chain.Break(pin.size, f"its checkpoint does not hold: {reason}")
        if (pin.root, pin.head) != (tree.root, last):
            return chain.Break(
                self._good + 1,
                f"among rows {self._good + 1} to {pin.size} are some that were not signed",
            )
        self._good, self._prev = pin.size, checkpoints.follow(pin)
        self._next, self.compared = next(self._rows, None), self.compared + 1
        return None


def _end(practice: UUID, head: AuditHead, tree: Tree, last: str) -> chain.Break | None:
    """What is wrong with how the chain ends: rows missing, too many, or known to a checkpoint."""
    if (tree.size, last) != (head.seq, head.hash):
        return chain.Break(tree.size + 1, "the latest rows are missing")
    rows = AuditEvent.objects.filter(practice=practice)
    if rows.filter(seq__lte=head.seq).count() != tree.size:
        return chain.Break(tree.size, "there are more rows than numbers")
    # Each one look, so that rows written meanwhile do not count as added behind the end.
    end = Subquery(AuditHead.objects.filter(practice=practice).values("seq")[:1])
    extra = rows.filter(seq__gt=Coalesce(end, 0)).order_by("seq").first()
    if extra:
        return chain.Break(extra.seq, "the row stands behind the end of the chain")
    pins = AuditCheckpoint.objects.filter(practice=practice)
    beyond = pins.filter(size__gt=Coalesce(end, 0)).order_by("size").first()
    if beyond:
        return chain.Break(head.seq + 1, f"a checkpoint knows {beyond.size} rows")
    return None


def _rows(practice: UUID, until: int) -> Iterator[chain.Row]:
    after = 0
    rows = AuditEvent.objects.filter(practice=practice, seq__lte=until).order_by("seq", "id")
    while batch := list(rows.filter(seq__gt=after)[:BATCH]):
        if duties.over():
            raise Interrupted
        for event in batch:
            yield event.row()
        after = batch[-1].seq
