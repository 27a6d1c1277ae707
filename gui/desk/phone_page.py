"""One phone on the Desk page: its verdict, what belongs to it, its apps."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from core import value_names
from core.describe.headline import LABELS
from core.model import App, Check, Finding
from core.phones.removal_plan import Planned
from core.text import N, T
from gui.desk.apps import Apps
from gui.desk.banner import Banner
from gui.desk.banner_text import about, gaps_of, outcome_of, steps_of, undone_of
from gui.desk.panels import Notice, PlanPanel, WorkPanel
from gui.desk.session.phone_session import Stay
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import ElidedLabel, ProblemBar, WrappedLabel, as_tip, button, literal

#: Logical pixels, below which the banner leaves more room to the rest.
_SMALL_HEIGHT: Final = 560
_SMALL_WIDTH: Final = 760
#: Logical pixels, below which the table comes before the reasons of what stands in it.
_LOW_HEIGHT: Final = 400
#: Characters of a label on its button, also where there is little room.
_LABEL_LIMIT: Final = 18
_LABEL_LIMIT_COMPACT: Final = 12


class PhonePage(QWidget):
    """One phone: its verdict, what belongs to it, its apps."""

    #: A record of the log is to be seen: its number, and whether it is practice.
    log_wanted = Signal(int, bool)
    #: A receipt of this check is wanted: the number of its record, and whether it is practice.
    receipt_wanted = Signal(int, bool)
    #: An exception is wanted: for this finding, on this phone, which the department calls so.
    except_wanted = Signal(object, object, object)
    #: This app is to be banned, on this platform.
    ban_wanted = Signal(object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self.stay: Stay | None = None
        self._planning = False
        #: The check whose plan is shown; None for that of putting back.
        self._planned: Check | None = None
        self._compact = self._low = False
        self._apps_of: Stay | None = None
        #: A sheet asks the officer something about the phone that is shown.
        self.asking = False
        self.banner = Banner()
        self.about = ElidedLabel(TextSize.SMALL)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        mark(self.about, "muted")
        self.label = button("tag", "link")
        self.label.clicked.connect(self.ask_labels)
        self.not_labelled = ProblemBar()
        self.not_labelled.offer(T("Try again"), self.ask_labels)
        self.to_log = button("log", "link")
        self.say(self.to_log.setText, lambda: "" if self._compact else T("Show in the log"))
        self.say(self.to_log.setAccessibleName, T("Show in the log"))
        self.say(self.to_log.setToolTip, lambda: T("Show in the log") if self._compact else "")
        self.to_log.clicked.connect(self._show_in_log)
        self.receipt = button("receipt", "link")
        self.say(self.receipt.setText, T("Receipt"))
        self.receipt.clicked.connect(self.ask_receipt)
        self.practice = QLabel()
        self.practice.setTextFormat(Qt.TextFormat.PlainText)
        mark(self.practice, "practice")
        words_of_practice = T("PRACTICE: this is not a real phone")
        self.say(self.practice.setText, lambda: T("PRACTICE") if self._compact else words_of_practice)
        self.say(self.practice.setAccessibleName, words_of_practice)
        self.say(self.practice.setToolTip, words_of_practice)
        self.gaps = Notice()
        self.outcome = Notice(closable=True)
        self.apps = Apps()
        self.plan = PlanPanel()
        self.work = WorkPanel()
        self.nothing = WrappedLabel()
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark(self.nothing, "muted")
        self.stack = QStackedWidget()
        for page in (self.nothing, self.apps, self.plan, self.work):
            self.stack.addWidget(page)
        self.stack.setMinimumHeight(STEP * 8)  # not that of its tallest page, which may not be the one that is shown
        line = QHBoxLayout()
        line.setSpacing(STEP)
        line.addWidget(self.practice)
        line.addWidget(self.about, 1)
        line.addWidget(self.label)
        line.addWidget(self.receipt)
        line.addWidget(self.to_log)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        column.setSpacing(STEP + 4)
        column.addWidget(self.banner)
        column.addLayout(line)
        column.addWidget(self.not_labelled)
        column.addWidget(self.outcome)
        column.addWidget(self.gaps)
        column.addWidget(self.stack, 1)
        self.banner.remove.clicked.connect(self.show_plan)
        self.banner.again.clicked.connect(self.look_again)
        self.banner.undo.clicked.connect(self.show_undo)
        self.outcome.close_button.clicked.connect(self._close_outcome)
        self.plan.undo.connect(self._undo)
        self.banner.stop.clicked.connect(self.stop)
        self.plan.go.connect(self._go)
        self.plan.left.connect(self.leave_plan)
        self.plan.look_again.connect(self.look_again)
        self.apps.except_wanted.connect(self._ask_exception)
        self.apps.ban_wanted.connect(self._ask_ban)
        self.apps.pane.log_wanted.connect(self._show_grant)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.height() < _SMALL_HEIGHT or self.width() < _SMALL_WIDTH
        low = self.height() < _LOW_HEIGHT
        if (compact, low) != (self._compact, self._low):
            self._compact, self._low = compact, low
            edge = STEP if low else STEP * 2
            self._column.setContentsMargins(edge, edge, edge, STEP if low else STEP * 2)
            self._column.setSpacing(STEP if low else STEP + 4)
            self.banner.be_compact(compact, low)
            self.plan.be_low(low)
            self.say.again()
            self.refresh()

    def show_stay(self, stay: Stay) -> None:
        """Show this phone from now on."""
        anew = stay is not self.stay
        self.stay = stay
        if anew:
            self._planning = False
        self.refresh()

    def refresh(self) -> None:
        """Show the chosen phone as it is now."""
        stay = self.stay
        if stay is None:
            return
        if stay.busy or stay.check is None or stay.gone:
            self._planning = False
        self._plan_anew(stay)
        focused = self.focusWidget()
        had_focus = focused is not None and focused.hasFocus() and isinstance(focused, QPushButton)
        told = (stay.removal is not None or stay.undone is not None) and not stay.outcome_closed
        crowded = stay.check is not None and ((told and bool(stay.check.gaps)) or (self._low and bool(stay.removable)))
        self.banner.show_stay(stay, planning=self._planning, crowded=crowded)
        self.practice.setVisible(stay.practice)
        self.say(self.about.setText, lambda: about(stay))
        self._show_labels(stay)
        self.to_log.setVisible(stay.checked is not None)
        self._show_receipt(stay)
        gaps = gaps_of(stay.check) if stay.check and not stay.busy and not self._planning else []
        self.gaps.tell(
            Status.AMBER, N("{count} item could not be checked", "{count} items could not be checked", len(gaps)), gaps
        )
        self._tell_outcome(stay)
        self.work.points.show_points(steps_of(stay) if stay.changing else (), follow=True)
        if stay.rows is not None:
            self.apps.show_rows(stay.rows, stay.named, anew=self._apps_of is not stay)
            self._apps_of = stay
        reading = T("Its apps are shown as soon as it has been read.")
        self.say(self.nothing.setText, reading if stay.busy else "")
        self.stack.setCurrentWidget(self._below(stay))
        if had_focus and focused is not None and not focused.isVisible():
            self.banner.main_button().setFocus()

    def _below(self, stay: Stay) -> QWidget:
        if stay.changing:
            return self.work
        if self._planning:
            return self.plan
        return self.apps if stay.rows is not None else self.nothing

    def _tell_outcome(self, stay: Stay) -> None:
        """What came of the last removal or undoing, until it is closed."""
        if self._planning or stay.outcome_closed:
            self.outcome.hide()
        elif stay.removal is not None:
            self.outcome.tell(Status.NEUTRAL, T("Result"), outcome_of(stay.removal))
        elif stay.undone is not None:
            self.outcome.tell(Status.NEUTRAL, T("Result"), undone_of(stay.undone))
        else:
            self.outcome.hide()

    # --- what the officer does

    def _show_in_log(self) -> None:
        if self.stay is not None and self.stay.checked is not None:
            self.log_wanted.emit(self.stay.checked.entry, self.stay.practice)

    def _show_labels(self, stay: Stay) -> None:
        """What the department calls it, as the officer said it; may still wait behind a check."""
        said = stay.labelling.said
        shown = said.tag or said.holder or said.imei
        limit = _LABEL_LIMIT_COMPACT if self._compact else _LABEL_LIMIT
        short = shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
        given = [(word, getattr(said, name)) for name, word in LABELS.items() if getattr(said, name)]

        def told() -> str:
            return "\n".join([str(value_names.pair(word, value)) for word, value in given])

        how = T("Say what your department calls this phone (Ctrl+T)")
        self.label.setVisible(stay.can_be_labelled)
        self.say(self.label.setText, lambda: literal(short) if short else T("Asset tag…"))
        self.say(self.label.setAccessibleName, lambda: told() or T("Asset tag…"))
        self.say(self.label.setToolTip, lambda: as_tip(f"{told()}\n{how}".strip()))
        self.say(self.label.setAccessibleDescription, how)
        self.not_labelled.show_problem(stay.labelling.problem)

    def ask_labels(self) -> None:
        """Ask what the department calls the phone."""
        stay = self.stay
        if stay is None or self.asking or not stay.can_be_labelled:
            return
        from gui.desk.asset_label_dialog import LabelsSheet

        sheet = LabelsSheet(stay, self.window())
        self.asking = True
        sheet.finished.connect(self._asked)
        sheet.open()

    def _asked(self) -> None:
        self.asking = False

    def _show_receipt(self, stay: Stay) -> None:
        """There is a receipt as soon as the check is on record, and not of one that is not true any more."""
        ready = stay.checked is not None and not stay.changing
        self.receipt.setEnabled(ready)
        if ready:
            why = T("Save a PDF of this check with its proof (Ctrl+P)")
        else:
            why = T("A receipt can be saved as soon as the check is on record.")
        self.say(self.receipt.setToolTip, why)
        self.say(self.receipt.setAccessibleDescription, why)

    def ask_receipt(self) -> None:
        """Save a receipt of the check that is shown."""
        if self.stay is not None and self.stay.checked is not None and self.receipt.isEnabled():
            self.receipt_wanted.emit(self.stay.checked.entry, self.stay.practice)

    def show_plan(self) -> None:
        """Show what would be done, before anything is. A look into the apps' files is stopped for it."""
        stay = self.stay
        if stay is not None and stay.busy:
            stay.stop_to_plan()
        if stay is None or stay.busy or not stay.removable:
            return
        self._planning = True
        self._planned = stay.check
        self.plan.show_plan(stay.removable, stay.also)
        self.refresh()
        self.plan.leave.setFocus()

    def _plan_anew(self, stay: Stay) -> None:
        """Show the plan that was waited for; and a new one where the phone was read again meanwhile."""
        if stay.plan_wanted and not stay.busy:
            stay.plan_wanted = False
            if stay.removable and not stay.gone:
                self.show_plan()
        if not self._planning or self._planned is None or self._planned is stay.check:
            return
        self._planned = stay.check
        self._planning = bool(stay.removable)
        if self._planning:
            self.plan.show_plan(stay.removable, stay.also, anew=False)

    def leave_plan(self) -> None:
        """Do nothing of it."""
        self._planning = False
        self.refresh()
        self.banner.main_button().setFocus()

    def look_again(self) -> None:
        if self.stay is not None:
            self.stay.look()

    def show_undo(self) -> None:
        """Show what putting back would do, before anything is done: banned apps come back with it."""
        stay = self.stay
        if stay is None or stay.busy or not stay.undoable:
            return
        self._planning = True
        self._planned = None
        self.plan.show_undo(stay.undoable)
        self.refresh()
        self.plan.leave.setFocus()

    def _undo(self) -> None:
        self._planning = False
        if self.stay is not None:
            self.stay.undo()

    def _close_outcome(self) -> None:
        if self.stay is not None:
            self.stay.outcome_closed = True
            self.refresh()

    def stop(self) -> None:
        if self.stay is not None:
            self.stay.stop()

    def _ask_exception(self, finding: Finding) -> None:
        if self.stay is not None and self.stay.phone is not None:
            self.except_wanted.emit(finding, self.stay.phone, self.stay.labelling.said)

    def _ask_ban(self, app: App) -> None:
        if self.stay is not None and self.stay.phone is not None:
            self.ban_wanted.emit(app, self.stay.phone.platform)

    def _show_grant(self, entry: int) -> None:
        if self.stay is not None:
            self.log_wanted.emit(entry, self.stay.practice)

    def _go(self, items: list[Planned]) -> None:
        self._planning = False
        if self.stay is not None:
            self.stay.remove(items)
