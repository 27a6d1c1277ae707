"""The names of apps: read in the background after a check, giving way to everything, and never a false green."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.names import Names
from core.phones import Unplugged
from core.phones.android.states import Garbled
from gui.desk.model import Column
from tests.gui.conftest import Disk, MakeOffice, Office
from tests.gui.desk.conftest import DISGUISE, Files, disguised, with_apps

READING = "Reading the names of the apps…"


def cells(office: Office, package: str) -> list[str]:
    """The row of an app."""
    return next(row for row in office.rows() if row[Column.PACKAGE] == package)


def some_app(office: Office) -> str:
    """An app that somebody installed and that no rule speaks of."""
    model = office.page.apps.model
    rows = (model.row(i) for i in range(model.rowCount()))
    return next(r.app.package for r in rows if not r.app.system and r.finding is None)


def reading(office: Office, files: Files, scenario: str = "clean", after: int = 3) -> None:
    """A phone whose verdict is there, while the names of its apps are read."""
    files.hold(after)
    office.plug("S1", scenario)
    office.until(files.waiting.is_set)
    office.see(READING)


def test_names_come_after_the_verdict_and_take_the_place_of_package_names(office: Office, files: Files) -> None:
    reading(office, files)
    assert (office.colour, office.headline) == ("green", "No banned app")
    total = files.asked[0]
    office.see(f"{READING} 3 of {total}")
    waiting = [row for row in office.rows() if row[Column.NAME] == row[Column.PACKAGE]]
    assert len(waiting) > 100
    package = some_app(office)
    files.let_go()
    office.until(lambda: not office.says(READING))
    office.idle()
    assert cells(office, package)[Column.NAME] != package
    assert office.colour == "green"
    assert office.kinds().count("check-ended") == 1  # nothing new was found: nothing new is on record


def test_an_app_is_found_and_sorted_by_its_name_and_by_its_package(office: Office, files: Files) -> None:
    reading(office, files, after=0)
    office.click(office.page.apps.search)
    office.type("jotter pocket")
    assert office.rows() == []
    office.page.apps.search.clear()
    office.unplug("S1")
    office.idle()
    files.let_go()
    office.plug("S2", with_apps("clean", disguised()))
    office.until(lambda: len(office.cards()) == 2 and office.colour == "green" and office.says("Pocket Jotter"))
    office.idle()
    for words in ("pocket jotter", "ca.maple.jottings"):
        office.click(office.page.apps.search)
        office.page.apps.search.selectAll()
        office.type(words)
        assert [row[Column.NAME] for row in office.rows()] == ["Pocket Jotter"]
    office.page.apps.search.clear()
    office.page.apps.model.sort(Column.NAME)
    names = [row[Column.NAME].casefold() for row in office.rows()]
    assert names == sorted(names)


def test_names_that_come_do_not_take_the_chosen_row_away(office: Office, files: Files) -> None:
    reading(office, files, after=0)
    apps = office.page.apps
    package = some_app(office)
    apps.model.sort(Column.NAME)
    row = next(i for i in range(apps.model.rowCount()) if apps.model.row(i).app.package == package)
    apps.table.selectRow(row)
    files.let_go()
    office.until(lambda: not office.says(READING))
    office.idle()
    chosen = apps.chosen()
    assert chosen is not None
    assert chosen.app.package == package


def test_a_second_phone_has_the_names_at_once_and_they_outlive_the_window(
    open_office: MakeOffice, files: Files
) -> None:
    office = open_office()
    office.plug("S1", "clean")
    office.until(lambda: files.asked and office.colour == "green")
    office.idle()
    package = some_app(office)
    name = cells(office, package)[Column.NAME]
    files.hold(0)
    office.plug("S2", "clean")
    office.until(files.waiting.is_set)
    office.see("Looking closer at the apps… 0 of")  # a name says nothing of what an app is
    assert cells(office, package)[Column.NAME] == name
    office.close()
    files.hold(0)
    again = open_office(office.data)
    again.plug("S1", "clean")
    again.until(files.waiting.is_set)
    again.see("Looking closer at the apps… 0 of")
    assert cells(again, package)[Column.NAME] == name


def test_a_removal_comes_first_and_names_are_read_on_afterwards(office: Office, files: Files) -> None:
    reading(office, files, "walk-up")
    office.click("Remove 2 banned apps…")
    assert office.headline == "2 banned apps"
    office.click("Remove 2 apps now")  # the names still wait
    office.until(lambda: office.headline == "No banned app")
    assert office.says("WeChat (personal profile): Removed")
    office.until(lambda: len(files.asked) == 2)
    files.let_go()
    office.idle()
    assert not office.says(READING)
    assert "problem" not in office.kinds()


def test_a_check_again_comes_first_too(office: Office, files: Files) -> None:
    reading(office, files)
    office.press("F5")
    office.until(lambda: office.kinds().count("check-ended") == 2)
    files.let_go()
    office.idle()
    assert office.colour == "green"
    assert "problem" not in office.kinds()


def test_an_asset_tag_is_on_record_although_names_are_read(office: Office, files: Files) -> None:
    reading(office, files)
    assert office.page.stay is not None
    from core.model import Labels

    office.page.stay.label(Labels(tag="T-12"))
    office.until(lambda: "phone-labelled" in office.kinds())
    office.until(lambda: len(files.asked) == 2)
    office.see(f"{READING} 3 of {files.asked[0]}")
    files.let_go()
    office.idle()
    assert office.colour == "green"


def test_it_can_be_stopped_and_asked_for_again(office: Office, files: Files) -> None:
    reading(office, files)
    office.press("Ctrl+.")
    office.see("were not read.")
    assert not office.says(READING)
    office.idle()
    assert office.colour == "green"
    assert "problem" not in office.kinds()
    files.let_go()
    office.click("Read the names")
    office.until(lambda: not office.page.apps.names.isVisible())
    office.idle()
    assert cells(office, some_app(office))[Column.NAME] != some_app(office)


def test_its_own_stop_button(office: Office, files: Files) -> None:
    reading(office, files)
    office.click(office.button("Stop reading the names"))
    office.see("were not read.")
    office.idle()
    assert office.button("Read the names").isVisible()


def test_pulled_in_the_middle_the_verdict_stays_as_it_was_found(office: Office, files: Files) -> None:
    reading(office, files)
    office.unplug("S1")
    office.see("It is not plugged in any more.")
    office.idle()
    assert office.colour == "green"
    assert not office.page.apps.names.isVisible()
    assert "problem" not in office.kinds()
    known = Names(office.data)
    named = [r for r in office.rows() if r[Column.NAME] != r[Column.PACKAGE]]
    assert named
    assert (office.data / "app-names.db").exists()
    assert known is not None


@pytest.mark.parametrize("problem", [Unplugged("gone"), Garbled("noise")])
def test_a_phone_that_answers_no_more_keeps_its_verdict_and_can_be_checked_again(
    office: Office, files: Files, problem: Exception
) -> None:
    files.fail(2, problem)
    office.plug("S1", "walk-up")
    office.see("The names of the apps could not be read.")
    office.idle()
    assert (office.colour, office.headline) == ("red", "2 banned apps")
    files.let_go()
    office.click(office.button("Check again", office.page.apps.names))
    office.until(lambda: office.kinds().count("check-ended") == 2)
    office.idle()
    assert not office.page.apps.names.isVisible()


def test_after_that_a_removal_reads_the_phone_first(office: Office, files: Files) -> None:
    files.fail(2, Unplugged("gone"))
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.see("The names of the apps could not be read.")
    office.idle()
    files.let_go()
    office.click("Remove 2 banned apps…")
    office.click("Remove 2 apps now")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert not {"com.tencent.mm", "com.kms.free"} & server.phone.installed()
    assert office.says("WeChat (personal profile): Removed")


def test_a_renamed_app_turns_a_green_verdict_red(office: Office, files: Files) -> None:
    files.hold(0)
    office.plug("S1", with_apps("clean", disguised(certificate="wechat", signer="1234567")))
    office.until(files.waiting.is_set)
    office.until(lambda: office.colour == "green")
    files.let_go()
    office.until(lambda: office.colour == "red")
    office.idle()
    assert office.headline == "1 banned app"
    assert office.says("Pocket Jotter is signed by the maker of WeChat, under another name.")
    assert office.says("Found by a closer look at the apps’ files, after the first reading.")
    assert cells(office, DISGUISE)[Column.FLAG] == "Banned"
    assert cells(office, DISGUISE)[Column.NAME] == "WeChat, called “Pocket Jotter”"
    assert office.card(0).startswith("Google Pixel 9, 1 banned app")
    assert "1 banned app" in office.banner.accessibleName()
    kinds = office.kinds()
    assert kinds[-4:] == ["check-ended", "check-started", "finding", "check-ended"]
    office.click("Remove 1 banned app…")
    office.click("Remove 1 app now")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert not office.says("Found by a closer look")


def test_a_red_that_comes_while_the_plan_is_read_is_in_the_plan(office: Office, files: Files) -> None:
    files.hold(0)
    office.plug("S1", with_apps("walk-up", disguised(certificate="wechat", signer="1234567")))
    office.until(files.waiting.is_set)
    office.until(lambda: office.banner.remove.isVisible())
    office.press("Ctrl+R")
    assert office.button("Remove 2 apps now").isVisible()
    files.let_go()
    office.see("Remove 3 apps now")
    assert office.page.plan.do.hasFocus()
    office.press("Enter")  # whoever presses it now has read another plan
    assert office.page.plan.isVisible()
    office.idle()


def test_what_was_agreed_to_is_done_though_something_was_found_in_the_meantime(office: Office, files: Files) -> None:
    files.hold(0)
    server = office.plug("S1", with_apps("walk-up", disguised(certificate="wechat", signer="1234567")))
    assert server is not None
    office.until(files.waiting.is_set)
    office.until(lambda: office.banner.remove.isVisible())
    stay = office.page.stay
    assert stay is not None
    assert stay.checked is not None
    old = stay.checked.plan.items
    files.let_go()
    office.until(lambda: stay.checked is not None and len(stay.checked.plan.items) == 3)
    office.idle()
    stay.remove(old)
    office.idle()
    assert {"com.tencent.mm", "com.kms.free"}.isdisjoint(server.phone.installed())
    assert DISGUISE in server.phone.installed()
    assert office.colour == "red"


def test_what_was_found_and_cannot_be_recorded_leaves_no_green(office: Office, files: Files, disk: Disk) -> None:
    files.hold(0)
    office.plug("S1", with_apps("clean", disguised(certificate="wechat", signer="1234567")))
    office.until(files.waiting.is_set)
    office.until(lambda: office.colour == "green")
    disk.room = 0
    files.let_go()
    office.until(lambda: office.colour == "neutral")
    office.idle()
    assert office.says("cannot grow: the disk is full")
    disk.room = None
    office.click("Check again")
    office.until(lambda: office.colour == "red")
    office.idle()


def test_a_bug_in_reading_files_leaves_the_verdict(
    office: Office, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *bug: said.append(bug[1]))
    files.fail(1, LookupError("a bug"))
    office.plug("S1", "clean")
    office.see("The names of the apps could not be read.")
    office.idle()
    assert office.colour == "green"
    assert len(said) == 1


def test_a_copy_that_another_phone_had_before_is_not_passed_over(office: Office, files: Files) -> None:
    office.plug("S1", with_apps("clean", disguised()))  # the same package and version, and it is what it says
    office.until(lambda: files.asked and office.colour == "green")
    office.idle()
    office.plug("S2", with_apps("clean", disguised(certificate="wechat", signer="1234567")))
    office.until(lambda: office.colour == "red")
    office.idle()


def test_a_phone_that_hides_something_never_seems_clean_again(office: Office) -> None:
    server = office.plug("S1", with_apps("walk-up", disguised(certificate="wechat", signer="1234567")))
    assert server is not None
    office.until(lambda: office.headline == "2 banned apps" and office.says("Pocket Jotter"))
    office.idle()
    office.shown.clear()
    office.press("F5")
    # The check itself looks into what had hidden: there is nothing for the closer look to add.
    office.until(lambda: office.kinds().count("check-ended") == 3)
    office.idle()
    assert (office.colour, office.says("Pocket Jotter")) == ("red", True)
    office.click(office.banner.remove)
    boxes = office.page.plan.chosen()
    assert len(boxes) == 3
    office.page.plan.left.emit()
    stay = office.page.stay
    assert stay is not None
    stay.remove(stay.removable[:1])  # one of three is done: the rest is still there, and seen
    office.idle()
    assert office.colour == "red"
    assert "green" not in [colour for colour, _ in office.shown]


def test_a_data_folder_that_takes_no_names_costs_only_time(office: Office, files: Files, tmp_path: Path) -> None:
    (office.data / "app-names.db").mkdir()
    office.plug("S1", "clean")
    office.until(lambda: files.asked and office.colour == "green")
    office.idle()
    package = some_app(office)
    assert cells(office, package)[Column.NAME] != package


def test_it_says_all_of_this_in_french(open_office: MakeOffice, files: Files) -> None:
    office = open_office(own={"language": "fr"})
    files.hold(1)
    office.plug("S1", "clean")
    office.until(files.waiting.is_set)
    office.until(lambda: office.page.apps.names.isVisible())
    line = office.page.apps.names.line
    assert line.whole().endswith(f"{files.asked[0]}")
    files.let_go()
    office.idle()
