"""One phone on the Desk page: its verdict, what belongs to it, its apps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from core import value_names
from core.describe import LABELS
from core.model import App, Check, Finding
from core.text import N, T, Text
from gui.desk.apps import Apps
from gui.desk.asset_label_dialog import AssetLabelDialog
from gui.desk.banner import Banner
from gui.desk.panels import Notice, PlanPanel, WorkPanel
from gui.desk.phone_text import about, gaps_of, outcome_of, steps_of, undone_of
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import ProblemBar, as_tip, literal, plain_label

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
        self.say = Parts(self)
        self.session: PhoneSession | None = None
        self._planning = False
        #: The check whose plan is shown; None for that of putting back.
        self._planned: Check | None = None
        self._compact = self._low = False
        self._apps_of: PhoneSession | None = None
        #: A dialog asks the officer something about the phone that is shown.
        self.asking = False
        self.banner = Banner()
        self.not_labelled = ProblemBar()
        self.not_labelled.offer(T("Try again"), self.ask_labels)
        self.gaps = Notice()
        self.outcome = Notice(closable=True)
        self.apps = Apps()
        self.plan = PlanPanel()
        self.work = WorkPanel()
        self.nothing = self.say.label("", kind="muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        for page in (self.nothing, self.apps, self.plan, self.work):
            self.stack.addWidget(page)
        self.stack.setMinimumHeight(STEP * 8)  # not that of its tallest page, which may not be the one that is shown
        self._column = column(
            self.banner,
            self._about_line(),
            self.not_labelled,
            self.outcome,
            self.gaps,
            (self.stack, 1),
            spacing=STEP + 4,
            inside=self,
            margins=(STEP * 2, STEP * 2, STEP * 2, STEP * 2),
        )
        self.banner.remove.clicked.connect(self.show_plan)
        self.banner.again.clicked.connect(self.look_again)
        self.banner.undo.clicked.connect(self.show_undo)
        self.banner.stop.clicked.connect(self.stop)
        self.outcome.close_button.clicked.connect(self._close_outcome)
        self.plan.do.clicked.connect(self._end_planning)
        self.plan.left.connect(self.leave_plan)
        self.plan.look.clicked.connect(self.look_again)
        self.apps.except_wanted.connect(self._ask_exception)
        self.apps.ban_wanted.connect(self._ask_ban)
        self.apps.pane.log_wanted.connect(self._show_grant)

    def _about_line(self) -> QHBoxLayout:
        """Which phone it is, and what can be had of its check."""
        practice = T("PRACTICE: this is not a real phone")
        self.practice = plain_label()
        self.say(self.practice.setText, lambda: T("PRACTICE") if self._compact else practice)
        self.say.name(self.practice, practice, practice)
        mark(self.practice, "practice")
        self.about = self.say.line("", TextSize.SMALL, "muted")
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label = self.say.button("", self.ask_labels, icon="tag", kind="link")
        self.receipt = self.say.button(T("Receipt"), self.ask_receipt, icon="receipt", kind="link")
        show = T("Show in the log")
        self.to_log = self.say.button(
            lambda: "" if self._compact else show,
            self._show_in_log,
            icon="log",
            kind="link",
            name=show,
            tip=lambda: show if self._compact else "",
        )
        return row(self.practice, (self.about, 1), self.label, self.receipt, self.to_log)

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

    def show_session(self, session: PhoneSession) -> None:
        """Show this phone from now on."""
        if session is not self.session:
            self._planning = False
        self.session = session
        self.refresh()

    def refresh(self) -> None:
        """Show the chosen phone as it is now."""
        session = self.session
        if session is None:
            return
        if session.busy or session.check is None or session.gone:
            self._planning = False
        self._plan_anew(session)
        focused = self.focusWidget()
        had_focus = focused is not None and focused.hasFocus() and isinstance(focused, QPushButton)
        told = (session.removal is not None or session.undone is not None) and not session.outcome_closed
        crowded = session.check is not None and (
            (told and bool(session.check.gaps)) or (self._low and bool(session.removable))
        )
        self.banner.show_session(session, planning=self._planning, crowded=crowded)
        self.practice.setVisible(session.practice)
        self.say(self.about.setText, lambda: about(session))
        self._show_labels(session)
        self.to_log.setVisible(session.checked is not None)
        self._show_receipt(session)
        gaps = gaps_of(session.check) if session.check and not session.busy and not self._planning else []
        self.gaps.tell(
            Status.AMBER, N("{count} item could not be checked", "{count} items could not be checked", len(gaps)), gaps
        )
        self._tell_outcome(session)
        self.work.bullets.show_bullets(steps_of(session) if session.changing else (), follow=True)
        if session.rows is not None:
            self.apps.show_rows(session.rows, session.named, anew=self._apps_of is not session)
            self._apps_of = session
        reading = T("Its apps are shown as soon as it has been read.")
        self.say(self.nothing.setText, reading if session.busy else "")
        self.stack.setCurrentWidget(self._below(session))
        if had_focus and focused is not None and not focused.isVisible():
            self.banner.main_button().setFocus()

    def _below(self, session: PhoneSession) -> QWidget:
        if session.changing:
            return self.work
        if self._planning:
            return self.plan
        return self.apps if session.rows is not None else self.nothing

    def _tell_outcome(self, session: PhoneSession) -> None:
        """The result of the last removal or undoing, until it is closed."""
        hidden = self._planning or session.outcome_closed
        if session.removal is not None and not hidden:
            self.outcome.tell(Status.NEUTRAL, T("Result"), outcome_of(session.removal))
        elif session.undone is not None and not hidden:
            self.outcome.tell(Status.NEUTRAL, T("Result"), undone_of(session.undone))
        else:
            self.outcome.hide()

    # --- what the officer does

    def _show_in_log(self) -> None:
        if self.session is not None and self.session.checked is not None:
            self.log_wanted.emit(self.session.checked.entry, self.session.practice)

    def _show_labels(self, session: PhoneSession) -> None:
        """What the department calls it, as the officer said it; may still wait behind a check."""
        said = session.labels.said
        shown = said.tag or said.holder or said.imei
        limit = _LABEL_LIMIT_COMPACT if self._compact else _LABEL_LIMIT
        short = shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
        given = [(word, getattr(said, name)) for name, word in LABELS.items() if getattr(said, name)]

        def told() -> str:
            return "\n".join([str(value_names.pair(word, value)) for word, value in given])

        how = T("Say what your department calls this phone (Ctrl+T)")
        self.label.setVisible(session.can_be_labelled)
        self.say(self.label.setText, lambda: literal(short) if short else T("Asset tag…"))
        self.say(self.label.setAccessibleName, lambda: told() or T("Asset tag…"))
        self.say(self.label.setToolTip, lambda: as_tip(f"{told()}\n{how}".strip()))
        self.say(self.label.setAccessibleDescription, how)
        self.not_labelled.show_problem(session.labels.problem)

    def ask_labels(self) -> None:
        """Ask what the department calls the phone."""
        session = self.session
        if session is None or self.asking or not session.can_be_labelled:
            return
        dialog = AssetLabelDialog(session, self.window())
        self.asking = True
        dialog.finished.connect(self._asked)
        dialog.open()

    def _asked(self) -> None:
        self.asking = False

    def _show_receipt(self, session: PhoneSession) -> None:
        """There is a receipt as soon as the check is on record, and not of one that is not true any more."""
        ready = session.checked is not None and not session.changing
        self.receipt.setEnabled(ready)
        save = T("Save a PDF of this check with its proof (Ctrl+P)")
        why = save if ready else T("A receipt can be saved as soon as the check is on record.")
        self.say(self.receipt.setToolTip, why)
        self.say(self.receipt.setAccessibleDescription, why)

    def ask_receipt(self) -> None:
        """Save a receipt of the check that is shown."""
        if self.session is not None and self.session.checked is not None and self.receipt.isEnabled():
            self.receipt_wanted.emit(self.session.checked.entry, self.session.practice)

    def show_plan(self) -> None:
        """Show what would be done, before anything is. A look into the apps' files is stopped for it."""
        session = self.session
        if session is not None and session.busy:
            session.stop_to_plan()
        if session is None or session.busy or not session.removable:
            return
        self._planning = True
        self._planned = session.check
        self.plan.show_plan(session)
        self.refresh()
        self.plan.leave.setFocus()

    def _plan_anew(self, session: PhoneSession) -> None:
        """Show the plan that was waited for; and a new one where the phone was read again meanwhile."""
        if session.plan_wanted and not session.busy:
            session.plan_wanted = False
            if session.removable and not session.gone:
                self.show_plan()
        if not self._planning or self._planned is None or self._planned is session.check:
            return
        self._planned = session.check
        self._planning = bool(session.removable)
        if self._planning:
            self.plan.show_plan(session, keep_ticks=True)

    def leave_plan(self) -> None:
        """Do nothing of it."""
        self._planning = False
        self.refresh()
        self.banner.main_button().setFocus()

    def _end_planning(self) -> None:
        self._planning = False

    def look_again(self) -> None:
        if self.session is not None:
            self.session.look()

    def show_undo(self) -> None:
        """Show what putting back would do, before anything is done: banned apps come back with it."""
        session = self.session
        if session is None or session.busy or not session.undoable:
            return
        self._planning = True
        self._planned = None
        self.plan.show_undo(session)
        self.refresh()
        self.plan.leave.setFocus()

    def _close_outcome(self) -> None:
        if self.session is not None:
            self.session.outcome_closed = True
            self.refresh()

    def stop(self) -> None:
        if self.session is not None:
            self.session.stop()

    def _ask_exception(self, finding: Finding) -> None:
        if self.session is not None and self.session.phone is not None:
            self.except_wanted.emit(finding, self.session.phone, self.session.labels.said)

    def _ask_ban(self, app: App) -> None:
        if self.session is not None and self.session.phone is not None:
            self.ban_wanted.emit(app, self.session.phone.platform)

    def _show_grant(self, entry: int) -> None:
        if self.session is not None:
            self.log_wanted.emit(entry, self.session.practice)

    def make_keys(self, desk: QWidget, go_to_list: Callable[[], object]) -> list[tuple[Text, QKeySequence]]:
        """Make the keys of the page `desk` that this is on. Returns what each does."""
        keys: list[tuple[Text, QKeySequence]] = []
        for key, does, act in (
            ("F5", T("Check the phone again"), self.look_again),
            ("Ctrl+R", T("Show what removing the banned apps would do"), self.show_plan),
            ("Ctrl+Z", T("Undo the last removal"), self.show_undo),
            ("Ctrl+P", T("Save the receipt of the check"), self.ask_receipt),
            ("Ctrl+T", T("Say what your department calls the phone"), self.ask_labels),
            ("Ctrl+E", T("Grant an exception for the chosen app"), self.apps.grant_chosen),
            ("Ctrl+B", T("Ban the chosen app"), self.apps.ban_chosen),
            ("Shift+F10", T("Show what can be done with the chosen app"), self.apps.show_menu),
            ("Ctrl+.", T("Stop what is under way"), self.stop),
            ("Ctrl+L", T("Go to the list of phones"), go_to_list),
        ):
            QShortcut(QKeySequence(key), desk).activated.connect(act)
            keys.append((does, QKeySequence(key)))
        return [
            *keys,
            (T("Search the apps"), QKeySequence(QKeySequence.StandardKey.Find)),
            (T("Show how the chosen app was recognised"), QKeySequence("Return")),
            (T("Copy the chosen rows"), QKeySequence(QKeySequence.StandardKey.Copy)),
            (T("Leave the plan or the details, empty the search"), QKeySequence("Esc")),
            (T("Put a practice phone away"), QKeySequence("Del")),
        ]
