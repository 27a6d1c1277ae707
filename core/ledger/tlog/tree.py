"""The Merkle tree over a ledger's leaves: RFC 9162, section 2.1, with SHA-256.

Pure arithmetic: nothing here reads a file. Where hashes of the tree are needed, the caller hands in a function that
gives the hash of a complete subtree: ``subtree(level, position)`` covers the 2**level leaves from position * 2**level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
#: The hash of a tree without leaves.
EMPTY_ROOT: Final = sha256().digest()

#: Levels of the tree between two that are kept: a tile, as C2SP tlog-tiles calls it, has 2**8 hashes.
TILE: Final = 8

Subtree = Callable[[int, int], bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that only grows, kept as the roots of its complete subtrees: enough to add leaves and to know the root."""

    def __init__(self, size: int = 0, hashes: bytes = b"") -> None:
        """`hashes` are the subtrees' roots, the largest first. Raises ValueError where they do not fit `size`."""
        if size < 0 or len(hashes) != HASH_BYTES * size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees")
        self.size = size
        self._roots = [hashes[i : i + HASH_BYTES] for i in range(0, len(hashes), HASH_BYTES)]

    def extend(self, leaf_hashes: bytes) -> None:
        """Add several leaves by their hashes, which stand one behind the other."""
        roots, size = self._roots, self.size
        for at in range(0, len(leaf_hashes), HASH_BYTES):
            hashed, carry = leaf_hashes[at : at + HASH_BYTES], size
            while carry & 1:
                hashed = sha256(b"\x01" + roots.pop() + hashed).digest()
                carry >>= 1
            roots.append(hashed)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        if not self._roots:
            return EMPTY_ROOT
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = sha256(b"\x01" + left + root).digest()
        return root

    def append(self, leaf_hash: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf by its hash; return the complete subtrees of 2**8, 2**16... leaves that it has completed.

        Each with its level, position and hash: worth keeping, so that a path is found without reading every leaf.
        """
        completed = []
        roots, size, level = self._roots, self.size, 0
        while size & 1:
            leaf_hash = node_hash(roots.pop(), leaf_hash)
            size >>= 1
            level += 1
            if level % TILE == 0:
                completed.append((level, size, leaf_hash))
        roots.append(leaf_hash)
        self.size += 1
        return completed

    @property
    def hashes(self) -> bytes:
        """What the next Frontier is made of."""
        return b"".join(self._roots)


def range_root(start: int, end: int, subtree: Subtree) -> bytes:
    """The hash over the leaves from `start` up to `end`, as RFC 9162 splits them; the whole tree with `start` 0."""
    if start == end == 0:
        return EMPTY_ROOT
    length = end - start
    if length & (length - 1) == 0:
        level = length.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _split(length)
    return node_hash(range_root(start, middle, subtree), range_root(middle, end, subtree))


def inclusion_path(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """What proves that leaf `index` (from 0) is in the tree of `size` leaves: RFC 9162, section 2.1.3.1."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, subtree))
            end = middle
        else:
            path.append(range_root(start, middle, subtree))
            start = middle
    return tuple(reversed(path))


def consistency_path(old: int, new: int, subtree: Subtree) -> tuple[bytes, ...]:
    """What proves that the tree of `new` leaves begins with the one of `old`: RFC 9162, section 2.1.4.1."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} leaves does not grow out of one of {old}")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(middle, end, subtree))
            end = middle
        else:
            path.append(range_root(start, middle, subtree))
            start, whole = middle, False
    if not whole:
        path.append(range_root(start, end, subtree))
    return tuple(reversed(path))


def is_included(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that the leaf stands at `index` in the tree with this root: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    position, last, hashed = index, size - 1, leaf_hash  # fn, sn and r of the RFC
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            hashed = node_hash(step, hashed)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            hashed = node_hash(hashed, step)
        position >>= 1
        last >>= 1
    return last == 0 and hashed == root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the new tree only added leaves to the old one: RFC 9162, section 2.1.4.2."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    position, last = old - 1, new - 1  # fn and sn of the RFC; below, fr and sr are `before` and `after`
    while position & 1:
        position >>= 1
        last >>= 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            after = node_hash(after, step)
        position >>= 1
        last >>= 1
    return last == 0 and before == old_root and after == new_root


def _split(length: int) -> int:
    """The largest power of two below `length`."""
    return 1 << (length - 1).bit_length() - 1
