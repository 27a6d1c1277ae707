"""One desk: its data folder, settings, policy, ledgers and key. Made once at the start and handed down."""

from __future__ import annotations

import getpass
import platform
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from core import __version__, settings
from core.ledger import LedgerMissing, LedgerProblem, records
from core.ledger.reader import LedgerReader
from core.ledger.store import Ledger, ledger_file
from core.model import Policy
from core.phones.reach import Reach
from core.policy import files
from core.settings import Settings, SettingsProblem
from core.text import T, plain

#: The policy that is in force where the settings name no other.
BUILT_IN: Final = "canada"


class NothingRecorded(LedgerProblem):
    """There is no log yet."""

    code = "nothing-recorded"

    def __init__(self, data: Path) -> None:
        super().__init__(
            T("Nothing has been recorded yet in {folder}.", folder=str(data)), T("Check a phone first: fanion check.")
        )


class Desk:
    """Where an officer works."""

    def __init__(self, data: Path, settings: Settings, fault: SettingsProblem | None = None) -> None:
        self.data = data
        self.settings = settings
        #: Why the settings are not those that somebody wrote down: their file cannot be used.
        self.fault = fault

    @classmethod
    def at(cls, data: str | Path | None) -> Desk:
        """The desk with this data folder, or the usual one. Nothing is made yet."""
        folder = settings.data_folder(data)
        try:
            return cls(folder, settings.load(folder))
        except SettingsProblem as fault:
            return cls(folder, Settings(language=settings.system_language()), fault)

    def must_ask(self, key: str) -> bool:
        """Whether ``officer`` or ``desk`` has not been told yet, neither here nor by the department."""
        return not (getattr(self.settings, key) or self.settings.is_locked(key))

    @property
    def officer(self) -> str:
        """Who stands in the records: as told, else as the computer's account is called."""
        return self.settings.officer or plain(_account())

    @property
    def name(self) -> str:
        """What the desk is called in the records: as told, else as the computer is called."""
        return self.settings.desk or plain(socket.gethostname() or "desk")

    def introduce(self, officer: str | None, desk: str | None) -> None:
        """Remember who works here; None leaves it as it is. Raises SettingsProblem."""
        self.settings = settings.save_personal(self.data, officer=officer, desk=desk)

    def policy(self, file: Path | None) -> Policy:
        """The policy in `file`, or the one in force. Raises PolicyProblem."""
        if file is not None:
            return files.load(file)
        if self.settings.policy:
            return files.load(Path(self.settings.policy))
        return files.load_built_in(BUILT_IN)

    @cached_property
    def reach(self) -> Reach:
        """How this desk opens phones."""
        return Reach(self.data / "keys", self.name)

    @contextmanager
    def ledger(self, practice: bool, policy: Policy) -> Iterator[Ledger]:
        """The log, open for writing; that Fanion started, and by which policy it judges, is on record.

        Raises LedgerProblem.
        """
        path = ledger_file(self.data, practice=practice)
        with Ledger.open(
            path, desk=self.name, officer=self.officer, app_version=__version__, practice=practice
        ) as ledger:
            start = records.ProgramStart(platform.platform(terse=True), _utc_offset_minutes())
            ledger.append_all([start, records.PolicyLoaded(policy)], policy=policy)
            yield ledger

    def read_ledger(self, practice: bool) -> LedgerReader:
        """The log, to be read only. Raises LedgerProblem."""
        try:
            return Ledger.read(ledger_file(self.data, practice=practice), practice=practice)
        except LedgerMissing as missing:
            raise NothingRecorded(self.data) from missing


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        return "unknown"


def _utc_offset_minutes() -> int:
    offset = datetime.now().astimezone().utcoffset()
    return round(offset.total_seconds() / 60) if offset else 0
