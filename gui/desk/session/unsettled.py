"""The bans that were seen on a phone and that no check that ended has shown to be gone: what stays red."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.model import Finding
from core.visit.journal import finding_key

if TYPE_CHECKING:  # it loads what ADB needs
    from core.phones.watch import Sighting


class UnsettledBans:
    """Of one phone: a check that breaks off, a pulled cable or another route does not settle them."""

    def __init__(self) -> None:
        #: Those that were seen, by this reading or one before.
        self.bans: tuple[Finding, ...] = ()
        #: As what the phone was sighted that has them.
        self._on: Sighting | None = None

    def keep(self, bans: Iterable[Finding], on: Sighting | None) -> None:
        """Keep `bans` beside those that were seen before, each once; `on` is the phone as it was sighted."""
        self.bans = tuple({finding_key(f): f for f in (*self.bans, *bans)}.values())
        self._on = on

    def settle(self) -> None:
        """Nothing is unsettled any more: a check has ended, or the visit has."""
        self.bans = ()

    def succeed(self, bans: tuple[Finding, ...], on: Sighting | None) -> None:
        """Take over what was seen on the phone before it was plugged in again; `on` as it was sighted then."""
        self.bans, self._on = bans, on

    def are_on(self, sighting: Sighting, *, shared: bool) -> bool:
        """Whether `sighting` is certainly the phone that has them, by whichever route; `shared` where other phones have
        its serial number too."""
        return not shared and self._on is not None and sighting.is_again(self._on)
