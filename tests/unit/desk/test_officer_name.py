"""Who an officer is in the records: a person, and never an account that belongs to nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk import officer_name
from core.desk.desk import Desk
from core.desk.settings.settings import SettingsProblem
from core.desk.settings.settings_table import Settings
from tests.examples import examples

ACCOUNTS = ("root", "admin", "administrator", "Administrateur", "user", "guest", "SYSTEM", "kiosk")


def account_is(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(officer_name, "account_name", lambda: name)


@examples(40)
@given(
    account=st.sampled_from(ACCOUNTS),
    change=st.sampled_from((str.upper, str.lower, str.title)),
    before=st.sampled_from(("", " ", ".\\", "PC-4\\", "dept\\")),
    after=st.sampled_from(("", " ", "1", "02", "-3", "_7", " 12")),
)
def test_an_account_is_known_however_it_is_written(
    account: str, change: Callable[[str], str], before: str, after: str
) -> None:
    assert officer_name.is_account(before + change(account) + after)


@pytest.mark.parametrize("name", ["A. Roy", "Roy", "Guest, A.", "Rooty", "Zoé Administrator-Roy", "aroy", "u1", "7"])
def test_a_persons_name_is_none(name: str) -> None:
    assert not officer_name.is_account(name)
    assert officer_name.require(f"  {name} ") == name


@pytest.mark.parametrize("name", ["", "  ", "root", " Admin ", "CORP\\administrator"])
def test_what_is_no_name_is_not_kept_and_said(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path, Settings(language="en"))
    for keep in (lambda: desk.introduce(name, "Desk 4"), lambda: desk.change(officer=name)):
        with pytest.raises(SettingsProblem) as caught:
            keep()
        assert "name" in str(caught.value.sentence)
    assert not (tmp_path / "settings.toml").exists()
    assert desk.settings.desk == ""


def test_an_account_of_a_person_is_proposed_and_stands_in_the_records_until_they_say_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_is(monkeypatch, "aroy")
    desk = Desk(tmp_path, Settings())
    assert (desk.officer, desk.proposed_officer) == ("aroy", "aroy")
    assert desk.lacks_officer  # the window asks all the same


def test_root_is_not_proposed_and_the_records_say_that_nobody_gave_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_is(monkeypatch, "root")
    desk = Desk(tmp_path, Settings())
    assert (desk.officer, desk.proposed_officer) == ("not named (account root)", "")
    assert desk.lacks_officer


def test_root_that_an_earlier_fanion_has_kept_as_a_name_is_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('officer = "root"\n', encoding="utf-8")
    desk = Desk.at(tmp_path)
    assert desk.must_ask("officer")
    assert desk.officer != "root"
    desk.introduce("A. Roy", None)
    assert (desk.officer, desk.lacks_officer) == ("A. Roy", False)


def test_what_a_department_sets_is_as_set(tmp_path: Path, department_is: Callable[[Path], None]) -> None:
    machine = tmp_path / "machine.toml"
    department_is(machine)
    machine.write_text('officer = "Guest"\n', encoding="utf-8")
    desk = Desk.at(tmp_path)
    assert (desk.officer, desk.lacks_officer) == ("Guest", False)


def test_a_kiosk_asks_nobody(tmp_path: Path) -> None:
    assert not Desk(tmp_path, Settings(kiosk=True)).lacks_officer
