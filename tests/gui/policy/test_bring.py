"""A signed policy that is brought on a USB stick, and the policy saved for others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.desk.settings.settings_table import Settings
from core.jobs import Cancel
from core.ledger import records
from core.model import Strength
from core.policy import convert
from gui.policy import import_dialog as bringing
from gui.policy.export_dialog import ExportPolicyDialog
from gui.policy.import_dialog import ImportPolicyDialog
from gui.policy.page_header import PolicyLayersDialog
from gui.policy.policy_page import PolicyPage
from gui.toolkit.jobs import JobRunner
from tests.gui.policy.conftest import MakePage, sheet
from tests.unit.policy.team import Team

#: As it is, before the tests put another in its place.
REMOVABLE = bringing._removable


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    team = Team(tmp_path_factory.mktemp("team"))
    team.publish("1")
    return team


@pytest.fixture(autouse=True)
def no_media(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is plugged into the computer that runs the tests."""
    monkeypatch.setattr(bringing, "_removable", lambda cancel, report: None)


def test_a_signed_policy_is_brought_and_shown(qtbot: QtBot, make_page: MakePage, team: Team) -> None:
    page = make_page(policy_root=str(team.root_file))
    page.table.setFocus()
    qtbot.keySequence(page, QKeySequence("Ctrl+O"))
    form = sheet(page, ImportPolicyDialog)
    form.folder.use(team.stick())
    with qtbot.waitSignals([page.loaded, page.changed, page.recorded]):
        qtbot.mouseClick(form.go, Qt.MouseButton.LeftButton)
    assert form.verdict.headline.text() == "The signed policy is in force"
    assert form.verdict.sentence.text().startswith("ministry, version 1, valid until ")
    first = form.keys.findChildren(QPushButton)[0]
    assert first.accessibleName() == "Keys of the policy team: copy"
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert len(QGuiApplication.clipboard().text()) == 64
    assert page.head.title.whole() == "Ministry"
    assert page.head.trust.value.whole().startswith("signed by your organisation, valid until ")
    assert page.notice.sentence.text() == "A signed policy was imported and is in force."
    assert not page.warnings.isVisible()
    form.close()
    page.import_policy()
    again = sheet(page, ImportPolicyDialog)
    again.folder.use(team.stick())
    again.begin()
    assert again.verdict.headline.text() == "It was in force already"


def test_a_stick_that_was_changed_is_refused_with_the_next_step(make_page: MakePage, team: Team) -> None:
    page = make_page(policy_root=str(team.root_file))
    stick = team.stick("bad")
    (target,) = (stick / "targets").iterdir()
    target.write_bytes(target.read_bytes() + b"# more")
    page.import_policy()
    form = sheet(page, ImportPolicyDialog)
    form.folder.use(stick)
    form.begin()
    assert "was changed or damaged after it was signed" in form.trouble.sentence.text()
    assert form.trouble.next_step.text().startswith("Do not use this USB key")
    assert form.question_part.isVisible()
    assert page.head.version.value.whole().startswith("canada ")
    with page._desk.read_ledger(practice=False) as ledger:
        assert ledger.newest(1, kind=records.Kind.POLICY_REFUSED)


def test_a_folder_without_a_policy_is_refused(make_page: MakePage, team: Team, tmp_path: Path) -> None:
    page = make_page(policy_root=str(team.root_file))
    page.import_policy()
    form = sheet(page, ImportPolicyDialog)
    form.folder.use(tmp_path)
    form.begin()
    assert form.trouble.sentence.text().startswith("There is no signed policy in the folder")


def test_without_a_root_file_it_is_said_before_anything_is_chosen(page: PolicyPage) -> None:
    page.import_policy()
    form = sheet(page, ImportPolicyDialog)
    assert "does not know whose policies to trust" in form.trouble.sentence.text()
    assert not form.go.isEnabled()


def test_what_is_plugged_in_is_offered_unless_another_was_chosen(
    make_page: MakePage, team: Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bringing, "_removable", lambda cancel, report: team.folder)
    page = make_page(policy_root=str(team.root_file))
    page.import_policy()
    assert sheet(page, ImportPolicyDialog).folder.folder == team.folder


def test_looking_for_media_finds_a_folder_or_nothing() -> None:
    """On the computer that runs the tests, whatever it has."""
    found = REMOVABLE(Cancel(), lambda event: None)
    assert found is None or found.is_dir()


def test_a_medium_with_a_policy_is_found_before_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("system", "photos", "stick"):
        (tmp_path / name).mkdir()
    (tmp_path / "stick" / "fanion-policy" / "metadata").mkdir(parents=True)

    class Volume:
        def __init__(self, name: str) -> None:
            self._path = str(tmp_path / name)

        def rootPath(self) -> str:  # noqa: N802 - as Qt calls it
            return self._path

        def isReady(self) -> bool:  # noqa: N802 - as Qt calls it
            return True

    class Volumes:
        mounted = ("system", "photos", "stick")

        @classmethod
        def mountedVolumes(cls) -> list[Volume]:  # noqa: N802 - as Qt calls it
            return [Volume(name) for name in cls.mounted]

        @staticmethod
        def root() -> Volume:
            return Volume("system")

    monkeypatch.setattr(bringing, "QStorageInfo", Volumes)
    monkeypatch.setattr(bringing, "_REMOVABLE", (str(tmp_path),))
    assert REMOVABLE(Cancel(), lambda event: None) == tmp_path / "stick" / "fanion-policy"
    Volumes.mounted = ("system", "photos")
    assert REMOVABLE(Cancel(), lambda event: None) == tmp_path / "photos"
    Volumes.mounted = ("system",)
    assert REMOVABLE(Cancel(), lambda event: None) is None


def test_it_can_be_stopped(qtbot: QtBot, make_page: MakePage, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.model import Cancelled

    def stopped(*_: object) -> None:
        raise Cancelled

    page = make_page(policy_root=str(team.root_file))
    page.import_policy()
    form = sheet(page, ImportPolicyDialog)
    monkeypatch.setattr("core.desk.policy.policy_import.import_policy", stopped)
    form.begin()
    assert form.question_part.isVisible()
    assert not form.trouble.isVisible()


# Saved for others


def test_the_policy_is_saved_in_a_format_and_what_it_lacks_is_told(
    qtbot: QtBot, page: PolicyPage, tmp_path: Path, choose_path: Callable[[Path | None], None]
) -> None:
    file = tmp_path / "intune.csv"
    choose_path(file)
    assert page.page_data is not None
    menu = page.dialogs.menu(page.page_data)
    words = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert len(words) == len(convert.FORMATS)
    assert words[0].startswith("Microsoft Intune")
    menu.actions()[0].trigger()
    form = sheet(page, ExportPolicyDialog)
    with qtbot.waitSignal(page.file_written):
        form.begin()
    assert file.read_bytes() == convert.export(page.page_data.policy, "intune").data
    left = len(convert.export(page.page_data.policy, "intune").left_out)
    assert form.told_left.text() == f"{left} things that the policy says are not in it:"
    assert form.left_out.count() > left  # and each reason once
    menu.deleteLater()


def test_what_else_is_wanted_is_in_it(
    page: PolicyPage, tmp_path: Path, choose_path: Callable[[Path | None], None]
) -> None:
    file = tmp_path / "stix.json"
    choose_path(file)
    assert page.page_data is not None
    form = page.dialogs.export(page.page_data, "stix2")
    form.further[Strength.NOTICE].setChecked(True)
    form.begin()
    assert "com.lemon.lvoverseas" in file.read_text(encoding="utf-8")  # CapCut, a notice
    assert json.loads(file.read_text(encoding="utf-8"))["type"] == "bundle"


def test_nothing_chosen_writes_nothing(page: PolicyPage, choose_path: Callable[[Path | None], None]) -> None:
    choose_path(None)
    assert page.page_data is not None
    form = page.dialogs.export(page.page_data, "apple")
    form.begin()
    assert form.question_part.isVisible()


def test_a_folder_that_takes_nothing_is_told(page: PolicyPage, choose_path: Callable[[Path | None], None]) -> None:
    choose_path(Path("/no such folder/x.csv"))
    assert page.page_data is not None
    form = page.dialogs.export(page.page_data, "intune")
    form.begin()
    assert form.trouble.sentence.text() == "x.csv could not be written."


def test_a_policy_without_anything_to_say_in_a_format_is_told(
    page: PolicyPage, tmp_path: Path, choose_path: Callable[[Path | None], None]
) -> None:
    from dataclasses import replace

    choose_path(tmp_path / "x.csv")
    assert page.page_data is not None
    force = page.page_data.force
    none = replace(page.page_data, force=replace(force, policy=replace(force.policy, rules=())))
    form = page.dialogs.export(none, "intune")
    form.begin()
    assert form.trouble.isVisible()
    assert not (tmp_path / "x.csv").exists()


# The files that it was made of


def test_every_layer_is_shown_with_its_digest_to_copy(qtbot: QtBot, page: PolicyPage) -> None:
    from core.desk.policy import policy_changes
    from core.desk.policy.policy_changes import OwnRules

    policy_changes.put_in_force(page._desk, OwnRules(off=("wechat",)))
    page.reload()
    assert page.head.parts.text() == "Made of 2 files…"
    qtbot.mouseClick(page.head.parts, Qt.MouseButton.LeftButton)
    layers = sheet(page, PolicyLayersDialog)
    takes = [b for b in layers.findChildren(QPushButton) if b.accessibleName().startswith("Copy the SHA-256 of ")]
    assert [b.accessibleName() for b in takes] == ["Copy the SHA-256 of canada", "Copy the SHA-256 of own-rules"]
    assert page.policy is not None
    for take, layer in zip(takes, page.policy.layers, strict=True):
        qtbot.mouseClick(take, Qt.MouseButton.LeftButton)
        assert QGuiApplication.clipboard().text() == layer.sha256


def test_an_own_folder_is_remembered(qtbot: QtBot, runner: JobRunner, team: Team, tmp_path: Path) -> None:
    from core.desk.desk import Desk

    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    desk = Desk(tmp_path / "data", Settings(policy_root=str(team.root_file)))
    page = PolicyPage(desk, runner, memory=memory)
    qtbot.addWidget(page)
    page.show()
    page.import_policy()
    form = sheet(page, ImportPolicyDialog)
    form.folder.use(tmp_path)
    form.begin()
    form.close()
    page.import_policy()
    assert sheet(page, ImportPolicyDialog).folder.folder == tmp_path
