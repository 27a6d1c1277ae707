"""The apps of a phone, folded under its verdict: how many there are on one line, and the table below it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from core.model import Check, Finding
from core.text import N, T, Text
from gui.desk.acts.all_acts import SEARCH
from gui.desk.apps.apps import Apps
from gui.desk.session.app_rows import AppRow
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit.images.icons import icon
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import KeyCap, StatusIcon


class AppsFold(QFrame):
    """One line that unfolds to the table of apps."""

    #: Whether the table is to be seen now.
    unfolded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self.apps = Apps()
        self.apps.hide()
        self._of: PhoneSession | None = None
        #: The rows that were counted last, and what that came to.
        self._counted: tuple[Sequence[AppRow], Text] | None = None
        self.toggle = self.say.button("", self._toggled, icon="chevron-right", kind="fold", folds=True)
        self.toggle.setFont(font(TextSize.STRONG))
        self.coverage = self.say.line("", kind="muted")
        self.hint = QWidget()
        mark(self.hint, "clear")
        row(StatusIcon(16, Status.NEUTRAL, "search"), KeyCap(SEARCH.key_name), spacing=STEP, inside=self.hint)
        self.say.name(self.hint, T("Search these apps"), SEARCH.with_key(T("Search these apps")))
        edges = (STEP, 6, STEP * 2, 6)
        self._head = row(self.toggle, (self.coverage, 1), self.hint, spacing=STEP)
        column(self._head, (self.apps, 1), spacing=6, inside=self, margins=edges)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def is_open(self) -> bool:
        """Whether the table is to be seen."""
        return self.toggle.isChecked()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(min(least.width(), STEP * 30), least.height())

    def show_session(self, session: PhoneSession) -> None:
        """Show the apps of this phone, as far as they are known."""
        rows = session.rows
        self.setVisible(rows is not None)
        if rows is None:
            return
        self.apps.show_rows(rows, session.app_files, anew=self._of is not session)
        self._of = session
        if self._counted is None or self._counted[0] is not rows:
            self._counted = rows, _count(rows)
        self.say(self.toggle.setText, self._counted[1])
        self.say(self.coverage.setText, _coverage(session.check))

    def open(self, on: bool = True) -> None:
        """Unfold the table, or fold it up."""
        self.toggle.setChecked(on)
        self._toggled()

    def show_finding(self, finding: Finding) -> None:
        """Unfold the table at the row of this finding, with its details."""
        self.open()
        self.apps.show_finding(finding)

    def search(self) -> None:
        """Unfold the table with the cursor in its search."""
        self.open()
        self.apps.look_for()

    def chosen(self) -> AppRow | None:
        """The row that is chosen in the table, while that is unfolded."""
        return self.apps.chosen() if self.is_open else None

    def _toggled(self) -> None:
        is_open = self.is_open
        self.toggle.setIcon(icon("chevron-down" if is_open else "chevron-right"))
        self.hint.setVisible(not is_open)
        self.apps.setVisible(is_open)
        self.unfolded.emit(is_open)


def _count(rows: Sequence[AppRow]) -> Text:
    findings = {row.app.package for row in rows if row.finding is not None}
    count = len({row.app.package for row in rows} - findings)
    return N("{count} other app", "{count} other apps", count) if findings else N("{count} app", "{count} apps", count)


def _coverage(check: Check | None) -> Text:
    if check is None:
        return T("still being read")
    profiles = N("{count} profile", "{count} profiles", len(check.inventory.profiles))
    whole = len(check.gaps) == len(check.demanded)  # what a person is to look at is no profile
    if whole:
        return T("{profiles}, all read", profiles=profiles)
    return T("{profiles}, not all read", profiles=profiles)
