"""What one process is given to merge a group of desks, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.head_office.bundles.carried import BundleReason, BundleRefused
from core.head_office.store.stretches import Fork, KeptApart, LogGap
from core.head_office.store.tables import LiveFile
from core.text import Text


@dataclass(frozen=True, slots=True)
class BundleSighting:
    """A bundle of which only the manifest was looked at."""

    folder: Path
    log: str
    base: int
    size: int


@dataclass(frozen=True, slots=True)
class BundleOutcome:
    """What a merge did with one bundle. `reason` is empty where it was taken; then `entries` of it are new.

    `apart`: it is kept apart behind a gap, and none of its `entries` counts yet. `filled`: it was kept apart before,
    and counts from now on. `plain`: it was not encrypted, and was taken only because that was asked for. `sentence` and
    `next_step` say why it was refused; `checkpoints` are the signed ones by which that shows.
    """

    folder: Path
    log: str = ""
    desk: str = ""
    entries: int = 0
    checks: int = 0
    limits: int = 0
    reason: BundleReason | None = None
    sentence: Text | None = None
    next_step: Text | None = None
    detail: str = ""
    checkpoints: tuple[str, ...] = ()
    first: int = 0
    last: int = 0
    apart: bool = False
    filled: bool = False
    plain: bool = False

    @classmethod
    def refused(cls, problem: BundleRefused, log: str = "") -> BundleOutcome:
        notes = tuple(bytes(note).decode() for note in problem.notes)
        refusal = (problem.reason, problem.sentence, problem.next_step, problem.detail, notes)
        return cls(problem.folder, log, "", 0, 0, 0, *refusal)


@dataclass(frozen=True, slots=True)
class GroupTask:
    """What one process needs to know to merge a group. `live` are the group's files, `places` where they are.

    `apart` are its bundles that are kept apart. With `only_encrypted` one that is not encrypted is refused, unless
    `accept_plain`.
    """

    group: int
    generation: int
    staging: Path
    live: Mapping[str, LiveFile]
    places: Mapping[str, Path]
    bundles: tuple[BundleSighting, ...]
    enrolled: Mapping[str, tuple[str, ...]]
    private_keys: tuple[str, ...]
    secret: bytes = field(repr=False)
    now: datetime
    apart: Mapping[str, KeptApart] = field(default_factory=dict)
    only_encrypted: bool = False
    accept_plain: bool = False


@dataclass(frozen=True, slots=True)
class GroupDone:
    """A group that was merged: its bundles' outcomes, its new files, and the store's files that are to go.

    `apart` are all of its bundles that are kept apart now, `gaps` what is missing (None where that is as before), and
    `forks` the logs of which a second history was brought. `erased` counts entries, `joined` files that were too small.
    `error` has the system's number and words where the store could not be read or written; then there is nothing else.
    """

    group: int
    outcomes: tuple[BundleOutcome, ...] = ()
    files: Mapping[str, LiveFile] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()
    apart: Mapping[str, KeptApart] = field(default_factory=dict)
    gaps: tuple[LogGap, ...] | None = None
    forks: Mapping[str, Fork] = field(default_factory=dict)
    erased: int = 0
    joined: int = 0
    error: tuple[int, str] | None = None
