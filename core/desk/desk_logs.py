"""The logs of a workplace, the real one and the practice one: opened for reading, for writing, and held open."""

from __future__ import annotations

import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from core import __version__
from core.desk.problems import NothingRecorded
from core.desk.workplace import Workplace
from core.ledger.problems import LedgerMissing, LedgerProblem
from core.ledger.reader import LedgerReader
from core.ledger.records import PolicyLoaded, ProgramStart
from core.ledger.writer import Ledger, ledger_file
from core.model import Policy
from core.system.support import support_log


class DeskLogs:
    """Opens the logs of `workplace`. May be used from any thread."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._lock = threading.Lock()
        self._open_ledgers: dict[bool, Ledger] = {}
        self._judging: dict[bool, str] = {}

    def path(self, practice: bool) -> Path:
        """Where the log is, or will be; a practice log is always the user's own. Raises LedgerProblem."""
        workplace = self._workplace
        return ledger_file(workplace.data if practice else workplace.usable_folder(), practice=practice)

    def sign_as(self, desk: str, officer: str, place: str) -> None:
        """Write these names into the records from now on."""
        for ledger in list(self._open_ledgers.values()):
            ledger.sign_as(desk=desk, officer=officer, place=place)

    def given_up(self, practice: bool) -> frozenset[int]:
        """The open steps of this process whose outcome could not be written down."""
        ledger = self._open_ledgers.get(practice)
        return ledger.given_up if ledger is not None else frozenset()

    def open(self, practice: bool, policy: Policy) -> Ledger:
        """Open the log for checks: that Fanion started, and by which policy it judges, is put on record.

        Raises LedgerProblem.
        """
        ledger = self._opened(practice)
        try:
            start = ProgramStart(platform.platform(terse=True), _utc_offset_minutes())
            # What a Fanion that was cut off left without a seal gets one now.
            ledger.append_all([start, PolicyLoaded.of(policy)], policy=policy, seal=ledger.unsealed() > 0)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def hold(self, practice: bool, policy: Policy) -> Ledger:
        """As :meth:`open`, for several visits at once: it is opened once, and stays open until :meth:`close`.

        Raises LedgerProblem.
        """
        with self._lock:
            if practice not in self._open_ledgers:
                self._open_ledgers[practice] = self.open(practice, policy)
            elif self._judging[practice] != policy.sha256:
                self._open_ledgers[practice].append(PolicyLoaded.of(policy), policy=policy)
            self._judging[practice] = policy.sha256
            return self._open_ledgers[practice]

    @contextmanager
    def custodian(self, practice: bool, *, make: bool = False) -> Iterator[Ledger]:
        """As :meth:`core.desk.desk.Desk.custodian`."""
        with self._lock:
            open_ledger = self._open_ledgers.get(practice)
        if open_ledger is not None:
            yield open_ledger
            return
        if not make and not self.path(practice).exists():
            raise self._nothing_recorded(practice)
        with self._opened(practice) as ledger:
            yield ledger

    def read(self, practice: bool) -> LedgerReader:
        """The log, to be read only. Raises LedgerProblem."""
        try:
            return Ledger.read(self.path(practice), practice=practice, waiting=self._workplace.waiting)
        except LedgerMissing as missing:
            raise self._nothing_recorded(practice) from missing

    def close(self) -> None:
        """Close the logs that are held. No visit may be under way."""
        with self._lock:
            for ledger in self._open_ledgers.values():
                ledger.close()
            self._open_ledgers.clear()

    def _opened(self, practice: bool) -> Ledger:
        """Open a log for writing, with the names of this workplace. Raises LedgerProblem."""
        workplace = self._workplace
        support_log.keep()
        return Ledger(
            self.path(practice),
            desk=workplace.name,
            officer=workplace.officer,
            place=workplace.place,
            app_version=__version__,
            practice=practice,
            organisation=workplace.settings.organisation,
            # A keyring is one person's, and on one computer.
            keyring=not (workplace.portable or workplace.shared),
            waiting=workplace.waiting,
        )

    def _nothing_recorded(self, practice: bool) -> NothingRecorded:
        """Tells, too, where the real log was asked for and only the practice log has entries."""
        folder = self._workplace.data if practice else self._workplace.log_folder
        return NothingRecorded(folder, practice=practice, other_has_entries=not practice and self._has_practised())

    def _has_practised(self) -> bool:
        try:
            with self.read(practice=True) as ledger:
                return ledger.count() > 0
        except LedgerProblem:
            return False


def _utc_offset_minutes() -> int:
    offset = datetime.now().astimezone().utcoffset()
    return round(offset.total_seconds() / 60) if offset else 0
