"""Desks meet in a folder: on a key that goes from one to the next, or on a share. No network is needed.

Each desk leaves its newest checkpoint there, and cosigns what the others left: a statement that their logs have only
grown since it last saw them (C2SP tlog-cosignature). So a desk whose log is cut back or replaced contradicts what the
others remember. What they remember stands in their own logs, not in the folder, which others can change.
"""

from __future__ import annotations

import base64
import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final

from core.ledger.file.open_ledger import translated
from core.ledger.keys.enrolment import Enrolment
from core.ledger.problems import LedgerProblem
from core.ledger.records import Cosignatures, Cosigned, ForkSeen, Kind, OutsideCopy, ProblemMet, Record, RecordedKeys
from core.ledger.seals import NotSealed, Seal
from core.ledger.tlog.notes import NOTE_LIMIT, SIGNATURES_LIMIT, Note, NoteError, Verifier
from core.ledger.witness import peer_folder
from core.ledger.witness.known_logs import (
    ComparedCheckpoint,
    Conflict,
    Growth,
    KnownLog,
    compare,
    contradiction,
    known_logs,
)
from core.ledger.witness.peer_folder import ENROLMENT, FOLDER, MediumProblem, PeerFolder, folder_name
from core.ledger.writer import Ledger
from core.system.files.files import is_folder, sync_folder, write_private
from core.text import T, Text, grouped, plain

#: Folders of desks that are looked at.
_DESKS_LIMIT: Final = 1_000
#: Desks that were never seen before, and keys that contradict those that were, that one look takes down: each stands in
#: our own log for ever, and more are easily invented.
_NEW_LIMIT: Final = 20
#: What operating systems put into folders of their own accord.
_SYSTEMS_OWN: Final = ("desktop.ini", "thumbs.db")
#: Our own checkpoints that are looked at for cosignatures, and those that a folder is to have: other desks may remember
#: any of them from another folder.
_OWN_LIMIT: Final = 500
_HISTORY: Final = 100
#: Outside copies that are looked through for those in folders: each receipt is one.
_COPIES_LIMIT: Final = 5_000
#: Bytes that have to fit on the medium beside what is written.
_ROOM: Final = 16_384


class OwnLogContradicted(LedgerProblem):
    """What our own folder has is not of the log that we have: ours was cut, rolled back or replaced."""

    code = "own-log-contradicted"

    def __init__(self, sentence: Text, file: Path) -> None:
        super().__init__(
            sentence,
            T("Keep the folder and the log as they are, and report it to your IT security team."),
            str(file),
        )


@dataclass(frozen=True, slots=True)
class PeerCheckpoint:
    """The checkpoint of another desk that was cosigned. `first`: its key was not known, and was believed."""

    origin: str
    size: int
    first: bool


@dataclass(frozen=True, slots=True)
class Received:
    """A cosignature on a checkpoint of ours. `first`: its key was not known, and was believed."""

    origin: str
    size: int
    key: str
    first: bool


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the folder that cannot be used and was left alone; `why` is the end of a sentence."""

    path: Path
    why: Text


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one exchange did. `checkpoint_file` is our checkpoint in the folder, over `size` records."""

    checkpoint_file: Path
    size: int
    cosigned: tuple[PeerCheckpoint, ...]
    conflicts: tuple[Conflict, ...]
    received: tuple[Received, ...]
    skipped: tuple[Skipped, ...]


def leave(ledger: Ledger, folder: Path, now: datetime) -> Exchange:
    """Leave our newest checkpoint in `folder`, cosign those of other desks, and collect their cosignatures on ours.

    Raises OwnLogContradicted, and then has written nothing anywhere; MediumProblem; LedgerProblem.
    """
    with peer_folder.reported(folder):
        return _Exchange(ledger, folder.absolute(), now).hold()


class _Exchange:
    """One look at the folder. Every method may raise OSError, which is the medium's."""

    def __init__(self, ledger: Ledger, folder: Path, now: datetime) -> None:
        self._ledger = ledger
        self._folder = folder
        self._now = now
        self._enrolment = ledger.enrolment
        self._own_keys = _identities(ledger, self._enrolment)
        self._known_logs = known_logs(ledger)
        #: The sizes and keys of the cosignatures on our own checkpoints that are on record.
        self._cosignatures = [
            (record.size, key)
            for entry in ledger.decided(Kind.COSIGNATURES)
            if isinstance(record := entry.record, Cosignatures)
            for key in record.cosigners
        ]
        self._known_names = {*self._known_logs, *(key.partition("+")[0] for _, key in self._cosignatures)}
        self._new = 0
        self._new_folders: list[Path] = []
        self._peer = PeerFolder(folder / FOLDER / folder_name(self._enrolment.origin))
        self._ours: dict[int, Note] = {}
        self._bad: set[int] = set()
        self._cosigned: list[PeerCheckpoint] = []
        self._conflicts: list[Conflict] = []
        self._received: list[Received] = []
        self._skipped: list[Skipped] = []
        self._records: list[Record] = []

    def hold(self) -> Exchange:
        try:
            return self._hold()
        except BaseException:
            for folder in reversed(self._new_folders):
                with contextlib.suppress(OSError):
                    folder.rmdir()  # which is there still, and empty
            raise

    def _hold(self) -> Exchange:
        place = self._place()
        self._look_at_ours()
        self._make_room()
        desks = sorted(peer_folder.names(self._peer.path.parent, _DESKS_LIMIT))
        self._collect([enrolment for enrolment in map(self._enrolled, desks) if enrolment is not None])
        if self._records:
            self._ledger.append_all(self._records)
        seal = self._seal()
        self._put(seal)
        if self._place() != place:
            raise FileNotFoundError("another medium is there by now")
        root = base64.b64encode(seal.checkpoint.root).decode()
        self._ledger.append(OutsideCopy("folder", seal.size, root), seal=True)
        return Exchange(
            self._peer.note_file(seal.size),
            seal.size,
            tuple(self._cosigned),
            tuple(self._conflicts),
            tuple(self._received),
            tuple(self._skipped),
        )

    def _place(self) -> tuple[int, int]:
        """Which folder on which medium it is. Raises MediumProblem for one that is no outside."""
        status = self._folder.stat()
        if not self._folder.is_dir():
            raise NotADirectoryError(str(self._folder))
        if self._folder.resolve().is_relative_to(self._ledger.path.parent.resolve()):
            raise MediumProblem(
                T("The folder {folder} is where the log itself is kept.", folder=str(self._folder)),
                T("Choose a folder on a USB key or on a share: a copy beside the log would be lost with it."),
            )
        for path in (self._peer.path.parent, self._peer.path):
            if os.path.lexists(path) and not is_folder(path):
                raise MediumProblem(
                    T("Where the checkpoints belong, there is something else: {file}.", file=str(path)),
                    T("Move it away, or choose another folder, then try again."),
                )
        return status.st_dev, status.st_ino

    def _look_at_ours(self) -> None:
        """Read what we left here before. Raises OwnLogContradicted."""
        if not is_folder(self._peer.path):
            return
        try:
            enrolment = self._peer.enrolment()
        except NoteError as error:
            self._skip(self._peer.path / ENROLMENT, error.why)
        else:
            if enrolment is not None and enrolment.identity not in self._own_keys:
                sentence = T("The folder has keys for this log that it never had.")
                raise OwnLogContradicted(sentence, self._peer.path / ENROLMENT)
        notes = {}
        for size in self._peer.sizes()[-_OWN_LIMIT:]:
            try:
                notes[size] = self._peer.note(size, self._enrolment.origin, self._own_keys)
            except NoteError as error:
                self._bad.add(size)
                self._skip(self._peer.note_file(size), error.why)
        count = self._ledger.count()  # after they were read: another Fanion may be leaving one just now
        for size, (note, root) in notes.items():
            if size > count:
                sentence = T(
                    "The folder has a checkpoint of this log over {size} entries, but the log has only {count}: it was "
                    "cut, or an older copy was put in its place.",
                    size=grouped(size),
                    count=count,
                )
                raise OwnLogContradicted(sentence, self._peer.note_file(size))
            if root != self._ledger.root_at(size):
                sentence = T(
                    "The folder has a checkpoint of this log over {size} entries that does not fit the log: one of the "
                    "two was replaced.",
                    size=grouped(size),
                )
                raise OwnLogContradicted(sentence, self._peer.note_file(size))
            self._ours[size] = note

    def _make_room(self) -> None:
        """Find out that the medium is full or protected before anything is written down."""
        for folder in (self._peer.path.parent, self._peer.path):
            if not is_folder(folder):
                self._new_folders.append(folder)
                folder.mkdir()
                sync_folder(folder.parent)
        trial = self._peer.path / ".fanion-room"
        try:
            peer_folder.put(trial, bytes(_ROOM))
        finally:
            trial.unlink(missing_ok=True)

    def _enrolled(self, name: str) -> Enrolment | None:
        """Look at another desk's folder, and cosign what it left. Returns its keys, as far as they are believed."""
        if name == self._peer.path.name or name.startswith(".") or name.casefold() in _SYSTEMS_OWN:
            return None
        peer = PeerFolder(self._peer.path.with_name(name))
        try:
            if not is_folder(peer.path):
                raise NoteError(T("it is not a desk’s folder"))
            enrolment = peer.enrolment()
            if enrolment is None:
                raise NoteError(T("it does not say whose it is"))
            known_log = self._known_logs.get(enrolment.origin)
            if enrolment.origin == self._enrolment.origin:
                if enrolment.identity in self._own_keys:
                    raise NoteError(T("it is a copy of this desk’s folder"))
                self._count_new()
                self._other_key(enrolment)
            elif name != folder_name(enrolment.origin):
                raise NoteError(T("it does not have its desk’s name"))
            elif known_log is not None and known_log.key != str(enrolment.identity):
                self._other_key(enrolment)
            else:
                if enrolment.origin not in self._known_names:
                    self._count_new()
                compared = compare(peer, enrolment.identity, known_log, self._skip)
                if compared is not None:
                    self._answer(peer, enrolment, compared, known_log)
                return enrolment
        except PermissionError:
            self._skip(peer.path, T("you have no permission for it"))
        except NoteError as error:
            self._skip(peer.path, error.why)
        return None

    def _count_new(self) -> None:
        """Raise NoteError for the one that is too many."""
        if self._new >= _NEW_LIMIT:
            raise NoteError(T("it is new, and at most {count} new ones are taken at a time", count=_NEW_LIMIT))
        self._new += 1

    def _answer(
        self, peer: PeerFolder, enrolment: Enrolment, compared: ComparedCheckpoint, known_log: KnownLog | None
    ) -> None:
        """Cosign a checkpoint that has only grown; refuse and remember one that has not."""
        origin, size, root = enrolment.origin, compared.size, base64.b64encode(compared.root).decode()
        if compared.growth is not Growth.KNOWN:
            copy_path = self._keep(origin, _copy_name(size, root), bytes(compared.note))
        if known_log is not None and compared.growth in (Growth.FORKED, Growth.SMALLER, Growth.UNPROVED):
            seen_root = known_log.roots[compared.against]
            before = _copies(self._ledger.path, origin) / _copy_name(compared.against, seen_root)
            self._conflicts.append(
                contradiction(origin, compared, (before, copy_path) if before.exists() else (copy_path,))
            )
            fork = ForkSeen(origin=origin, size=compared.against, root=seen_root, other_size=size, other_root=root)
            if fork not in [entry.record for entry in self._ledger.decided(Kind.FORK_SEEN)]:
                self._records.append(fork)
            return
        if compared.growth is not Growth.KNOWN:
            # What is cosigned is remembered first: cut off between the two, we must not cosign another history.
            self._ledger.append(Cosigned(origin=origin, size=size, root=root, key=str(enrolment.identity)))
        signer = self._ledger.cosigner
        if signer.verifier.has_signed(compared.note):
            return
        other_signatures = tuple(
            s for s in compared.note.signatures if (s.name, s.id) != (signer.name, signer.verifier.id)
        )
        note = Note(
            compared.note.text, (*other_signatures, signer.cosign(compared.note.text, int(self._now.timestamp())))
        )
        if len(note.signatures) > SIGNATURES_LIMIT or len(bytes(note)) > NOTE_LIMIT:
            self._skip(peer.note_file(size), T("it has no room for another signature"))
            return
        peer.put_note(size, note)
        self._cosigned.append(PeerCheckpoint(origin, size, compared.growth is Growth.FIRST))

    def _other_key(self, enrolment: Enrolment) -> None:
        """Another key signs under a name that we know."""
        content = enrolment.text.encode()
        copy_path = self._keep(enrolment.origin, f"enrolment-{sha256(content).hexdigest()[:8]}.txt", content)
        conflict = Conflict(
            enrolment.origin,
            T(
                "The folder names another key for the log “{log}” than this desk has seen before.",
                log=plain(enrolment.origin),
            ),
            T("Compare it with the keys that were printed when that desk was enrolled; nothing of it was cosigned."),
            (copy_path,),
        )
        self._conflicts.append(conflict)
        self._records.append(ProblemMet.of(conflict))

    def _collect(self, enrolled: list[Enrolment]) -> None:
        """Look for cosignatures on our own checkpoints; a key that was never seen is believed the first time."""
        recorded = set(self._cosignatures)
        # The newest come first: in the end, each origin has the key that was seen first.
        keys = {key.partition("+")[0]: key for _, key in self._cosignatures}
        verifiers = {origin: Verifier.parse(key) for origin, key in keys.items()}
        cosigners = {**{e.origin: e.cosigner for e in enrolled}, **verifiers}
        for enrolment in enrolled:
            if enrolment.cosigner != cosigners[enrolment.origin]:
                self._other_key(enrolment)
        for size, note in self._ours.items():
            new = []
            for cosigner in cosigners.values():
                if all((s.name, s.id) != (cosigner.name, cosigner.id) for s in note.signatures):
                    continue
                if not cosigner.has_signed(note):
                    self._skip(self._peer.note_file(size), T("a cosignature on it is false"))
                elif (size, str(cosigner)) not in recorded:
                    new.append(cosigner)
            if new:
                self._keep(self._enrolment.origin, f"{size}.checkpoint", bytes(note))
                self._records.append(Cosignatures(size, tuple(map(str, new))))
                self._received += [Received(c.name, size, str(c), c.name not in verifiers) for c in new]

    def _seal(self) -> Seal:
        """A seal over everything that is on record by now."""
        if not self._ledger.count():
            self._ledger.append_all([], seal=True)
        seal = self._ledger.seal()
        if seal is None:
            raise NotSealed(self._ledger.count())
        return seal

    def _put(self, newest: Seal) -> None:
        """Leave this checkpoint, those that other folders have, and how each grew out of the one before."""
        self._peer.put_enrolment(self._enrolment)
        numbers = islice(self._ledger.numbers_down(kind=Kind.OUTSIDE_COPY), _COPIES_LIMIT)
        copies = (entry.record for entry in self._ledger.paged(numbers))
        elsewhere = (copy.size for copy in copies if isinstance(copy, OutsideCopy) and copy.how == "folder")
        sizes = sorted({*self._ours, *islice(elsewhere, _HISTORY), newest.size})
        for old, size in zip([0, *sizes], sizes, strict=False):
            if old:
                self._peer.put_step(size, old, self._ledger.consistency(old, size))
            if size in self._bad or not os.path.lexists(self._peer.note_file(size)):
                seal = self._ledger.seal_over(size)
                if seal.size == size:
                    self._peer.put_note(size, seal.note)
        try:
            self._peer.note(newest.size, self._enrolment.origin, self._own_keys)
        except NoteError as error:
            raise OSError(f"the medium does not give back what it took: {error}") from error

    def _keep(self, origin: str, name: str, content: bytes) -> Path:
        """Keep a copy beside our log."""
        path = _copies(self._ledger.path, origin) / name
        with translated(self._ledger.path):
            write_private(path, content)
        return path

    def _skip(self, path: Path, why: Text) -> None:
        skipped = Skipped(path, why)
        if skipped not in self._skipped:
            self._skipped.append(skipped)


def _identities(ledger: Ledger, enrolment: Enrolment) -> set[Verifier]:
    """The identity keys that our log has had under its name."""
    records = [entry.record for entry in ledger.decided(Kind.LOG_BEGUN, Kind.KEYS_REPLACED)]
    recorded = {Verifier.parse(record.identity) for record in records if isinstance(record, RecordedKeys)}
    verifiers = {enrolment.identity, *recorded}
    return {key for key in verifiers if key.name == enrolment.origin}


def _copies(ledger: Path, origin: str) -> Path:
    """Where the checkpoints of a log are kept beside our own."""
    return ledger.with_name(f"{ledger.stem}-checkpoints") / f"log-{folder_name(origin)}"


def _copy_name(size: int, root: str) -> str:
    return f"{size}-{sha256(root.encode()).hexdigest()[:8]}.checkpoint"
