"""The log for support, by the window: a whole walk-up is in it, and nothing of the person or the phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.system.support import support_log
from tests.gui.conftest import Office
from tests.gui.desk.test_labels import say
from tests.unit.system.personal import PERSONAL, TOLD, a_person_s_phone


def log_of(data: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in reversed(support_log.log_files_in(data)))


@pytest.mark.slow
@pytest.mark.usefixtures("all_apps")
def test_a_whole_walk_up_leaves_nothing_of_the_person_or_the_phone(office: Office) -> None:
    scenario = a_person_s_phone("preinstalled")
    support_log.start(office.data)
    support_log.keep()
    try:
        server = office.plug("R58M12ABCDE", scenario)
        assert server is not None
        others = {app for app in server.phone.installed() if "kaspersky" not in app and "kms" not in app}
        office.until(lambda: office.block.remove.isVisible())
        office.idle()
        say(office, TOLD.tag, TOLD.holder)
        office.idle()
        office.remove()
        office.until(lambda: office.page.session is not None and office.page.session.removal is not None)
        office.idle()
        office.press("Ctrl+Z")
        office.click("Put back now")
        office.until(lambda: office.page.session is not None and office.page.session.undone is not None)
        office.idle()
        server.unplug()
        office.click(office.block.again)
        office.until(lambda: office.page.session is not None and office.page.session.problem is not None)
        office.idle()
    finally:
        support_log.stop()
    said = log_of(office.data)
    for words in (
        "phone.read phone=1 ",
        "check.end phone=1 verdict=red ",
        "removal.step phone=1 outcome=done",
        "removal.end phone=1 result=switched-off",
        "undo.step phone=1 outcome=done",
        "problem phone=1 code=phone-",
    ):
        assert words in said, words
    assert len(others) > 200
    names = office.desk.officer, office.desk.name
    for secret in (*PERSONAL, *others, scenario.device.model, *(name for name in names if len(name) > 3)):
        assert secret not in said, secret
    assert "=?" not in said


@pytest.mark.slow
def test_two_phones_have_two_numbers(office: Office) -> None:
    support_log.start(office.data)
    support_log.keep()
    try:
        office.plug("S1", "clean")
        office.plug("S2", "walk-up")
        office.until(lambda: [session.check is not None for session in office.fanion.phones.sessions] == [True, True])
        office.idle()
    finally:
        support_log.stop()
    ends = [re.search(r"check\.end phone=(\d) verdict=(\w+)", line) for line in log_of(office.data).splitlines()]
    told = [end.groups() for end in ends if end is not None]
    # The one that is opened first is number 1, whichever that is.
    assert sorted(number for number, _ in told) == ["1", "2"]
    assert sorted(verdict for _, verdict in told) == ["green", "red"]
