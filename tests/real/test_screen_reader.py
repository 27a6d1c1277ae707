"""Fanion's window as a blind officer has it: a whole walk-up with keys alone, read through the real AT-SPI tree."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.at_spi import FANION, HOLDERS, Orca, Reader, Seat, Thing, missing, seat

LACKING = missing()
pytestmark = pytest.mark.skipif(
    bool(LACKING) and os.environ.get("CI") != "true", reason=f"there is no screen reader's bus here: {LACKING}"
)

PRACTICE, PHONE = "A phone with USB debugging off", "Google Pixel 8"
TELL_THE_HOLDER = "Data kept only in WeChat will be lost. Tell the holder."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Seat]:
    """The window of an officer who is known, in English, whose papers go into a folder of this test."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "settings.toml").write_text('officer = "A. Roy"\ndesk = "Desk 4"\nlanguage = "en"\n', encoding="utf-8")
    papers = tmp_path / "papers"
    papers.mkdir()
    (data / "window.ini").write_text(f"[General]\nscheme=light\n[papers]\nreceipts={papers}\n", encoding="utf-8")
    with seat(FANION, data) as made:
        made.reader.until(named("Practice phones…"), "the window")
        made.give_focus()
        yield made


def named(name: str, *, usable: bool | None = None, state: str = "") -> object:
    """Whether something of this name is showing; only if it can be used, or is in a state, where that is asked."""

    def found(seen: list[Thing]) -> bool:
        things = [one for one in seen if one.name == name]
        if usable is not None:
            things = [one for one in things if one.usable is usable]
        return any(not state or state in one.states for one in things)

    return found


def faults(seen: list[Thing]) -> list[str]:
    """What a screen reader could not say, or would say of two things alike."""
    found = []
    beside: Counter[tuple[int, str, str]] = Counter()
    for one in seen:
        if "focusable" not in one.states or one.role == "page tab list":
            continue
        if not one.name.strip():
            found.append(f"without a name: {one} in {around(seen, one)}")
        if one.role in HOLDERS and not one.name:
            found.append(f"of no kind: {one}")
        if "checkable" in one.states and one.role not in ("check box", "radio button", "toggle button"):
            found.append(f"ticked, but not told so: {one}")
        if one.role not in ("label", "table cell", "list item"):  # of which there may be many
            beside[one.within, one.role, one.name] += 1
    return found + [f"{count} alike: {key}" for key, count in beside.items() if count > 1]


def around(seen: list[Thing], one: Thing) -> str:
    """The names of what a thing is in, from the inside out."""
    names = []
    while one.within >= 0:
        one = seen[one.within]
        names.append(one.name or one.role)
    return " < ".join(names)


def test_a_whole_walk_up_is_done_with_keys_and_told_to_a_screen_reader(desk: Seat, tmp_path: Path) -> None:
    reader, wrong = desk.reader, {}

    def at(step: str, seen: list[Thing]) -> None:
        wrong[step] = faults(seen)

    at("empty", reader.look())

    # A phone is plugged in; it is not ready.
    desk.tab_to("Practice phones…")
    desk.press("space")
    at("practice phones", reader.until(named("Search the practice phones", state="focused"), "where to search"))
    desk.type("debugging off")
    reader.until(
        lambda seen: [one for one in seen if PRACTICE in one.name and "selected" in one.states], "the phone, chosen"
    )
    desk.press("Return")
    reader.hear_said(f"Plugged in at slot 1: {PRACTICE}")
    desk.press("Escape")
    desk.give_focus()
    at("not ready", reader.until(named("Get the phone ready"), "how it is made ready"))
    reader.hear_said("Get the phone ready. ")
    reader.hear_said("Just plugged in: ")
    assert sorted(reader.announced()) == [
        # What was chosen in the dialog, at first and by the search.
        "First steps: A clean phone. Only ordinary apps on a recent Pixel: the check is green, and the phone can be"
        " handed back.",
        "Get the phone ready. USB debugging is off. The holder does these three steps; after the third, the check"
        " starts automatically.",
        f"Just plugged in: Slot 1, {PRACTICE}",
        f"Not ready: {PRACTICE}. The usual phone of the queue: play its holder, switch USB debugging on, then tap"
        " Allow.",
        f"Plugged in at slot 1: {PRACTICE}",
    ]
    desk.tab_to("Phones")
    (row,) = [one for one in reader.look() if one.role == "list item"]
    assert row.name.startswith(f"Slot 1, {PRACTICE} (practice)")
    assert {"selected", "selectable"} <= row.states

    # Its holder, played with keys too, makes it ready.
    since = len(reader.told)
    desk.tab_to("Switch on USB debugging on the practice phone")
    desk.press("space")
    at("asks", reader.until(named("Tap Allow on the phone"), "that Allow is to be tapped"))
    assert "asks whether it may trust this computer" in reader.hear_said("Tap Allow on the phone. ", since)

    # Red, told once.
    since = len(reader.told)
    desk.tab_to("Tap Allow on the practice phone")
    desk.press("space")
    seen = reader.until(named("Check again", usable=True), "the end of the check")
    at("red", seen)
    reader.hear_said(f"{PHONE}: 1 banned app: WeChat.", since)
    assert not any("…." in said or ".." in said for said in reader.announced())
    assert named("Remove WeChat", usable=True)(seen)
    assert named(TELL_THE_HOLDER)(seen)

    # The focus never went where the officer did not send it, and everything it came to has a name and a kind.
    assert all(told.name and told.role not in HOLDERS - {"filler"} for told in reader.focused()), reader.focused()

    # About to be removed, stopped; removed, green; each told.
    for key in ("Escape", ""):
        since = len(reader.told)
        desk.press("alt+r")
        reader.hear_said("Removing 1 app in 3 s. Esc stops it.", since)
        at("about to remove", reader.until(named("Removing 1 app – Stop", usable=True), "a button that stops it"))
        if key:
            desk.press(key)
            reader.until(named("Remove WeChat", usable=True), "that it was stopped")
            reader.hear_said("This removal was stopped before it began.", since)
    at("green", reader.until(named("Finish and hand back", usable=True), "that it can be handed back"))
    reader.hear_said(f"{PHONE}: No banned app is left. ", since)
    assert reader.announced(since) == [
        "Removing 1 app in 3 s. Esc stops it.",
        f"{PHONE}: Removing… Leave the phone plugged in.",
        f"{PHONE}: No banned app is left. 1 banned app was found and removed. None is left. "
        "Everything was read: 60 apps in 1 profile.",
    ]

    # The receipt, in a dialog.
    since = len(reader.told)
    desk.press("ctrl+p")
    at("receipt", reader.until(named("Save the receipt", state="focused"), "the dialog, and the focus in it"))
    assert [one.role for one in reader.look() if one.name == "Receipt: Practice log"] == ["dialog"]
    desk.tab_to("Save the receipt")
    desk.press("space")
    at("saved", reader.until(named("The receipt is saved"), "that it is saved"))
    (receipt,) = (tmp_path / "papers").glob("*.pdf")
    assert receipt.name in reader.hear_said("The receipt is saved.", since)
    desk.press("Escape")
    desk.give_focus()

    # Handed back.
    desk.press("alt+f")
    seen = reader.until(lambda seen: any(one.name.startswith("Handed back") for one in seen), "that it is handed back")
    at("handed back", seen)
    reader.hear_said(f"{PHONE}: Handed back", since)

    assert not {step: found for step, found in wrong.items() if found}


def test_every_page_and_dialog_can_be_told_in_both_languages(desk: Seat) -> None:
    """And each is told to be in its language, also after that was switched."""
    reader, wrong = desk.reader, {}
    assert {one.locale for one in reader.look()} == {"en_CA"}
    for keys, sign in (
        ("ctrl+2", "New round…"),
        ("ctrl+3", "Verify the log…"),
        ("ctrl+4", "Rules of the policy"),
    ):
        desk.press(keys)
        wrong[sign] = faults(reader.until(named(sign), sign))
    desk.press("ctrl+shift+l")
    for keys, sign in (("ctrl+1", "Téléphones d’exercice…"), ("ctrl+3", "Vérifier le journal…")):
        desk.press(keys)
        seen = reader.until(named(sign), sign)
        wrong[sign] = faults(seen)
        assert not {"Desk", "Policy", "Settings", "Manual"} & {one.name for one in seen}
    desk.press("ctrl+comma")
    wrong["settings"] = faults(reader.until(named("Tous les paramètres"), "the settings"))
    assert not {sign: found for sign, found in wrong.items() if found}
    # AT-SPI's own library keeps the first answer for each thing: one that has not asked yet is told the new one.
    later = Reader(desk.environment, "Fanion")
    try:
        seen = later.look()
    finally:
        later.close()
    assert "Tous les paramètres" in [one.name for one in seen]
    assert {one.locale for one in seen} == {"fr_CA"}


def test_headings_edges_and_what_unfolds_are_told_as_such(desk: Seat) -> None:
    reader = desk.reader
    desk.tab_to("Red verdict")
    desk.press("space")
    # What is showing is asked for thing by thing, while the page changes: the headline may still be that of before.
    wanted = {"Samsung Galaxy S22", "2 banned apps", "Kaspersky", "WeChat", "Phone health"}
    seen = reader.until(
        lambda seen: wanted <= {one.name for one in seen if one.role == "heading"}, "the headings of a red phone"
    )
    (fold,) = [one for one in seen if one.name == "300 other apps"]
    assert (fold.role, fold.states & {"expandable", "expanded", "collapsed", "checkable"}) == (
        "button",
        {"expandable", "collapsed"},
    )
    desk.tab_to("300 other apps")
    since = len(reader.told)
    desk.press("space")
    reader.hear_said("Expanded", since)
    seen = reader.until(named("300 other apps", state="expanded"), "that it is unfolded")
    assert any(one.role == "table" for one in seen)
    since = len(reader.told)
    desk.tab_to("Width of the list of phones")
    focused = [(one.role, one.name) for one in reader.look() if "focused" in one.states]
    assert ("separator", "Width of the list of phones") in focused
    desk.press("Right")
    reader.hear_said("29\N{NO-BREAK SPACE}%", since)


def test_tabs_are_told_as_tabs_and_open_their_pages_when_acted_on(desk: Seat) -> None:
    reader = desk.reader
    seen = reader.look()
    ((place, tabs),) = [(at, one) for at, one in enumerate(seen) if one.role == "page tab list"]
    inside = [one for one in seen if one.within == place]
    assert tabs.name == "Pages"
    assert [(one.role, one.name, "selected" in one.states) for one in inside] == [
        ("page tab", name, name == "Desk") for name in ("Desk", "Round", "Log", "Policy")
    ]
    since = len(reader.told)
    for name, sign in (("Log", "Verify the log…"), ("Policy", "Rules of the policy"), ("Desk", "Red verdict")):
        assert reader.act("page tab", name) == "Press"
        reader.until(named(sign), sign)
        chosen = [("page tab", name)]
        reader.until(
            lambda seen, chosen=chosen: (
                chosen == [(one.role, one.name) for one in seen if one.role == "page tab" and "selected" in one.states]
            ),
            f"that {name} is chosen",
        )
        reader.hear_event("selected", name, True, since=since)


def test_what_is_pressed_in_and_the_rows_of_phones_do_what_they_say_when_acted_on(desk: Seat) -> None:
    """Qt's own action of these presses nothing: it changes how they look."""
    reader = desk.reader
    assert reader.act("button", "Red verdict")
    reader.until(named("Check again", usable=True), "the end of the check")
    assert reader.act("radio button", "Slots")
    reader.until(named("Slots", state="checked"), "that the slots are chosen")
    assert reader.act("button", "300 other apps")
    reader.until(named("300 other apps", state="expanded"), "that it is unfolded")
    assert reader.act("check box", "Settings")
    reader.until(named("Search the settings"), "the settings")


def test_it_starts_again_at_once_when_it_is_to_be_larger(desk: Seat, tmp_path: Path) -> None:
    """The same process, and the window comes back, with the focus where it was put."""
    before = desk.reader.look()[0]
    desk.press("ctrl+plus")
    desk.reader.until(lambda seen: not seen, "that the window is gone")
    desk.give_focus()
    desk.reader.until(named("Desk", state="focusable"), "the window, again")
    assert (before.role, before.name) == ("frame", "Fanion: Desk")
    assert "text_size = 125" in (tmp_path / "data" / "settings.toml").read_text(encoding="utf-8")
    assert desk.program.poll() is None


@pytest.mark.skipif(not shutil.which("orca"), reason="Orca is not here")
def test_orca_says_the_verdicts_and_what_is_chosen(desk: Seat, tmp_path: Path) -> None:
    """The spoken text of a real screen reader: the page, the button, red, the tick, green."""
    orca = Orca(desk, tmp_path)
    try:
        desk.tab_to("Red verdict", slowly=True)  # past the order of the phones
        orca.hear("A Samsung with two banned apps, WeChat and one by Kaspersky: remove both with one press.")
        assert orca.hear("Red verdict").startswith("Red verdict button")
        assert orca.hear("By priority") == "By priority selected radio button."
        desk.press("space")
        red = orca.hear("2 banned apps: ")
        assert red.startswith("Samsung Galaxy S22: 2 banned apps: Kaspersky, WeChat.")
        desk.reader.until(named("Check again", usable=True), "the end of the check")
        since = len(orca.said())
        desk.press("alt+r")
        assert orca.hear("Removing 2 apps", since) == "Removing 2 apps in 3 s. Esc stops it."
        assert orca.hear("No banned app", since).startswith("Samsung Galaxy S22: No banned app is left. 2 banned apps")
        assert not any("banned apps:" in said for said in orca.said()[since:])
    finally:
        orca.close()
