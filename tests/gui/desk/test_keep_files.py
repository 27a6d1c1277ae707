"""A copy of banned apps' files is kept by one act, before they are removed: with progress, and a stop at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.ledger.records import EvidenceTaken
from core.simulator import PracticeServer
from gui.desk.acts import all_acts
from gui.desk.session.phone_view import Phase
from tests.gui.conftest import Office

BANNED = {"com.tencent.mm", "com.kms.free"}
KEEP = "Ctrl+Shift+E"


@pytest.fixture
def server(office: Office) -> PracticeServer:
    """A phone with two banned apps, which was read."""
    plugged = office.plug("S1", "walk-up")
    assert plugged is not None
    office.until(office.block.remove.isVisible)
    office.idle()
    return plugged


def folder(office: Office) -> Path:
    return office.desk.ledger_path(True).with_name("practice-ledger-evidence")


def kept(office: Office) -> list[str]:
    return sorted(path.name for path in folder(office).iterdir()) if folder(office).is_dir() else []


def on_record(office: Office) -> list[str]:
    records = [entry.record for entry in office.records() if isinstance(entry.record, EvidenceTaken)]
    return sorted(file.sha256 for record in records for file in record.files if file.kept)


@pytest.mark.slow
def test_it_is_kept_before_anything_is_removed(office: Office, server: PracticeServer) -> None:
    office.press(KEEP)
    office.until(lambda: office.says("kept beside the log"))
    office.idle()
    assert office.colour == "red"
    assert kept(office) == on_record(office) != []
    assert "removal-intended" not in office.kinds()
    assert server.phone.installed() >= BANNED
    office.press("Alt+R")
    office.until(lambda: office.colour == "green")
    assert kept(office) == on_record(office)


def test_once_is_enough(office: Office, server: PracticeServer) -> None:
    office.press(KEEP)
    office.until(lambda: office.says("kept beside the log"))
    office.idle()
    assert str(office.page.state.why_not(all_acts.KEEP_FILES)) == "A copy is kept already."
    count = len(office.records())
    office.press(KEEP)
    office.idle()
    assert len(office.records()) == count


@pytest.mark.slow
def test_it_can_be_stopped_and_nothing_half_kept_is_left(office: Office, server: PracticeServer) -> None:
    gate = office.gate(server, "stat")
    office.press(KEEP)
    office.until(lambda: gate.reached)
    assert office.page.session is not None
    assert office.page.session.phase is Phase.KEEPING
    office.see("Keeping a copy of the files…", "Nothing is removed meanwhile. Leave the phone plugged in.")
    office.press("Ctrl+.")
    gate.open()
    office.until(office.block.remove.isVisible)
    office.idle()
    assert kept(office) == []
    assert office.colour == "red"
    office.press(KEEP)
    office.until(lambda: office.says("kept beside the log"))


@pytest.mark.slow
def test_where_it_cannot_be_kept_the_officer_decides(office: Office, server: PracticeServer) -> None:
    folder(office).write_text("in its place")
    office.press(KEEP)
    office.until(lambda: office.says("cannot be used"))
    office.idle()
    assert office.colour == "red"
    assert "removal-intended" not in office.kinds()
    office.press("Alt+R")  # without a copy
    office.until(lambda: office.colour == "green")


def test_a_phone_without_banned_apps_has_nothing_to_keep(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert office.page.state.why_not(all_acts.KEEP_FILES) is not None
    office.press(KEEP)
    office.idle()
    assert kept(office) == []


def test_a_phone_that_is_pulled_meanwhile_leaves_nothing_half_kept(office: Office, server: PracticeServer) -> None:
    gate = office.gate(server, "stat")
    office.press(KEEP)
    office.until(lambda: gate.reached)
    office.unplug("S1")
    gate.open()
    office.idle()
    assert kept(office) == []
    assert office.colour == "red"
