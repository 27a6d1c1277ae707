"""What is kept of the tree in the ledger's file: its head, and the hashes of its complete subtrees."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlite_utils import Database

from core.ledger.problems import AlteredLedger
from core.ledger.tlog.tree import TILE, Frontier, node_hash

# An altered file may have texts, numbers and nulls where it has bytes.
_NODES: Final = """SELECT ifnull(CAST(hash AS BLOB), x'') FROM node
    WHERE level = ? AND position >= ? ORDER BY position LIMIT ?"""
_LEAVES: Final = "SELECT ifnull(CAST(leaf_hash AS BLOB), x'') FROM entry WHERE seq > ? ORDER BY seq LIMIT ?"


#: How the last record under a seal says what it is: its kind, as canonical JSON has it.
_LAST_UNDER_A_SEAL: Final = b'"type":"key-next"'
# One statement, so that both are of one moment: an entry and its seal may be added meanwhile. One bound, so that SQLite
# starts behind it: of two it would take the first, and read the whole log, damaged pages included.
_WITHOUT_SEAL: Final = """SELECT seq FROM entry NOT INDEXED
    WHERE seq > max(?, (SELECT coalesce(max(size), 0) FROM seal)) AND instr(CAST(leaf AS BLOB), ?)
    ORDER BY seq LIMIT 1"""
_WITHOUT_ANY_SEAL: Final = """SELECT seq FROM entry NOT INDEXED
    WHERE seq > ? AND instr(CAST(leaf AS BLOB), ?) ORDER BY seq LIMIT 1"""
_SEAL_TABLE: Final = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seal'"


def has_seals(database: Database) -> bool:
    """Whether the file has a table of seals: logs of the first version, which are only read, have none."""
    return database.execute(_SEAL_TABLE).fetchone() is not None


def seal_missing(database: Database, after: int = 0) -> int | None:
    """The number of the first entry behind the newest seal, and behind number `after`, that stood under a seal; None
    where there is none.

    Such an entry is written together with its seal: without it, the seal was taken away. Few entries are looked at, as
    everything is sealed after each check.
    """
    query = _WITHOUT_SEAL if has_seals(database) else _WITHOUT_ANY_SEAL
    row = database.execute(query, [after, _LAST_UNDER_A_SEAL]).fetchone()
    return None if row is None else int(row[0])


def caught_up_tree(database: Database, path: Path) -> Frontier:
    """The tree over all records. Inside a transaction: its head is put over those that are not in it yet.

    Those are the records of a file that had no tree, and what a program of version 1 has added since: one that was
    running when the file was brought up to date goes on. Raises AlteredLedger where head and records contradict.
    """
    row = database.execute("SELECT size, hashes, (SELECT coalesce(max(seq), 0) FROM entry) FROM head").fetchone()
    if row is None:
        raise AlteredLedger(path, "the tree has no head")
    size, hashes, count = row
    try:
        tree = Frontier(size, hashes)
    except (ValueError, TypeError) as error:  # a torn page has whatever it has
        raise AlteredLedger(path, f"the tree's head: {error}") from error
    if size > count:
        raise AlteredLedger(path, f"the tree is over {size} records of {count}")
    return tree if size == count else _grown_tree(database, path, tree, count)


def _grown_tree(database: Database, path: Path, head: Frontier, count: int) -> Frontier:
    """Make the tree anew, from its first leaf on: a head that does not fit its records is not built on."""
    tree = Frontier()
    for (leaf_hash,) in database.execute("SELECT leaf_hash FROM entry WHERE seq > 0 ORDER BY seq"):
        if not isinstance(leaf_hash, bytes) or (tree.size == head.size and tree.hashes != head.hashes):
            break
        for node in tree.append(leaf_hash):
            # One that is there already is left as it is: whether it is the right one, verifying tells.
            database.execute("INSERT OR IGNORE INTO node (level, position, hash) VALUES (?, ?, ?)", node)
    if tree.size != count:  # one is missing in between, or the head is of other records
        raise AlteredLedger(path, f"the tree is over {head.size} other records of {count}")
    database.execute("UPDATE head SET size = ?, hashes = ?", [tree.size, tree.hashes])
    return tree


def kept_tree(database: Database, size: int) -> Frontier:
    """The tree over the first `size` records, by the hashes that are kept with them. Raises LookupError."""
    hashes, start = b"", 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size & (1 << level):
            hashes += kept_subtree(database, level, start >> level)
            start += 1 << level
    try:
        return Frontier(size, hashes)
    except ValueError as error:  # a hash that is none
        raise LookupError(str(error)) from error


def kept_subtree(database: Database, level: int, position: int) -> bytes:
    """The hash of a complete subtree. Tiles are kept; nodes between them are hashed anew. Raises LookupError."""
    tile_level = level - level % TILE
    first, count = position << (level - tile_level), 1 << (level - tile_level)
    query, values = (_NODES, [tile_level, first, count]) if tile_level else (_LEAVES, [first, count])
    hashes: list[bytes] = [row[0] for row in database.execute(query, values)]
    if len(hashes) != count:
        raise LookupError(f"hashes of level {tile_level} from {first} are missing")
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]
