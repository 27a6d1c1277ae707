"""Whatever happens, at whichever moment of a visit: nothing is lost, nothing pressed, and nothing untrue is shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from core.ledger.place import ledger_file
from core.phones.states import PhoneState
from core.text import language
from gui.desk.acts.all_acts import BY_HAND, HAND_BACK, LABEL, PUT_BACK, UNDO
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import Phase
from gui.toolkit.key_bursts import KeyBurstFilter
from tests.gui.conftest import Gate, Office
from tests.gui.desk.conftest import Files
from tests.gui.desk.test_hand_back import DEBUGGING
from tests.gui.desk.test_labels import checked, last, say
from tests.gui.desk.test_on_phone import refusing
from tests.gui.desk.test_plugging import Hand
from tests.gui.monkey.truth import page_against_log, unverified_logs
from tests.gui.toolkit.test_key_bursts import scan
from tests.inside import shows_all

#: As long as a name may be.
HOLDER = "Marie-Ève de la Tour d’Auvergne-Lauraguais-Beauchamp-Montmor"
NAMES = (HOLDER, "אברהם בן-דוד", "محمد 123 abc")
#: What a reader may read: a tag, a whole page, what turns text around, and nothing.
CODES = ("DRH-0412\n", "0123456789ABCDEF" * 256 + "\n", "\u202eevil\u2066name\u2069\n", " \n \n")
BANNED = {"com.tencent.mm", "com.kms.free"}
#: The moments in which steps were agreed to and are being taken.
CHANGING = ("removing", "undoing")


@dataclass
class Rig:
    """An open window, and what holds its phone at a moment until `let_go`."""

    office: Office
    files: Files
    second_lasts: Callable[[int], None]
    held: ExitStack

    @property
    def session(self) -> PhoneSession:
        session = self.office.page.session
        assert session is not None
        return session

    def red(self) -> None:
        self.office.plug("S1", "walk-up")
        self.office.until(self.office.block.remove.isVisible)
        self.office.idle()

    def gate(self, command: str) -> Gate:
        gate = self.office.gate(self.office.servers["S1"], command)
        self.held.callback(gate.open)
        return gate

    def let_go(self) -> None:
        self.held.close()
        self.files.let_go()

    def rest(self) -> None:
        """Until nothing is under way with any phone, whatever is over the window."""
        QApplication.processEvents()  # what the bus told last
        phones = self.office.fanion.phones
        self.office.until(lambda: not any(s.busy or s.at_work for s in phones.sessions), "to rest")


def opening(rig: Rig) -> None:
    mute = rig.office.mute("S1")
    rig.held.callback(mute.close)
    rig.office.plug("S1")
    rig.office.until(lambda: rig.office.page.session is not None and rig.session.phase is Phase.OPENING)


def asked(rig: Rig) -> None:
    hand = Hand()
    rig.held.callback(hand.answer, True)
    rig.office.plug("S1", "clean", answer=hand)
    rig.office.until(hand.asked.is_set)
    rig.office.until(lambda: rig.session.phase is Phase.ASKED)


def reading(rig: Rig) -> None:
    rig.office.serve("S1", "walk-up")
    gate = rig.gate("dumpsys package packages")
    rig.office.plug("S1")
    rig.office.until(lambda: gate.reached)


def looking(rig: Rig) -> None:
    rig.files.hold(1)
    rig.office.plug("S1", "walk-up")
    rig.office.until(rig.files.waiting.is_set)
    rig.office.until(rig.office.block.remove.isVisible)


def counting_down(rig: Rig) -> None:
    rig.red()
    rig.second_lasts(100_000)
    rig.office.press("Alt+R")
    assert rig.session.coming_removal is not None


def removing(rig: Rig) -> None:
    rig.red()
    gate = rig.gate("pm uninstall")
    rig.office.press("Alt+R")
    rig.office.until(lambda: gate.reached)


def undoing(rig: Rig) -> None:
    rig.office.plug("S1", "preinstalled")
    rig.office.until(rig.office.block.remove.isVisible)
    rig.office.idle()
    rig.office.press("Alt+R")
    rig.office.until(lambda: bool(rig.session.undoable))
    rig.office.idle()
    gate = rig.gate("pm enable")
    rig.office.page.desk_actions.want(UNDO)
    rig.office.page.desk_actions.want(PUT_BACK)
    rig.office.until(lambda: gate.reached)


def handing_back(rig: Rig) -> None:
    rig.office.plug("S1", "clean")
    rig.office.until(lambda: rig.office.colour == "green")
    rig.office.idle()
    gate = rig.gate(DEBUGGING)
    rig.office.press("Alt+F")
    rig.office.until(lambda: gate.reached)


def by_hand(rig: Rig) -> None:
    rig.office.plug("S1", refusing())
    rig.office.until(rig.office.block.remove.isVisible)
    rig.office.idle()
    rig.office.press("Alt+R")
    rig.office.until(lambda: bool(rig.session.by_hand) and not rig.session.busy)
    rig.office.idle()
    rig.office.page.desk_actions.want(BY_HAND)


def looking_on_the_phone(rig: Rig) -> None:
    rig.office.plug("S1", "unseen")
    rig.office.until(lambda: rig.office.colour == "amber")
    rig.office.idle()
    rig.office.press("Alt+B")
    write_into_fields(rig.office.block)


def giving_a_reason(rig: Rig) -> None:
    rig.red()
    rig.office.page.desk_actions.want(HAND_BACK)
    write_into_fields(rig.office.block)


def labelling(rig: Rig) -> None:
    rig.red()
    rig.office.page.desk_actions.want(LABEL)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    write_into_fields(dialog)


MOMENTS: dict[str, Callable[[Rig], None]] = {
    moment.__name__: moment
    for moment in (
        opening,
        asked,
        reading,
        looking,
        counting_down,
        removing,
        undoing,
        handing_back,
        by_hand,
        looking_on_the_phone,
        giving_a_reason,
        labelling,
    )
}


def write_into_fields(within: QWidget, *names: str) -> None:
    """Type into every field that is seen; without other names a long one, and some from right to left."""
    fields = [field for field in within.findChildren(QLineEdit) if field.isVisible() and not field.isReadOnly()]
    assert fields
    for field, name in zip(fields, cycle(names or NAMES), strict=False):
        field.setText(name)


def filled_in(office: Office) -> dict[QWidget, object]:
    """What was typed, ticked and chosen, in every field of the page and of a dialog that is over it."""
    over = QApplication.activeModalWidget()
    widgets = [*office.page.findChildren(QWidget), *(over.findChildren(QWidget) if over is not None else [])]
    return {widget: _value(widget) for widget in widgets if widget.isVisible() and _value(widget) is not None}


def _value(widget: QWidget) -> object:
    if isinstance(widget, QLineEdit):
        return widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentIndex()
    return widget.isChecked() if isinstance(widget, QAbstractButton) and widget.isCheckable() else None


@pytest.fixture
def rig(office: Office, files: Files, second_lasts: Callable[[int], None]) -> Rig:
    return Rig(office, files, second_lasts, ExitStack())


@pytest.fixture(params=MOMENTS)
def moment(request: pytest.FixtureRequest, rig: Rig) -> str:
    """The name of a moment, which is now."""
    MOMENTS[request.param](rig)
    rig.office.until(lambda: shows_all(rig.office.window.desk_page))
    return str(request.param)


def kinds(office: Office) -> list[str]:
    """What is on record so far; nothing, where no phone could be opened yet."""
    return office.kinds() if ledger_file(office.desk.data, practice=True).exists() else []


def intents(office: Office) -> int:
    return kinds(office).count("removal-intended")


def assert_true(rig: Rig) -> None:
    """The page and the log say the same, and the log verifies."""
    assert not page_against_log(rig.office)
    rig.office.close()
    assert not unverified_logs(rig.office)


#: In which other state a phone is that leaves: of the two, each moment has one.
OTHERWISE = dict(zip(MOMENTS, cycle((PhoneState.OFFLINE, PhoneState.UNAUTHORISED)), strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("pulled", [True, False])
def test_a_phone_that_leaves_is_shown_as_its_records_say(rig: Rig, moment: str, pulled: bool) -> None:
    before = intents(rig.office)
    if pulled:
        rig.office.unplug("S1")
    else:
        rig.office.plug("S1", state=OTHERWISE[moment])
    rig.let_go()
    rig.rest()
    assert rig.session.coming_removal is None
    assert intents(rig.office) == before or moment in CHANGING
    assert not (moment == "counting_down" and rig.office.servers["S1"].phone.installed().isdisjoint(BANNED))
    assert_true(rig)


@pytest.mark.slow
def test_no_other_language_no_small_window_and_no_scan_changes_more_than_looks_and_the_window_can_be_closed(
    rig: Rig, moment: str, qapp: QApplication
) -> None:
    rig.office.until(lambda: shows_all(rig.office.window.desk_page))
    filled, coming, phase = filled_in(rig.office), rig.session.coming_removal, rig.session.phase
    before = kinds(rig.office)
    rig.office.window.setMinimumSize(0, 0)
    for code, size in (("fr", (683, 384)), ("en", (1366, 768))):
        rig.office.window.switches.switch_language()
        assert language() == code
        assert filled_in(rig.office) == filled
        rig.office.window.resize(*size)
        QApplication.processEvents()
        now = {widget: _value(widget) for widget in filled}  # where there is little room, some are not seen
        assert now == filled
        assert (rig.session.coming_removal, rig.session.phase, kinds(rig.office)) == (coming, phase, before)
    assert filled_in(rig.office) == filled
    bursts = KeyBurstFilter(qapp)
    bursts.scanned.connect(rig.office.window.scanned)
    for code in CODES:
        scan(rig.office.window, code)
        QApplication.processEvents()
        assert (intents(rig.office), rig.session.phase) == (before.count("removal-intended"), phase)
        assert rig.session.coming_removal is coming
        assert len(rig.session.labels.latest.tag) <= 120
    bursts.deleteLater()
    rig.office.answer("Stop after this app")
    rig.office.window.close()
    rig.let_go()
    rig.office.until(lambda: not rig.office.window.isVisible(), "to an end")
    rig.office.close()
    assert intents(rig.office) == before.count("removal-intended") or moment in CHANGING
    assert not unverified_logs(rig.office)


@pytest.mark.parametrize("holder", NAMES, ids=["long", "hebrew", "arabic"])
def test_a_name_is_kept_and_shown_as_it_was_typed(office: Office, holder: str) -> None:
    checked(office)
    say(office, "", holder)
    office.until(lambda: office.page.identity.title.whole() == holder)
    office.idle()
    assert last(office, "phone-labelled").holder == holder
    assert holder in office.card(0)
