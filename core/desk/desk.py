"""One desk: a workplace with its policy, its logs and its way to phones. Made once at the start and handed down."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.desk import officer_name
from core.desk.settings import setting_files, settings
from core.desk.workplace import Workplace

# The libraries for phones, policies and the log take a quarter of a second to load, and a window is to be seen before
# they are needed. So they stand here for types alone; each is loaded in one place below, when it is first used.
if TYPE_CHECKING:
    from core.desk.active_policy import ActivePolicy
    from core.desk.app_names import AppNames
    from core.desk.desk_logs import DeskLogs
    from core.desk.desk_policy import DeskPolicy
    from core.ledger.reader import LedgerReader
    from core.ledger.writer import Ledger
    from core.model import Policy
    from core.phones.connect import Reach
    from core.policy.trust.accepted import Accepted


class Desk(Workplace):
    """Where an officer works, with all that is kept there. May be used from any thread."""

    # Each is made when it is first asked for, by one thread.
    _logs: DeskLogs | None = None
    _policies: DeskPolicy | None = None
    _reach: Reach | None = None

    # Who works here

    def introduce(self, officer: str | None, desk: str | None) -> None:
        """Remember who works here; None leaves it as it is. What is written from now on says so.

        Raises SettingsProblem; NoPersonsName where that is no officer's name.
        """
        if officer is not None:
            officer = officer_name.require(officer)
        self.settings = settings.save_personal(self.data, officer=officer, desk=desk)
        self._sign()

    def change(self, **changes: Any) -> None:
        """Change settings of the officer's own, by their keys. Raises SettingsProblem: then nothing is changed.

        Another policy is chosen by :func:`core.desk.policy.policy_choice.choose`, which puts it on record first.
        """
        if "officer" in changes:
            officer_name.require(changes["officer"])
        self.settings = settings.save_personal(self.data, **changes)
        self._sign()

    def forget(self, key: str) -> None:
        """Have the standard again of a setting of the officer's own. Raises SettingsProblem."""
        self.settings = settings.forget_personal(self.data, key)
        self._sign()

    def import_settings(self, file: Path) -> setting_files.Imported:
        """Take over the settings of a file. Raises SettingsProblem: then nothing is changed."""
        result = setting_files.import_settings(self.data, file)
        self.settings = result.settings
        self._sign()
        return result

    def reset_settings(self) -> Path | None:
        """Have the standard settings where the department has set nothing. Returns where the officer's own file is kept
        now. Raises SettingsProblem."""
        self.settings, backup = setting_files.reset(self.data)
        if self.fault is not None and not self.fault.department:
            self.fault = None
        self._sign()
        return backup

    def _sign(self) -> None:
        if self._logs is not None:
            self._logs.sign_as(self.name, self.officer, self.place)

    # The policy

    def policy(self, file: str | Path | None, *, practice: bool = False) -> Policy:
        """The policy of that name or in that file, or the one in force. Raises PolicyProblem, LedgerProblem.

        `practice` tells whether only practice phones will be judged by it: then any file will do.
        """
        return self._desk_policy().policy(file, practice=practice)

    def active_policy(self) -> ActivePolicy:
        """The policy in force, and what has to be said with it.

        Raises PolicyProblem, which is on record if there is a log, and LedgerProblem.
        """
        return self._desk_policy().active_policy()

    def accepted(self) -> Accepted | None:
        """The signed policy of a trusted team that was accepted last, as the log has it; None without one.

        Raises LedgerProblem.
        """
        return self._desk_policy().accepted()

    def _desk_policy(self) -> DeskPolicy:
        from core.desk.desk_policy import DeskPolicy  # brings the formats of policies

        logs = self._desk_logs()
        with self._lock:
            if self._policies is None:
                self._policies = DeskPolicy(self, logs)
            return self._policies

    # The logs

    def ledger_path(self, practice: bool) -> Path:
        """Where the log is, or will be; a practice log is always the user's own. Raises LedgerProblem."""
        return self._desk_logs().path(practice)

    def ledger(self, practice: bool, policy: Policy) -> Ledger:
        """The log, open for writing; that Fanion started, and by which policy it judges, is on record.

        Raises LedgerProblem.
        """
        return self._desk_logs().open(practice, policy)

    def hold_ledger(self, practice: bool, policy: Policy) -> Ledger:
        """As :meth:`ledger`, but for several visits at once: it is opened once, and stays so until :meth:`close`.

        Raises LedgerProblem.
        """
        return self._desk_logs().hold(practice, policy)

    def custodian(self, practice: bool, *, make: bool = False) -> AbstractContextManager[Ledger]:
        """The log, open for writing, for what is done with it as evidence: no check begins, so no start is recorded.

        Raises NothingRecorded where there is none, unless it is to be made; LedgerProblem.
        """
        return self._desk_logs().custodian(practice, make=make)

    def read_ledger(self, practice: bool) -> LedgerReader:
        """The log, to be read only. Raises LedgerProblem."""
        return self._desk_logs().read(practice)

    def given_up(self, practice: bool) -> frozenset[int]:
        """The open steps of this process whose outcome could not be written down."""
        return self._logs.given_up(practice) if self._logs is not None else frozenset()

    def close(self) -> None:
        """Close the logs that are held. No visit may be under way."""
        if self._logs is not None:
            self._logs.close()

    def _desk_logs(self) -> DeskLogs:
        from core.desk.desk_logs import DeskLogs  # brings SQLite and cryptography

        with self._lock:
            if self._logs is None:
                self._logs = DeskLogs(self)
            return self._logs

    # Phones

    @property
    def names(self) -> AppNames:
        """What apps are called, as far as this computer has met them."""
        from core.desk.app_names import AppNames  # brings the model of phones

        return AppNames(self.data)

    @property
    def reach(self) -> Reach:
        """How this desk opens phones."""
        from core.phones.connect import Reach  # brings ADB, USB and cryptography

        with self._lock:
            if self._reach is None:
                self._reach = Reach(self.data / "keys", self.name)
            return self._reach
