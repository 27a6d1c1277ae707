"""The ledger itself: it only grows, and a record is on disk before it is acted on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Set
from itertools import islice
from pathlib import Path
from typing import Final

from core import model
from core.ledger.evidence.folder import EvidenceFolder
from core.ledger.evidence.kept_files import delete_erased, released_by
from core.ledger.file import journal
from core.ledger.file.beside import require_ours
from core.ledger.file.clock import Clock, system_clock
from core.ledger.file.database import open_for_reading, open_for_writing, writing
from core.ledger.file.deciding_records import Deciding, deciding, tally
from core.ledger.file.earlier_index import remove_earlier_index
from core.ledger.file.kept_tree import caught_up_tree, seal_missing
from core.ledger.file.open_ledger import translated
from core.ledger.file.sessions import Session
from core.ledger.keys.enrolment import Enrolment, keys_folder
from core.ledger.keys.identity import Place
from core.ledger.place import ledger_file as ledger_file
from core.ledger.problems import DamagedLedger, LedgerProblem, RecordTooLong
from core.ledger.reader import LedgerReader
from core.ledger.records import Device, Entry, Erased, PolicyUsed, Record, read_entry
from core.ledger.records.fields import json_fields
from core.ledger.records.leaf import LEAF_LIMIT, Json, encode, leaf_hash
from core.ledger.records.stored_time import as_stored
from core.ledger.sealing import SealKeys
from core.ledger.seals import Seal
from core.ledger.tlog.notes import Checkpoint, Note, NoteSigner
from core.ledger.tlog.tree import Frontier
from core.system.files.file_lock import Waiting
from core.system.files.unfinished import sweep

LEAF_VERSION: Final = 1
_NO_LABELS: Final = model.Labels()
#: Numbers of records that one record of an erasure lists.
_ERASED_LIMIT: Final = 5_000


class Ledger(LedgerReader):
    """A ledger open for writing. May be used from any thread, and by several programs at once."""

    def __init__(
        self,
        path: Path,
        *,
        desk: str,
        officer: str,
        app_version: str,
        place: str = "",
        practice: bool = False,
        clock: Clock = system_clock,
        organisation: str = "",
        keyring: bool = True,
        waiting: Waiting | None = None,
    ) -> None:
        """Open the ledger at `path`, made if it is not there. Records will say that `officer` wrote them at `desk`,
        and in which `place` if that is known.

        A ledger that is new gets a name of its own, under `organisation` (a domain name) if there is one. One whose
        keys are lost goes on with others, and is sealed with them at once. `keyring` tells whether the computer's
        keyring may have its key; that of a practice log is never there. `waiting` tells how to wait for other programs,
        now and later: otherwise for half a minute. Raises LedgerProblem, Cancelled.
        """
        path = path.absolute()
        self._signature = desk, officer, place
        self._app_version = app_version
        #: Whether everything in here is practice.
        self.practice = practice
        self._clock = clock
        self._given_up: set[int] = set()
        self._closed = False
        require_ours(path)
        with contextlib.ExitStack() as undo:
            database = open_for_writing(path, practice=practice, waiting=waiting)
            undo.callback(journal.close, database, path)
            super().__init__(database, path, reading=False)
            names = organisation, desk
            self._keys = SealKeys(database, path, names, practice=practice, keyring=keyring, waiting=waiting)
            undo.callback(self._keys.close)
            remove_earlier_index(path)
            with translated(path):
                self._session = Session(path)
            undo.callback(self._session.close)
            for folder in (path.parent, keys_folder(path)):
                sweep(folder)
            EvidenceFolder(path).sweep()
            #: What tells the records of this run of the program from those of others.
            self.session = self._session.id
            if self._keys.lost:  # the keys that are asked for from now on are those on record
                with self._change(seal=True):
                    pass
            undo.pop_all()

    @staticmethod
    def read(path: Path, practice: bool | None = None, waiting: Waiting | None = None) -> LedgerReader:
        """The ledger at `path`, which may be another desk's and on a read-only medium.

        `practice` tells which of the two kinds it has to be; None takes either. Raises LedgerProblem, Cancelled.
        """
        path = path.absolute()
        return LedgerReader(open_for_reading(path, practice, waiting), path)

    def sign_as(self, *, desk: str, officer: str, place: str = "") -> None:
        """What is written from now on will say that `officer` wrote it at `desk`, in this `place`."""
        # At once, and not behind the lock: another thread may hold that and wait for the file.
        self._signature = desk, officer, place

    def give_up(self, intent: int) -> None:
        """The outcome of an intent of this program could not be written down: it is open, although we still run."""
        with self._lock:
            self._given_up.add(intent)

    @property
    def given_up(self) -> frozenset[int]:
        """The intents of this program of which the outcome could not be written down."""
        with self._lock:
            return frozenset(self._given_up)

    def open_intents(self, given_up: Set[int] = frozenset()) -> tuple[Entry, ...]:
        return super().open_intents(self.given_up | given_up)

    def close(self) -> None:
        """Seal what is not sealed yet, and let go of the file; where it cannot be sealed now, the next start does it.

        A second time does nothing.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(LedgerProblem):
                self.seal()
            journal.close(self._database, self.path)
            self._keys.close()
            self._session.close()

    @property
    def enrolment(self) -> Enrolment:
        """What outsiders are to know of this ledger's keys. Raises LedgerProblem."""
        return self._keys.enrolment

    @property
    def keys_in(self) -> Place:
        """Where the identity key is kept: in the computer's keyring, or in a file."""
        return self._keys.identity.place

    @property
    def cosigner(self) -> NoteSigner:
        """With what this desk states that another's ledger has only grown."""
        return self._keys.cosigner

    @property
    def signer(self) -> NoteSigner:
        """With what this desk signs what goes along with its log, such as the manifest of a bundle."""
        return self._keys.identity.signer(self._keys.enrolment.origin)

    def append(
        self,
        record: Record,
        *,
        visit: str | None = None,
        policy: model.Policy | None = None,
        phone: model.Phone | None = None,
        labels: model.Labels = _NO_LABELS,
        seal: bool = False,
    ) -> Entry:
        """Write `record` down. When this returns, it is safe on disk; otherwise it raises LedgerProblem.

        ValueError and TypeError mean a bug: a record that no ledger can hold, one that builds on a record that is not
        there, or a practice phone in a real ledger or the other way round.
        """
        return self.append_all([record], visit=visit, policy=policy, phone=phone, labels=labels, seal=seal)[0]

    def append_all(
        self,
        records: Iterable[Record],
        *,
        visit: str | None = None,
        policy: model.Policy | None = None,
        phone: model.Phone | None = None,
        labels: model.Labels = _NO_LABELS,
        seal: bool = False,
    ) -> tuple[Entry, ...]:
        """Write `records` down, all or none of them; with `seal`, together with a seal over the whole ledger.

        Raises as :meth:`append` does.
        """
        if phone is not None and phone.practice != self.practice:
            raise ValueError("practice and real checks are never mixed")
        context: dict[str, Json] = {
            "visit": visit,
            "policy": json_fields(PolicyUsed.of(policy)) if policy is not None else None,
            "device": json_fields(Device.of(phone, labels)) if phone is not None else None,
        }
        with self._change(seal=seal) as tree:
            return tuple(self._insert(record, tree, context) for record in records)

    def seal(self) -> Seal | None:
        """Seal what is not sealed yet, and return the newest seal; None for an empty ledger. Raises LedgerProblem."""
        if self.unsealed():
            with self._change(seal=True):
                pass
        return self.newest_seal()

    def erase_records(self, numbers: Iterable[int], reason: str, consent: bool = False) -> int:
        """Forget the personal values of these records, for good, and delete the copies of files to which no other
        record refers; that it was done is written down before.

        The records stay as they are. Copies of the log, such as backups, still have the values. Returns how many
        values were erased; where there was nothing left to erase, nothing is written. Raises LedgerProblem, and
        EvidenceProblem where all was erased but some file.
        """
        wanted = sorted(set(numbers))
        values, released = self.values_of(wanted), released_by(self, wanted)
        values = {seq: values.get(seq, []) for seq in wanted if seq in values or seq in released.records}
        total = 0
        if not values:
            return 0
        files = (len(released.files), released.size) if released.records else (None, None)
        with self._change(seal=True) as tree:
            for start in range(0, len(values), _ERASED_LIMIT):
                part = dict(islice(values.items(), start, start + _ERASED_LIMIT))
                # By what stands in the entries: which entry a value is kept beside, somebody may have changed.
                rows = [(opening.commitment,) for openings in part.values() for opening in openings]
                self._database.conn.executemany("DELETE FROM opening WHERE commitment = ?", rows)
                self._insert(Erased(tuple(part), len(rows), reason, consent, *files), tree, {})
                files = (None, None)  # they are counted once
                total += len(rows)
        with contextlib.suppress(LedgerProblem), self._access():  # the closing, or the next opening, does it as well
            journal.erase_now(self._database, self.path)
        if released.records:
            delete_erased(self)
        return total

    @contextlib.contextmanager
    def _change(self, *, seal: bool) -> Iterator[Frontier]:
        """One transaction: what is written in it is on disk, with a seal if asked for, when the block is left."""
        with self._access(), self._keys.changing() if seal else contextlib.nullcontext():
            try:
                with writing(self._database):
                    tree = caught_up_tree(self._database, self.path)
                    decided = self._decided
                    if seal:
                        if (number := seal_missing(self._database)) is not None:
                            raise DamagedLedger(self.path, f"the seal over entry {number} is missing")
                        before = self._deciding_now()
                        about_keys = self._keys.begin(before)
                    yield tree
                    if seal:
                        decided = self._write_seal(tree, before, about_keys)
                    self._database.execute("UPDATE head SET size = ?, hashes = ?", [tree.size, tree.hashes])
            except BaseException:
                self._keys.forget_next()
                raise
            self._decided = decided
            self._keys.go_on()

    def _write_seal(self, tree: Frontier, before: Deciding, about_keys: tuple[Record, ...]) -> Deciding:
        """Announce the next epoch's key, and sign everything with this one's. Returns the deciding records by then.

        `before` are those at the transaction's begin, `about_keys` what is to be written down about keys first.
        """
        for record in about_keys:
            self._insert(record, tree, {})
        decided = deciding(self._database, before)
        # Where the records are not those that the last seal told of, that goes on being told, and so being found.
        new_tally = decided.tally if decided.fits else tally(self._database)
        signers, following = self._keys.present()
        self._insert(new_tally.record(str(following)), tree, {})
        text = Checkpoint(following.name, tree.size, tree.root()).text
        note = Note(text, tuple(signer.sign(text) for signer in signers))
        self._database.execute("INSERT INTO seal (size, note) VALUES (?, ?)", [tree.size, bytes(note)])
        return decided

    def _insert(self, record: Record, tree: Frontier, context: dict[str, Json]) -> Entry:
        for earlier, kind in record.refers_to().items():
            self._require(earlier, kind)
        seq = tree.size + 1
        leaf, openings = encode(self._leaf(record, seq) | context)
        if len(leaf) > LEAF_LIMIT:
            raise RecordTooLong(self.path, f"{record.kind}: {len(leaf)} bytes")
        hashed = leaf_hash(leaf)
        self._database.execute("INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", [seq, leaf, hashed])
        for opening in openings:
            self._database.execute(
                "INSERT INTO opening (commitment, seq, salt, value) VALUES (?, ?, ?, ?)",
                [opening.commitment, seq, opening.salt, opening.value],
            )
        for node in tree.append(hashed):
            self._database.execute("INSERT INTO node (level, position, hash) VALUES (?, ?, ?)", node)
        return read_entry(seq, leaf, hashed, {o.commitment.hex(): o.value.decode() for o in openings})

    def _require(self, seq: int, kind: str) -> None:
        row = self._database.execute("SELECT kind FROM entry WHERE seq = ?", [seq]).fetchone()
        if row != (kind,):
            raise ValueError(f"record {seq} is not a {kind}")

    def _leaf(self, record: Record, seq: int) -> dict[str, Json]:
        now = self._clock()
        desk, officer, place = self._signature
        where: dict[str, Json] = {"place": place} if place else {}  # logs of before have none
        return {
            **where,
            "v": LEAF_VERSION,
            "seq": seq,
            "type": record.kind,
            "time": as_stored(now.time),
            "mono_ms": now.mono_ms,
            "boot": now.boot,
            "desk": desk,
            "officer": officer,
            "session": self.session,
            "visit": None,
            "policy": None,
            "device": None,
            "practice": self.practice,
            "app": {"version": self._app_version},
            "body": record.body(),
        }
