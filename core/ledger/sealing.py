"""With which keys a ledger is sealed, from one seal to the next.

The order is: the next key is made durable beside the present one; the transaction announces it and is signed with the
present one; the present one is erased. The program that opens the ledger after a crash looks which of the keys on disk
the ledger itself announced: that one is the present one, and whatever else is there is overwritten. The self-test finds
out whether a ledger could be opened for writing, with its keys, without writing anything: :func:`require_ready`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from core.ledger.file.beside import require_ours
from core.ledger.file.database import open_for_reading, require_writable
from core.ledger.file.deciding_records import Deciding, deciding
from core.ledger.file.open_ledger import translated
from core.ledger.file.shared_folder import require_files
from core.ledger.keys.enrolment import (
    Enrolment,
    enrolment_file,
    key_announced_in,
    keys_folder,
    later_file,
    read_enrolment,
    read_enrolments,
)
from core.ledger.keys.epoch_keys import EpochKeys
from core.ledger.keys.identity import KeyFileForbidden, LogIdentity, new_origin
from core.ledger.problems import PATH, DamagedLedger, FolderNotWritable, LedgerFileProblem, ReadOnlyLedger
from core.ledger.records import KeysReplaced, Kind, LogBegun, RecordedKeys
from core.ledger.records.entry import record_in
from core.ledger.records.leaf import leaf_hash as hash_of
from core.ledger.tlog.notes import NoteSigner, Verifier
from core.system.files.file_lock import Waiting
from core.system.files.files import make_folder, move, write_private
from core.text import T


class SealKeys:
    """The keys of one ledger that is open for writing."""

    def __init__(
        self,
        database: Database,
        path: Path,
        names: tuple[str, str],
        *,
        practice: bool,
        keyring: bool = True,
        waiting: Waiting | None = None,
    ) -> None:
        """Find the keys, or make them under `names`, those of the organisation and of the desk.

        Raises LedgerProblem: without keys, nothing may be begun.
        """
        self._database = database
        self._path = path
        self._keyring = keyring and not practice
        self._names = names
        self._practice = practice
        #: The epoch key that signs the seal that is being made, and the one that this seal announces.
        self._present: NoteSigner | None = None
        self._next: NoteSigner | None = None
        #: The identity key was not found and another one was made: the next seal says so, whatever epoch key is here.
        self._replaced = False
        #: Keys that the ledger was to go on with were not found: a seal has to say so, before anything else.
        self.lost = False
        #: What is told again if a seal that replaces keys does not come about.
        self._replacing: Enrolment | None = None
        self.identity: LogIdentity
        #: The keys that the ledger began with, or that it went on with after those were lost.
        self.enrolment: Enrolment
        with translated(path):
            make_folder(keys_folder(path))
            self._epochs = EpochKeys(keys_folder(path) / "epoch.keys", waiting=waiting)
        try:
            with self.changing():
                self._find()
        except BaseException:
            self._epochs.close()
            raise

    @property
    def cosigner(self) -> NoteSigner:
        return self.identity.cosigner(self.enrolment.origin)

    def close(self) -> None:
        self._epochs.close()

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock of the keys while the block seals: around a transaction, not inside of one."""
        with translated(self._path), self._epochs.locked():
            yield

    def begin(self, decided: Deciding) -> tuple[LogBegun | KeysReplaced, ...]:
        """As the transaction begins: settle which key is the present one, and make the next one durable.

        Another program may have sealed since, and may have found keys missing: `decided` are the deciding records now.
        Returns what has to be written down about keys before the seal.
        """
        about_keys = self._settle(decided)
        if self._present is None:
            raise RuntimeError("no key was settled on")
        with translated(self._path):
            self._next = self._epochs.make_next(self.enrolment.origin, self._present.verifier)
        return about_keys

    def _settle(self, decided: Deciding) -> tuple[LogBegun | KeysReplaced, ...]:
        """Find the present key, or make one in the place of those that are lost; what is to be written down of it."""
        expected = announced(self._database, self._path)
        if expected is None:
            self._begin_anew_if_used()
            self._present = self._epochs.signer(self.enrolment.epoch)
            if self._present is not None:
                return (LogBegun(*_vkeys(self.enrolment)),)
        else:
            enrolment, _ = recorded(self._database, self._path, decided)
            if (
                enrolment is not None
                and enrolment != self.enrolment
                and (identity := self._load(enrolment)) is not None
            ):
                self.identity, self.enrolment, self._replaced = identity, enrolment, False
            self._present = self._epochs.signer(expected) if not self._replaced else None
            if self._present is not None:
                return ()
        with translated(self._path):
            self._present = self._epochs.make_next(self.enrolment.origin, None)
        self._replacing = self.enrolment
        self.enrolment = self._enrolment_with(self._present.verifier)
        return (KeysReplaced(*_vkeys(self.enrolment)),)

    def present(self) -> tuple[tuple[NoteSigner, ...], Verifier]:
        """Inside the transaction: who signs this seal, and by which key the one after it will be."""
        if self._present is None or self._next is None:
            raise RuntimeError("a seal begins with begin()")
        return (self.identity.signer(self.enrolment.origin), self._present), self._next.verifier

    def go_on(self) -> None:
        """After the transaction: take the next key as the present one, and erase the old one."""
        if self._present is not None and self._next is not None:
            # The very first key must not come back after a power cut: with it, and without the ledger, another
            # ledger would begin under the same name.
            first = self._present.verifier == self.enrolment.epoch
            self._present, self._next, self._replaced, self.lost = self._next, None, False, False
            if self._replacing is not None:
                self._replacing = None
                with contextlib.suppress(OSError):  # the next start does it
                    self._remember()
            # The seal is on disk: nothing is lost if the old key can only be erased by the next start.
            with contextlib.suppress(OSError):
                self._epochs.erase_all_but(self._present.verifier, durably=first)

    def forget_next(self) -> None:
        """Forget the next key, because the transaction did not come about."""
        self._next = None
        if self._replacing is not None:
            self.enrolment, self._replacing = self._replacing, None

    def _find(self) -> None:
        """Find the keys that the ledger names, else those that were made for it; else make new ones."""
        enrolment, replaced = recorded(self._database, self._path, deciding(self._database))
        if enrolment is None:
            self._make_or_take()
            return
        self.enrolment = enrolment
        identity = self._load(enrolment)
        if identity is None:
            # The ledger goes on under its own name, with another identity; a seal says so at once.
            self._replaced = True
            identity = LogIdentity.make(keys_folder(self._path), enrolment.origin, keyring=self._keyring)
            self.identity = identity
            self.enrolment = self._enrolment_with(enrolment.epoch)
        elif replaced:
            self._remember()
        self.identity = identity
        expected = announced(self._database, self._path)
        if expected is None:
            return
        self.lost = self._replaced or self._epochs.signer(expected) is None
        if not self.lost:
            self._epochs.erase_all_but(expected, durably=True)

    def _make_or_take(self) -> None:
        """Take the keys that were made for a ledger without a seal, where they were never used; else make new ones."""
        enrolment = read_enrolment(self._path)
        if (
            enrolment is not None
            and self._epochs.signer(enrolment.epoch) is not None
            and (identity := self._load(enrolment)) is not None
        ):
            self.enrolment, self.identity = enrolment, identity
            return
        origin = new_origin(*self._names, practice=self._practice)
        folder = keys_folder(self._path)
        self.identity = LogIdentity.make(folder, origin, keyring=self._keyring)
        first = self._epochs.make_next(origin, None)
        self.enrolment = self._enrolment_with(first.verifier)
        if enrolment is not None:  # of a ledger that is not here any more: its receipts can still be checked with it
            old = enrolment_file(self._path).with_name(f"enrolment-{enrolment.identity.id.hex()}.txt")
            write_private(old, enrolment.text.encode())
            with contextlib.suppress(FileNotFoundError):
                move(later_file(self._path), old.with_name(f"enrolments-{enrolment.identity.id.hex()}.txt"))
        write_private(enrolment_file(self._path), self.enrolment.text.encode())

    def _begin_anew_if_used(self) -> None:
        """Take the keys that another program has made for this ledger meanwhile: two may have begun it at once."""
        enrolment = read_enrolment(self._path)
        if enrolment is not None and enrolment != self.enrolment and (identity := self._load(enrolment)) is not None:
            self.enrolment, self.identity = enrolment, identity

    def _load(self, enrolment: Enrolment) -> LogIdentity | None:
        return LogIdentity.load(keys_folder(self._path), enrolment.identity, keyring=self._keyring)

    def _enrolment_with(self, epoch: Verifier) -> Enrolment:
        origin = epoch.name
        return Enrolment(self.identity.signer(origin).verifier, epoch, self.identity.cosigner(origin).verifier)

    def _remember(self) -> None:
        """Keep the keys that the ledger went on with apart from the ledger, as those that it began with are."""
        enrolments = read_enrolments(self._path)
        if self.enrolment not in enrolments:
            later = [*enrolments[1 if read_enrolment(self._path) is not None else 0 :], self.enrolment]
            write_private(later_file(self._path), "".join(enrolment.text for enrolment in later).encode())


def recorded(database: Database, path: Path, decided: Deciding) -> tuple[Enrolment | None, bool]:
    """The keys that the ledger at `path` says it began or went on with, and whether others were lost before.

    Raises DamagedLedger.
    """
    records = decided.of(Kind.LOG_BEGUN, Kind.KEYS_REPLACED)
    if not records:
        return None, False
    try:
        seq, leaf_hash = records[0]
        exact = database.execute("SELECT leaf FROM entry WHERE seq = ?", [seq]).fetchone()[0]
        if hash_of(exact) != leaf_hash:
            raise ValueError(f"record {seq} is not what was hashed")
        keys = record_in(exact)
        if not isinstance(keys, RecordedKeys):
            raise ValueError(f"record {seq} has no keys")
        return Enrolment.recorded(keys), isinstance(keys, KeysReplaced)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedLedger(path, f"the record of the keys: {error}") from error


def announced(database: Database, path: Path) -> Verifier | None:
    """The key that the last seal announced: it stands in the last record under that seal. Raises DamagedLedger."""
    row = database.execute("SELECT leaf FROM entry WHERE seq = (SELECT max(size) FROM seal)").fetchone()
    if row is None:
        return None
    try:
        return key_announced_in(row[0])
    except ValueError as error:
        raise DamagedLedger(path, f"the record of the next key: {error}") from error


def _vkeys(enrolment: Enrolment) -> tuple[str, str, str, str]:
    return enrolment.origin, str(enrolment.identity), str(enrolment.epoch), str(enrolment.cosigner)


class KeysGone(LedgerFileProblem):
    """The keys with which the ledger was to go on are not there: the next opening puts others in their place."""

    code = "keys-gone"
    sentence_text = T("A key of the log is missing in {folder}.", folder=PATH)
    next_text = T(
        "Put back what was taken from that folder before anyone works here. Otherwise the log goes on with new "
        "keys, says so for ever, and needs a new enrolment sheet."
    )


def require_ready(path: Path, *, practice: bool, keyring: bool) -> None:
    """Raise LedgerProblem unless `Ledger` would go on with the ledger at `path`, which is there, as it stands.

    `keyring` tells whether the computer's keyring may have its key: the keyring itself is not asked, and nothing is
    unlocked. A log for several people must also be one that the others can go on with.
    """
    path = path.absolute()
    require_files(path)
    require_ours(path)
    with translated(path, reading=True):
        has_content = path.stat().st_size > 0
    if not has_content:  # a power cut before its first byte: the opening begins it
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
        enrolment, _ = recorded(database, path, deciding(database))
        if enrolment is None:  # without a seal; keys that were made for it are taken, else new ones are made
            prepared = read_enrolment(path)
            if prepared is not None and epochs is not None and epochs.signer(prepared.epoch) is not None:
                LogIdentity.is_here(folder, prepared.identity, keyring=keyring)
            return
        if not LogIdentity.is_here(folder, enrolment.identity, keyring=keyring):
            raise KeysGone(folder, f"identity {enrolment.identity.id.hex()}")
        expected = announced(database, path)
        if expected is not None and (epochs is None or epochs.signer(expected) is None):
            raise KeysGone(folder, f"epoch {expected.id.hex()}")
