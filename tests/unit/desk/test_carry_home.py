"""To whom a desk encrypts what it carries home: as asked for, as set, or as the department has set it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from core.desk.desk import Desk
from core.desk.papers.carry_home import SETTING, carry_home, readable_bundles, readable_words, recipients
from core.desk.settings.settings import FILE_NAME, SettingsProblem
from core.desk.settings.settings_table import Settings
from core.head_office.bundles.carried import CarriedBundle
from core.head_office.bundles.encryption import BadKey, NoAge, PrivateKeys
from core.ledger.records import CheckStarted, Exported
from core.model import Phone
from core.text import T

IDENTITY, OTHER = (pyrage.x25519.Identity.generate() for _ in range(2))
OFFICE, AUDITOR = str(IDENTITY.to_public()), str(OTHER.to_public())
LOCKED = Settings(head_office_key=OFFICE, locked=frozenset({SETTING}))


def desk_with(data: Path, settings: Settings) -> Desk:
    """A desk that has checked a phone."""
    desk = Desk(data, replace(settings, officer="A. Roy", desk="Desk 4"), portable=True)
    with desk.custodian(False, make=True) as ledger:
        ledger.append(CheckStarted(T("over USB")), phone=Phone("android", "samsung", "SM-A546B", "14", "R58N12ABCDE"))
    return desk


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_what_is_asked_for_wins_over_ones_own_setting_and_not_over_the_departments(tmp_path: Path) -> None:
    own = Desk(tmp_path, Settings(head_office_key=OFFICE))
    assert recipients(Desk(tmp_path, Settings())) == ()
    assert recipients(own) == (OFFICE,)
    assert recipients(own, AUDITOR) == (AUDITOR,)
    theirs = Desk(tmp_path, LOCKED)
    assert recipients(theirs) == recipients(theirs, f"{OFFICE}\n") == (OFFICE,)
    for other in (AUDITOR, f"{OFFICE} {AUDITOR}"):
        with pytest.raises(SettingsProblem, match="“head_office_key” is set by your organisation"):
            recipients(theirs, other)


@pytest.mark.parametrize(
    "settings", [Settings(), Settings(head_office_key=OFFICE), LOCKED], ids=["none", "own", "locked"]
)
@pytest.mark.parametrize("nothing", ["", " ", "age1", OFFICE[:-1]], ids=["empty", "space", "start", "cut"])
def test_a_key_that_is_none_never_means_unencrypted(tmp_path: Path, settings: Settings, nothing: str) -> None:
    with pytest.raises(BadKey):
        recipients(Desk(tmp_path, settings), nothing)


def test_where_a_key_is_set_only_its_owner_can_read_what_is_written(tmp_path: Path, stick: Path) -> None:
    desk = desk_with(tmp_path / "data", replace(LOCKED, head_office_key=f"{OFFICE} {AUDITOR}"))
    made = carry_home(desk, False, stick).new_bundle
    assert made.to == (OFFICE, AUDITOR)
    assert {file.name for file in made.folder.iterdir() if file.suffix != ".age"} == {"SHA256SUMS", "encrypted-to"}
    for identity in (IDENTITY, OTHER):
        assert CarriedBundle(made.folder, PrivateKeys([str(identity)])).parts()
    with desk.read_ledger(False) as ledger:
        (told,) = (entry.record for entry in ledger.entries(1) if isinstance(entry.record, Exported))
    assert told.chosen["encrypted_to"] == f"{OFFICE} {AUDITOR}"


@pytest.mark.parametrize("broken", ["library", "key", "own file"])
def test_where_the_key_cannot_be_used_nothing_is_written(
    tmp_path: Path, stick: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    data = tmp_path / "data"
    desk = desk_with(data, LOCKED)
    problem: type[Exception] = NoAge
    if broken == "library":
        monkeypatch.setitem(sys.modules, "pyrage", None)
    elif broken == "key":
        desk.settings, problem = replace(LOCKED, head_office_key="age1mistyped"), BadKey
    else:  # what the officer has set is not known
        (data / FILE_NAME).write_text('head_office_key = "age1mistyped"\n', encoding="utf-8")
        desk, problem = Desk.at(data), SettingsProblem
    with desk.read_ledger(False) as ledger:
        before = ledger.count()
    with pytest.raises(problem):
        carry_home(desk, False, stick)
    assert list(stick.iterdir()) == []
    with desk.read_ledger(False) as ledger:
        assert ledger.count() == before


def test_a_key_that_the_department_has_set_counts_whatever_the_officers_file_has(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("nonsense", encoding="utf-8")
    fault = Desk.at(tmp_path).fault
    assert fault is not None
    assert recipients(Desk(tmp_path, LOCKED, fault)) == (OFFICE,)


def test_what_was_cut_on_the_stick_is_mended_with_the_next_bundle(tmp_path: Path, stick: Path) -> None:
    desk = desk_with(tmp_path / "data", LOCKED)
    first = carry_home(desk, False, stick)
    assert first.mended == ()
    cut = next(first.new_bundle.folder.glob("openings-*"))
    cut.write_bytes(cut.read_bytes()[:-1])
    second = carry_home(desk, False, stick)
    assert [one.folder for one in second.mended] == [first.new_bundle.folder]
    assert second.new_bundle.first == first.new_bundle.last + 1
    keys = PrivateKeys([str(IDENTITY)])
    assert CarriedBundle(first.new_bundle.folder, keys).read(cut.name.removesuffix(".age")) is not None


def test_bundles_from_before_there_was_a_key_are_named_when_there_is_one(tmp_path: Path, stick: Path) -> None:
    desk = desk_with(tmp_path / "data", Settings(officer="A. Roy"))
    assert readable_bundles(desk, False) == ()
    assert readable_bundles(Desk(tmp_path / "none", Settings()), False) == ()
    first, second = carry_home(desk, False, stick), carry_home(desk, False, stick)
    assert first.readable == second.readable == ()  # as long as there is no key
    open_ones = readable_bundles(desk, False)
    words = str(readable_words(open_ones))
    assert words.startswith("2 earlier bundles are not encrypted: ")
    for made in (first.new_bundle, second.new_bundle):
        assert f"A. Roy, {made.first}–{made.last}" in words
    desk.settings = replace(desk.settings, head_office_key=OFFICE)
    third, fourth = carry_home(desk, False, stick), carry_home(desk, False, stick)
    assert third.readable == open_ones
    assert fourth.readable == readable_bundles(desk, False) == ()
    assert not str(readable_words(open_ones[:1] * 9)).count(";") > 4
