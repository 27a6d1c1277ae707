"""The window on Windows. The other tests of it are run elsewhere; installer/windows/build.sh runs these under Wine."""

from __future__ import annotations

import sys

import pytest

from tests.gui.conftest import MakeOffice, Office

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="this is about the window on Windows")


def test_a_phone_is_red_and_green_once_its_banned_apps_are_removed(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.headline == "2 banned apps")
    assert office.colour == "red"
    office.idle()
    office.remove()
    office.until(lambda: office.colour == "green")
    office.idle()
    assert server.phone.installed().isdisjoint({"com.tencent.mm", "com.kms.free"})
    assert office.kinds().count("check-ended") == 2


def test_the_window_speaks_french(open_office: MakeOffice) -> None:
    office = open_office(own={"language": "fr"})
    office.plug("S1", "walk-up")
    office.until(lambda: office.colour == "red")
    office.see("2 applications interdites")
    office.idle()
