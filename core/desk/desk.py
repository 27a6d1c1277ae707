"""One desk: its data folder, settings, policy, ledgers and key. Made once at the start and handed down.

What belongs to whoever works there is in the data folder: settings, the key for phones, what was practised. What
belongs to the desk is in the same folder, or in another one where the department has everybody on this computer write
one log: the log with its keys and its index, the signed policy that was accepted, the desk's own rules.

The libraries for phones and for the log are slow to load, and a window is to be there before they are needed: they are
imported where they are used.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core import __version__
from core.desk import settings
from core.desk.settings import Settings, SettingsProblem
from core.ledger.problems import LedgerMissing, LedgerProblem
from core.system import support_log
from core.text import Language, T, plain

if TYPE_CHECKING:
    from datetime import datetime

    from core.desk.active_policy import InForce
    from core.desk.app_names import Names
    from core.ledger.reader import LedgerReader
    from core.ledger.writer import Ledger
    from core.model import Policy
    from core.phones.connect import Reach
    from core.policy.problems import PolicyProblem
    from core.policy.trust.trust import Accepted
    from core.system.file_lock import Waiting


class NothingRecorded(LedgerProblem):
    """There is no log yet: neither of real phones nor of practice ones, or not the one of them that was meant."""

    code = "nothing-recorded"

    def __init__(self, data: Path, *, practice: bool = False, other: bool = False) -> None:
        """`practice` tells which log was meant, and `other` whether the other one has entries."""
        next_step = T("Check a phone first: fanion check.")
        if practice:
            next_step = T("Check a practice phone first: fanion check --practice walk-up.")
        elif other:
            next_step = T("Check a phone first: fanion check. For what was practised, add --practice.")
        super().__init__(T("Nothing has been recorded yet in {folder}.", folder=str(data)), next_step)


class NoSuchEntry(LedgerProblem):
    """The log has no record of that number."""

    code = "no-such-entry"

    def __init__(self, seq: int, newest: int) -> None:
        super().__init__(
            T("The log has no entry {entry}: the newest one is {newest}.", entry=seq, newest=newest)
            if newest
            else T("The log has no entries yet."),
            T("List the entries: fanion log list."),
        )


class DepartmentUnknown(LedgerProblem):
    """The department's settings cannot be used: nobody knows which log this computer is to write."""

    code = "settings"

    def __init__(self, fault: SettingsProblem) -> None:
        super().__init__(fault.sentence, fault.next_step, fault.detail)


class Desk:
    """Where an officer works."""

    def __init__(
        self, data: Path, settings: Settings, fault: SettingsProblem | None = None, *, portable: bool = False
    ) -> None:
        self.data = data
        #: Carried from computer to computer: whatever would stay behind in one of them is not used.
        self.portable = portable
        self.settings = settings
        #: Where what belongs to the desk is: settled here, because no log changes its place while it is written.
        self.log_folder = Path(settings.shared_log) if settings.shared_log else data
        #: Whether everybody who uses this computer writes one log.
        self.shared = bool(settings.shared_log)
        #: Why the settings are not those that somebody wrote down: their file cannot be used.
        self.fault = fault
        #: How other programs that have the log are waited for: for half a minute, if nobody says otherwise.
        self.waiting: Waiting | None = None
        self._lock = threading.Lock()
        self._reach: Reach | None = None
        self._held: dict[bool, Ledger] = {}
        self._judging: dict[bool, str] = {}
        self._refused = ""
        self._newest: datetime | None = None

    @classmethod
    def at(cls, data: str | Path | None, portable: bool = False) -> Desk:
        """The desk with this data folder, or the usual one; if `portable`, the usual one is beside the program.

        What the department has set applies wherever the data are. Nothing is made yet.
        """
        folder = settings.portable_folder() if portable and not data else settings.data_folder(data)
        try:
            return cls(folder, settings.load(folder), portable=portable)
        except SettingsProblem as fault:
            # A file of the officer's own that cannot be used opens nothing that the department has closed.
            known = Settings(language=settings.system_language()) if fault.department else settings.load(None)
            return cls(folder, known, fault, portable=portable)

    def usable_folder(self) -> Path:
        """`log_folder`, once it is certain that it can be used. Raises LedgerProblem: no other folder will do."""
        if self.fault is not None and self.fault.department:
            raise DepartmentUnknown(self.fault)
        if self.shared:
            from core.ledger.file.shared_folder import require

            require(self.log_folder)
        return self.log_folder

    def ledger_path(self, practice: bool) -> Path:
        """Where the log is, or will be: what somebody practises is nobody else's. Raises LedgerProblem."""
        from core.ledger.writer import ledger_file

        return ledger_file(self.data if practice else self.usable_folder(), practice=practice)

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
        return self.settings.desk or plain(_host() or "desk")

    def introduce(self, officer: str | None, desk: str | None) -> None:
        """Remember who works here; None leaves it as it is. What is written from now on says so.

        Raises SettingsProblem.
        """
        self.settings = settings.save_personal(self.data, officer=officer, desk=desk)
        for ledger in list(self._held.values()):
            ledger.sign_as(desk=self.name, officer=self.officer)

    def given_up(self, practice: bool) -> frozenset[int]:
        """The steps of this program that are open although it still runs: their outcome could not be written down."""
        ledger = self._held.get(practice)
        return ledger.given_up if ledger is not None else frozenset()

    def speak(self, language: Language) -> None:
        """Remember the language. Raises SettingsProblem."""
        self.settings = settings.save_personal(self.data, language=language)

    def policy(self, file: str | Path | None, *, practice: bool = False) -> Policy:
        """The policy of that name or in that file, or the one in force. Raises PolicyProblem, LedgerProblem.

        `practice` tells whether only practice phones will be judged by it: then anybody's file will do.
        """
        if file is None:
            return self.in_force().policy
        from core.desk import active_policy

        return active_policy.named(str(file), self.settings, practice=practice)

    def in_force(self) -> InForce:
        """The policy in force, and what has to be said with it.

        Raises PolicyProblem, which is on record if there is a log, and LedgerProblem.
        """
        from core.desk import active_policy
        from core.policy.problems import PolicyProblem

        try:
            root = active_policy.pinned(self.settings)
            floor = self._accepted(root) if root is not None else None
            return active_policy.in_force(self.usable_folder(), self.settings, self.newest_time(), root, floor)
        except PolicyProblem as refused:
            self._record_refusal(refused)
            raise

    def _record_refusal(self, refused: PolicyProblem) -> None:
        """Write down, once, that nothing is judged here and why."""
        from contextlib import suppress

        from core.ledger.records import PolicyRefused

        if str(refused) == self._refused:
            return
        self._refused = str(refused)
        source = self.settings.policy or self.settings.policy_root
        with suppress(LedgerProblem), self.custodian(False) as ledger:
            ledger.append(
                PolicyRefused(code=refused.code, source=plain(Path(source).name), sentence=refused.sentence), seal=True
            )

    def accepted(self) -> Accepted | None:
        """The signed policy that was accepted last from whom this computer trusts, as the log has it; None without one.

        Raises LedgerProblem.
        """
        from core.desk import active_policy
        from core.policy.problems import PolicyProblem

        try:
            root = active_policy.pinned(self.settings)
        except PolicyProblem:  # nobody is trusted, which the policy in force says
            return None
        return self._accepted(root) if root is not None else None

    def _accepted(self, root: bytes) -> Accepted | None:
        from core.desk import active_policy

        try:
            with self.read_ledger(practice=False) as ledger:
                newest = ledger.newest(1)
                self._newest = newest[0].time if newest else None
                return active_policy.last_accepted(ledger, root)
        except NothingRecorded:
            return None

    def newest_time(self) -> datetime:
        """The newest time that is known: a clock that was set back does not make young what has expired."""
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        return max(now, self._newest) if self._newest is not None else now

    @property
    def names(self) -> Names:
        """What apps are called, as far as this computer has met them."""
        from core.desk.app_names import Names

        return Names(self.data)

    @property
    def reach(self) -> Reach:
        """How this desk opens phones."""
        from core.phones.connect import Reach

        with self._lock:
            if self._reach is None:
                self._reach = Reach(self.data / "keys", self.name)
            return self._reach

    @contextmanager
    def ledger(self, practice: bool, policy: Policy) -> Iterator[Ledger]:
        """The log, open for writing; that Fanion started, and by which policy it judges, is on record.

        Raises LedgerProblem.
        """
        with self._open(practice, policy) as ledger:
            yield ledger

    def hold_ledger(self, practice: bool, policy: Policy) -> Ledger:
        """As :meth:`ledger`, but for several visits at once: it is opened once, and stays so until :meth:`close`.

        May be called from any thread. Raises LedgerProblem.
        """
        from core.ledger.records import PolicyLoaded

        with self._lock:
            if practice not in self._held:
                self._held[practice] = self._open(practice, policy)
            elif self._judging[practice] != policy.sha256:
                self._held[practice].append(PolicyLoaded.of(policy), policy=policy)
            self._judging[practice] = policy.sha256
            return self._held[practice]

    @contextmanager
    def custodian(self, practice: bool, *, make: bool = False) -> Iterator[Ledger]:
        """The log, open for writing, for what is done with it as evidence: no check begins, so no start is recorded.

        Raises NothingRecorded where there is none, unless it is to be made; LedgerProblem.
        """
        with self._lock:
            held = self._held.get(practice)
        if held is not None:
            yield held
            return
        if not make and not self.ledger_path(practice).exists():
            raise self._nothing_recorded(practice)
        with self._opened(practice) as ledger:
            yield ledger

    def close(self) -> None:
        """Let go of the ledgers that are held. No visit may be under way."""
        with self._lock:
            for ledger in self._held.values():
                ledger.close()
            self._held.clear()

    def _open(self, practice: bool, policy: Policy) -> Ledger:
        import platform

        from core.ledger.records import PolicyLoaded, ProgramStart

        ledger = self._opened(practice)
        try:
            start = ProgramStart(platform.platform(terse=True), _utc_offset_minutes())
            # What a Fanion that was cut off left without a seal gets one now.
            ledger.append_all([start, PolicyLoaded.of(policy)], policy=policy, seal=ledger.unsealed() > 0)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def _opened(self, practice: bool) -> Ledger:
        from core.ledger.writer import Ledger

        support_log.keep()
        return Ledger.open(
            self.ledger_path(practice),
            desk=self.name,
            officer=self.officer,
            app_version=__version__,
            practice=practice,
            organisation=self.settings.organisation,
            # A keyring is one person's, and on one computer.
            keyring=not (self.portable or self.shared),
            waiting=self.waiting,
        )

    def read_ledger(self, practice: bool) -> LedgerReader:
        """The log, to be read only. Raises LedgerProblem."""
        from core.ledger.writer import Ledger

        try:
            return Ledger.read(self.ledger_path(practice), practice=practice, waiting=self.waiting)
        except LedgerMissing as missing:
            raise self._nothing_recorded(practice) from missing

    def _nothing_recorded(self, practice: bool) -> NothingRecorded:
        """Also tells somebody who practised first, and asks for the real log, where that is."""
        folder = self.data if practice else self.log_folder
        return NothingRecorded(folder, practice=practice, other=not practice and self._has_practised())

    def _has_practised(self) -> bool:
        try:
            with self.read_ledger(practice=True) as ledger:
                return ledger.count() > 0
        except LedgerProblem:
            return False


def _host() -> str:
    if sys.platform != "win32":
        return os.uname().nodename
    import socket

    return socket.gethostname()


def _account() -> str:
    """What the system calls whoever runs this: not the environment, in which anybody may put any name."""
    try:
        if sys.platform == "win32":
            import ctypes

            size = ctypes.c_ulong(257)  # UNLEN + 1
            name = ctypes.create_unicode_buffer(size.value)
            if not ctypes.windll.advapi32.GetUserNameW(name, ctypes.byref(size)):
                raise ctypes.WinError()
            return str(name.value)
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (OSError, KeyError):  # an account without a name
        return "unknown"


def _utc_offset_minutes() -> int:
    from datetime import datetime

    offset = datetime.now().astimezone().utcoffset()
    return round(offset.total_seconds() / 60) if offset else 0
