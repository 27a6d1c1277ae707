"""What the department calls a phone: said on the Desk page, at any time, and on record as soon as it can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli_w
from PySide6.QtWidgets import QApplication

from core import text
from core.model import Labels
from core.phones.states import PhoneState
from core.phones.watch import Road, Sighting
from gui.desk.asset_label_dialog import AssetLabelDialog
from gui.toolkit.translated_text import speak
from tests.entries import personal
from tests.gui.conftest import Disk, MakeOffice, Office


def shown(office: Office) -> str:
    """What the page calls the phone, to a screen reader: each label on a line of its own, or what can be added."""
    return office.page.identity.label.accessibleName()


def checked(office: Office, scenario: str = "walk-up") -> None:
    office.plug("S1", scenario)
    office.until(lambda: office.page.session is not None and office.page.session.check is not None)
    office.idle()


def sheet_of(office: Office) -> AssetLabelDialog:
    """The sheet that is open, with the cursor in it."""
    (sheet,) = [s for s in office.window.findChildren(AssetLabelDialog) if s.isVisible()]
    office.until(lambda: QApplication.activeWindow() is sheet)
    return sheet


def shut(office: Office) -> None:
    """Wait until no sheet is open."""
    office.until(lambda: not [s for s in office.window.findChildren(AssetLabelDialog) if s.isVisible()])
    office.window.activateWindow()
    office.until(lambda: QApplication.activeWindow() is office.window)


def say(office: Office, tag: str, holder: str = "") -> None:
    """Type and save, as with a barcode reader."""
    office.press("F2")
    sheet = sheet_of(office)
    sheet.fields["tag"].setText("")
    office.type(tag)
    sheet.fields["holder"].setText(holder)
    office.press("Return")
    shut(office)


def labels(entry: Any) -> Labels:
    return Labels(*(personal(entry, name) or "" for name in ("tag", "holder", "imei")))


def last(office: Office, kind: str) -> Labels:
    """What the newest record of a kind calls the phone."""
    return labels([r for r in office.records() if r.kind == kind][-1])


@pytest.mark.slow
def test_a_phone_is_called_by_its_asset_tag(office: Office) -> None:
    checked(office)
    assert office.page.identity.label.text() == "Add asset tag or holder"
    office.click("Add asset tag or holder")
    sheet = sheet_of(office)
    assert set(sheet.fields) == {"tag", "holder"}  # nobody asks for the IMEI
    assert QApplication.focusWidget() is sheet.fields["tag"]
    office.type("  TB-114 ")
    office.press("Tab")
    office.type("Z. Tremblay")
    office.press("Return")
    shut(office)
    identity = office.page.identity
    office.until(lambda: identity.title.whole() == "Z. Tremblay")
    assert identity.caption.whole().startswith("Slot 1 · TB-114 · Samsung Galaxy S22")
    assert (identity.label.text(), shown(office)) == ("Change", "Asset tag: TB-114\nHolder: Z. Tremblay")
    assert "TB-114" in identity.label.toolTip()
    assert "F2" in identity.label.toolTip()
    assert office.card(0).startswith("Slot 1, Z. Tremblay")
    office.idle()
    assert office.kinds()[-1] == "phone-labelled"
    assert last(office, "phone-labelled") == Labels("TB-114", "Z. Tremblay")
    assert not any("TB-114" in r.exact.decode() for r in office.records())
    office.press("F5")
    office.until(lambda: office.kinds()[-1] == "check-ended")
    office.idle()
    assert last(office, "check-ended") == Labels("TB-114", "Z. Tremblay")
    assert identity.title.whole() == "Z. Tremblay"


def test_escape_leaves_it_as_it_was(office: Office) -> None:
    checked(office)
    say(office, "TB-114")
    office.idle()
    office.press("F2")
    assert sheet_of(office).fields["tag"].text() == "TB-114"
    office.type("TB-115")
    office.press("Esc")
    shut(office)
    office.idle()
    assert shown(office) == "Asset tag: TB-114"
    assert office.kinds().count("phone-labelled") == 1


@pytest.mark.slow
def test_empty_fields_withdraw_it(office: Office) -> None:
    checked(office)
    say(office, "TB-114", "Z. Tremblay")
    say(office, "")
    office.until(lambda: shown(office) == "Add asset tag or holder")
    office.idle()
    assert last(office, "phone-labelled") == Labels()
    office.press("F5")
    office.idle()
    assert last(office, "check-ended") == Labels()


def test_a_holder_alone_stands_there_and_a_long_tag_leaves_room_to_the_rest(office: Office) -> None:
    checked(office)
    identity = office.page.identity
    say(office, "", "R&D")
    office.until(lambda: identity.title.whole() == "R&D")
    assert identity.label.text() == "Add the asset tag"
    say(office, "T" * 200)
    office.until(lambda: identity.title.whole() == "T" * 120)
    assert identity.label.text() == "Add the holder"
    assert office.page.rect().contains(
        identity.menu_button.mapTo(office.page, identity.menu_button.rect().bottomRight())
    )
    office.idle()
    assert last(office, "phone-labelled").tag == "T" * 120


@pytest.mark.parametrize("pasted", ["TB\u202e-114", "TB\x00114", "TB\u200b114", "\ufffd"])
def test_what_nobody_can_see_is_refused_with_the_reason(office: Office, pasted: str) -> None:
    checked(office)
    office.press("F2")
    sheet = sheet_of(office)
    sheet.fields["holder"].setText(pasted)
    office.press("Return")
    assert "“Holder” contains a character" in sheet.trouble.sentence.text()
    assert sheet.trouble.isVisible()
    assert sheet.trouble.next_step.text()
    assert QApplication.focusWidget() is sheet.fields["holder"]
    sheet.fields["holder"].setText("Z. Tremblay")
    office.press("Return")
    shut(office)
    office.until(lambda: shown(office) == "Holder: Z. Tremblay")


def test_the_imei_is_asked_for_where_the_department_wants_it(open_office: MakeOffice, department: Path) -> None:
    department.parent.mkdir(parents=True)
    department.write_text(tomli_w.dumps({"ask_imei": True}))
    office = open_office()
    checked(office)
    office.press("F2")
    sheet = sheet_of(office)
    sheet.fields["imei"].setText("356938035643809")
    office.press("Return")
    shut(office)
    office.until(lambda: shown(office) == "IMEI: 356938035643809")
    office.idle()
    assert last(office, "phone-labelled") == Labels(imei="356938035643809")


def test_the_asset_tag_is_asked_for_on_the_page_where_the_settings_say_so(office: Office) -> None:
    checked(office)
    asked = office.page.identity.tag
    assert not asked.isVisible()
    office.desk.change(ask_tag=True)
    office.page.refresh()
    assert asked.isVisible()
    assert not asked.hasFocus(), "nothing takes the focus from the officer"
    asked.setFocus()
    asked.setText("TB\u202e-114")
    office.press("Return")
    sheet_of(office).reject()
    shut(office)
    asked.setFocus()
    asked.setText("")
    office.type(" TB-114 ")
    office.press("Return")
    office.until(lambda: shown(office) == "Asset tag: TB-114")
    office.idle()
    assert last(office, "phone-labelled") == Labels(tag="TB-114")
    assert not asked.isVisible()


def test_the_key_is_on_the_sheet_of_keys(office: Office) -> None:
    keys = {key.toString(): str(does) for does, key in office.window.desk_page.shortcuts()}
    assert keys["F2"] == "Enter the asset tag and the holder of the phone"
    office.press("F2")  # there is no phone
    assert not office.window.findChildren(AssetLabelDialog)


# --- at any time


def test_while_a_check_runs_it_waits_for_its_end(office: Office) -> None:
    gate = office.gate(office.serve("S1", "walk-up"), "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    say(office, "TB-114")
    office.until(lambda: shown(office) == "Asset tag: TB-114")  # at once
    assert "phone-labelled" not in office.kinds()
    gate.open()
    office.until(lambda: "phone-labelled" in office.kinds())
    office.idle()
    assert last(office, "phone-labelled").tag == "TB-114"
    assert shown(office) == "Asset tag: TB-114"


def test_of_two_that_wait_the_last_one_holds(office: Office) -> None:
    gate = office.gate(office.serve("S1", "walk-up"), "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    say(office, "TB-114")
    say(office, "TB-115")
    office.until(lambda: shown(office) == "Asset tag: TB-115")
    gate.open()
    office.until(lambda: office.kinds().count("phone-labelled") == 2)
    office.idle()
    assert last(office, "phone-labelled").tag == "TB-115"
    assert shown(office) == "Asset tag: TB-115"


def test_before_the_phone_can_be_opened_it_waits_for_the_first_check(office: Office) -> None:
    office.serve("S1", "walk-up")
    office.plug("S1", state=PhoneState.UNAUTHORISED)
    office.until(lambda: office.page.identity.label.isVisible())
    say(office, "TB-114")
    office.until(lambda: shown(office) == "Asset tag: TB-114")
    office.plug("S1")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    assert last(office, "check-ended").tag == "TB-114"
    assert "phone-labelled" not in office.kinds()


@pytest.mark.slow
def test_it_outlasts_a_lost_contact(office: Office) -> None:
    office.plug("S1", "unplugged")
    office.until(lambda: office.block.again.isVisible())
    office.idle()
    say(office, "TB-114")
    office.press("F5")
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    assert last(office, "check-ended").tag == "TB-114"
    assert shown(office) == "Asset tag: TB-114"
    office.remove()
    office.until(lambda: office.says("The phone was unplugged, or the cable lost contact."))
    office.idle()
    assert shown(office) == "Asset tag: TB-114"
    office.press("F5")
    office.idle()
    assert last(office, "check-ended").tag == "TB-114"
    assert shown(office) == "Asset tag: TB-114"


@pytest.mark.slow
def test_it_goes_with_the_phone_to_another_road(office: Office) -> None:
    checked(office)
    say(office, "TB-114")
    office.idle()
    office.watches[-1].tell(Sighting("S1", "S1", "Pixel", PhoneState.READY, Road.SERVER), plugged=True)
    office.until(lambda: office.kinds().count("check-ended") == 2)
    office.idle()
    assert last(office, "check-ended").tag == "TB-114"
    assert shown(office) == "Asset tag: TB-114"


@pytest.mark.slow
def test_another_phone_by_another_road_is_not_called_so(office: Office) -> None:
    server = office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    say(office, "TB-114")
    office.idle()
    assert server is not None
    server.close()
    office.serve("S1", "walk-up")
    office.watches[-1].tell(Sighting("S1", "S1", "Pixel", PhoneState.READY, Road.SERVER), plugged=True)
    office.until(lambda: office.headline == "2 banned apps")
    office.idle()
    assert last(office, "check-ended") == Labels()
    assert shown(office) == "Add asset tag or holder"


@pytest.mark.slow
def test_a_phone_that_has_left_can_be_told_by_what_was_found(office: Office) -> None:
    checked(office)
    office.unplug("S1")
    office.until(lambda: office.page.session is not None and office.page.session.absent)
    say(office, "TB-114")
    office.until(lambda: "phone-labelled" in office.kinds())
    office.idle()
    assert last(office, "phone-labelled").tag == "TB-114"
    assert shown(office) == "Asset tag: TB-114"


def test_a_phone_that_left_before_it_was_read_has_no_record_to_keep_it_with(office: Office) -> None:
    gate = office.gate(office.serve("S1", "clean"), "dumpsys package packages")
    office.plug("S1")
    office.until(lambda: gate.reached)
    office.press("F2")
    sheet = sheet_of(office)
    office.type("TB-114")
    office.unplug("S1")
    gate.open()
    office.idle()
    office.press("Return")
    assert "was unplugged before it was read" in sheet.trouble.sentence.text()
    office.press("Esc")
    shut(office)
    assert not office.page.identity.label.isVisible()


@pytest.mark.slow
def test_the_next_phone_waits_beside_the_sheet_and_is_not_called_so(office: Office) -> None:
    checked(office)
    first = office.page.session
    office.press("F2")
    sheet_of(office)
    office.plug("S2", "clean")
    office.until(lambda: len(office.cards()) == 2)
    office.idle()
    assert office.page.session is first
    office.type("TB-114")
    office.press("Return")
    shut(office)
    assert first is not None
    office.until(lambda: shown(office) == "Asset tag: TB-114")
    office.until(lambda: first.labels.current.tag == "TB-114")  # once it is on record
    assert office.page.session is first
    office.choose(1)
    office.until(lambda: office.page.session is not first)
    assert shown(office) == "Add asset tag or holder"


# --- where it goes wrong


@pytest.mark.slow
def test_what_could_not_be_written_down_is_said_and_can_be_tried_again(office: Office, disk: Disk) -> None:
    checked(office)
    say(office, "TB-113")
    office.idle()
    disk.room = 0
    say(office, "TB-114", "Z. Tremblay")
    office.until(lambda: office.page.not_labelled.isVisible())
    assert "the disk is full" in office.page.not_labelled.sentence.text()
    assert office.page.not_labelled.next_step.text()
    assert shown(office) == "Asset tag: TB-113"
    disk.room = None
    office.click("Try again")
    sheet = sheet_of(office)
    assert (sheet.fields["tag"].text(), sheet.fields["holder"].text()) == ("TB-114", "Z. Tremblay")
    assert sheet.trouble.isVisible()
    office.press("Return")
    shut(office)
    office.until(lambda: shown(office) == "Asset tag: TB-114\nHolder: Z. Tremblay")
    office.idle()
    assert not office.page.not_labelled.isVisible()
    assert last(office, "phone-labelled") == Labels("TB-114", "Z. Tremblay")


@pytest.mark.slow
def test_who_leaves_it_has_read_why(office: Office, disk: Disk) -> None:
    checked(office)
    disk.room = 0
    say(office, "TB-114")
    office.until(lambda: office.page.not_labelled.isVisible())
    disk.room = None
    office.click("Try again")
    sheet_of(office)
    office.press("Esc")
    shut(office)
    office.until(lambda: not office.page.not_labelled.isVisible())
    assert shown(office) == "Add asset tag or holder"


@pytest.mark.slow
def test_the_window_can_be_closed_at_once_and_it_is_still_written(office: Office) -> None:
    server = office.plug("S1", "walk-up")
    assert server is not None
    office.until(lambda: office.block.remove.isVisible())
    office.idle()
    gate = office.gate(server, "dumpsys package packages")
    office.press("F5")
    office.until(lambda: gate.reached)
    say(office, "TB-114")
    office.press("F2")
    sheet_of(office)
    office.close()
    assert last(office, "phone-labelled").tag == "TB-114"


def test_both_languages(office: Office) -> None:
    checked(office)
    office.press("F2")
    sheet = sheet_of(office)
    speak("fr")
    assert text.language() == "fr"
    assert sheet.save.text() == "Enregistrer"
    office.press("Esc")
