"""A record as it was recorded, to the byte; and the proof that it stands in the sealed log."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent, QKeySequence, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from core.jobs import Cancel
from core.ledger.records import Entry
from core.text import N, T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, Report
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import Translatable, TranslatedText
from gui.toolkit.widgets import ProblemBar, StatusIcon, WrappedLabel, button, copy

if TYPE_CHECKING:
    from core.desk.desk import Desk

#: Milliseconds for which a button says that it has copied.
COPIED: Final = 2_000
#: What changes how other characters are shown, or is not shown at all.
_UNSEEN: Final = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class Mono(QPlainTextEdit):
    """Text of a machine, in letters of the same width. Ctrl+C without a selection copies the whole."""

    copied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF() * TextSize.SMALL.value[0])
        self.setFont(fixed)
        self.setMinimumHeight(STEP * 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and not self.textCursor().hasSelection():
            self.copied.emit()
        else:
            super().keyPressEvent(event)


class Exact(QWidget):
    """The leaf: laid out to be read, and copied to the byte."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self._entry: Entry | None = None
        self.hash = WrappedLabel(TextSize.SMALL, selectable=True)
        mark(self.hash, "muted")
        self.text = Mono()
        self.copy_button = CopyButton(T("Copy the exact bytes"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addWidget(self.hash)
        column.addWidget(self.text, 1)
        column.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.copy_button.clicked.connect(self.copy_all)
        self.text.copied.connect(self.copy_all)
        self.say(self.text.setAccessibleName, T("The entry as recorded"))

    def show_entry(self, entry: Entry) -> None:
        """Show this record."""
        self._entry = entry
        size = len(entry.exact)
        bytes_ = N("{count} byte", "{count} bytes", size)
        self.say(
            self.hash.setText, T("{bytes}, hash in the tree: {hash}", bytes=bytes_, hash=_broken(entry.leaf_hash.hex()))
        )
        self.text.setPlainText(laid_out(entry.exact))
        self.copy_button.restore()

    def copy_all(self) -> None:
        """Put the exact text on the clipboard."""
        if self._entry is not None:
            copy(self._entry.exact.decode("utf-8"))
            self.copy_button.confirm()


@dataclass(frozen=True, slots=True)
class Proved:
    """What seals a record: the proof as a file has it, how many records its checkpoint covers, and of when that is."""

    text: bytes
    size: int
    time: datetime | None


class ProofView(QWidget):
    """Whether a record is sealed, by what, and the proof to take along."""

    def __init__(self, desk: Desk, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self.memory: QSettings | None = None
        self.proved: Proved | None = None
        self._desk, self._runner = desk, runner
        self._wanted: tuple[int, bool] | None = None
        self.glyph = StatusIcon(20)
        self.sentence = WrappedLabel(selectable=True)
        self.text = Mono()
        self.copy_button = CopyButton(T("Copy"))
        self.save_button = button("export")
        self.problem = ProblemBar()
        head = QHBoxLayout()
        head.setSpacing(STEP)
        head.addWidget(self.glyph, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.sentence, 1)
        row = QHBoxLayout()
        row.setSpacing(STEP)
        row.addWidget(self.copy_button)
        row.addWidget(self.save_button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(STEP)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        column.addWidget(self.problem)
        column.addLayout(row)
        self.copy_button.clicked.connect(self.copy_all)
        self.text.copied.connect(self.copy_all)
        self.save_button.clicked.connect(self.save)
        self.problem.offer(T("Close"), lambda: self.problem.show_problem(None))
        self.say(self.save_button.setText, T("Save as…"))
        self.say(self.text.setAccessibleName, T("The proof"))

    def show_entry(self, seq: int, practice: bool) -> None:
        """Look for the proof of this record."""
        self._wanted = (seq, practice)
        self._show(None, Status.NEUTRAL, T("Looking for the proof…"))
        work = partial(_prove, self._desk, practice, seq)
        self._runner.start(self, "log proof", work, partial(self._known, (seq, practice)))

    def forget(self) -> None:
        """No record is shown."""
        self._wanted = None

    def _known(self, asked: tuple[int, bool], end: JobEnd[Proved]) -> None:
        if asked != self._wanted:
            return
        if isinstance(end, Done):
            proved = end.value
            size = N("{count} entry", "{count} entries", proved.size)
            if proved.time is None:
                told = T("Sealed, by the checkpoint over {entries}.", entries=size)
            else:
                when = proved.time.astimezone().strftime("%Y-%m-%d %H:%M")
                told = T("Sealed, by the checkpoint over {entries} of {when}.", entries=size, when=when)
            self._show(proved, Status.GREEN, told)
        elif isinstance(end, Failed) and end.problem.code == "not-sealed":
            sentence = T("Not sealed yet. Until it is, a change of this entry could not be noticed.")
            self._show(None, Status.AMBER, sentence)
        elif isinstance(end, Failed):
            problem = end.problem
            self._show(None, Status.AMBER, T("{a} {b}", a=problem.sentence, b=problem.next_step))

    def _show(self, proved: Proved | None, status: Status, sentence: Translatable) -> None:
        self.proved = proved
        self.glyph.show_status(status, "seal" if status is Status.GREEN else "")
        self.say(self.sentence.setText, sentence)
        self.text.setPlainText(proved.text.decode("utf-8", "replace") if proved else "")
        self.problem.show_problem(None)
        self.copy_button.restore()
        for one in (self.text, self.copy_button, self.save_button):
            one.setVisible(proved is not None)

    def copy_all(self) -> None:
        """Put the proof on the clipboard."""
        if self.proved is not None:
            copy(self.proved.text.decode("utf-8", "replace"))
            self.copy_button.confirm()

    def save(self) -> None:
        """Write the proof into a file."""
        if self.proved is None or self._wanted is None:
            return
        folder = file_dialogs.remembered(self.memory, "papers/proofs")
        file = file_dialogs.choose_new(self, T("Save the proof"), folder / f"entry-{self._wanted[0]}.tlog-proof")
        if file is None:
            return
        text = self.proved.text
        work = partial(_write, file, text)
        self._runner.start(self, "log proof", work, partial(self._saved, file))

    def _saved(self, file: Path, end: JobEnd[None]) -> None:
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        elif isinstance(end, Done):
            self.problem.show_problem(None)
            file_dialogs.remember(self.memory, "papers/proofs", file.parent)
            self.say(self.sentence.setText, T("Saved as {file}.", file=file.name))


class CopyButton(QWidget):
    """A button that says, for a moment, that it has copied."""

    clicked = Signal()

    def __init__(self, text: Text, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self._text = text
        self.button = button("copy")
        self._timer = QTimer(self, singleShot=True, interval=COPIED)
        self._timer.timeout.connect(self.restore)
        self.button.clicked.connect(self.clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        self.setFocusProxy(self.button)
        self.restore()

    def confirm(self) -> None:
        """It is on the clipboard now."""
        self.say(self.button.setText, T("Copied"))
        self._timer.start()

    def restore(self) -> None:
        """Offer it again."""
        self._timer.stop()
        self.say(self.button.setText, self._text)


def laid_out(exact: bytes) -> str:
    """A leaf on many lines. What could not be seen, or would turn the text around, is written by its number."""
    try:
        text = json.dumps(json.loads(exact), indent=2, ensure_ascii=False)
    except ValueError:  # never in a record that was read: its bytes were understood then
        text = exact.decode("utf-8", "replace")
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _broken(hash: str) -> str:
    """In two halves, so that a narrow pane can break it there."""
    return f"{hash[:32]} {hash[32:]}"


def _write(file: Path, text: bytes, cancel: Cancel, report: Report) -> None:
    file_dialogs.write(file, text)


def _prove(desk: Desk, practice: bool, seq: int, cancel: Cancel, report: Report) -> Proved:
    """The proof of a record. Raises Problem: NotSealed where no seal covers it yet."""
    from core.desk import log_evidence
    from core.ledger.tlog.notes import Proof

    text = log_evidence.proof_text(desk, practice, seq)
    size = Proof.parse(text).checkpoint.size
    with desk.read_ledger(practice) as ledger:
        last = ledger.entry(size)
    return Proved(text, size, last.time if last is not None else None)
