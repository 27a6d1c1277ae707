"""Copies of banned apps' files: kept before a removal, on record, and none of them half. Over practice phones."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, Progress
from core.ledger.evidence.folder import EvidenceProblem
from core.ledger.evidence.kept_files import files_on_record, released_by
from core.ledger.place import evidence_folder
from core.ledger.records import EvidenceTaken, Kind, ProblemMet
from core.ledger.writer import Ledger
from core.model import Cancelled, HashedBy
from core.phones.android.link.adb_key import desk_key
from core.phones.android.link.file_service import Take
from core.phones.android.link.link import Link, bounded, connect_tcp
from core.phones.android.link.problems import FileNotWhole
from core.phones.android.phone import AndroidPhone
from core.phones.driver import PhoneProblem
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone

from .conftest import Checked


def kept(ledger: Ledger) -> list[str]:
    """The names of everything in the evidence folder."""
    folder = evidence_folder(ledger.path)
    return sorted(os.listdir(folder)) if folder.exists() else []


def evidence(ledger: Ledger) -> list[EvidenceTaken]:
    """What is on record of apps' files, the oldest first."""
    entries = reversed(ledger.newest(20, kind=Kind.APP_EVIDENCE))
    return [entry.record for entry in entries if isinstance(entry.record, EvidenceTaken)]


def test_the_files_are_kept_under_their_hashes_and_on_record(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("walk-up")
    entries = visit.keep_copies(Cancel())
    files = [file for record in evidence(practice_ledger) for file in record.files]
    assert files
    assert len(entries) == len({f.app.package for f in visit.last_check.red})  # type: ignore[union-attr]
    assert {(file.by, file.kept) for file in files} == {(HashedBy.HERE, True)}
    assert kept(practice_ledger) == sorted({file.sha256 for file in files})
    for file in files:
        content = (evidence_folder(practice_ledger.path) / file.sha256).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file.sha256, file.size)
    assert practice_ledger.unsealed() == 0
    assert not practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED)


def test_what_is_read_here_is_what_the_phone_says(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("walk-up")
    visit.keep_copies(Cancel())
    other, _ = checked("walk-up")
    other.remove(other.plan(), Cancel())
    here = {f.sha256 for record in evidence(practice_ledger) for f in record.files if f.by is HashedBy.HERE}
    phone = {f.sha256 for record in evidence(practice_ledger) for f in record.files if f.by is HashedBy.PHONE}
    assert here == phone


def test_a_policy_has_them_kept_before_the_first_step(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("walk-up", evidence_copies=True)
    visit.remove(visit.plan(), Cancel())
    kinds = [entry.kind for entry in visit.entries]
    last_evidence = max(i for i, kind in enumerate(kinds) if kind == Kind.APP_EVIDENCE)
    assert last_evidence < kinds.index(Kind.REMOVAL_INTENDED)
    assert all(file.kept for record in evidence(practice_ledger) for file in record.files)
    assert kept(practice_ledger)


def test_what_the_button_has_kept_is_not_copied_again(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("walk-up", evidence_copies=True)
    count = len(visit.keep_copies(Cancel()))
    assert visit.keep_copies(Cancel()) == ()
    visit.remove(visit.plan(), Cancel())
    assert len(evidence(practice_ledger)) == count


def test_copies_are_kept_also_where_the_hashes_are_on_record(checked: Checked, practice_ledger: Ledger) -> None:
    visit, _ = checked("walk-up")
    screen = next(item for item in visit.by_hand() if item.screen) if visit.by_hand() else None
    assert screen is None or visit.open_screen(screen, Cancel()) is not None
    assert visit.keep_copies(Cancel())
    assert kept(practice_ledger)


def test_two_visits_with_the_same_app_keep_its_file_once(checked: Checked, practice_ledger: Ledger) -> None:
    for _ in range(2):
        visit, _ = checked("walk-up")
        visit.keep_copies(Cancel())
    on_record = list(files_on_record(practice_ledger))
    assert len(on_record) == 2 * len(kept(practice_ledger))
    first = {file.entry for file in on_record[: len(on_record) // 2]}
    assert released_by(practice_ledger, first).files == {}
    assert set(released_by(practice_ledger, {file.entry for file in on_record}).files) == set(kept(practice_ledger))


def test_erasing_deletes_what_no_other_record_refers_to(checked: Checked, practice_ledger: Ledger) -> None:
    for _ in range(2):
        visit, _ = checked("walk-up")
        visit.keep_copies(Cancel())
    on_record = list(files_on_record(practice_ledger))
    half = len(on_record) // 2
    practice_ledger.erase_records({file.entry for file in on_record[:half]}, "a test")
    assert kept(practice_ledger) == sorted({file.sha256 for file in on_record})
    practice_ledger.erase_records({file.entry for file in on_record[half:]}, "a test")
    assert kept(practice_ledger) == []
    erased: Any = practice_ledger.newest(1, kind=Kind.ERASED)[0].record
    assert (erased.files, erased.file_bytes) == (half, sum(file.size or 0 for file in on_record[:half]))


class Stopping:
    """Hears what a visit tells, and presses a stop button at the given piece of a copy."""

    def __init__(self, at: int) -> None:
        self.cancel, self._at = Cancel(), at
        self.told: list[Progress] = []

    def __call__(self, event: object) -> None:
        if isinstance(event, Progress):
            self.told.append(event)
            if len(self.told) == self._at:
                self.cancel.press()


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_copy_that_is_stopped_leaves_whole_ones_alone(checked: Checked, practice_ledger: Ledger, at: int) -> None:
    visit, _ = checked("walk-up", evidence_copies=True)
    stopping = Stopping(at)
    visit.listener = stopping
    with pytest.raises(Cancelled):
        visit.remove(visit.plan(), stopping.cancel)
    assert kept(practice_ledger) == sorted({f.sha256 for record in evidence(practice_ledger) for f in record.files})
    assert not practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED)
    visit.listener = lambda event: None
    visit.remove(visit.plan(), Cancel())
    assert practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED)


def test_a_cable_that_is_pulled_stops_the_removal_that_demands_copies(
    checked: Checked, practice_ledger: Ledger
) -> None:
    visit, server = checked("walk-up", evidence_copies=True)
    plan = visit.plan()
    visit.listener = lambda event: server.cut() if isinstance(event, Progress) else None
    with pytest.raises(PhoneProblem):
        visit.remove(plan, Cancel())
    assert kept(practice_ledger) == []
    assert not practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED)
    assert isinstance(practice_ledger.newest(1)[0].record, ProblemMet)


def test_a_folder_that_cannot_be_used_stops_it_with_a_sentence(checked: Checked, practice_ledger: Ledger) -> None:
    evidence_folder(practice_ledger.path).write_text("in its place")
    visit, _ = checked("walk-up", evidence_copies=True)
    with pytest.raises(EvidenceProblem) as refused:
        visit.remove(visit.plan(), Cancel())
    assert str(refused.value.next_step)
    assert not practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED)


def test_without_the_demand_a_removal_goes_on_without_copies(checked: Checked, practice_ledger: Ledger) -> None:
    evidence_folder(practice_ledger.path).write_text("in its place")
    visit, _ = checked("walk-up")
    with pytest.raises(EvidenceProblem):
        visit.keep_copies(Cancel())
    assert not visit.remove(visit.plan(), Cancel()).check.red


def progress(visit: Visit) -> list[Progress]:
    heard: list[Progress] = []
    visit.listener = lambda event: heard.append(event) if isinstance(event, Progress) else None
    return heard


def test_how_far_it_is_is_told(checked: Checked) -> None:
    visit, _ = checked("walk-up")
    heard = progress(visit)
    visit.keep_copies(Cancel())
    assert any("MB" in str(event.doing) for event in heard)
    assert all(0 <= event.share <= 1 for event in heard)


def test_an_app_without_files_is_no_reason_to_stop(checked: Checked, practice_ledger: Ledger, tmp_path: Path) -> None:
    visit, _ = checked("archived", evidence_copies=True)
    if visit.plan().items:
        visit.remove(visit.plan(), Cancel())
    assert all(file.kept for record in evidence(practice_ledger) for file in record.files)


class Lying:
    """A link to a practice phone whose files are other than it says: `change` makes of a piece what comes instead."""

    def __init__(self, link: Link, change: Callable[[bytes], bytes]) -> None:
        self._link, self._change = link, change
        self.how, self.loopback, self.lasting, self.transport = link.how, link.loopback, link.lasting, link.transport
        self.run, self.close = link.run, link.close

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        content = bytearray()
        self._link.pull(path, content.extend, cancel, size)
        bounded(take, size)(memoryview(self._change(bytes(content))))


@pytest.mark.parametrize(("change", "count"), [(lambda data: data[:-1] + b"!", 1), (lambda data: data, 0)])
def test_that_the_phone_told_another_hash_than_its_bytes_have_is_on_record(
    practice_ledger: Ledger, tmp_path: Path, change: Callable[[bytes], bytes], count: int
) -> None:
    with PracticeServer(load("stubborn"), pace=0.0) as server:
        link = Lying(connect_tcp("127.0.0.1", server.port, desk_key(tmp_path, "Desk 4"), Cancel()), change)
        visit = Visit(OpenedPhone(AndroidPhone(link), policy_file.load_built_in("canada"), practice_ledger))
        visit.check(Cancel())
        visit.remove(visit.plan(), Cancel())
        before = evidence(practice_ledger)
        visit.keep_copies(Cancel())
        visit.close()
    (after,) = evidence(practice_ledger)[len(before) :]
    assert {file.by for record in before for file in record.files} == {HashedBy.PHONE}
    told = "The phone had told another fingerprint before than was read here now: "
    assert sum(str(sentence).startswith(told) for sentence in after.missing) == count


@pytest.mark.parametrize("change", [lambda data: data + b"!", lambda data: data[:-1], lambda data: b""])
def test_a_file_of_another_size_than_the_phone_said_is_not_kept(
    practice_ledger: Ledger, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    with PracticeServer(load("walk-up"), pace=0.0) as server:
        link = Lying(connect_tcp("127.0.0.1", server.port, desk_key(tmp_path, "Desk 4"), Cancel()), change)
        policy = replace(policy_file.load_built_in("canada"), evidence_copies=True)
        visit = Visit(OpenedPhone(AndroidPhone(link), policy, practice_ledger))
        visit.check(Cancel())
        with pytest.raises(FileNotWhole) as refused:
            visit.remove(visit.plan(), Cancel())
        visit.close()
    assert str(refused.value.next_step)
    assert kept(practice_ledger) == []
    assert not practice_ledger.newest(1, kind=Kind.REMOVAL_INTENDED)
