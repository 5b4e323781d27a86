"""Checkpoints: signed statements of how long a chain was and what it held, and checks of both.

A checkpoint goes on from the one before it, whose signature and tree it verifies first; it reads
only the rows in between, and refuses to sign rows that do not follow one another.
"""

import hashlib
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import rfc8785
from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now

from review.audit import chain, keyring
from review.audit.merkle import Tree
from review.models import AuditCheckpoint, AuditEvent, AuditHead
from transcripts import tenancy

log = logging.getLogger(__name__)

FORMAT = "countersign-checkpoint/1"
EVERY_ROWS = 1_000
BATCH = 2_000


class Broken(Exception):
    """The chain does not hold; the message says where and why."""


def after_row(practice: UUID, seq: int) -> None:
    """Makes a checkpoint once a row that calls for one is committed; record.py calls this."""
    if seq % EVERY_ROWS == 0:
        transaction.on_commit(lambda: _quietly(practice))


def make_due() -> dict[str, int]:
    """A checkpoint for every chain with news; a duty. Broken names chains that do not hold."""
    made, broken = 0, []
    newest = AuditCheckpoint.objects.filter(practice=OuterRef("practice")).order_by("-size")
    stated = Coalesce(Subquery(newest.values("size")[:1]), 0)
    for head in AuditHead.objects.annotate(stated=stated).filter(seq__gt=F("stated")):
        try:
            made += make(head.practice) is not None
        except Broken as error:
            broken.append(f"{head.practice}: {error}")
    if broken:
        raise Broken("; ".join(broken))
    return {"made": made}


@transaction.atomic
def make(practice: UUID) -> AuditCheckpoint | None:
    """A checkpoint of the chain as it is now, or its newest when that is still the end.

    None for an empty chain. Raises Broken, and keyring.KeyMissing.
    """
    key = keyring.active()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [practice.int % 2**63])
    last = AuditCheckpoint.objects.filter(practice=practice).order_by("size").last()
    head = AuditHead.objects.filter(practice=practice).annotate(now=Now()).first()
    if head is None or head.seq == (last.size if last else 0):
        return last
    tree, prev = _go_on(last)
    seen = last.head if last else chain.GENESIS
    for seq, prev_hash, stated, text in texts(practice, tree.size, head.seq):
        if seq != tree.size + 1 or prev_hash != seen or chain.digest(text) != stated:
            raise Broken(f"row {seq} does not follow the one before it")
        tree.add(text)
        seen = stated
    if (tree.size, seen) != (head.seq, head.hash):
        raise Broken(f"the rows end at {tree.size}, the chain at {head.seq}")
    said = {
        "format": FORMAT,
        "practice": str(practice),
        "size": tree.size,
        "head": seen,
        "root": tree.root,
        "time": chain.stamp(head.now),
        "key_id": key.key_id,
        "prev": prev,
    }
    statement = rfc8785.dumps(said).decode()
    return AuditCheckpoint.objects.create(
        practice=practice,
        size=tree.size,
        head=seen,
        root=tree.root,
        time=head.now,
        key_id=key.key_id,
        prev=prev,
        statement=statement,
        signature=keyring.sign(statement, key),
        frontier=tree.frontier,
    )


def texts(practice: UUID, after: int, until: int) -> Iterator[tuple[int, str, str, str]]:
    """Seq, prev_hash, hash and sealed text of the rows after..until, in batches."""
    rows = AuditEvent.objects.filter(practice=practice, seq__lte=until).order_by("seq")
    values = rows.values_list("seq", "prev_hash", "hash", "canonical")
    while batch := list(values.filter(seq__gt=after)[:BATCH]):
        yield from batch
        after = batch[-1][0]


def problem(checkpoint: AuditCheckpoint) -> str:
    """Why a stored checkpoint is not to be trusted; "" when it is."""
    said: dict[str, Any] = {
        "format": FORMAT,
        "practice": str(checkpoint.practice),
        "size": checkpoint.size,
        "head": checkpoint.head,
        "root": checkpoint.root,
        "time": chain.stamp(checkpoint.time),
        "key_id": checkpoint.key_id,
        "prev": checkpoint.prev,
    }
    if rfc8785.dumps(said).decode() != checkpoint.statement:
        return "its columns are not what was signed"
    if not keyring.holds(checkpoint.statement, checkpoint.signature, checkpoint.key_id):
        return "its signature is not by a key of this site"
    return ""


def _go_on(last: AuditCheckpoint | None) -> tuple[Tree, str]:
    """The tree of the last checkpoint, checked, and what the next one follows."""
    if last is None:
        return Tree(), chain.GENESIS
    if reason := problem(last):
        raise Broken(f"the checkpoint of {last.size} rows does not hold: {reason}")
    tree = Tree(last.size, last.frontier)
    if tree.root != last.root:
        raise Broken(f"the checkpoint of {last.size} rows lost its place in the tree")
    return tree, follow(last)


def follow(checkpoint: AuditCheckpoint) -> str:
    """What the next checkpoint states as `prev`."""
    return hashlib.sha256(checkpoint.statement.encode()).hexdigest()


def _quietly(practice: UUID) -> None:
    try:
        with tenancy.within(practice):
            make(practice)
    except Exception as error:  # the duty tries again within a minute, and its failure is seen
        log.error("checkpoint of %s: %s", practice, type(error).__name__)
