"""Whether the log can be written."""

from __future__ import annotations

import os
import sys

from core import __version__
from core.desk.desk import Desk
from core.ledger import records
from core.ledger.sealing import require_ready
from core.ledger.writer import Ledger, ledger_file
from core.system.files import folder_check
from core.system.files.momentary import momentary_folder
from core.text import T, Text


def log(desk: Desk) -> Text:
    """A record is written and read back in a folder beside the real log, which stays as it is.

    As practice: its key must not go into the user's keyring. A log that is there is looked at as its opening would do.
    """
    folder_check.require(desk.data, portable=desk.portable)
    folder = desk.usable_folder()
    with momentary_folder(folder) as trial:
        path = ledger_file(trial, practice=True)
        with Ledger(path, desk=desk.name, officer=desk.officer, app_version=__version__, practice=True) as ledger:
            ledger.append(records.ProgramStart(sys.platform, 0))
            entry = ledger.entry(1)
    if entry is None:
        raise RuntimeError("what was written cannot be read")
    for practice in (False, True):
        if os.path.lexists(ledger_path := desk.ledger_path(practice)):
            require_ready(ledger_path, practice=practice, keyring=not (desk.portable or desk.shared))
            if ledger_path.stat().st_size:
                with desk.read_ledger(practice) as reader:
                    reader.newest(1)
    return T("can be written in {folder}", folder=str(folder))
