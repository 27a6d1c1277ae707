"""What is here of each log: what joins from its first entry on and counts, what is kept apart behind a gap, and what is
missing between.

Only entries that join count. A bundle that was brought without the one before it is verified by itself and kept apart:
until the gap is filled, nobody knows whether it belongs to the same history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

import msgspec

from core.head_office.store.tables import LiveFile

#: The folder of the store below which each bundle that is kept apart has one.
APART: Final = "apart"


class MergedStretch(msgspec.Struct, frozen=True):
    """A stretch of a log: the entries after `base` up to `size`, and the roots at both ends, in hex.

    `note` is the checkpoint at its end.
    """

    base: int
    size: int
    base_root: str
    root: str
    note: str

    def extended(self, end: MergedStretch) -> MergedStretch:
        """The stretch from the begin of this one to the end of another."""
        return msgspec.structs.replace(self, size=end.size, root=end.root, note=end.note)


class KeptApart(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle that was verified by itself and does not join what counts of its log.

    `files` has its rows, in files of the store's tables that no question reads. `months` is how long the desk keeps the
    values of clean checks, `newest` the time of its last entry in milliseconds since 1970; with `rosters` it says which
    phones rounds were to see. Where `forked`, it contradicts what was merged, and never counts.
    """

    log: str
    desk: str
    stretch: MergedStretch
    months: int = 0
    newest: int | None = None
    checks: int = 0
    rosters: bool = False
    forked: bool = False
    files: dict[str, LiveFile] = msgspec.field(default_factory=dict)

    @property
    def first(self) -> int:
        """The number of its first entry."""
        return self.stretch.base + 1

    @property
    def last(self) -> int:
        """The number of its last entry."""
        return self.stretch.size


class LogGap(msgspec.Struct, frozen=True):
    """Entries of a log that no bundle has brought, although later ones came."""

    log: str
    desk: str
    first: int
    last: int


class Fork(msgspec.Struct, frozen=True):
    """A log of which two histories were brought: the checkpoints of the one that counts and of the other."""

    log: str
    desk: str
    known: str
    brought: str


class Uncounted(msgspec.Struct, frozen=True):
    """What is known of the logs beside what counts of them.

    `apart` are the bundles that are kept apart behind a gap, `gaps` the entries that are missing before them, `forks`
    by their names the logs of which a second history was brought. `encrypted_to` are head office's public keys: once
    there are any, what is brought has to be encrypted.
    """

    apart: dict[str, KeptApart] = msgspec.field(default_factory=dict)
    gaps: tuple[LogGap, ...] = ()
    forks: dict[str, Fork] = msgspec.field(default_factory=dict)
    encrypted_to: tuple[str, ...] = ()

    @property
    def files(self) -> set[str]:
        """The files of what is kept apart, by their paths below the store."""
        return {path for bundle in self.apart.values() for path in bundle.files}


def apart_id(log: str, base: int, size: int, root: str) -> str:
    """By what a bundle that is kept apart is known, also when it is brought again. `root` is in hex."""
    return sha256(f"{log}\n{base}\n{size}\n{root}".encode(errors="replace")).hexdigest()[:16]


def gaps(sizes: Mapping[str, int], apart: Iterable[KeptApart]) -> tuple[LogGap, ...]:
    """What is missing of each log, in the order of logs and entries. `sizes` tells how many entries of each count."""
    missing: list[LogGap] = []
    log, reached = "", 0
    for bundle in sorted(
        (bundle for bundle in apart if not bundle.forked), key=lambda bundle: (bundle.log, bundle.first, bundle.last)
    ):
        if bundle.log != log:
            log, reached = bundle.log, sizes.get(bundle.log, 0)
        if bundle.first > reached + 1:
            missing.append(LogGap(log, bundle.desk, reached + 1, bundle.first - 1))
        reached = max(reached, bundle.last)
    return tuple(missing)
