"""Many lines of text, to be read and searched: filled a slice at a time, so that no other page waits for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Self

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontDatabase, QKeyEvent, QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from core.text import T, Text
from gui.toolkit.announcement import announce
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import TextSize

#: Characters that are put into the view at a time, and of one line of it: what is longer goes on in the next one.
_SLICE: Final = 16_000
_LONGEST: Final = 2_000
#: Characters of a search, and places that are counted.
_WORDS: Final = 100
_MOST: Final = 9_999
#: Milliseconds between the last letter of a search and the search.
_REST: Final = 120


@dataclass(frozen=True, slots=True)
class SearchableLines:
    """Lines to be shown, made ready for a search: off the GUI thread where they are many."""

    lines: tuple[str, ...]
    #: All of them in small letters, with a line end between two, and where each begins in that.
    whole: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        """These lines. What is longer than can be laid out at once goes on in the next one."""
        pieces = tuple(piece for line in lines for piece in _pieces(line))
        lowered = ((piece.lower(), piece) for piece in pieces)
        # Where a letter has another number of small ones, the places in both would not be the same.
        searched = [low if len(low) == len(piece) else piece for low, piece in lowered]
        return cls(pieces, "\n".join(searched), (0, *accumulate(len(line) + 1 for line in searched)))

    def places(self, words: str, limit: int) -> list[int]:
        """Where these words stand in the whole, at most so many times."""
        places: list[int] = []
        at = self.whole.find(words) if words else -1
        while at >= 0 and len(places) < limit:
            places.append(at)
            at = self.whole.find(words, at + len(words))
        return places


class LinesView(QWidget):
    """The lines, above them the field for a search, with the keys that go from one place to the next."""

    def __init__(self, name: Text) -> None:
        """`name` is what a screen reader calls the lines."""
        super().__init__()
        self.say = Parts(self)
        self.field = _SearchField(self)
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(_WORDS)
        self.say.name(self.field, T("Search the lines"))
        self.say(self.field.setPlaceholderText, T("Search (Ctrl+F)"))
        self.before = self.say.icon_button("chevron-left", T("Previous place (Shift+F3)"), self.go_back)
        self.next = self.say.icon_button("chevron-right", T("Next place (F3)"), self.go_on)
        self.places = self.say.label("", TextSize.SMALL, "muted")
        self.places.setWordWrap(False)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setReadOnly(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF() * TextSize.SMALL.value[0])
        self.text.setFont(fixed)
        self.say.name(self.text, name)
        for button in (self.before, self.next):
            button.setAutoDefault(False)
        column(row((self.field, 1), self.places, self.before, self.next), (self.text, 1), inside=self)
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self.search)
        self._fill = QTimer(self, singleShot=True, interval=0)
        self._fill.timeout.connect(self._put_slice)
        self.field.textChanged.connect(lambda words: self._rest.start())
        for key, act in (("F3", self.go_on), ("Shift+F3", self.go_back), ("Ctrl+F", self.field.go_to)):
            QShortcut(QKeySequence(key), self, act, context=Qt.ShortcutContext.WindowShortcut)
        self.show_lines(SearchableLines.of(()))

    def show_lines(self, lines: SearchableLines) -> None:
        """Show these lines, from the first one on."""
        self._lines = lines
        self._put = 0
        self._places: list[int] = []
        self._at = -1
        self.text.clear()
        self._put_slice()
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self.search()

    @property
    def whole(self) -> bool:
        """Whether the view has all of the lines by now."""
        return self._put == len(self._lines.lines)

    # --- the search

    def search(self) -> None:
        """Look for the words of the field, and show the first place that has them."""
        self._rest.stop()
        self._places = self._lines.places(self.field.text().lower(), _MOST)
        self._at = -1
        for button in (self.before, self.next):
            button.setEnabled(bool(self._places))
        if self._places:
            self._go_to(0)
        else:
            self._tell_place()

    def go_on(self) -> None:
        """Go to the next place; from the last one to the first."""
        self._step(1)

    def go_back(self) -> None:
        """Go to the place before; from the first one to the last."""
        self._step(-1)

    def _step(self, by: int) -> None:
        if self._rest.isActive():
            self.search()
        elif self._places:
            self._go_to((self._at + by) % len(self._places))

    def _go_to(self, number: int) -> None:
        self._at = number
        start = self._places[number]
        line = bisect_right(self._lines.starts, start) - 1
        while self._put <= line:
            self._put_slice()
        place = start - self._lines.starts[line]
        block = self.text.document().findBlockByNumber(line)
        end = place + len(self.field.text())
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + _units(self._lines.lines[line][:place]))
        cursor.setPosition(block.position() + _units(self._lines.lines[line][:end]), QTextCursor.MoveMode.KeepAnchor)
        self.text.setTextCursor(cursor)
        self.text.centerCursor()
        self._tell_place()
        announce(self.field, f"{self.places.text()}. {self._lines.lines[line]}")

    def _tell_place(self) -> None:
        if not self.field.text():
            self.say(self.places.setText, "")
        elif not self._places:
            self.say(self.places.setText, T("No line has that."))
            announce(self.field, self.places.text())
        else:
            count, number = len(self._places), self._at + 1
            more = T("Place {number} of more than {all}", number=number, all=count)
            self.say(
                self.places.setText, more if count == _MOST else T("Place {number} of {all}", number=number, all=count)
            )

    # --- the lines

    def _put_slice(self) -> None:
        """Put some more lines into the view, and the rest a moment later."""
        size, begin = 0, self._put
        while self._put < len(self._lines.lines) and size < _SLICE:
            size += len(self._lines.lines[self._put]) + 1
            self._put += 1
        if self._put > begin:
            cursor = QTextCursor(self.text.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(("\n" if begin else "") + "\n".join(self._lines.lines[begin : self._put]))
        if self._put < len(self._lines.lines):
            self._fill.start()
        else:
            self._fill.stop()


class _SearchField(QLineEdit):
    """The words of the search: Enter goes on, and Shift+Enter back."""

    def __init__(self, view: LinesView) -> None:
        super().__init__()
        self._view = view

    def go_to(self) -> None:
        """Have the cursor here, and what is typed replace the words."""
        self.setFocus()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self._view.go_back if back else self._view.go_on)()
        else:
            super().keyPressEvent(event)


def _pieces(line: str) -> Sequence[str]:
    """A line in pieces that can be shown: laying out one of a million characters takes seconds."""
    if len(line) <= _LONGEST:
        return (line,)
    return [line[at : at + _LONGEST] for at in range(0, len(line), _LONGEST)]


def _units(text: str) -> int:
    """How many places a text has as Qt counts them: a character beyond the first 65,536 has two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
