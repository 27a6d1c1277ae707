"""The practice phones to choose from, in groups, each with one sentence. One after the other can be plugged in."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QSettings, QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QListView, QListWidget, QListWidgetItem, QWidget
from shiboken6 import isValid

from core.capture.capture_file import Capture
from core.manual import folded
from core.problem import Problem
from core.simulator import scenario_list
from core.simulator.scenario_list import Offer
from core.text import Bilingual, T
from gui.desk.phone_list.practice_row_painter import OFFER_ROLE, RECOMMENDED_ROLE, PracticeRowPainter
from gui.desk.session.phone_session import PhoneSession
from gui.toolkit import file_dialogs
from gui.toolkit.announcement import announce
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.search_field import ListSearchField
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize
from gui.toolkit.widgets import ProblemBar

#: Logical pixels.
_SIZE: Final = QSize(640, 640)
#: By what the window remembers how large the dialog was.
_SIZE_KEY: Final = "desk/practice-dialog"
#: By what it remembers from which folder the last file came.
_FILE_KEY: Final = "desk/report-folder"


class PracticeDialog(QDialog):
    """Every practice phone; the recommended one is the first, and chosen."""

    #: The list of the lessons is to be shown in the place of this.
    lessons_wanted = Signal()

    def __init__(
        self,
        plug_in: Callable[[str], PhoneSession],
        plug_file_in: Callable[[Path, Callable[[PhoneSession | Problem], None]], None],
        memory: QSettings | None,
        parent: QWidget,
    ) -> None:
        """`plug_in` plugs in the phone of a scenario; `plug_file_in` that of a file, and tells it or why not."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self._plug_in, self._plug_file_in = plug_in, plug_file_in
        self._memory = memory
        self.say(self.setWindowTitle, T("Practice phones"))
        intro = self.say.label(
            T("Simulated phones, to try everything out. They have a log of their own."),
            TextSize.SMALL,
            "muted",
        )
        self.list = QListWidget()
        self.list.setItemDelegate(PracticeRowPainter(self.list))
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.say.name(self.list, T("Practice phones"))
        self.field = ListSearchField(self.list, T("Search the practice phones"), self)
        self.nothing = self.say.label(T("No practice phone matches."), kind="muted")
        #: What was plugged in last.
        self.note = self.say.label("", TextSize.SMALL, "muted")
        self.learn = self.say.button(T("Learn Fanion: ten lessons…"), self._open_lessons, icon="practice", kind="link")
        file_tip = T("Replay a phone from a file that Fanion saved")
        self.file_button = self.say.button(T("Open a file…"), self.open_file, icon="folder", kind="link", tip=file_tip)
        self.trouble = ProblemBar()
        self.plug_button = self.say.button(T("Plug in"), self.plug_in, kind="primary")
        self.shut = self.say.button(T("Close"), self.reject)
        for button in (self.learn, self.file_button, self.plug_button, self.shut):
            button.setAutoDefault(False)
        buttons = row(self.learn, None, self.plug_button, self.shut)
        edges = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        parts = (
            intro,
            self.field,
            self.nothing,
            (self.list, 1),
            row(self.file_button, None),
            self.note,
            self.trouble,
            buttons,
        )
        column(*parts, inside=self, spacing=STEP + 4, margins=edges)
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemActivated.connect(self.plug_in)
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(self.plug_in)
        self._fill()
        self.note.hide()
        self._be_as_remembered()
        self.field.setFocus()

    def offer(self) -> Offer | None:
        """The practice phone that is chosen; None where no row is left to choose."""
        item = self.list.currentItem()
        chosen: Offer | None = item.data(OFFER_ROLE) if item is not None and not item.isHidden() else None
        return chosen

    def plug_in(self) -> None:
        """Plug the chosen phone in; the dialog stays, for the next one."""
        if (offer := self.offer()) is None:
            return
        self._tell(self._plug_in(offer.name), offer.title)

    def open_file(self) -> None:
        """Plug in a phone as it answered once, from a file that the officer chooses."""
        title, kinds = T("Open a phone from a file"), f"*{Capture.SUFFIX}"
        file = file_dialogs.choose_file(self, title, self._memory, _FILE_KEY, kinds)
        if file is None:
            return
        if self._memory is not None:
            file_dialogs.remember(self._memory, _FILE_KEY, file.parent)
        self.trouble.show_problem(None)
        self.file_button.setEnabled(False)
        self._plug_file_in(file, self._opened)

    def _opened(self, plugged: PhoneSession | Problem) -> None:
        if not isValid(self):
            return
        self.file_button.setEnabled(True)
        if isinstance(plugged, Problem):
            self.trouble.show_problem(plugged)
        else:
            self._tell(plugged, plugged.name)

    def _tell(self, session: PhoneSession, name: Bilingual | str) -> None:
        """Say that a phone was plugged in."""
        self.trouble.show_problem(None)
        words = T("Plugged in at slot {slot}: {phone}", slot=session.slot, phone=name)
        self.say(self.note.setText, words)
        self.note.show()
        announce(self, str(words))

    def done(self, result: int) -> None:
        if self._memory is not None:
            self._memory.setValue(_SIZE_KEY, self.size())
        super().done(result)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self._fill()
        super().changeEvent(event)

    def _be_as_remembered(self) -> None:
        """Be as large as the last time, as far as the screen has room for it."""
        size = self._memory.value(_SIZE_KEY) if self._memory is not None else None
        room = self.screen().availableGeometry().size() - QSize(STEP * 4, STEP * 6)
        self.resize((size if isinstance(size, QSize) and size.isValid() else _SIZE).boundedTo(room))

    def _fill(self) -> None:
        """Fill the list in the language that is in use."""
        self.list.clear()
        for group, offers in groupby(scenario_list.offers().values(), lambda offer: offer.group):
            heading = QListWidgetItem(str(group.heading), self.list)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            for offer in offers:
                item = QListWidgetItem(str(offer.title), self.list)
                item.setData(OFFER_ROLE, offer)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{group.heading}: {offer.title}. {offer.sentence}")
        first = next(item for item in self._rows() if item.data(OFFER_ROLE) is not None)
        first.setData(RECOMMENDED_ROLE, True)
        self._search(self.field.text())

    def _rows(self) -> list[QListWidgetItem]:
        return [self.list.item(number) for number in range(self.list.count())]

    def _search(self, words: str) -> None:
        """Show only the phones that have all these words, and choose the first of them."""
        searched = folded(words).split()
        heading: QListWidgetItem | None = None
        first: QListWidgetItem | None = None
        for item in self._rows():
            offer: Offer | None = item.data(OFFER_ROLE)
            if offer is None:
                heading = item
                heading.setHidden(True)
                continue
            text = folded(f"{offer.group.heading} {offer.title} {offer.sentence} {offer.name}")
            matches = all(word in text for word in searched)
            item.setHidden(not matches)
            if matches and heading is not None:
                heading.setHidden(False)
            if matches and first is None:
                first = item
        self.list.setCurrentRow(self.list.row(first) if first is not None else -1)
        self.nothing.setVisible(first is None)
        self.list.setVisible(first is not None)
        self.plug_button.setEnabled(first is not None)
        if first is None:
            announce(self, self.nothing.text())
        else:
            self.list.scrollToTop()

    def _chosen(self, item: QListWidgetItem | None) -> None:
        """Tell a screen reader which row is chosen while the words of a search are typed."""
        if item is not None and self.field.hasFocus():
            announce(self.field, str(item.data(Qt.ItemDataRole.AccessibleTextRole)))

    def _open_lessons(self) -> None:
        self.accept()
        self.lessons_wanted.emit()
