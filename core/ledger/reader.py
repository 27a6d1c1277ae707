"""Reading a ledger: this desk's while it is being written, or another desk's file."""

from __future__ import annotations

import contextlib
import json
from array import array
from collections.abc import Iterator, Set
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from core.ledger.file.deciding_records import Deciding, deciding
from core.ledger.file.entry_reader import PAGE
from core.ledger.file.sessions import is_alive
from core.ledger.keys.enrolment import Enrolment, read_enrolments
from core.ledger.problems import DamagedLedger
from core.ledger.records import Entry, Kind, RecordedKeys
from core.ledger.records.leaf import clean
from core.ledger.seals import SealReader
from core.ledger.search.record_filter import Filter
from core.ledger.search.scan import ScanReader, milliseconds
from core.ledger.tlog.notes import Note, NoteError
from core.model import Verdict


class LedgerReader(SealReader, ScanReader):
    """A ledger open for reading. May be used from any thread; the code that opens it closes it.

    Everything here may raise LedgerProblem: the file may be damaged, or another program may keep it.
    """

    def __init__(self, database: Database, path: Path, *, reading: bool = True) -> None:
        super().__init__(database, path, reading=reading)
        self._decided: Deciding | None = None
        #: The seal that was found to be signed by the desk.
        self._signed: tuple[int, bytes] | None = None

    def newest(
        self,
        limit: int,
        before: int | None = None,
        kind: Kind | None = None,
        verdict: Verdict | None = None,
        device: tuple[str, str] | None = None,
    ) -> tuple[Entry, ...]:
        """The last `limit` records, the newest first: those numbered below `before`, of one kind, or of one verdict.

        `device` is a maker and a model: only records about such a phone. Raises DamagedLedger where a damaged record
        could be one of them.
        """
        numbers = self.numbers_down(before, kind, verdict)
        if device is None:
            return tuple(self.paged(tuple(islice(numbers, limit))))
        return tuple(islice(self._about(device, numbers), limit))

    def of_phone(self, phone: tuple[str, str, str], kind: Kind, among: int, limit: int) -> tuple[Entry, ...]:
        """The last `limit` records of a kind of a phone, the newest first, among the newest `among` of all phones.

        `phone` is its maker, model and serial number: one that was erased is not among them.
        """
        maker, model, serial = phone
        entries = self._about((maker, model), islice(self.numbers_down(kind=kind), among))
        return tuple(islice((entry for entry in entries if entry.is_of(serial)), limit))

    def _about(self, device: tuple[str, str], numbers: Iterator[int]) -> Iterator[Entry]:
        """Those of the records with these numbers that are about a phone of this maker and model."""
        words = [json.dumps(clean(word), ensure_ascii=False).encode() for word in device]
        while page := tuple(islice(numbers, PAGE)):
            rows = self.stored(sorted(page))
            likely = [seq for seq, leaf, _ in reversed(rows) if all(word in leaf for word in words)]
            for entry in self.all_numbered(likely):
                if entry.device is not None and (entry.device.maker, entry.device.model) == device:
                    yield entry

    def entries(
        self, after: int = 0, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Entry]:
        """The records after number `after`, the oldest first, from `since` on and before `until` (both aware).

        They are fetched as they are asked for, so that those added meanwhile are among them. Raises DamagedLedger where
        a record among them is damaged.
        """
        low, before = milliseconds(since), milliseconds(until)
        while (contents := self.contents(after + 1)).high > after:
            high = contents.high
            numbers = contents.chosen(after + 1, high + 1, since=low, until=before)
            ends = (numbers[0], numbers[-1]) if numbers else (after + 1, high)
            self.require_undamaged(contents, *ends)
            yield from self.paged(numbers)
            after = high

    def search(self, text: str, limit: int) -> tuple[Entry, ...]:
        """The newest records in which `text` stands, in upper or lower case; also by a serial that is not erased.

        All are looked through, also where `limit` of them were found: what is damaged might be one of those. Raises as
        :meth:`scan` does.
        """
        numbers = array("q")
        for stretch in self.scan(Filter(text)) if limit > 0 else ():
            numbers.extend(stretch.numbers[: limit - len(numbers)])
        return self.all_numbered(numbers)

    def deciding(self) -> Deciding:
        """The records that decide something, whatever an index says."""
        with self._access():
            self._decided = self._deciding_now()
            return self._decided

    def _deciding_now(self) -> Deciding:
        """The deciding records with those of a transaction that is under way. It may not come about, so they are not
        kept."""
        previous = self._decided
        if previous is not None and previous.tally.upto > self.count():
            previous = None  # it is another file by now
        return deciding(self._database, previous)

    def decided(self, *kinds: Kind, limit: int = -1) -> Iterator[Entry]:
        """The records of these kinds, of :data:`core.ledger.file.deciding_records.KINDS`; the newest first.

        They are fetched as they are asked for; `limit` of them, if that is not negative. Raises DamagedLedger where one
        is not there, or is another by now.
        """
        records = self._sound_deciding().of(*kinds)[: limit if limit >= 0 else None]
        for start in range(0, len(records), PAGE):
            page = dict(records[start : start + PAGE])
            for entry in self.all_numbered(list(page), compared=True):
                if entry.leaf_hash != page[entry.seq]:
                    raise DamagedLedger(self.path, f"record {entry.seq} is another by now")
                yield entry

    def _sealed_root(self, size: int, note: bytes) -> bytes:
        root = super()._sealed_root(size, note)
        self._require_signed(size, note)
        return root

    def _require_signed(self, size: int, note: bytes) -> None:
        """Raise DamagedLedger unless the seal is signed by the desk: by a key that it was enrolled with on this
        computer, or else by the one that the log names as its own."""
        if (size, note) == self._signed:
            return
        parsed = Note.parse(note)
        enrolments = read_enrolments(self.path) or self._recorded_enrolments()
        if not any(enrolment.identity.has_signed(parsed) for enrolment in enrolments):
            raise DamagedLedger(self.path, f"the seal over {size} is not signed by the desk")
        self._signed = size, note

    def _recorded_enrolments(self) -> list[Enrolment]:
        """The keys that the log names as its own: the last ones, or those that it was begun with."""
        enrolments = []
        for seq, leaf_hash in self.deciding().of(Kind.KEYS_REPLACED, Kind.LOG_BEGUN):
            for entry in self.all_numbered([seq], compared=True):
                if isinstance(entry.record, RecordedKeys) and entry.leaf_hash == leaf_hash:
                    with contextlib.suppress(NoteError):
                        enrolments.append(Enrolment.recorded(entry.record))
        return enrolments

    def _sound_deciding(self) -> Deciding:
        """The records that decide something, where what a seal of the desk's tells of them is so.

        Where it is not, and an index may merely have hidden some, all entries are read and compared with the seal.
        Raises DamagedLedger.
        """
        size, note = self._newest_note(self.count())
        if size:
            self._sealed_root(size, note)
        deciding = self.deciding()
        if deciding.altered or not deciding.fits:
            contents = self.contents()
            self.require_undamaged(contents, 1, contents.high)
        return deciding

    def open_intents(self, given_up: Set[int] = frozenset()) -> tuple[Entry, ...]:
        """What was about to be done and has no outcome, because the program that meant to do it is gone.

        Those in `given_up` are open although their program runs (:meth:`core.ledger.writer.Ledger.give_up`). Raises
        DamagedLedger.
        """
        without_outcome = self.all_numbered(self._sound_deciding().tally.open, compared=True)
        alive = {s for s in {e.session for e in without_outcome} if is_alive(self.path, s)}
        return tuple(e for e in without_outcome if e.seq in given_up or e.session not in alive)
