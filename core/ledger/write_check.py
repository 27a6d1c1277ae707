"""Whether a ledger that is there could be opened for writing, found out without writing anything: for the self-test."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from core.ledger.file.database import open_for_reading, require_writable
from core.ledger.file.deciding_records import deciding
from core.ledger.file.open_ledger import translated
from core.ledger.file.shared_folder import require_files, require_one_name
from core.ledger.keys.enrolment import keys_folder, read_enrolment
from core.ledger.keys.epoch_keys import EpochKeys
from core.ledger.keys.identity import Identity, KeyFileForbidden
from core.ledger.problems import PATH, FolderNotWritable, LedgerFileProblem, ReadOnlyLedger
from core.ledger.sealing import announced, recorded
from core.text import T


class KeysGone(LedgerFileProblem):
    """The keys with which the ledger was to go on are not there: the next opening puts others in their place."""

    code = "keys-gone"
    sentence_text = T("A key of the log is missing in {folder}.", folder=PATH)
    next_text = T(
        "Put back what was taken from that folder before anybody works here: else the log goes on with new keys, says "
        "so for ever, and needs a new enrolment sheet."
    )


def require_ready(path: Path, *, practice: bool, keyring: bool) -> None:
    """Raise LedgerProblem unless `Ledger` would go on with the ledger at `path`, which is there, as it stands.

    `keyring` tells whether the computer's keyring may have its key: the keyring itself is not asked, and nothing is
    unlocked. A log for several people must also be one that the others can go on with.
    """
    path = path.absolute()
    require_one_name(path)
    require_files(path)
    with translated(path, reading=True):
        begun = path.stat().st_size > 0
    if not begun:  # a power cut before its first byte: the opening begins it
        if not os.access(path, os.W_OK):
            raise ReadOnlyLedger(path)
        return
    require_writable(path, practice=practice)
    _require_keys(path, keyring=keyring and not practice)


def _require_keys(path: Path, *, keyring: bool) -> None:
    folder = keys_folder(path)
    if not os.path.isdir(folder) and os.path.lexists(folder):
        raise FolderNotWritable(path, str(folder))
    if os.path.isdir(folder):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise KeyFileForbidden(folder)
        with translated(path):
            for file in folder.iterdir():
                if not os.access(file, os.R_OK):
                    raise KeyFileForbidden(file)
    with contextlib.ExitStack() as open_files, translated(path):
        epochs = None
        if os.path.lexists(folder / "epoch.keys"):
            epochs = EpochKeys(folder / "epoch.keys", make=False)
            open_files.callback(epochs.close)
            open_files.enter_context(epochs.locked())  # no program seals meanwhile
        database = open_files.enter_context(contextlib.closing(open_for_reading(path)))
        known, _ = recorded(database, path, deciding(database))
        if known is None:  # without a seal; keys that were made for it are taken, else new ones are made
            kept = read_enrolment(path)
            if kept is not None and epochs is not None and epochs.signer(kept.epoch) is not None:
                Identity.is_here(folder, kept.identity, keyring=keyring)
            return
        if not Identity.is_here(folder, known.identity, keyring=keyring):
            raise KeysGone(folder, f"identity {known.identity.id.hex()}")
        expected = announced(database, path)
        if expected is not None and (epochs is None or epochs.signer(expected) is None):
            raise KeysGone(folder, f"epoch {expected.id.hex()}")
