"""The bundles that the store is compared with: each is verified as for a merge, and read a part at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from core.head_office.bundles import layout
from core.head_office.bundles.carried import BundleReason, BundleRefused, CarriedBundle
from core.head_office.bundles.encryption import PrivateKeys
from core.head_office.bundles.layout import Base
from core.head_office.merging.inspection import inspect
from core.ledger.keys.enrolment import Enrolment
from core.ledger.records.leaf import Opening
from core.text import T


@dataclass(frozen=True, order=True)
class BroughtRange:
    """A bundle of which only the manifest was read: it has the entries after number `base` up to `size`."""

    base: int
    size: int
    folder: Path


class GivenBundle:
    """One bundle that is sound: its entries, and the personal information beside them."""

    def __init__(self, bundle: CarriedBundle) -> None:
        self.folder = bundle.folder
        self.base = bundle.manifest.base
        self.size = bundle.manifest.size
        self._bundle = bundle
        self._parts = bundle.parts()
        self._now: tuple[int, int] = (0, 0)
        self._leaves: list[bytes] = []
        self._openings: dict[int, list[Opening]] = {}

    @property
    def before(self) -> Base | None:
        """The stretch's begin, if that is not the begin of the log. Raises BundleRefused."""
        return msgspec.json.decode(self._bundle.read(layout.BASE), type=Base) if self.base else None

    def entries(self, first: int, last: int) -> Iterable[tuple[int, bytes, Sequence[Opening]]]:
        """The bundle's entries between `first` and `last`, with their openings. Raises BundleRefused."""
        for part in self._parts:
            if part[1] < first or part[0] > last:
                continue
            if part != self._now:
                self._leaves, self._openings = self._bundle.leaves(*part), self._bundle.openings(*part)
                self._now = part
            for number in range(max(first, part[0]), min(last, part[1]) + 1):
                yield number, self._leaves[number - part[0]], self._openings.get(number, ())


def opened_bundle(
    folder: Path, keys: PrivateKeys | None, enrolments: Sequence[Enrolment], now: datetime
) -> GivenBundle:
    """A bundle that was verified with these keys of its desk. Raises BundleRefused."""
    bundle = CarriedBundle(folder, keys)
    inspect(bundle, enrolments, (), now)
    # What it has kept in memory of a small bundle is let go: there may be hundreds of one desk.
    fresh = CarriedBundle(folder, keys)
    if fresh.note != bundle.note:
        raise bundle.refusal(BundleReason.DAMAGED, T("it was changed while it was read"))
    return GivenBundle(fresh)


def logs_of(
    folders: Iterable[Path], keys: PrivateKeys | None
) -> tuple[dict[str, list[BroughtRange]], list[BundleRefused]]:
    """The bundles by their logs, in the order of their entries; and those of which not even that can be read."""
    by_log: dict[str, list[BroughtRange]] = {}
    refused = []
    for folder in folders:
        try:
            manifest = CarriedBundle(folder, keys).manifest
        except BundleRefused as problem:
            refused.append(problem)
            continue
        by_log.setdefault(manifest.origin, []).append(BroughtRange(manifest.base, manifest.size, folder))
    return {log: sorted(ranges) for log, ranges in by_log.items()}, refused
