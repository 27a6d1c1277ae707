"""The window of the manual: contents or hits on the left, the chapter on the right. It works beside every other window.

It knows no page. Which chapter belongs to what is on the screen is for the main window to say.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from core import text
from core.manual import Manual, manual
from core.text import N, T, Text
from gui.help.chapter_view import ChapterView
from gui.toolkit.grey_reason import offer
from gui.toolkit.images.icons import app_icon
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.splitter import Splitter
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, font

_SIZE: Final = QSize(1040, 720)
#: Logical pixels of the contents beside the chapter; where there is less room for both, the chapter has the most.
_SIDE: Final = 300
#: Places that the way back remembers.
_REMEMBERED: Final = 200
_ANCHOR: Final = Qt.ItemDataRole.UserRole


class HelpWindow(QWidget):
    """The manual, in the language in use."""

    #: The list of keys is wanted.
    keys_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self.setWindowIcon(app_icon())
        self.say(self.setWindowTitle, T("Fanion: manual"))
        self.manual: Manual = manual(text.language())
        #: The anchors that were shown, and which of them is.
        self._way: list[str] = []
        self._at = -1
        self.back = self.say.icon_button("chevron-left", T("Back"), lambda: self._go(-1), tip=T("Back (Alt+Left)"))
        self.forward = self.say.icon_button(
            "chevron-right", T("Forward"), lambda: self._go(1), tip=T("Forward (Alt+Right)")
        )
        self.field = QLineEdit()
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(100)
        self.say.name(self.field, T("Search the manual"))
        self.say(self.field.setPlaceholderText, T("Search the manual (Ctrl+F)"))
        self.field.textChanged.connect(self._search)
        self.field.returnPressed.connect(self._open_first)
        self.keys = self.say.button(T("Keyboard shortcuts"), self.keys_wanted.emit, kind="quiet")
        self.contents = QTreeWidget()
        self.contents.setHeaderHidden(True)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.say.name(self.contents, T("Contents"))
        self.contents.currentItemChanged.connect(self._chosen)
        self.hits = QListWidget()
        self.hits.setWordWrap(True)
        self.hits.setSpacing(2)
        self.hits.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.say.name(self.hits, T("What was found"))
        # Not the current one: the first becomes that as soon as the list has the focus.
        self.hits.itemSelectionChanged.connect(lambda: self._hit_chosen(*self.hits.selectedItems()))
        self.hits.itemActivated.connect(self._hit_chosen)
        self.hit_count = self.say.label("", TextSize.SMALL, "muted")
        hits = QWidget()
        column(self.hit_count, (self.hits, 1), spacing=STEP // 2, inside=hits)
        self.side = QStackedWidget()
        self.side.addWidget(self.contents)
        self.side.addWidget(hits)
        self.chapter = ChapterView()
        self.chapter.link_activated.connect(self.open_chapter)
        self.sides = Splitter(Qt.Orientation.Horizontal, T("Width of the contents"))
        self.sides.addWidget(self.side)
        self.sides.addWidget(self.chapter)
        self.sides.setStretchFactor(1, 1)
        edges = (STEP * 2, STEP * 2, STEP * 2, STEP * 2)
        top = row(self.back, self.forward, (self.field, 1), self.keys)
        column(top, (self.sides, 1), spacing=STEP + 4, inside=self, margins=edges)
        for keys, act in (
            ("Alt+Left", lambda: self._go(-1)),
            ("Alt+Right", lambda: self._go(1)),
            ("Ctrl+F", self._to_field),
            ("F1", lambda: self.open_chapter("officer")),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        self._fill()
        screen = QGuiApplication.primaryScreen()
        self.resize(_SIZE.boundedTo(screen.availableGeometry().size()) if screen else _SIZE)
        self.sides.setSizes([min(_SIDE, self.width() // 3), self.width()])

    # --- what others ask

    def open_chapter(self, anchor: str) -> None:
        """Show the section with this anchor. Raises KeyError where the manual has none."""
        self._show(anchor)
        if self._at < 0 or self._way[self._at] != anchor:
            self._way = [*self._way[max(0, self._at + 1 - _REMEMBERED) : self._at + 1], anchor]
            self._at = len(self._way) - 1
        self._say_way()

    @property
    def anchor(self) -> str:
        """The anchor of what is shown; empty before anything is."""
        return self._way[self._at] if self._way else ""

    def come_up(self) -> None:
        """Be seen, in front, ready to be read with the keys."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.chapter.setFocus()

    # --- what the reader does

    def _go(self, by: int) -> None:
        if 0 <= self._at + by < len(self._way):
            self._at += by
            self._show(self.anchor)
            self._say_way()

    def _to_field(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def _chosen(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.open_chapter(item.data(0, _ANCHOR))

    def _hit_chosen(self, item: QListWidgetItem | None = None) -> None:
        if item is not None:
            self.open_chapter(item.data(_ANCHOR))

    def _search(self, words: str) -> None:
        """Show what was found, or the contents again where nothing is searched for."""
        self.hits.blockSignals(True)
        self.hits.clear()
        hits = self.manual.search(words)
        for hit in hits:
            item = QListWidgetItem(f"{hit.section.title}\n{hit.snippet}")
            item.setData(_ANCHOR, hit.section.anchor)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{hit.section.title}. {hit.guide}. {hit.snippet}")
            self.hits.addItem(item)
        self.hits.blockSignals(False)
        self.say(self.hit_count.setText, _hits_in_words(len(hits)))
        self.side.setCurrentIndex(1 if words.strip() else 0)
        if self._way:
            self.chapter.show_section(self.manual, self.anchor, words)

    def _open_first(self) -> None:
        if self.hits.count():
            self.hits.setCurrentRow(0)
            self.hits.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.field.text():
            self.field.clear()
            self.chapter.setFocus()
        else:
            self.close()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.manual = manual(text.language())
            self._fill()
            if self._way:
                self._show(self.anchor)
            self._search(self.field.text())

    # --- how it is shown

    def _show(self, anchor: str) -> None:
        self.chapter.show_section(self.manual, anchor, self.field.text())
        item = self._items[anchor]
        self.contents.blockSignals(True)
        self.contents.setCurrentItem(item)
        item.setExpanded(True)
        self.contents.scrollToItem(item)
        self.contents.blockSignals(False)

    def _say_way(self) -> None:
        offer(self.back, self._at > 0)
        offer(self.forward, self._at + 1 < len(self._way))

    def _fill(self) -> None:
        """Fill the contents with guides, their chapters, and the parts of these."""
        self.contents.blockSignals(True)
        self.contents.clear()
        self._items: dict[str, QTreeWidgetItem] = {}
        above: dict[int, QTreeWidgetItem] = {}
        for anchor, section in self.manual.sections.items():
            item = QTreeWidgetItem([section.title])
            item.setData(0, _ANCHOR, anchor)
            item.setToolTip(0, section.title)  # where there is no room for it
            if section.level == 1:
                item.setFont(0, font(TextSize.STRONG))
                self.contents.addTopLevelItem(item)
            else:
                above[section.level - 1].addChild(item)
            above[section.level] = self._items[anchor] = item
        self.contents.blockSignals(False)


def _hits_in_words(count: int) -> Text:
    return N("{count} place found", "{count} places found", count) if count else T("Nothing found.")
