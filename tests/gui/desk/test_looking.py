"""Looking into the apps' files: no result before the last one, a red at once, and names as they are read."""

from __future__ import annotations

import pytest

from core.desk.app_names import AppNames
from core.phones.android.link.problems import Garbled
from core.phones.driver import Unplugged
from gui.desk.apps.app_model import Column
from gui.desk.phone_text import time_left
from gui.desk.session import flows
from tests.gui.conftest import Disk, MakeOffice, Office
from tests.gui.desk.conftest import DISGUISE, Files, disguised, with_apps

HIDING = disguised(certificate="wechat", signer="1234567")


def cells(office: Office, package: str) -> list[str]:
    """The row of an app."""
    return next(row for row in office.rows() if row[Column.PACKAGE] == package)


def some_app(office: Office) -> str:
    """An app that somebody installed and that no rule speaks of."""
    model = office.page.apps.model
    rows = (model.row(i) for i in range(model.rowCount()))
    return next(r.app.package for r in rows if not r.app.system and r.finding is None)


def looking(office: Office, files: Files, scenario: object = "clean", after: int = 3) -> None:
    """A phone whose listings were read, and whose files are being looked into."""
    files.hold(after)
    office.plug("S1", scenario)  # type: ignore[arg-type]
    office.until(files.waiting.is_set)
    office.until(lambda: office.headline in ("No banned app so far", "1 banned app so far", "2 banned apps so far"))


@pytest.mark.slow
@pytest.mark.usefixtures("all_apps")
def test_until_the_last_file_there_is_no_result_and_then_it_is_green(office: Office, files: Files) -> None:
    looking(office, files)
    total = files.asked[0]
    office.see(f"Keep it plugged in: 3 of {total} files.", "This is not a result yet.")
    assert (office.colour, office.headline) == ("neutral", "No banned app so far")
    assert f"Reading, 3 of {total} files" in office.card(0)
    assert "No banned app so far" in office.block.accessibleName()
    assert office.block.stop.isVisible()
    assert not office.block.remove.isVisible()
    assert office.kinds().count("check-ended") == 0
    waiting = [row for row in office.rows() if row[Column.NAME] == row[Column.PACKAGE]]
    assert len(waiting) > 100
    assert len([row for row in office.rows() if row[Column.FLAG] == "Not looked into"]) == total - 3
    package = some_app(office)
    files.let_go()
    office.until(lambda: office.colour == "green")
    office.idle()
    assert office.headline == "No banned app"
    assert cells(office, package)[Column.NAME] != package
    assert {row[Column.FLAG] for row in office.rows()} == {"Allowed"}
    assert office.kinds().count("check-ended") == 1
    colours = [colour for colour, _ in office.shown]
    assert set(colours[: colours.index("green")]) <= {"neutral", "info"}


@pytest.mark.parametrize(
    ("done", "total", "seconds", "said"),
    [
        (4, 121, 60.0, None),  # too few to tell
        (43, 121, 2.9, None),  # too soon
        (121, 121, 60.0, None),
        (43, 121, 21.5, "About 40 seconds more."),
        (60, 121, 3.0, "About 10 seconds more."),
        (60, 120, 90.0, "About 90 seconds more."),
        (59, 120, 90.0, "About 2 minutes more."),
        (5, 1_000_000, 5.0, "About 16,667 minutes more."),
    ],
)
def test_a_guess_of_the_time_left_is_rounded_up_and_made_only_where_it_can_be(
    done: int, total: int, seconds: float, said: str | None
) -> None:
    left = time_left(done, total, seconds)
    assert (str(left) if left is not None else None) == said


@pytest.mark.slow
@pytest.mark.usefixtures("all_apps")
def test_how_long_the_files_still_take_is_said_while_they_are_read(office: Office, files: Files) -> None:
    looking(office, files, after=6)
    assert "more." not in office.block.doing.text()
    (session,) = office.fanion.phones.sessions
    session.files_from -= 60.0
    files.hold_after = 8
    office.until(lambda: office.block.doing.text().endswith("minutes more."))
    files.let_go()
    office.until(lambda: office.colour == "green")


@pytest.mark.slow
def test_an_app_is_found_and_sorted_by_its_name_and_by_its_package(office: Office, files: Files) -> None:
    looking(office, files, with_apps("clean", disguised()), after=0)
    office.open_apps()
    office.click(office.page.apps.search)
    office.type("jotter pocket")
    assert office.rows() == []
    files.let_go()
    office.until(lambda: [row[Column.NAME] for row in office.rows()] == ["Pocket Jotter"])
    office.idle()
    office.page.apps.search.selectAll()
    office.type("ca.maple.jottings")
    assert [row[Column.NAME] for row in office.rows()] == ["Pocket Jotter"]
    office.page.apps.search.clear()
    office.page.apps.model.sort(Column.NAME)
    names = [row[Column.NAME].casefold() for row in office.rows()]
    assert names == sorted(names)


def test_names_that_come_do_not_take_the_chosen_row_away(office: Office, files: Files) -> None:
    looking(office, files, after=0)
    apps = office.page.apps
    package = some_app(office)
    apps.model.sort(Column.NAME)
    row = next(i for i in range(apps.model.rowCount()) if apps.model.row(i).app.package == package)
    apps.table.selectRow(row)
    files.let_go()
    office.until(lambda: office.colour == "green")
    office.idle()
    chosen = apps.chosen()
    assert chosen is not None
    assert chosen.app.package == package


@pytest.mark.slow
def test_a_second_phone_has_the_names_at_once_and_they_outlive_the_window(
    open_office: MakeOffice, files: Files
) -> None:
    office = open_office()
    office.plug("S1", "clean")
    office.until(lambda: files.asked and office.colour == "green")
    office.idle()
    package = some_app(office)
    name = cells(office, package)[Column.NAME]
    office.close()
    again = open_office(office.data)
    looking(again, files, after=0)
    again.see("Keep it plugged in: 0 of")  # a name says nothing of what an app is
    assert cells(again, package)[Column.NAME] == name


@pytest.mark.slow
def test_removing_stops_the_look_and_the_reading_afterwards_finishes_it(office: Office, files: Files) -> None:
    looking(office, files, "walk-up")
    assert (office.colour, office.headline) == ("red", "2 banned apps so far")
    office.remove()
    office.until(lambda: "removal-intended" in office.kinds())
    files.let_go()
    office.until(lambda: office.headline == "No banned app is left")
    assert office.says("WeChat (personal profile): Removed")
    office.idle()
    assert len(files.asked) == 2
    kinds = office.kinds()
    assert "problem" not in kinds
    # What was seen until then is on record as a check of its own.
    assert kinds.index("check-ended") < kinds.index("removal-intended")
    assert "green" not in [colour for colour, _ in office.shown[:-1]]


def test_an_asset_tag_that_is_said_meanwhile_is_on_record(office: Office, files: Files) -> None:
    looking(office, files, after=1)
    assert office.page.session is not None
    from core.model import Labels

    flows.label(office.page.session, Labels(tag="T-12"))
    files.let_go()
    office.until(lambda: "phone-labelled" in office.kinds())
    office.idle()
    assert office.colour == "green"


@pytest.mark.slow
def test_stopped_it_is_amber_with_the_number_and_how_to_finish(office: Office, files: Files) -> None:
    looking(office, files, after=1)
    left = files.asked[0] - 1
    office.press("Ctrl+.")
    office.until(lambda: office.colour == "amber")
    office.idle()
    assert office.headline == "Incomplete check"
    office.see(f"The files of {left} apps of {files.asked[0]} were not looked into. The check was stopped.")
    office.see("leave it plugged in until all files were read")
    assert len([row for row in office.rows() if row[Column.FLAG] == "Not looked into"]) == left
    assert office.kinds()[-1] == "check-ended"
    files.let_go()
    office.click("Check again")
    office.until(lambda: office.colour == "green")
    office.idle()


@pytest.mark.slow
@pytest.mark.usefixtures("all_apps")
def test_pulled_in_the_middle_it_is_amber(office: Office, files: Files) -> None:
    looking(office, files)
    office.unplug("S1")
    office.see("It is not plugged in any more.", "were not looked into.")
    office.idle()
    assert office.colour == "amber"
    assert [r for r in office.rows() if r[Column.NAME] != r[Column.PACKAGE]]
    known = AppNames(office.data).of([office.page.apps.model.row(i).app for i in range(200)])
    assert len(known) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("problem", [Unplugged("gone"), Garbled("noise")])
def test_a_phone_that_answers_no_more_keeps_its_red_and_can_be_checked_again(
    office: Office, files: Files, problem: Unplugged | Garbled
) -> None:
    files.fail(2, problem)
    office.plug("S1", "walk-up")
    office.see("could not be checked")
    office.idle()
    assert (office.colour, office.headline) == ("red", "2 banned apps")
    files.let_go()
    office.click("Check again")
    office.until(lambda: office.kinds().count("check-ended") == 2)
    office.idle()
    assert not office.says("could not be checked")


def test_after_that_a_removal_reads_the_phone_first(office: Office, files: Files) -> None:
    files.fail(2, Unplugged("gone"))
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.see("could not be checked")
    office.idle()
    files.let_go()
    office.remove()
    office.until(lambda: office.colour == "green")
    office.idle()
    assert not {"com.tencent.mm", "com.kms.free"} & server.phone.installed()
    assert office.says("WeChat (personal profile): Removed")


@pytest.mark.slow
@pytest.mark.usefixtures("all_apps")
def test_a_renamed_app_is_red_as_soon_as_its_file_was_read(office: Office, files: Files) -> None:
    looking(office, files, with_apps("clean", HIDING), after=0)
    assert office.colour == "neutral"
    files.hold_after = files.asked[0] - 1  # all but one
    office.until(lambda: office.colour == "red")
    assert office.headline == "1 banned app so far"
    assert "1 banned so far" in office.card(0)
    files.let_go()
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    assert office.says("different name, same signature") or office.says("Different name, same signature")
    assert cells(office, DISGUISE)[Column.FLAG] == "Banned"
    assert cells(office, DISGUISE)[Column.NAME] == "WeChat, called “Pocket Jotter”"
    assert office.card(0).endswith("Google Pixel 9: 1 banned, Remove")
    assert "1 banned app" in office.block.accessibleName()
    kinds = office.kinds()
    assert kinds[-2:] == ["finding", "check-ended"]
    assert "green" not in [colour for colour, _ in office.shown]
    office.remove()
    office.until(lambda: office.colour == "green")
    office.idle()


def test_what_was_agreed_to_is_done_and_what_is_found_afterwards_stays_red(office: Office, files: Files) -> None:
    files.hold(0)
    server = office.plug("S1", with_apps("walk-up", HIDING))
    assert server is not None
    office.until(files.waiting.is_set)
    office.remove()
    office.until(lambda: "removal-intended" in office.kinds())
    files.let_go()
    office.idle()
    assert {"com.tencent.mm", "com.kms.free"}.isdisjoint(server.phone.installed())
    assert DISGUISE in server.phone.installed()
    assert office.colour == "red"
    assert "green" not in [colour for colour, _ in office.shown]


def test_what_was_found_and_cannot_be_recorded_stays_on_the_page(office: Office, files: Files, disk: Disk) -> None:
    looking(office, files, with_apps("clean", HIDING), after=0)
    disk.room = 0
    files.let_go()
    office.until(lambda: office.says("cannot grow: the disk is full"))
    office.idle()
    assert (office.colour, office.headline) == ("red", "1 banned app seen")
    disk.room = None
    office.click("Check again")
    office.until(lambda: office.headline == "1 banned app")
    office.idle()
    assert office.colour == "red"


def test_a_bug_in_reading_files_leaves_no_verdict(
    office: Office, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *bug: said.append(bug[1]))
    files.fail(1, LookupError("a bug"))
    office.plug("S1", "clean")
    office.until(lambda: said)
    office.idle()
    assert office.colour == "neutral"
    assert len(said) == 1


def test_a_copy_that_another_phone_had_before_is_not_passed_over(office: Office, files: Files) -> None:
    office.plug("S1", with_apps("clean", disguised()))  # the same package and version, and it is what it says
    office.until(lambda: files.asked and office.colour == "green")
    office.idle()
    office.plug("S2", with_apps("clean", HIDING))
    office.until(lambda: "1 banned, " in office.card(1))
    office.choose(1)
    office.until(lambda: office.colour == "red")
    office.idle()


def test_an_app_that_writes_into_the_list_and_one_that_is_archived_are_red(office: Office) -> None:
    for number, (scenario, says) in enumerate(
        (("forged", "different name, same signature"), ("archived", "1 banned app"))
    ):
        office.plug(f"S{number}", scenario)
        office.until(lambda number=number: "1 banned, " in office.card(number))
        office.choose(number)
        office.idle()
        office.open_apps()
        row = office.rows()[0]
        assert row[Column.FLAG] == "Banned"
        assert says.casefold() in " ".join(office.texts()).casefold()
        assert "green" not in [colour for colour, _ in office.shown]


def test_a_data_folder_that_takes_no_names_costs_only_time(office: Office, files: Files) -> None:
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
    office.until(lambda: office.headline == "Aucune application interdite jusqu’ici")
    office.see(f"Laissez-le branché\N{NO-BREAK SPACE}: 1 sur {files.asked[0]} fichiers.")
    files.let_go()
    office.idle()
