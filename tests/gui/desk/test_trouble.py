"""A hostile phone, a full disk, broken files: told calmly, with a next step, and nothing is done meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolTip

from tests.gui.conftest import Disk, MakeOffice, Office, texts

WECHAT, KASPERSKY = "com.tencent.mm", "com.kms.free"


# --- the hostile phone


@pytest.mark.slow
@pytest.mark.usefixtures("short_flood")
def test_a_hostile_phone_is_shown_calmly_and_its_removal_ends(office: Office) -> None:
    before = office.window.size()
    server = office.plug("S1", "hostile")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    assert office.colour == "red"
    assert office.block.cards.isVisible()
    assert office.block.gaps.isVisible()
    office.open_apps()
    all_is_calm(office)
    assert office.window.size() == before
    assert office.window.minimumSizeHint().width() <= before.width()
    office.remove()
    office.until(office.page.on_phone.isVisible)
    office.press("Esc")
    office.until(office.block.outcome.isVisible)
    office.idle()
    all_is_calm(office)
    assert "green" not in [colour for colour, _ in office.shown]
    assert not any("reboot" in command for command in server.phone.log)


def all_is_calm(office: Office) -> None:
    """No text is very long, has signs that control something, or could be taken for HTML, in tooltips neither."""
    for said in texts(office.window):
        assert len(said) <= 2000
        assert not any(ord(c) < 32 and c != "\n" for c in said), repr(said)
        assert not set(said) & set("\u202e\u2066\u200b\u2028"), repr(said)
    for label in office.window.findChildren(QLabel):
        if label.isVisible() and label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText or "<" not in label.text(), label.text()
    model = office.page.apps.table.model()
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            tip = str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")
            inside = tip.removeprefix("<qt>").removesuffix("</qt>").replace("<br>", "")
            assert "<" not in inside, tip
    cards = office.window.desk_page.cards.model()
    tip = str(cards.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert "<b>" not in tip
    assert not QToolTip.isVisible()


# --- the log cannot be written


def test_a_full_disk_before_the_first_check(office: Office, disk: Disk) -> None:
    disk.room = 0
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.see("cannot grow: the disk is full.", "Free some space on the disk, then try again.")
    office.idle()
    assert office.colour == "neutral"
    assert not any("pm " in command for command in server.phone.log)
    disk.room = None
    office.click("Check again")
    office.until(lambda: office.headline == "2 banned apps" and office.block.remove.isVisible())


@pytest.mark.slow
def test_a_full_disk_before_a_removal_leaves_the_phone_as_it_is(office: Office, disk: Disk) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    before = server.phone.installed()
    disk.room = 0
    office.remove()
    office.see("cannot grow: the disk is full.", "Free some space on the disk, then try again.")
    office.idle()
    assert server.phone.installed() == before
    assert not any("uninstall" in command for command in server.phone.log)
    assert (office.colour, office.headline) == ("red", "2 banned apps")
    disk.room = None
    office.click("Check again")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    office.remove()
    office.until(lambda: office.colour == "green")


@pytest.mark.slow
def test_an_outcome_that_could_not_be_written_is_settled_by_the_next_check(office: Office, disk: Disk) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    disk.room = 3  # for what there is of the two apps, and for the intent alone
    office.remove()
    office.see("A step was sent to the phone, but its result could not be recorded.", "Then check this phone again.")
    office.idle()
    assert office.colour == "red"
    office.see("Result not known.", "Still there.")
    gone = {WECHAT, KASPERSKY} - server.phone.installed()
    assert len(gone) == 1
    assert office.kinds()[-1] == "removal-intended"
    disk.room = None
    office.press("F5")
    office.until(lambda: office.headline == "1 banned app" and office.block.remove.isVisible())
    office.idle()
    (intent,) = [r for r in office.records() if r.kind == "removal-intended"]
    (outcome,) = [r for r in office.records() if r.kind == "removal-outcome"]
    assert (outcome.leaf["body"]["intent"], outcome.leaf["body"]["outcome"]) == (intent.seq, "unknown")


def test_a_check_that_cannot_be_written_gives_no_verdict(office: Office, disk: Disk) -> None:
    server = office.serve("S1", "clean")
    gate = office.gate(server, "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    disk.room = 0
    gate.open()
    office.see("cannot grow: the disk is full.")
    office.idle()
    assert office.colour == "neutral"
    assert "green" not in [colour for colour, _ in office.shown]


@pytest.mark.slow
def test_a_file_that_is_no_log_is_told_and_left_alone(office: Office) -> None:
    file = office.data / "practice-ledger.db"
    file.write_bytes(b"a diary, by somebody else" * 10)
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.see("is not a Fanion log.", "Move it to another folder")
    office.idle()
    assert office.colour == "neutral"
    assert file.read_bytes().startswith(b"a diary")
    file.unlink()
    office.click("Check again")
    office.until(lambda: office.block.remove.isVisible())


# --- broken settings, broken policies


def test_broken_settings_are_told_and_nothing_is_checked(open_office: MakeOffice, tmp_path: Path) -> None:
    data = tmp_path / "broken"
    data.mkdir()
    (data / "settings.toml").write_text("officer = \n", encoding="utf-8")
    office = open_office(data)
    office.see("cannot be used; in line 1, it is not valid TOML.", "Correct the file, or move it away")
    server = office.plug("S1", "clean")
    assert server is not None
    office.idle()
    assert office.colour == "neutral"
    assert server.phone.log == ()
    assert not list(data.glob("*ledger.db"))
    office.press("Ctrl+Shift+L")
    assert (data / "settings.toml").read_text(encoding="utf-8") == "officer = \n"
    office.press("Ctrl+Shift+L")
    office.see("cannot be used; in line 1, it is not valid TOML.")


def test_a_departments_broken_settings_are_told(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir()
    department.write_text('colour = "red"\n', encoding="utf-8")
    office = open_office()
    office.see("“colour” is not a setting of Fanion")
    server = office.plug("S1", "clean")
    assert server is not None
    office.idle()
    assert server.phone.log == ()


@pytest.mark.parametrize("content", ["id = \n", 'id = "x"\n', ""])
def test_a_broken_policy_is_told_and_nothing_is_checked(open_office: MakeOffice, tmp_path: Path, content: str) -> None:
    policy = tmp_path / "ours.toml"
    policy.write_text(content, encoding="utf-8")
    office = open_office(own={"policy": str(policy)})
    server = office.plug("S1", "clean")
    assert server is not None
    office.until(lambda: office.block.check.isVisible())
    office.idle()
    assert office.colour == "neutral"
    assert office.says("ours.toml")
    assert server.phone.log == ()
    assert not list(office.data.glob("*ledger.db"))


def test_a_policy_that_is_not_there_can_be_put_there(open_office: MakeOffice, tmp_path: Path, department: Path) -> None:
    department.parent.mkdir()
    department.write_text("unsigned_policy = true\n")
    policy = tmp_path / "ours.toml"
    office = open_office(own={"policy": str(policy)})
    office.plug("S1", "walk-up")
    office.until(lambda: office.block.check.isVisible())
    office.idle()
    assert office.colour == "neutral"
    from importlib import resources

    built_in = (resources.files("resources") / "policies" / "canada.toml").read_text(encoding="utf-8")
    policy.write_text(built_in, encoding="utf-8")
    office.click("Check again")
    office.until(lambda: office.headline == "2 banned apps" and office.block.remove.isVisible())


def test_a_key_that_cannot_be_read_is_told(office: Office) -> None:
    (office.data / "keys" / "adbkey").write_text("not a key", encoding="utf-8")
    office.plug("S1", "clean")
    office.see("cannot be read or made.", "if the file is damaged, delete it")
    assert office.colour == "neutral"
