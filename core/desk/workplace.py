"""Where an officer works: the data folder, its settings, and the names that stand in the records.

What belongs to the officer is in the data folder: settings, the key for phones, what was practised. What belongs to the
desk is in the same folder, or in another one where the department has all users of this computer write one log: the
log with its keys and its index, the signed policy that was accepted, the desk's own rules.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

from core.desk import officer_name
from core.desk.serial_numbers import SerialNumbers
from core.desk.settings import data_choice, settings
from core.desk.settings.data_choice import DataFolder, Origin
from core.desk.settings.settings import SettingsProblem
from core.desk.settings.settings_table import Settings
from core.ledger.file import shared_folder
from core.ledger.problems import LedgerProblem
from core.system.account import host_name
from core.system.files.file_lock import Waiting
from core.system.language import system_language
from core.text import plain


class Workplace:
    """A data folder with the settings that apply to it. Nothing slow is loaded for it."""

    def __init__(
        self,
        data: Path,
        settings: Settings,
        fault: SettingsProblem | None = None,
        *,
        portable: bool = False,
        origin: Origin = Origin.ARGUMENT,
    ) -> None:
        self.data = data
        #: What has decided that `data` is this folder.
        self.origin = origin
        #: Carried from computer to computer: whatever would stay behind in one of them is not used.
        self.portable = portable
        self.settings = settings
        #: Where what belongs to the desk is: settled here, because no log changes its place while it is written.
        self.log_folder = Path(settings.shared_log) if settings.shared_log else data
        #: Whether all users of this computer write one log.
        self.shared = bool(settings.shared_log)
        #: Why the settings are not those that were written down: their file cannot be used.
        self.fault = fault
        #: How other programs that have the log are waited for: by default for half a minute.
        self.waiting: Waiting | None = None
        #: Which serial numbers tell no phone from another here.
        self.serials = SerialNumbers()
        #: Held while a part of the desk is made: several threads may ask for it.
        self._lock = threading.Lock()

    @classmethod
    def at(cls, data: str | Path | None, portable: bool = False) -> Self:
        """The desk with this data folder, or the usual one; if `portable`, the usual one is beside the program.

        What the department has set applies wherever the data are. Nothing is made yet. Raises NoFolder, and
        ChoiceProblem where the folder that the officer has chosen is not there, or it is not known which it is.
        """
        return cls._with(data_choice.find(data, portable), portable)

    @classmethod
    def at_standard(cls) -> Self:
        """The desk with the standard data folder, for this time: the chosen one is not there."""
        return cls._with(DataFolder(data_choice.standard_folder(), Origin.INSTEAD), portable=False)

    @classmethod
    def _with(cls, data: DataFolder, portable: bool) -> Self:
        try:
            return cls(data.folder, settings.load(data.folder), portable=portable, origin=data.origin)
        except SettingsProblem as fault:
            # A file of the officer's own that cannot be used opens nothing that the department has closed.
            usable_settings = Settings(language=system_language()) if fault.department else settings.load(None)
            return cls(data.folder, usable_settings, fault, portable=portable, origin=data.origin)

    def usable_folder(self) -> Path:
        """`log_folder`, once it is known to be usable. Raises LedgerProblem: no other folder will do."""
        if self.fault is not None and self.fault.department:
            fault = self.fault
            raise LedgerProblem(fault.sentence, fault.next_step, fault.detail, code=fault.code)
        if self.shared:
            shared_folder.require(self.log_folder)
        return self.log_folder

    def must_ask(self, key: str) -> bool:
        """Whether ``officer`` or ``desk`` is set neither here nor by the department. An account that belongs to nobody
        is no officer, unless the department says so."""
        if self.settings.is_locked(key):
            return False
        value = getattr(self.settings, key)
        return not value or (key == "officer" and officer_name.is_account(value))

    @property
    def lacks_officer(self) -> bool:
        """Whether somebody has to say who works here before a real phone is recorded. In a kiosk it is as it is set:
        who comes to it sets nothing. While the settings cannot be used, nothing is kept, and nothing recorded."""
        return self.must_ask("officer") and not self.settings.kiosk and self.fault is None

    @property
    def officer(self) -> str:
        """The officer's name in the records: as set, else the name of the computer's account; where that belongs to
        nobody, that no name was given."""
        return officer_name.without_name() if self.must_ask("officer") else self.settings.officer

    @property
    def proposed_officer(self) -> str:
        """The name that a form begins with which asks for the officer's; empty where none can be proposed."""
        return officer_name.proposed() if self.must_ask("officer") else self.settings.officer

    @property
    def name(self) -> str:
        """The desk's name in the records: as set, else the name of the computer."""
        return self.settings.desk or plain(host_name() or "desk")

    @property
    def place(self) -> str:
        """Where the desk stands, for the records; empty where that is not set."""
        return self.settings.place
