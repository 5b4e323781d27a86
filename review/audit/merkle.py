"""The Merkle tree of RFC 6962 over the sealed texts of a chain, grown from left to right.

Pure. A tree is known by its size and its frontier, the roots of its complete subtrees from left to
right: with them it grows without its earlier leaves.
"""

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").hexdigest()


class Tree:
    """Leaves are added one by one; `size`, `frontier` and `root` are those at this moment."""

    def __init__(self, size: int = 0, frontier: Sequence[str] = ()) -> None:
        """Goes on with a tree of that many leaves. ValueError when the two can't belong together.

        `frontier` is in hex.
        """
        if size < 0 or len(frontier) != size.bit_count():
            raise ValueError("a frontier has one root for each complete subtree")
        self.size = size
        self._peaks = [bytes.fromhex(peak) for peak in frontier]

    def add(self, text: str) -> None:
        """One more leaf: the sealed text of the next row."""
        node = hashlib.sha256(b"\0" + text.encode()).digest()
        size = self.size
        while size & 1:
            node = hashlib.sha256(b"\1" + self._peaks.pop() + node).digest()
            size >>= 1
        self._peaks.append(node)
        self.size += 1

    @property
    def frontier(self) -> list[str]:
        return [peak.hex() for peak in self._peaks]

    @property
    def root(self) -> str:
        """The tree head of RFC 6962, section 2.1, in hex."""
        if not self._peaks:
            return EMPTY
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = hashlib.sha256(b"\1" + peak + node).digest()
        return node.hex()
