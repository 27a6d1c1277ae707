"""One desk: who stands in its records, its ledgers for several visits at once, what it loads and when."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.problems import NothingRecorded
from core.desk.settings import settings
from core.desk.settings.settings_table import Settings
from core.ledger.records import CheckStarted, Kind
from core.ledger.writer import Ledger
from core.text import T

ROOT = Path(__file__).resolve().parents[3]
STARTED = CheckStarted(T("over USB"))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, department_is: Callable[[Path], None]) -> Path:
    """The department's settings file, which is not there yet."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "FANION_DATA"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "department" / "settings.toml"
    file.parent.mkdir()
    department_is(file)
    return file


@pytest.fixture
def desk(machine: Path, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk.at(tmp_path / "data")
    yield desk
    desk.close()


def test_nothing_is_made_before_it_is_needed(desk: Desk) -> None:
    assert desk.fault is None
    assert not desk.data.exists()
    with pytest.raises(NothingRecorded):
        desk.read_ledger(practice=False)
    assert not desk.data.exists()


def test_who_was_not_told_is_the_account_and_has_to_be_asked(desk: Desk) -> None:
    assert desk.officer
    assert desk.name
    assert desk.must_ask("officer")
    desk.introduce("A. Roy", "Desk 4")
    assert (desk.officer, desk.name) == ("A. Roy", "Desk 4")
    assert not desk.must_ask("officer")
    assert Desk.at(desk.data).officer == "A. Roy"


def test_what_the_department_has_set_need_not_be_asked(machine: Path, tmp_path: Path) -> None:
    machine.write_text('officer = "Front desk"\n', encoding="utf-8")
    desk = Desk.at(tmp_path / "data")
    assert not desk.must_ask("officer")
    assert desk.must_ask("desk")
    with pytest.raises(settings.SettingsProblem):
        desk.introduce("A. Roy", None)
    assert desk.officer == "Front desk"
    desk.introduce(None, "Desk 4")
    assert desk.name == "Desk 4"


def test_the_language_is_remembered(desk: Desk) -> None:
    desk.introduce("A. Roy", None)
    desk.change(language="fr")
    again = Desk.at(desk.data).settings
    assert (again.language, again.officer) == ("fr", "A. Roy")


def test_settings_that_cannot_be_used_are_a_fault_and_no_guess(machine: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("officer = 1\n", encoding="utf-8")
    desk = Desk.at(tmp_path)
    assert desk.fault is not None
    assert "settings.toml" in str(desk.fault.sentence)
    assert desk.settings == Settings()


def test_a_held_ledger_is_the_same_for_every_visit_and_says_once_that_fanion_started(desk: Desk) -> None:
    policy = desk.policy(None)
    ledgers: list[Ledger] = []

    def hold() -> None:
        ledgers.append(desk.hold_ledger(practice=False, policy=policy))

    threads = [threading.Thread(target=hold) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, ledgers))) == 1
    assert [e.kind for e in ledgers[0].entries()] == [Kind.PROGRAM_START, Kind.POLICY_LOADED]


def test_practice_and_real_are_held_apart(desk: Desk) -> None:
    policy = desk.policy(None)
    real, practice = desk.hold_ledger(practice=False, policy=policy), desk.hold_ledger(practice=True, policy=policy)
    assert real.path != practice.path
    assert (real.practice, practice.practice) == (False, True)


def test_another_policy_is_put_on_record_once(desk: Desk) -> None:
    policy = desk.policy(None)
    other = replace(policy, version="next", sha256="cd" * 32)
    for one in (policy, policy, other, other, policy):
        ledger = desk.hold_ledger(practice=False, policy=one)
    loaded = [e.leaf["policy"]["sha256"] for e in ledger.entries() if e.kind == Kind.POLICY_LOADED]
    assert loaded == [policy.sha256, other.sha256, policy.sha256]


def test_who_is_introduced_signs_what_is_written_from_then_on(desk: Desk) -> None:
    policy = desk.policy(None)
    ledger = desk.hold_ledger(practice=False, policy=policy)
    desk.introduce("B. Roy", "Desk 5")
    assert ledger.append(STARTED).leaf["officer"] == "B. Roy"
    assert ledger.append(STARTED).leaf["desk"] == "Desk 5"
    assert ledger.entry(1).leaf["officer"] != "B. Roy"  # type: ignore[union-attr]


def test_closed_and_held_again_it_is_opened_anew(desk: Desk) -> None:
    policy = desk.policy(None)
    first = desk.hold_ledger(practice=False, policy=policy)
    desk.close()
    second = desk.hold_ledger(practice=False, policy=policy)
    assert second is not first
    assert [e.kind for e in second.entries()].count(Kind.PROGRAM_START) == 2
    desk.close()
    desk.close()


@pytest.mark.skipif(os.name == "nt", reason="the lock of a session is a file of its own")
def test_a_ledger_whose_first_words_cannot_be_written_is_let_go_of(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.ledger.problems import NoSpace

    def full(self: Ledger, *args: object, **values: object) -> None:
        raise NoSpace(self.path)

    policy = desk.policy(None)
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "append_all", full)
        with pytest.raises(NoSpace):
            desk.hold_ledger(practice=False, policy=policy)
    assert not list(desk.data.glob("*-session-*"))
    assert desk.hold_ledger(practice=False, policy=policy).count() == 2


def test_the_key_for_phones_is_made_once(desk: Desk) -> None:
    assert desk.reach is desk.reach


def test_a_desk_loads_nothing_that_is_slow() -> None:
    program = """if True:
        import sys
        from core.desk.desk import Desk
        Desk.at(sys.argv[1]).officer
        slow = {"adb_shell", "usb1", "cryptography", "sqlite3", "sqlite_utils", "PySide6"}
        print(*slow & set(sys.modules))
    """
    done = subprocess.run(
        [sys.executable, "-c", program, "nowhere"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.strip() == ""
