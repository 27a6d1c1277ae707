"""What was merged into a store, as OCSF events in files that a SIEM's own collector picks up.

One file for each merge, ``events-000012.jsonl``, which gets its name when it is whole and never changes afterwards.
``position.json`` beside them says up to which merge events were written: the next call goes on behind it, also one that
was cut off. So each event is in exactly one file, and its ``metadata.uid`` is in no other event. Events are made from
the exact entries alone, in which personal values are sealed: the officer's name is the only one that a SIEM receives.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Final

import msgspec

from core.head_office.store.store import Store, StoreProblem, read, reported
from core.head_office.store.tables import arrow, day_of, rows_with
from core.jobs import Cancel, Progress, Report, silent
from core.ledger.records import INTENTS, Entry, read_entry
from core.ledger.records.leaf import leaf_hash
from core.reports.filing import FileProblem
from core.reports.ocsf.ocsf import TOLD, OcsfEvents
from core.system.files.file_lock import LockFile
from core.system.files.files import make_folder, move, read_file, replace_file, writing_new
from core.text import T, plain

FORM: Final = "fanion-events/1"
_POSITION: Final = "position.json"
_LOCK: Final = "position.lock"
_LIMIT: Final = 1_000_000
#: Entries that are read at a time, and announced steps of one group of desks that are kept until their outcomes come.
_PAGE: Final = 500
_KEPT: Final = 10_000
_MERGE: Final = re.compile(r"/(\d+)-\d+\.parquet$")
_EVENTS: Final = re.compile(r"events-(\d+)\.jsonl")
_GROUP: Final = re.compile(r"/group=\d+/")


class _Position(msgspec.Struct):
    """How far events were written: all merges up to number `merge`. `mark` tells whether the store still has these."""

    form: str = FORM
    merge: int = 0
    mark: str = ""


class StoreReplaced(StoreProblem):
    """The store is not the one whose events were written here, or it was brought back from a backup since."""

    code = "store-replaced"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            T(
                "The events in the folder {folder} are of another store, or this one was brought back from a backup.",
                folder=plain(str(folder), 500),
            ),
            T("Choose a new folder: all events are written again, and the SIEM knows those it has by metadata.uid."),
        )


@dataclass(slots=True)
class EventsWritten:
    """What was written: the files, how many events are in them, and up to which merge the store is told now.

    `unread` entries have a form that only a later version knows; they gave no event.
    """

    files: list[Path] = field(default_factory=list)
    events: int = 0
    merge: int = 0
    unread: int = 0


def write_events(
    store: Path, into: Path, *, since: date | None = None, report: Report = silent, cancel: Cancel | None = None
) -> EventsWritten:
    """Write the events of what was merged since the last call into the folder `into`, made if it is not there.

    `since` leaves out what happened before that day (UTC), for good. Raises StoreProblem, StoreReplaced, FileProblem,
    Cancelled: then the files that have their names are whole, and the next call goes on behind them.
    """
    cancel, source = cancel or Cancel(), read(store)
    with reported(store):
        secret = source.secret
    try:
        make_folder(into, shared=False)
        lock = LockFile.take(into / _LOCK)
        if lock is None:
            raise FileProblem(
                T("Another program is writing events into the folder {folder}.", folder=plain(str(into), 500)),
                T("Wait until it has ended, then try again."),
            )
        try:
            result = _begin(source, into, secret)
            work = _Work(source, since, report, cancel)
            for merge, paths in work.merges(result.merge):
                target = into / f"events-{merge:06}.jsonl"
                part = into / f".{target.name}.part"
                part.unlink(missing_ok=True)
                with writing_new(part, private=False) as file:
                    count = work.write(file, paths, result)
                if count:
                    move(part, target)
                    result.files.append(target)
                    result.events += count
                else:
                    part.unlink()
                _keep(source, into, secret, merge)
                result.merge = merge
            if result.merge < source.generation:
                _keep(source, into, secret, source.generation)
                result.merge = source.generation
        finally:
            lock.release()
    except OSError as error:
        raise FileProblem.unwritten(into, error) from error
    return result


def _begin(store: Store, into: Path, secret: bytes) -> EventsWritten:
    """Read where the last call ended. Raises StoreReplaced, OSError."""
    position = _Position()
    with suppress(FileNotFoundError):
        try:
            position = msgspec.json.decode(read_file(into / _POSITION, _LIMIT), type=_Position)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise StoreReplaced(into) from error
    if position.form != FORM or (position.merge and position.mark != mark_of(store, secret, position.merge)):
        raise StoreReplaced(into)
    # A call that was cut off may have given a file its name and not said so yet.
    numbers = [int(match[1]) for file in into.iterdir() if (match := _EVENTS.fullmatch(file.name))]
    merge = max([position.merge, *numbers])
    if merge > store.generation:
        raise StoreReplaced(into)
    return EventsWritten(merge=merge)


def _keep(store: Store, into: Path, secret: bytes, merge: int) -> None:
    position = _Position(merge=merge, mark=mark_of(store, secret, merge))
    replace_file(into / _POSITION, msgspec.json.encode(position), private=False)


def mark_of(store: Store, secret: bytes, merge: int) -> str:
    """By what a store is known again, with the entries that it had after this merge.

    Those are in files that no later merge changes; a store of other desks, or one that was brought back from a backup
    and merged into again, has others.
    """
    records = store.of_table("records").items()
    files = sorted(f"{path} {file.rows} {file.id}" for path, file in records if merge_of(path) <= merge)
    return hmac.digest(secret, "\n".join(files).encode(), "sha256").hex()


def merge_of(path: str) -> int:
    """The number of the merge that wrote a file of the store."""
    match = _MERGE.search(path)
    return int(match[1]) if match else 0


class _Work:
    """One run that writes the events of a store."""

    def __init__(self, store: Store, since: date | None, report: Report, cancel: Cancel) -> None:
        self._store = store
        self._since = since.isoformat() if since is not None else ""
        self._report = report
        self._cancel = cancel
        self._rows = self._rows_done = 0

    def merges(self, after: int) -> Iterator[tuple[int, list[str]]]:
        """The merges behind number `after` that brought entries, each with its files: group by group, day by day."""
        by_merge: dict[int, list[str]] = {}
        for path, file in self._store.of_table("records").items():
            if (merge := merge_of(path)) > after and day_of(path) >= self._since:
                by_merge.setdefault(merge, []).append(path)
                self._rows += file.rows
        for merge in sorted(by_merge):
            yield merge, sorted(by_merge[merge], key=lambda path: (_group_of(path), path))

    def write(self, file: IO[bytes], paths: Sequence[str], result: EventsWritten) -> int:
        """The events of one merge; returns how many. Raises OSError, StoreProblem, Cancelled."""
        count = 0
        for group in dict.fromkeys(map(_group_of, paths)):
            of_group = [path for path in paths if _group_of(path) == group]
            writers = _Writers(self._store, file, of_group)
            for path in of_group:
                for page in _pages(self._store, path):
                    self._cancel.check()
                    writers.write(page)
                    self._rows_done += page.rows
                    self._report(Progress(T("Writing events"), self._rows_done / max(self._rows, 1)))
            count += writers.end()
            result.unread += writers.unread
        return count


class _Writers:
    """The events of one group of desks, of one merge: the entries of each log in its order, day by day."""

    def __init__(self, store: Store, file: IO[bytes], paths: Sequence[str]) -> None:
        self._store = store
        self._file = file
        self._paths = paths
        self._by_log: dict[str, OcsfEvents] = {}
        #: Steps that were announced lately, by log and number.
        self._announced: dict[tuple[str, int], Entry] = {}
        self.unread = 0

    def write(self, page: _Page) -> None:
        by_log: dict[str, list[Entry]] = {}
        for log, seq, leaf in page.entries:
            try:
                entry = read_entry(seq, leaf, leaf_hash(leaf), None)
            except (ValueError, TypeError):
                self.unread += 1
                continue
            by_log.setdefault(log, []).append(entry)
            if entry.kind in INTENTS:
                self._announced[log, seq] = entry
        for log, entries in by_log.items():
            if log not in self._by_log:
                self._by_log[log] = OcsfEvents(self._file, log, partial(self._numbered, log))
            self._by_log[log].write(entries)
        while len(self._announced) > _KEPT:
            del self._announced[next(iter(self._announced))]

    def end(self) -> int:
        """Finish the events of each log, after the last entry; how many events were written."""
        for events in self._by_log.values():
            events.end()
        return sum(events.event_count for events in self._by_log.values())

    def _numbered(self, log: str, numbers: Sequence[int]) -> Sequence[Entry]:
        """Entries of a log, as far as they were merged up to now, about the time of these files."""
        entries = {number: entry for number in numbers if (entry := self._announced.get((log, number))) is not None}
        missing = [number for number in numbers if number not in entries]
        if missing:
            filters = (("log", "=", log), ("seq", "in", missing))
            for path in self._around:
                with reported(self._store.folder):
                    content = rows_with(self._store.place(path), ["seq", "leaf"], filters)
                for seq, leaf in zip(content["seq"].to_pylist(), content["leaf"].to_pylist(), strict=True):
                    with suppress(ValueError, TypeError):
                        entries[seq] = read_entry(seq, leaf, leaf_hash(leaf), None)
        return [entries[number] for number in numbers if number in entries]

    @cached_property
    def _around(self) -> list[str]:
        """The files of these desks from the day before the first of them to the last, that were merged by then."""
        days = [day for path in self._paths if (day := day_of(path))]
        first = (date.fromisoformat(min(days)) - timedelta(days=1)).isoformat()
        merge, group = merge_of(self._paths[0]), _group_of(self._paths[0])
        return [
            path
            for path in self._store.of_table("records")
            if _group_of(path) == group and merge_of(path) <= merge and first <= day_of(path) <= max(days)
        ]


@dataclass(frozen=True, slots=True)
class _Page:
    """Entries of a file: so many were looked at, and of these some have events, with log, number and exact bytes."""

    rows: int
    entries: list[tuple[str, int, bytes]]


def _pages(store: Store, path: str) -> Iterator[_Page]:
    pa, compute = arrow(), arrow("pyarrow.compute")
    kinds = pa.array(sorted(TOLD), pa.string())
    with reported(store.folder), arrow("pyarrow.parquet").ParquetFile(store.place(path)) as content:
        for batch in content.iter_batches(_PAGE, columns=["log", "seq", "kind", "leaf"]):
            chosen = batch.filter(compute.is_in(batch["kind"], value_set=kinds))
            columns = (chosen[name].to_pylist() for name in ("log", "seq", "leaf"))
            yield _Page(batch.num_rows, list(zip(*columns, strict=True)))


def _group_of(path: str) -> str:
    match = _GROUP.search(path)
    return match[0] if match else ""
