"""A row that assistive technology chooses is the one that has the cursor, as after a press of the mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QObject, QPersistentModelIndex, QTimer
from PySide6.QtWidgets import QAbstractItemView


class ChosenRows(QObject):
    """Moves a view's cursor to a row that was chosen without it, and calls `pressed`, where a press does more.

    Keys and the mouse move the cursor themselves. The action of an accessible row only chooses it (Qt 6): what is
    shown of the row with the cursor would stay what it was.
    """

    def __init__(self, view: QAbstractItemView, pressed: Callable[[], object] | None = None) -> None:
        """The view has its model already."""
        super().__init__(view)
        self._pressed = pressed
        self._chosen: QPersistentModelIndex | None = None
        # A moment later: where the cursor moves as well, Qt chooses the row first.
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._follow)
        view.selectionModel().selectionChanged.connect(self._changed)

    @property
    def _view(self) -> QAbstractItemView:
        """Asked of Qt each time: the list of a combo box is Qt's own making, and PySide takes what it held of it for
        deleted once the frame around it is looked at and let go of."""
        return cast(QAbstractItemView, self.parent())

    def _changed(self, chosen: QItemSelection, left: QItemSelection) -> None:
        if chosen.count() == 1 and chosen.at(0).height() == 1:
            self._chosen = QPersistentModelIndex(chosen.at(0).topLeft())
            self._soon.start(0)

    def _follow(self) -> None:
        chosen, self._chosen = self._chosen, None
        if chosen is None or not chosen.isValid() or self._view.currentIndex().row() == chosen.row():
            return
        index = self._view.model().index(chosen.row(), chosen.column())
        selection = self._view.selectionModel()
        if selection.isSelected(index):
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            if self._pressed is not None:
                self._pressed()
