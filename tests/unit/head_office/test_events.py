"""Events for a SIEM out of a store: each once, whatever is merged when, and nothing of a person in them."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

import pytest

from core.head_office.questions import events
from core.head_office.questions.events import EventsWritten, StoreReplaced, write_events
from core.head_office.store.store import Store
from core.jobs import Cancel, silent
from core.ledger.records import AppFound, Entry, RemovalIntended, RemovalOutcome, read_entry
from core.ledger.search.record_filter import Filter
from core.problem import Cancelled
from core.reports.filing import FileProblem
from core.reports.tables.exports import Format, export
from core.text import T
from tests.unit.head_office.conftest import NOW, Desk, Office, OpenDesk, wechat

pytest.importorskip("pyarrow")

SERIAL = "R58N12ABCDE"


def told(folder: Path) -> list[dict[str, Any]]:
    """All events in a folder, in the order in which they were written."""
    lines = [line for file in sorted(folder.glob("events-*.jsonl")) for line in file.read_bytes().splitlines()]
    return [json.loads(line) for line in lines]


def uids(folder: Path) -> list[str]:
    return [event["metadata"]["uid"] for event in told(folder)]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "events"


@pytest.fixture
def merged(office: Office, open_desk: OpenDesk) -> list[Desk]:
    """Two desks, of which one was merged twice: in its second bundle is what is new."""
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    office.enrol(first, second)
    first.check(SERIAL, banned=True, removed=True)
    office.merge(first.bundle())
    after = first.ledger.newest_sizes(1)[0]
    first.check("R58N12FGHIJ")
    second.check(SERIAL, banned=True)
    office.merge(first.bundle(after=after), second.bundle())
    return [first, second]


def test_the_events_are_those_that_each_desk_exports_itself(
    office: Office, merged: list[Desk], into: Path, tmp_path: Path
) -> None:
    done = write_events(office.store, into)
    assert [file.name for file in done.files] == ["events-000001.jsonl", "events-000002.jsonl"]
    expected = []
    for desk in merged:
        made = export(desk.ledger, Format.OCSF, Filter(), tmp_path / desk.name, silent, Cancel())
        expected += [json.loads(line) for line in (made.folder / "events.jsonl").read_bytes().splitlines()]
    assert sorted(map(json.dumps, told(into))) == sorted(map(json.dumps, expected))
    assert done.events == len(expected) == len(set(uids(into)))


def test_what_was_written_is_not_written_again(office: Office, merged: list[Desk], into: Path) -> None:
    write_events(office.store, into)
    before = {file: file.read_bytes() for file in into.iterdir()}
    assert write_events(office.store, into) == EventsWritten(merge=2)
    assert {file: file.read_bytes() for file in into.iterdir()} == before
    merged[0].check("R58N12KLMNO")
    office.merge(merged[0].bundle())
    for file in before:
        file.unlink() if file.suffix == ".jsonl" else None  # the collector has them
    assert [file.name for file in write_events(office.store, into).files] == ["events-000003.jsonl"]
    assert len(told(into)) == 1


def test_a_late_bundle_brings_its_events_late(office: Office, desk: Desk, into: Path) -> None:
    office.enrol(desk)
    desk.check(SERIAL)
    early = desk.bundle()
    after = desk.ledger.newest_sizes(1)[0]
    desk.check("R58N12FGHIJ")
    office.merge(desk.bundle(after=after))
    write_events(office.store, into)
    office.merge(early)
    write_events(office.store, into)
    office.merge(desk.bundle())  # all of it once more
    write_events(office.store, into)
    checks = [event["unmapped"]["seq"] for event in told(into)]
    assert checks[0] > checks[1]
    assert len(checks) == len(set(checks)) == 2


def test_a_step_and_its_outcome_that_come_in_two_bundles_are_told_together(
    office: Office, desk: Desk, into: Path
) -> None:
    office.enrol(desk)
    about: dict[str, Any] = {"visit": "v"}
    found = desk.ledger.append(AppFound.of(wechat()), **about)
    step = RemovalIntended(act="uninstall", package="com.tencent.mm", profile=0, finding=found.seq)
    intent = desk.ledger.append(step, **about, seal=True)
    office.merge(desk.bundle())
    outcome = RemovalOutcome(outcome="done", means=T("done"), answer="Success", intent=intent.seq)
    desk.ledger.append(outcome, **about, seal=True)
    office.merge(desk.bundle(after=desk.ledger.newest_sizes(2)[-1]))
    write_events(office.store, into)
    _, announced, answered = told(into)
    assert (announced["status"], answered["status"]) == ("No outcome in this export", "Success")
    assert announced["command_uid"] == answered["command_uid"]
    assert answered["unmapped"]["package"] == "com.tencent.mm"
    assert answered["metadata"]["uid"] != announced["metadata"]["uid"]


def test_nothing_of_a_person_is_in_the_events_and_erasing_tells_nothing_new(
    office: Office, merged: list[Desk], into: Path
) -> None:
    write_events(office.store, into)
    for file in into.iterdir():
        assert SERIAL.encode() not in file.read_bytes()
        assert b"Tremblay" not in file.read_bytes()
    count = len(told(into))
    desk = merged[0]
    checks = [event["unmapped"]["seq"] for event in told(into) if event["class_uid"] == 6007]
    desk.ledger.erase_records(checks[:1], "asked for")
    desk.ledger.seal()
    assert office.merge(desk.bundle()).erased
    write_events(office.store, into)
    assert len(told(into)) == count


def test_only_what_happened_since_a_day(office: Office, open_desk: OpenDesk, into: Path) -> None:
    old, new = open_desk("Desk 1", start=NOW - timedelta(days=100)), open_desk("Desk 2")
    office.enrol(old, new)
    for one in (old, new):
        one.check(SERIAL)
    office.merge(old.bundle(), new.bundle())
    done = write_events(office.store, into, since=date(2026, 11, 1))
    assert [event["unmapped"]["desk"] for event in told(into)] == ["Desk 2"]
    assert done.merge == 1
    assert not write_events(office.store, into).files, "what was left out stays out"


class _Pressed(Cancel):
    """A stop button that is pressed when it was looked at so often."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def check(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Cancelled


@pytest.mark.parametrize("looks", range(3))
def test_what_is_cut_off_goes_on_where_it_was(office: Office, merged: list[Desk], into: Path, looks: int) -> None:
    # The stop button is looked at for each file, and both logs may be in one: then the third look never comes.
    with pytest.raises(Cancelled) if looks == 0 else contextlib.suppress(Cancelled):
        write_events(office.store, into, cancel=_Pressed(looks))
    whole_files = {"position.json", "events-000001.jsonl", "events-000002.jsonl"}
    assert {file.name for file in into.iterdir()} <= whole_files
    whole = uids(into)
    write_events(office.store, into)
    assert uids(into)[: len(whole)] == whole
    assert len(uids(into)) == len(set(uids(into))) == 6


def test_a_file_that_has_its_name_counts_although_the_position_was_not_written(
    office: Office, merged: list[Desk], into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_power(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(events, "_keep", out_of_power)
        with pytest.raises(KeyboardInterrupt):
            write_events(office.store, into)
    assert [file.name for file in write_events(office.store, into).files] == ["events-000002.jsonl"]
    assert len(uids(into)) == len(set(uids(into))) == 6


def test_a_full_disk_leaves_no_half_file(
    office: Office, merged: list[Desk], into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, file: IO[bytes], *_: object) -> int:
        file.write(b"{")
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(events._Work, "write", full)
        with pytest.raises(FileProblem):
            write_events(office.store, into)
    assert list(into.iterdir()) == []
    assert write_events(office.store, into).events == 6


@pytest.fixture
def another(tmp_path: Path, open_desk: OpenDesk) -> Iterator[Office]:
    """Another head office, with a desk of its own."""
    (tmp_path / "other").mkdir()
    office, desk = Office(tmp_path / "other"), open_desk("Desk 9")
    desk.check(SERIAL)
    office.enrol(desk)
    office.merge(desk.bundle())
    return office


def test_another_store_is_not_taken_for_this_one(
    office: Office, another: Office, merged: list[Desk], into: Path
) -> None:
    write_events(office.store, into)
    with pytest.raises(StoreReplaced):
        write_events(another.store, into)


def test_a_store_that_was_brought_back_from_a_backup_is_told(
    office: Office, open_desk: OpenDesk, into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise what is merged then would have numbers that were written already, and be left out."""
    # With both logs in one group of desks, the files of the new merges have the paths and rows of the lost ones.
    monkeypatch.setattr(Store, "group_of", lambda store, log: 0)
    merged = [open_desk("Desk 1"), open_desk("Desk 2")]
    office.enrol(*merged)
    for desk in merged:
        desk.check(SERIAL)
    office.merge(*(desk.bundle() for desk in merged))
    shutil.copytree(office.store, tmp_path / "backup")
    for serial in ("R58N12KLMNO", "R58N12PQRST"):
        merged[1].check(serial)
        office.merge(merged[1].bundle())
    write_events(office.store, into)
    shutil.rmtree(office.store)
    (tmp_path / "backup").rename(office.store)
    with pytest.raises(StoreReplaced):
        write_events(office.store, into)
    for serial in ("R58N12UVWXY", "R58N12ZABCD"):
        merged[0].check(serial)
        office.merge(merged[0].bundle())
    with pytest.raises(StoreReplaced):
        write_events(office.store, into)


@pytest.mark.parametrize(
    "position", [b"{", b"[]", b'{"form": "fanion-events/9"}', b'{"merge": "x"}', b'{"form":"\xff"}', b'{"x":' * 5_000]
)
def test_a_position_that_cannot_be_read_is_told(
    office: Office, merged: list[Desk], into: Path, position: bytes
) -> None:
    into.mkdir()
    (into / "position.json").write_bytes(position)
    with pytest.raises(StoreReplaced):
        write_events(office.store, into)


def test_no_later_merge_changes_the_files_of_entries(office: Office, merged: list[Desk]) -> None:
    """What was written is known by these files."""
    before = {file: file.read_bytes() for file in (office.store / "records").rglob("*.parquet")}
    merged[0].ledger.erase_records([3], "asked for")
    merged[0].ledger.seal()
    assert office.merge(merged[0].bundle(), now=NOW + timedelta(days=5_000)).erased
    assert {file: file.read_bytes() for file in before} == before


def test_an_entry_of_a_later_form_gives_no_event_and_is_counted(
    office: Office, merged: list[Desk], into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_a_later_version(number: int, *rest: Any) -> Entry:
        if number == 3:
            raise ValueError("a form of tomorrow")
        return read_entry(number, *rest)

    monkeypatch.setattr(events, "read_entry", of_a_later_version)
    done = write_events(office.store, into)
    assert (done.unread, done.events) == (2, 4), "that of each desk"
