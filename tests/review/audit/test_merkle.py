"""The tree of RFC 6962: its published roots, and growth from any point."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.audit.merkle import EMPTY, Tree

# Published with Certificate Transparency's reference implementation: eight leaves, all its roots.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES += ["606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Bytes(str):
    """A leaf of bytes that are no text, which only this test has."""

    def encode(self, *_: object) -> bytes:
        return bytes.fromhex(self)


def plain(leaves: list[str]) -> bytes:
    """The definition of RFC 6962, section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0].encode()).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + plain(leaves[:k]) + plain(leaves[k:])).digest()


def test_the_published_roots():
    tree = Tree()
    assert tree.root == EMPTY
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.add(Bytes(leaf))
        assert tree.root == root


@given(st.lists(st.text(max_size=4), max_size=40), st.integers(0, 40))
def test_a_tree_that_went_on_from_its_frontier_has_the_root_of_the_definition(leaves, at):
    tree = Tree()
    for number, leaf in enumerate(leaves):
        if number == at:
            tree = Tree(tree.size, tree.frontier)
        tree.add(leaf)
    assert tree.root == plain(leaves).hex() and tree.size == len(leaves)


@pytest.mark.parametrize(("size", "frontier"), [(-1, []), (1, []), (3, ["00"]), (2, ["00", "00"])])
def test_a_frontier_of_another_size_is_refused(size, frontier):
    with pytest.raises(ValueError):
        Tree(size, frontier)
