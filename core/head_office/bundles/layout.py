"""How a bundle lies in its folder: the names of its files, and what each of them has, a line of JSON for each thing.

    manifest            which files there are, signed by the desk (see core.head_office.bundles.manifest)
    SHA256SUMS          the hashes of the files as they lie there, so that a stick can be tested without any key
    base.json           of a bundle that goes on with an earlier one: the tree, the last entry and the seal before it
    leaves-N-M.jsonl    the exact entries N to M, one a line
    openings-N-M.jsonl  the personal values of these that are not erased: number, commitment, salt, value
    seals-N-M.jsonl     the seals over them: how many entries, and the note
    receipts.jsonl      which checkpoints of these entries left the desk, and by what way
    policies.jsonl      which policies they were judged by
    extra-NAME          further files, such as the coverage of a round

Encrypted, each but SHA256SUMS is an age file of its own, whose name ends in .age, and encrypted-to says with which
public keys, on one line. So one damaged file costs one file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from core.ledger.records.leaf import leaf_hash
from core.ledger.tlog.tree import Frontier
from core.system.files.files import read_file

MANIFEST: Final = "manifest"
SUMS: Final = "SHA256SUMS"
TO: Final = "encrypted-to"
BASE: Final = "base.json"
RECEIPTS: Final = "receipts.jsonl"
POLICIES: Final = "policies.jsonl"
LEAVES, OPENINGS, SEALS, EXTRA = "leaves-", "openings-", "seals-", "extra-"
AGE: Final = ".age"

_SUMS_LIMIT: Final = 1_000_000
#: What files of a bundle are called that SHA256SUMS tells of.
_FILE: Final = re.compile(
    r"(manifest|base\.json|(receipts|policies)\.jsonl|(leaves|openings|seals)-\d{12,16}-\d{12,16}\.jsonl"
    r"|extra-[a-z0-9][a-z0-9._-]{0,60})(\.age)?"
)
_SUM: Final = re.compile(r"([0-9a-f]{64})  ([a-z0-9][a-z0-9._-]{0,103})")


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a bundle goes on: the tree over all entries but the last one before it, that entry, and the seal over it.

    `tree` are the roots of its complete subtrees, in hex.
    """

    tree: str
    leaf: str
    note: str

    def tree_over(self, base: int) -> Frontier:
        """The tree over the first `base` entries, of which the last one is `leaf`. Raises ValueError."""
        tree = Frontier(base - 1, bytes.fromhex(self.tree))
        tree.append(leaf_hash(self.leaf.encode()))
        return tree


class OpeningLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A personal value beside entry `seq`; commitment and salt in hex."""

    seq: int
    commitment: str
    salt: str
    value: str


class SealLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A seal over the first `size` entries."""

    size: int
    note: str


class PhoneLine(msgspec.Struct, frozen=True):
    """A phone of a round's roster, in the further file ``coverage.jsonl``: `seen` is the entry of its check, if any.

    `other` is what names it on the roster where that gives no serial number: its IMEI or asset tag.
    """

    round: str
    serial: str = ""
    unit: str = ""
    seen: int | None = None
    other: str = ""


def part(kind: str, first: int, last: int) -> str:
    """The name of the file with what belongs to entries `first` to `last`."""
    return f"{kind}{first:012}-{last:012}.jsonl"


def json_line(value: dict[str, Any]) -> bytes:
    """A line of JSON, as the files of a bundle have them."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def sums(hashes: Mapping[str, str]) -> bytes:
    """The text of SHA256SUMS, which the program sha256sum reads, for these files: their hashes in hex, by name."""
    return "".join(f"{hashed}  {name}\n" for name, hashed in sorted(hashes.items())).encode()


def read_sums(data: bytes) -> Iterator[tuple[str, str]]:
    """The names and hashes of a SHA256SUMS; lines of another form are passed over."""
    for line in data.decode(errors="replace").splitlines():
        if match := _SUM.fullmatch(line):
            yield match[2], match[1]


def sums_in(folder: Path) -> dict[str, str]:
    """The hashes that the SHA256SUMS in a bundle's folder states, by name; none where it cannot be read."""
    try:
        return dict(read_sums(read_file(folder / SUMS, _SUMS_LIMIT, links=False)))
    except OSError:
        return {}


def files_in(folder: Path) -> set[str]:
    """The files in a bundle's folder that SHA256SUMS has to tell of, by their names. Raises OSError."""
    return {name for name in os.listdir(folder) if _FILE.fullmatch(name)}
