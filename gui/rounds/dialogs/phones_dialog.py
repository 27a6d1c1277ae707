"""The phones behind a number of a round, in a table that can be searched and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QWidget

from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.text import N, T, Text
from gui.rounds.cards.phone_table import OF_ROUND, PhoneColumn, PhoneTable
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import plain_label

_SIZE: Final = (1_160, 600)
#: Logical pixels around a dialog that stay free on the screen.
_AROUND: Final = STEP * 6


class TableDialog(QDialog):
    """A table of phones over the page. A subclass puts more above it, and beside the button that closes it."""

    def __init__(
        self, title: Text, columns: Sequence[PhoneColumn], parent: QWidget, *above: QWidget, practice: bool = False
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self.say(self.setWindowTitle, title)
        self.phones = PhoneTable(title, columns, *above)
        self.model, self.table, self.search = self.phones.model, self.phones.table, self.phones.search
        self.count = self.say.label("", TextSize.SMALL, "muted")
        self.model.modelReset.connect(self.show_count)
        shut = self.say.button(T("Close"), self.accept)
        shut.setAutoDefault(False)
        self.buttons = row(shut)
        practice_label = plain_label()
        mark(practice_label, "practice")
        self.say(practice_label.setText, T("Practice log: what it holds is not about real phones."))
        practice_label.setVisible(practice)
        self.inside = column(
            practice_label,
            (self.phones, 1),
            row((self.count, 1), self.buttons),
            spacing=STEP,
            inside=self,
            margins=(STEP * 2,) * 4,
        )
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self.search.setFocus)
        room = self.screen().availableGeometry().size()
        self.resize(min(_SIZE[0], room.width() - _AROUND), min(_SIZE[1], room.height() - _AROUND))

    def show_count(self) -> None:
        """Say how many phones the table has."""
        self.say(self.count.setText, N("{count} phone", "{count} phones", self.model.rowCount()))


class PhonesDialog(TableDialog):
    """Shows phones of a round. The chosen one leads to what the log has of its last check."""

    #: The record of a check is to be shown in the log: its number.
    entry_wanted = Signal(int)

    def __init__(
        self,
        title: Text,
        phones: Sequence[PhoneCoverage],
        parent: QWidget,
        columns: Sequence[PhoneColumn] = OF_ROUND,
        *,
        practice: bool = False,
    ) -> None:
        super().__init__(title, columns, parent, practice=practice)
        self.table.set_overlay(str(T("No phone matches these words.")))
        self.in_log = self.say.button(T("Show in the log"), self._show_in_log, icon="log")
        self.say(self.in_log.setToolTip, T("Show the last check of the chosen phone in the log (Enter)"))
        self.in_log.setAutoDefault(False)
        self.buttons.insertWidget(0, self.in_log)
        self.table.entered_row.connect(self._show_in_log)
        self.table.doubleClicked.connect(self._show_in_log)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.model.modelReset.connect(self._chosen)
        self.model.show_phones(phones)
        self._chosen()

    def _entry(self) -> int:
        """The number of the record of the chosen phone's last check; 0 where none is chosen, or none was made."""
        index = self.table.currentIndex()
        latest = self.model.row(index.row()).latest if index.isValid() else None
        return latest.entry if latest is not None else 0

    def _chosen(self) -> None:
        self.in_log.setEnabled(self._entry() > 0)

    def _show_in_log(self) -> None:
        if entry := self._entry():
            self.accept()
            self.entry_wanted.emit(entry)
