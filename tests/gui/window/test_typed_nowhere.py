"""What is typed in the window is written beside a record, and nowhere else: not while it is typed, not when the window
ends, not once the record's values are erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from core.desk.papers import erasures
from core.model import Attested
from gui.desk.acts.all_acts import HAND_BACK
from gui.desk.asset_label_dialog import AssetLabelDialog
from gui.papers.erase_dialog import DueValuesDialog
from gui.toolkit.widgets import copy
from tests.gui.conftest import MakeOffice, Office
from tests.gui.window.states import STATES

#: What is typed; one with digits alone, as a field for an IMEI takes them.
WORD, NUMBER = "Verschwunden", "490154203237518"
#: States with fields of which each is of another kind; what is typed into the settings is to be kept.
WITH_FIELDS = "amber", "as it is", "unfolded", "log", "policy", "new round", "letters", "manual"


@pytest.fixture
def outside(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """The folders of the system in which programs keep things: settings, temporary files, caches."""
    folders = [tmp_path / name for name in ("config", "cache")]
    for folder, variable in zip(folders, ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"), strict=True):
        folder.mkdir()
        monkeypatch.setenv(variable, str(folder))
    before = QSettings(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, "fanion").fileName()
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folders[0]))
    yield [*folders, temporary]
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(Path(before).parent))


def fields(shown: QWidget) -> list[QWidget]:
    """Everything that can be typed into in the windows that are open."""
    windows = [shown, *(window for window in QApplication.topLevelWidgets() if window.isVisible())]
    found = [field for window in windows for field in window.findChildren(QWidget) if is_field(field)]
    return list(dict.fromkeys(found))


def is_field(widget: QWidget) -> bool:
    kinds = QLineEdit, QPlainTextEdit, QTextEdit
    return isinstance(widget, kinds) and widget.isVisible() and widget.isEnabled() and not widget.isReadOnly()


def fill(office: Office, shown: QWidget) -> int:
    """Type into every field, and go on to the next one. Returns how many took it."""
    taken = 0
    for field in fields(shown):
        field.setFocus()
        for typed in (WORD, NUMBER):
            field.selectAll()  # type: ignore[attr-defined]
            office.qtbot.keyClicks(field, typed)
        text = field.text() if isinstance(field, QLineEdit) else field.toPlainText()  # type: ignore[attr-defined]
        taken += NUMBER in text or WORD in text
    return taken


def forms(value: str) -> list[bytes]:
    return [value.encode(), value.encode("utf-16-le"), json.dumps(value)[1:-1].encode(), value.encode().hex().encode()]


def where(folders: list[Path], *values: str) -> list[Path]:
    """The files that have one of the values in their content or their name, however they write it."""
    found = []
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes() + path.name.encode()
        if any(form in content for value in values for form in forms(value)):
            found.append(path)
    return found


@pytest.mark.slow
def test_what_is_only_typed_is_on_no_disk(open_office: MakeOffice, outside: list[Path]) -> None:
    """As a kill leaves it at any moment, and as an orderly end does."""
    office = open_office()
    places, taken = [office.data, *outside], 0
    for state in WITH_FIELDS:
        shown = STATES[state](office)
        taken += fill(office, shown)
        office.fanion.settings.sync()
        assert where(places, WORD, NUMBER) == [], state
        if shown is not office.window:
            shown.close()
    assert taken >= len(WITH_FIELDS)
    office.close()
    assert where(places, WORD, NUMBER) == []


def sheet(office: Office) -> AssetLabelDialog:
    (found,) = [s for s in office.window.findChildren(AssetLabelDialog) if s.isVisible()]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("end", ["closed", "killed"])
def test_what_was_recorded_is_nowhere_once_it_is_erased(open_office: MakeOffice, outside: list[Path], end: str) -> None:
    """Asset tag, holder, a note of what was seen, and the reason of the handing back."""
    office = open_office()
    office.plug("S1", "unseen")
    office.until(lambda: office.page.session is not None and office.page.session.check is not None)
    office.idle()
    office.press("F2")
    labels = sheet(office)
    office.until(lambda: QApplication.activeWindow() is labels)
    office.type(f"TB {NUMBER}")
    office.press("Tab")
    office.type(f"Erasmus {WORD}")
    office.press("Return")
    office.until(lambda: not [s for s in office.window.findChildren(AssetLabelDialog) if s.isVisible()])
    office.window.activateWindow()
    office.until(lambda: QApplication.activeWindow() is office.window)
    office.click(office.block.look.answers[Attested.APP_SEEN])
    fill(office, office.window)
    office.page.desk_actions.want(HAND_BACK)
    field = office.page.block.action_row.reason
    field.line.setText(f"Called away: {WORD}")
    office.press("Alt+F")
    office.idle()
    desk = office.fanion.desk
    numbers = [entry.seq for entry in office.records()]
    places, log = [office.data, *outside], "practice-ledger.db"
    assert {path.name for path in where(places, WORD, NUMBER)} in ({log}, {log, f"{log}-journal"})
    erased = erasures.erase(desk, True, numbers, "asked for", consent=True)
    assert erased.values >= 3
    assert erased.elsewhere.left == ()
    office.fanion.settings.sync()
    if end == "closed":
        office.close()
    assert where(places, WORD, NUMBER) == []


def test_what_was_copied_here_leaves_the_clipboard_with_what_is_erased(office: Office) -> None:
    clipboard = QGuiApplication.clipboard()
    copy(WORD)
    dialog = DueValuesDialog(office.fanion.desk, office.fanion.runner, True, None, office.window)
    dialog.tell(erasures.Erasure(1, ()))
    assert clipboard.text() == ""
    clipboard.setText("of another program")
    dialog.tell(erasures.Erasure(1, ()))
    assert clipboard.text() == "of another program"
    dialog.close()
