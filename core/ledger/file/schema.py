"""The tables of the ledger's file, and what guards them. SQLite keeps these statements, and they are compared.

A statement that is changed makes another version of the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

# The leaf is the truth; the other columns of `entry` are computed from it, and the indexes keep what was computed.
RECORDS: Final = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) <= 65535),
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    kind TEXT NOT NULL GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.type')) VIRTUAL,
    time TEXT NOT NULL GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.time')) VIRTUAL,
    visit TEXT GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.visit')) VIRTUAL,
    verdict TEXT GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.body.verdict')) VIRTUAL,
    intent INTEGER GENERATED ALWAYS AS (json_extract(CAST(leaf AS TEXT), '$.body.intent')) VIRTUAL,
    CHECK (json_extract(CAST(leaf AS TEXT), '$.seq') = seq)
) STRICT;
CREATE INDEX entry_kind ON entry (kind);
CREATE INDEX entry_time ON entry (time);
CREATE INDEX entry_visit ON entry (visit) WHERE visit IS NOT NULL;
CREATE INDEX entry_verdict ON entry (verdict) WHERE verdict IS NOT NULL;
CREATE INDEX entry_intent ON entry (intent) WHERE intent IS NOT NULL;
CREATE TRIGGER entry_in_order BEFORE INSERT ON entry
WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry)
BEGIN SELECT raise(ABORT, 'records are added one after the other'); END;
CREATE TRIGGER entry_unchanged BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'records are never changed'); END;
CREATE TRIGGER entry_kept BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'records are never deleted'); END;
CREATE TABLE opening (
    commitment BLOB NOT NULL PRIMARY KEY CHECK (length(commitment) = 32),
    seq INTEGER NOT NULL REFERENCES entry (seq),
    salt BLOB NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX opening_seq ON opening (seq);
CREATE TRIGGER opening_with_its_record BEFORE INSERT ON opening
WHEN new.seq IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM opening WHERE commitment = new.commitment)
BEGIN SELECT raise(ABORT, 'an opening comes with its record, once'); END;
CREATE TRIGGER opening_unchanged BEFORE UPDATE ON opening
BEGIN SELECT raise(ABORT, 'openings are erased, never changed'); END;
"""

# `head` is the tree over all records, `node` its complete subtrees of 2^8, 2^16... leaves, both computed from the
# leaves; `seal` are the signed checkpoints, each over all records that there were.
SEALS: Final = """
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    hashes BLOB NOT NULL
) STRICT;
CREATE TRIGGER head_kept BEFORE DELETE ON head
BEGIN SELECT raise(ABORT, 'the tree only grows'); END;
CREATE TABLE node (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER node_unchanged BEFORE UPDATE ON node
BEGIN SELECT raise(ABORT, 'the tree only grows'); END;
CREATE TRIGGER node_kept BEFORE DELETE ON node
BEGIN SELECT raise(ABORT, 'the tree only grows'); END;
CREATE TABLE seal (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT;
CREATE TRIGGER seal_over_all BEFORE INSERT ON seal
WHEN new.size IS NOT (SELECT max(seq) FROM entry) OR EXISTS (SELECT 1 FROM seal WHERE size >= new.size)
BEGIN SELECT raise(ABORT, 'a seal is over all records, once'); END;
CREATE TRIGGER seal_unchanged BEFORE UPDATE ON seal
BEGIN SELECT raise(ABORT, 'seals are never changed'); END;
CREATE TRIGGER seal_kept BEFORE DELETE ON seal
BEGIN SELECT raise(ABORT, 'seals are never deleted'); END;
"""


def statements(script: str) -> Iterator[str]:
    """The statements of `script`, one after the other. Each ends at the end of a line."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
