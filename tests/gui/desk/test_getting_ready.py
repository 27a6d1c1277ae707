"""The page of a phone that is not ready: what it says in each state, what goes on by itself, what an officer does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core import guides
from core.guide_files import Sign
from core.model import Phone
from core.phones.android.link.problems import AndroidNotReady
from core.phones.driver import PhoneProblem, Silent, Unplugged
from core.phones.iphone import problems
from core.phones.states import STATES, PhoneState
from core.phones.watch import Road, Sighting
from core.simulator import Act
from core.text import LANGUAGES
from gui.desk.phone_drawing import PhoneDrawing
from gui.desk.ready.getting_ready import PATIENCE, GettingReady
from gui.desk.ready.readiness import ReadinessView, readiness_of
from gui.desk.ready.ready_words import headline as headline_of
from gui.desk.session.page_state import ReadyOffers
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.translated_text import speak
from tests.gui.conftest import texts

FINGERPRINT = "3F:9A:0C:71:D2:5E:88:4B:16:E7:A3:2D:90:BC:47:F8"
HALVES = ("3F:9A:0C:71:D2:5E:88:4B", "16:E7:A3:2D:90:BC:47:F8")


def needing(state: PhoneState, *, refused: bool = False, maker: str = "samsung") -> ReadinessView:
    page = STATES[state].page_shown(refused=refused)
    assert page is not None
    return ReadinessView("a", state, page, maker, FINGERPRINT)


#: Those that only an iPhone is in.
OF_IPHONES = tuple(PhoneState)[list(PhoneState).index(PhoneState.NOT_LISTED) :]
OFF, ASKS = needing(PhoneState.CHARGING), needing(PhoneState.UNAUTHORISED)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[GettingReady]:
    made = GettingReady()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    yield made
    speak("en")


def visible(page: QWidget, kind: Any) -> list[Any]:
    return [one for one in page.findChildren(kind) if one.isVisible()]


def says(page: QWidget, words: str) -> bool:
    return any(words in said for said in texts(page))


def button(page: GettingReady, words: str) -> QPushButton:
    (found,) = [one for one in visible(page, QPushButton) if one.text() == words]
    return found


def stated(state: PhoneState, platform: str = "android") -> ReadinessView | None:
    phone = PhoneView("S1", "", practice=False)
    maker = "google" if platform == "android" else guides.IPHONE
    phone.sighting = Sighting("S1", "S1", "", state, Road.USB, maker=maker, platform=platform)
    phone.phase = Phase.RESTING if state is PhoneState.READY else Phase.WAITING
    return readiness_of(phone, FINGERPRINT)


# --- what state a phone is in


@pytest.mark.parametrize(
    ("state", "headline"),
    [
        (PhoneState.CHARGING, "Get the phone ready"),
        (PhoneState.UNAUTHORISED, "Tap Allow on the phone"),
        (PhoneState.NO_PERMISSION, "This computer cannot read the phone yet"),
        (PhoneState.BUSY, "This computer cannot read the phone yet"),
        (PhoneState.OFFLINE, "The phone cannot be read yet"),
        (PhoneState.FASTBOOT, "The phone cannot be read yet"),
        (PhoneState.RECOVERY, "The phone cannot be read yet"),
    ],
)
def test_what_is_sighted_tells_what_is_needed(state: PhoneState, headline: str) -> None:
    view = stated(state)
    assert view is not None
    assert (view.state, str(headline_of(view, guides.guide("google")))) == (state, headline)
    assert (view.maker, view.sentence) == ("google", STATES[state].sentence)


def test_a_phone_that_is_ready_needs_nothing() -> None:
    assert stated(PhoneState.READY) is None


def test_a_question_of_the_adb_server_has_not_our_fingerprint(page: GettingReady) -> None:
    view = stated(PhoneState.UNAUTHORISED)
    assert view is not None
    assert view.fingerprint == ""
    page.show_view(view)
    assert not page.fingerprint.isVisible()
    assert says(page, "with a key of its own")


@pytest.mark.parametrize(
    ("state", "headline"),
    [
        (PhoneState.UNAUTHORISED, "The phone has not said yes"),
        (PhoneState.OFFLINE, "The phone cannot be read yet"),
        (PhoneState.BUSY, "This computer cannot read the phone yet"),
    ],
)
def test_what_opening_failed_with_tells_what_is_needed(state: PhoneState, headline: str) -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.problem = AndroidNotReady(state)
    view = readiness_of(phone)
    assert view is not None
    assert (view.state, str(view.page.headline), view.next_step) == (state, headline, STATES[state].next_step)


def test_a_phone_that_left_before_it_was_read_is_waited_for() -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.absent = True
    view = readiness_of(phone)
    assert view is not None
    assert view.state is PhoneState.UNPLUGGED


def test_one_that_was_read_and_whose_debugging_was_switched_off_since_needs_it_again() -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.phone = Phone("android", "Google", "Pixel 8", "16", "S1")
    phone.sighting = Sighting("S1", "S1", "", PhoneState.CHARGING, Road.USB)
    phone.phase = Phase.WAITING
    view = readiness_of(phone)
    assert view is not None
    assert view.state is PhoneState.CHARGING
    phone.absent = True  # what was found of it is told, and not how to get it ready
    assert readiness_of(phone) is None


def test_a_reading_that_broke_off_is_no_matter_of_getting_ready() -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.phone = Phone("android", "Google", "Pixel 8", "16", "S1")
    phone.problem = Unplugged()
    assert readiness_of(phone) is None
    phone.problem = AndroidNotReady(PhoneState.UNAUTHORISED)
    view = readiness_of(phone)
    assert view is not None
    assert (view.state, view.page) == (PhoneState.UNAUTHORISED, STATES[PhoneState.UNAUTHORISED].refused)


def test_a_phone_that_is_being_changed_keeps_its_page() -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.phase = Phase.REMOVING
    assert readiness_of(phone) is None
    phone.phase, phone.cut_off, phone.absent = Phase.RESTING, True, True
    assert readiness_of(phone) is None


def test_a_phone_that_was_handed_back_is_not_made_ready_again() -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.sighting = Sighting("S1", "S1", "", PhoneState.CHARGING, Road.USB)
    phone.phase = Phase.WAITING
    phone.handed_back = cast(Any, object())
    assert readiness_of(phone) is None


# --- what the page says


@pytest.mark.parametrize(
    ("view", "english", "french"),
    [
        (OFF, "Get the phone ready", "Préparez le téléphone"),
        (ASKS, "Tap Allow on the phone", "Touchez Autoriser sur le téléphone"),
        (needing(PhoneState.UNAUTHORISED, refused=True), "The phone has not said yes", "Le téléphone n’a pas dit oui"),
        (
            needing(PhoneState.NO_PERMISSION),
            "This computer cannot read the phone yet",
            "Cet ordinateur ne peut pas encore lire le téléphone",
        ),
        (needing(PhoneState.OFFLINE), "The phone cannot be read yet", "Le téléphone ne peut pas encore être lu"),
        (needing(PhoneState.UNPLUGGED), "The phone has left", "Le téléphone est parti"),
    ],
)
def test_each_state_has_its_page_in_both_languages(
    page: GettingReady, view: ReadinessView, english: str, french: str
) -> None:
    page.show_view(view)
    assert page.headline.text() == english
    speak("fr")
    assert page.headline.text() == french
    assert page.accessibleName().startswith(french)


def test_the_steps_have_the_phones_own_words(page: GettingReady) -> None:
    page.show_view(OFF)
    assert says(page, "Tap Build number 7 times")
    assert says(page, "Settings › About phone › Software information")
    speak("fr")
    assert says(page, "Paramètres › Options de développement, tout en bas")
    assert "Débogage USB" in page.steps[1].drawing.words()


def test_the_maker_that_usb_tells_is_shown_and_another_may_be_chosen(page: GettingReady) -> None:
    page.show_view(replace(OFF, maker="xiaomi"))
    assert page.maker == "xiaomi"
    assert page.usb_line.text() == "Seen by USB: Xiaomi"
    page.tabs.setFocus()
    page.tabs.setCurrentIndex(guides.makers().index("huawei"))
    assert says(page, "Allow ADB debugging in charge only mode")
    page.show_view(replace(OFF, maker="xiaomi", fingerprint=""))  # news of the same phone
    assert page.maker == "huawei"
    page.show_view(replace(OFF, key="b"))
    assert page.maker == "samsung"


def test_a_maker_that_is_not_known_has_the_general_guide(page: GettingReady) -> None:
    page.show_view(replace(OFF, maker=""))
    assert page.maker == guides.OTHER
    assert page.usb_line.text() == ""


def test_the_tabs_are_used_by_keys(page: GettingReady, qtbot: QtBot) -> None:
    page.show_view(OFF)
    page.tabs.setFocus()
    qtbot.keyClick(page.tabs, Qt.Key.Key_Right)
    assert page.maker == guides.makers()[1]
    qtbot.keyClick(page.tabs, Qt.Key.Key_Left)
    assert page.maker == "samsung"


# --- which step is lit


def test_step_done_moves_the_light_and_the_interface_jumps_to_the_last(page: GettingReady, qtbot: QtBot) -> None:
    page.show_view(OFF)
    lit = lambda: [card.property("kind") for card in page.steps]  # noqa: E731
    assert lit() == ["lit", "card", "card"]
    qtbot.keyClick(button(page, "Step done"), Qt.Key.Key_Space)
    assert lit() == ["card", "lit", "card"]
    page.show_view(replace(OFF, fingerprint=""))  # news do not take it back
    qtbot.mouseClick(button(page, "Step done"), Qt.MouseButton.LeftButton)
    assert lit() == ["card", "card", "lit"]
    assert not [one for one in visible(page, QPushButton) if one.text() == "Step done"]
    page.show_view(replace(OFF, key="b"))  # another phone begins at its own first step
    assert lit() == ["lit", "card", "card"]
    page.show_view(ASKS)
    assert page.lit == 3
    assert [pill.accessibleName() for pill in page.pills] == [
        "Step 1, done: Developer options",
        "Step 2, done: USB debugging",
        "Step 3, now: Allow this computer",
    ]


def test_the_fingerprint_is_the_same_in_both_boxes(page: GettingReady) -> None:
    page.show_view(ASKS)
    assert tuple(line.text() for line in page.fingerprint.lines) == HALVES
    drawn = page.question.words()
    assert [word for word in drawn if word in HALVES] == list(HALVES)
    assert "Allow USB debugging?" in drawn
    assert FINGERPRINT in page.fingerprint.accessibleName()


# --- cures


def test_cures_belong_to_the_sign_and_come_in_their_order(page: GettingReady) -> None:
    page.show_view(OFF)
    assert page.cures.cures == guides.guide("samsung").cures(Sign.NO_ADB)
    page.show_view(ASKS)
    assert page.cures.cures == guides.guide("samsung").cures(Sign.NOT_AUTHORISED)
    page.show_view(needing(PhoneState.NO_PERMISSION))
    assert not page.cures.isVisible()  # nothing on the phone helps against the computer


def test_one_that_comes_and_goes_has_the_cures_of_a_screen_that_locks_too(page: GettingReady) -> None:
    page.show_view(replace(ASKS, comes_and_goes=True))
    names = [cure.name for cure in page.cures.cures]
    assert names[:3] == ["unlock", "keep-unlocked", "replug"]
    assert names.count("auto-blocker") == 1


def test_leaving_once_is_nothing_and_twice_is_said() -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.absent, phone.early_departures = True, 1
    once = readiness_of(phone)
    phone.early_departures = 2
    twice = readiness_of(phone)
    assert once is not None
    assert twice is not None
    assert (once.comes_and_goes, twice.comes_and_goes) == (False, True)
    assert str(twice.sentence) == "It keeps disconnecting: its screen may be locking."


def test_cures_open_by_themselves_once_the_question_has_waited(page: GettingReady) -> None:
    page.show_view(ASKS)
    assert not page.cures.is_open
    assert page.patience.isActive()
    assert page.patience.interval() == PATIENCE * 1000
    page.patience.timeout.emit()
    assert says(page, "Unlock, look behind other windows")
    page.show_view(replace(ASKS, waited=25.0))  # news of the same phone do not close them
    assert page.cures.is_open
    page.show_view(OFF)
    assert not page.cures.is_open
    assert not page.patience.isActive()


def test_a_question_that_waits_for_long_already_opens_them_at_once(page: GettingReady) -> None:
    page.show_view(replace(ASKS, waited=PATIENCE + 1))
    assert page.patience.interval() == 0


def test_cures_are_opened_by_a_key(page: GettingReady, qtbot: QtBot) -> None:
    page.show_view(OFF)
    qtbot.keyClick(page.cures.head, Qt.Key.Key_Space)
    assert says(page, "Only its management can open it: ask them. Do not work around it.")
    assert says(page, "“USB debugging not allowed”")
    speak("fr")
    assert says(page, "Ne contournez rien.")


# --- what it asks for


def test_printing_is_asked_for_the_maker_that_is_shown(page: GettingReady, qtbot: QtBot) -> None:
    page.show_view(replace(OFF, maker="zebra"))
    with qtbot.waitSignal(page.print_wanted) as wanted:
        qtbot.keyClick(page.print_button, Qt.Key.Key_Space)
    assert wanted.args == ["zebra"]


def test_what_keys_do_is_offered_where_its_button_is_to_be_seen(page: GettingReady, qtbot: QtBot) -> None:
    page.show_view(OFF)
    assert page.offers() == ReadyOffers(step_done=True, cures=True, queue_page=True)
    page.press_step_done()
    assert page.lit == 2
    page.press_cures()
    assert page.cures.is_open
    with qtbot.waitSignal(page.print_wanted):
        page.press_print()
    for state in (state for state in PhoneState if state is not PhoneState.READY):
        page.show_view(needing(state))
        done = any(card.done_button.isVisible() for card in page.steps)
        assert page.offers() == ReadyOffers(done, page.cures.isVisible(), page.print_button.isVisible()), state


def test_a_phone_that_did_not_answer_can_be_asked_again(page: GettingReady, qtbot: QtBot) -> None:
    page.show_view(needing(PhoneState.UNAUTHORISED, refused=True))
    assert page.cures.is_open
    with qtbot.waitSignal(page.again_wanted):
        qtbot.mouseClick(button(page, "Ask again"), Qt.MouseButton.LeftButton)


def test_the_owner_of_a_practice_phone_is_played_from_the_page(page: GettingReady, qtbot: QtBot) -> None:
    page.show_view(ASKS)
    assert not says(page, "Practice:")
    page.show_view(replace(ASKS, practice=True, acts=(Act.ALLOW,)))
    with qtbot.waitSignal(page.act_wanted) as wanted:
        qtbot.mouseClick(button(page, "Tap Allow on the practice phone"), Qt.MouseButton.LeftButton)
    assert wanted.args == [Act.ALLOW]


# --- an iPhone


@pytest.mark.parametrize(
    ("state", "lit", "english", "french", "button_says"),
    [
        (PhoneState.NOT_LISTED, 1, "Unlock the phone", "Déverrouillez le téléphone", ""),
        (PhoneState.LOCKED, 1, "Unlock the phone", "Déverrouillez le téléphone", "Try again"),
        (PhoneState.NOT_TRUSTED, 2, "Tap Trust on the phone", "Acceptez sur le téléphone", "Have it ask"),
        (PhoneState.DENIED, 2, "The phone has said no", "Le téléphone a dit non", "Ask again"),
        (PhoneState.FORGOTTEN, 2, "The phone asks once more", "Le téléphone redemande", "Ask again"),
        (PhoneState.MANAGED, 0, "Its device management decides", "C’est la gestion des appareils qui décide", ""),
        (
            PhoneState.NO_SERVICE,
            0,
            "This computer cannot read the phone yet",
            "Cet ordinateur ne peut pas encore lire le téléphone",
            "",
        ),
        (
            PhoneState.SERVICE_TOO_OLD,
            0,
            "This computer cannot read the phone yet",
            "Cet ordinateur ne peut pas encore lire le téléphone",
            "",
        ),
        (PhoneState.OFFLINE, 0, "The phone cannot be read yet", "Le téléphone ne peut pas encore être lu", ""),
    ],
)
def test_each_state_of_an_iphone_has_its_page(
    page: GettingReady, state: PhoneState, lit: int, english: str, french: str, button_says: str
) -> None:
    view = stated(state, "ios")
    assert view is not None
    assert view.fingerprint == ""
    page.show_view(view)
    assert (page.headline.text(), page.lit, page.maker) == (english, lit, guides.IPHONE)
    words = STATES[state].words("ios")
    assert says(page, str(words.sentence))
    assert says(page, str(words.next_step))
    assert [one.text() for one in visible(page, QPushButton) if one.property("kind") == "primary"] == (
        [button_says] if button_says else []
    )
    if button_says:
        assert not says(page.steps[lit - 1], "Fanion notices this step automatically."), "it wants a press"
    page.cures.open(True)
    shown = [word for drawn in visible(page, PhoneDrawing) for word in drawn.words()]
    for said in (*texts(page), *shown):
        assert "ebugging" not in said
        assert "Developer options" not in said
        assert "fingerprint" not in said.casefold()
    assert not page.tabs.isVisible()
    assert page.look.isVisible() is bool(lit)
    assert page.print_button.isVisible() is bool(lit)
    speak("fr")
    assert page.headline.text() == french
    assert page.unsure.isVisible() is bool(lit)


def test_the_light_goes_from_trust_to_the_passcode_and_back_where_it_said_no(page: GettingReady, qtbot: QtBot) -> None:
    not_trusted, denied = stated(PhoneState.NOT_TRUSTED, "ios"), stated(PhoneState.DENIED, "ios")
    assert not_trusted is not None
    assert denied is not None
    page.show_view(not_trusted)
    assert says(page, "It asks “Trust This Computer?”.")
    qtbot.mouseClick(button(page, "Step done"), Qt.MouseButton.LeftButton)
    assert page.lit == 3
    page.show_view(denied)
    assert page.lit == 2
    assert not [one for one in visible(page, QPushButton) if one.text() == "Step done"]


def test_while_it_asks_there_is_nothing_to_press_and_the_cures_open_by_themselves(page: GettingReady) -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.sighting = Sighting("S1", "S1", "", PhoneState.DENIED, Road.USB, maker="apple", platform="ios")
    phone.phase = Phase.ASKED
    view = readiness_of(phone, FINGERPRINT)
    assert view is not None
    assert (view.state, view.fingerprint, view.may_be_asked) == (PhoneState.NOT_TRUSTED, "", False)
    page.show_view(replace(view, waited=1.0))
    assert says(page, "Look at the phone: tap Trust and enter the passcode.")
    assert not page.again_button.isVisible()
    assert page.patience.isActive()


@pytest.mark.parametrize(
    ("problem", "readiness"),
    [
        (problems.IphoneNotReady(PhoneState.NOT_TRUSTED), PhoneState.NOT_TRUSTED),
        (problems.IphoneNotReady(PhoneState.DENIED), PhoneState.DENIED),
        (problems.IphoneNotReady(PhoneState.LOCKED), PhoneState.LOCKED),
        (problems.IphoneNotReady(PhoneState.FORGOTTEN), PhoneState.FORGOTTEN),
        (problems.IphoneNotReady(PhoneState.MANAGED), PhoneState.MANAGED),
        (problems.IphoneNotReady(PhoneState.NO_SERVICE), PhoneState.NO_SERVICE),
        (problems.IphoneNotReady(PhoneState.SERVICE_TOO_OLD), PhoneState.SERVICE_TOO_OLD),
        (problems.IphoneNotReady(PhoneState.NOT_LISTED), PhoneState.NOT_LISTED),
        (Silent(30), PhoneState.OFFLINE),
        (problems.OtherCertificate(), None),
    ],
)
def test_what_opening_an_iphone_failed_with_leads_to_its_page(
    problem: PhoneProblem, readiness: PhoneState | None
) -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.sighting = Sighting("S1", "S1", "", PhoneState.READY, Road.USB, platform="ios")
    phone.problem = problem
    view = readiness_of(phone)
    assert (view.state if view is not None else None) is readiness
    assert view is None or (view.guide, view.sentence) == (guides.IPHONE, problem.sentence)


def test_the_iphones_guide_is_looked_at_with_an_android_phone_and_left_as_it_asks(page: GettingReady) -> None:
    page.show_view(OFF)
    page.tabs.setCurrentIndex(guides.makers().index(guides.IPHONE))
    assert says(page, "Tap Trust")
    assert not page.cures.isVisible()
    page.show_view(ASKS)
    assert page.maker == "samsung"
    assert says(page, "Tap Allow.")


# --- where room is short


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (row.state, refused)
        for row in STATES.values()
        for refused in (False, True)
        if (row.refused if refused else row.page)
    ],
)
def test_no_word_is_cut(page: GettingReady, qtbot: QtBot, state: PhoneState, refused: bool) -> None:
    """In either language, on a small screen and on a large one."""
    words = STATES[PhoneState.UNAUTHORISED].words("android")
    acts = (Act.REPLUG,)
    view = needing(state, refused=refused, maker="google")  # its developer options have the longest name
    if state in OF_IPHONES:
        view = replace(view, maker=guides.IPHONE, platform="ios")
        words = STATES[PhoneState.DENIED].words("ios")
    page.show_view(replace(view, sentence=words.sentence, next_step=words.next_step, acts=acts))
    page.cures.open(True)

    def cut() -> list[str]:
        inside = page.area.widget()
        found = [b.text() for b in visible(page, QPushButton) if b.width() < b.sizeHint().width()]
        for one in visible(page, QLabel):
            narrow = (
                one.height() < one.heightForWidth(one.width())
                if one.wordWrap()
                else one.width() < one.sizeHint().width()
            )
            beyond = one.mapTo(inside, one.rect().bottomRight()).x() > inside.width()
            found += [one.text()] if narrow or beyond else []
        return found

    for language, size in itertools.product(LANGUAGES, ((560, 290), (990, 632))):
        speak(language)
        page.resize(*size)
        qtbot.waitUntil(lambda: not cut() and page.area.widget().width() <= page.area.viewport().width())
        for one in (*visible(page, QPushButton), page.tabs, page.question):
            assert not one.isVisible() or one.accessibleName() or getattr(one, "text", str)()
