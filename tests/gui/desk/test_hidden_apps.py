"""The hidden apps of an iPhone on its page: where the policy demands that the officer looks, and where it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import guides, text
from core.model import Attested, ProfileKind
from core.policy.format import tables
from core.policy.format.policy_file import load_built_in
from core.text import Bilingual
from tests.gui.conftest import MakeOffice, Office

LOOK = "Look at App Library › Hidden"


def plug(office: Office, scenario: str = "iphone-clean") -> None:
    session = office.fanion.phones.practise(scenario, Bilingual("An iPhone", "Un iPhone"))
    office.until(lambda: session.check is not None)
    office.idle()


@pytest.fixture
def green(office: Office) -> Office:
    """A window with a clean iPhone, by the built-in policy."""
    plug(office)
    return office


@pytest.fixture
def amber(open_office: MakeOffice, department: Path, tmp_path: Path) -> Office:
    """The same by a policy that demands a look at its hidden apps."""
    department.parent.mkdir()
    department.write_text("unsigned_policy = true\n")
    file = tmp_path / "policy.toml"
    demands = replace(load_built_in("canada"), demanded=(ProfileKind.HIDDEN_APPS,))
    file.write_text(tables.to_toml(demands), encoding="utf-8")
    office = open_office(own={"policy": str(file)})
    plug(office)
    return office


def looked(office: Office) -> list[Any]:
    return [r.record for r in office.records() if r.kind == "looked-on-phone"]


def menu_of(office: Office) -> list[str]:
    menu = office.page.identity.menu()
    words = [action.text() for action in menu.actions()]
    menu.deleteLater()
    return words


@pytest.mark.slow
def test_a_green_iphone_is_finished_by_one_press_and_asks_for_nothing(green: Office) -> None:
    block = green.block
    assert (green.colour, green.headline) == ("green", "No banned app")
    green.see("Whether hidden apps are among them is not known.")
    assert "No banned apps, Ready to hand back" in green.card(0)
    assert not block.look.isVisible()
    assert not block.record.isVisible()
    assert not block.look_too.hasFocus()
    green.press("Alt+F")
    green.until(lambda: green.headline == "Handed back")
    green.idle()
    assert not block.look_too.isVisible()
    assert LOOK not in menu_of(green)
    assert looked(green) == []


@pytest.mark.slow
def test_a_look_that_nothing_demands_is_on_record_and_it_stays_green(green: Office) -> None:
    block = green.block
    green.click(LOOK)
    hidden = guides.guide(guides.IPHONE).hidden
    assert hidden is not None
    green.see(*(said.en for said in (hidden.title, hidden.path, hidden.note)), "Is one of these on the phone:")
    green.see("It changes the verdict only if you saw a banned app.")
    drawing = block.look.drawing
    assert drawing is not None
    assert drawing.isVisible()
    assert drawing.words() == ["App Library", "Hidden"]
    assert not block.finish.isVisible()  # one next step
    assert not block.record.isEnabled()
    green.press("Esc")
    green.until(block.finish.isVisible)
    assert not block.look.isVisible()
    green.press("Alt+L")
    green.press("Alt+N")
    green.press("Alt+S")
    green.until(block.finish.isVisible)
    green.idle()
    (record,) = looked(green)
    assert (record.answer, record.verdict, record.profile_kinds) == ("nothing-seen", "green", ("hidden-apps",))
    assert (green.colour, green.headline) == ("green", "No banned app")
    green.see("A. Roy checked its hidden apps and saw no banned app.")
    assert not green.says("is not known")
    assert not block.look_too.isVisible()
    assert [colour for colour, _ in green.shown if colour in ("red", "amber")] == []


@pytest.mark.slow
def test_an_owner_who_will_not_show_them_where_nobody_demands_it_keeps_a_green(green: Office) -> None:
    green.press("Alt+L")
    green.press("Alt+W")
    green.press("Alt+S")
    green.until(green.block.finish.isVisible)
    green.idle()
    assert looked(green)[0].answer == "declined"
    assert green.colour == "green"
    green.see("Whether hidden apps are among them is not known.", "The holder did not open what a computer cannot see.")


@pytest.mark.slow
def test_a_banned_app_among_them_turns_a_green_iphone_red(green: Office) -> None:
    green.press("Alt+L")
    green.press("Alt+B")
    green.block.look._rule_boxes["wechat"].click()
    green.press("Alt+S")
    green.until(lambda: green.colour == "red")
    green.idle()
    assert green.headline == "1 banned app seen"
    green.see("Seen on the phone by A. Roy: WeChat.")
    assert not green.block.finish.isVisible()


@pytest.mark.slow
def test_where_it_is_demanded_it_is_green_by_the_officers_word_alone(amber: Office) -> None:
    block = amber.block
    assert (amber.colour, amber.headline) == ("amber", "Hidden apps not checked")
    amber.see(
        "The policy requires an officer to look at its hidden apps.", "App Library › Hidden", "1 profile, all read"
    )
    assert block.look.isVisible()
    assert not block.look_too.isVisible()
    assert not block.finish.isVisible()
    assert LOOK not in menu_of(amber)
    amber.press("Alt+N")
    amber.press("Alt+S")
    amber.until(block.finish.isVisible)
    amber.idle()
    assert (amber.colour, amber.headline) == ("green", "No banned app")
    amber.see("A. Roy checked its hidden apps and saw no banned app.")
    assert not block.reason.isVisible()
    amber.press("Alt+F")
    amber.until(lambda: amber.headline == "Handed back")
    amber.idle()
    kept = [r.record for r in amber.records()]
    (ended,) = [r for r in kept if r.kind == "check-ended"]
    (intended,) = [r for r in kept if r.kind == "hand-back-intended"]
    assert (ended.verdict, ended.unseen, intended.verdict) == ("amber", 1, "green")


@pytest.mark.slow
def test_where_it_is_demanded_and_declined_it_stays_amber_for_a_reason(amber: Office) -> None:
    amber.press("Alt+W")
    amber.press("Alt+S")
    amber.until(amber.block.finish.isVisible)
    amber.idle()
    assert (amber.colour, amber.headline) == ("amber", "Hidden apps not checked")
    assert amber.block.reason.text() == "The holder would not open what a computer cannot see."
    assert "green" not in [colour for colour, _ in amber.shown]


@pytest.mark.slow
def test_a_red_iphone_has_the_way_to_it_in_its_menu_alone(office: Office) -> None:
    plug(office, "iphone-wechat")
    assert office.colour == "red"
    assert not office.block.look_too.isVisible()
    assert LOOK in menu_of(office)
    office.press("Alt+L")
    office.until(office.block.look.isVisible)
    assert not office.block.remove.isVisible()  # one next step
    office.press("Alt+N")
    office.press("Alt+S")
    office.until(office.block.remove.isVisible)
    office.idle()
    assert looked(office)[0].verdict == "red"
    assert office.colour == "red"


@pytest.mark.slow
def test_what_is_chosen_there_goes_by_the_phones_own_words_in_french(green: Office) -> None:
    green.press("Alt+L")
    green.window.switches.use_language("fr")
    green.see("Bibliothèque d’apps › Masquées", "Cherchez les apps masquées")
    assert green.block.look.drawing is not None
    assert green.block.look.drawing.words() == ["Bibliothèque d’apps", "Masquées"]
    green.window.switches.use_language("en")
    assert text.language() == "en"
    assert not any(green.block.look.answers[one].isChecked() for one in Attested)


def test_an_android_phone_has_no_such_place(office: Office) -> None:
    office.plug("S1", "clean")
    office.until(lambda: office.colour == "green")
    office.idle()
    assert not office.block.look_too.isVisible()
    office.press("Alt+L")
    office.idle()
    assert not office.block.look.isVisible()
    assert office.block.finish.isVisible()
