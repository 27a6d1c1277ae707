"""The kiosk: the Desk page alone, until its password is entered."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w

from core.desk.settings import settings
from core.system.password import hash_of
from gui.settings.password_dialog import LeaveKioskDialog
from tests.gui.conftest import MakeOffice, Office, texts

PASSWORD = "leave me"


@pytest.fixture
def kiosk(open_office: MakeOffice) -> Office:
    return open_office(own={"kiosk": True, "kiosk_password": hash_of(PASSWORD)})


def asked(office: Office) -> LeaveKioskDialog:
    (dialog,) = [one for one in office.window.findChildren(LeaveKioskDialog) if one.isVisible()]
    return dialog


def test_only_the_desk_is_open_until_the_password_is_entered(kiosk: Office) -> None:
    window = kiosk.window
    assert window.isFullScreen()
    assert [name for name, tab in window.nav.items() if tab.isVisible()] == ["desk"]
    assert not window.bar.aside["settings"].isVisible()
    assert not window.officer_button.isEnabled()
    for keys in ("Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+,"):
        kiosk.press(keys)
        assert window.page_name() == "desk"
    kiosk.plug("S1", "walk-up")
    kiosk.until(lambda: kiosk.colour == "red")
    kiosk.idle()
    kiosk.page.log_wanted.emit(1, True)
    assert window.page_name() == "desk"
    assert "This is a kiosk: only the Desk page is open here." in texts(window.status_bar)
    window.status_bar.menu_wanted.emit(window.status_bar)
    assert window._papers is None
    kiosk.click(window.bar.leave)
    dialog = asked(kiosk)
    dialog.fields[0].setText("not that")
    dialog.yes.click()
    assert dialog.isVisible()
    assert "password is wrong" in dialog.wrong.text()
    assert not dialog.yes.isEnabled(), "not at once again"
    dialog._pause.timeout.emit()
    dialog.fields[0].setText(PASSWORD)
    dialog.yes.click()
    assert not window.isFullScreen()
    assert all(tab.isVisible() for tab in window.nav.values())
    kiosk.press("Ctrl+3")
    assert window.page_name() == "log"


def test_closing_asks_for_the_password_too(kiosk: Office) -> None:
    assert not kiosk.window.close()
    dialog = asked(kiosk)
    dialog.fields[0].setText(PASSWORD)
    dialog.yes.click()
    assert not kiosk.window.isVisible()


def test_without_a_password_a_press_leaves(open_office: MakeOffice) -> None:
    office = open_office(own={"kiosk": True})
    assert office.window.isFullScreen()
    office.click(office.window.bar.leave)
    assert not office.window.isFullScreen()
    office.press("Ctrl+,")
    assert office.window.page_name() == "settings"


def test_the_department_may_decide_it(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir(parents=True)
    department.write_text(tomli_w.dumps({"kiosk": True}), encoding="utf-8")
    office = open_office()
    assert settings.load(office.desk.data).is_locked("kiosk")
    assert office.window.kiosk.locked
