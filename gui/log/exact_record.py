"""A record as it was recorded, to the byte; and the proof that it stands in the sealed log."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeyEvent, QKeySequence, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from core.desk.desk import Desk
from core.desk.problems import NoSuchEntry
from core.ledger.records import Entry
from core.text import N, T
from gui.toolkit import file_dialogs
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import CopyButton, Parts
from gui.toolkit.theme import STEP, Status, TextSize
from gui.toolkit.translated_text import Translatable
from gui.toolkit.widgets import ProblemBar, StatusIcon, copy

#: What changes how other characters are shown, or is not shown at all.
_UNSEEN: Final = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def make_read_only(edit: QPlainTextEdit | QTextEdit) -> None:
    """Make `edit` a text that is read and selected by mouse or keys, wraps anywhere, and is left with Tab."""
    edit.setReadOnly(True)
    edit.setFrameShape(QFrame.Shape.NoFrame)
    edit.setTabChangesFocus(True)
    edit.setUndoRedoEnabled(False)
    edit.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    edit.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)


class MachineText(QPlainTextEdit):
    """Text of a machine, in letters of the same width. Ctrl+C without a selection copies the whole."""

    copied = Signal()

    def __init__(self) -> None:
        super().__init__()
        make_read_only(self)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF() * TextSize.SMALL.value[0])
        self.setFont(fixed)
        self.setMinimumHeight(STEP * 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and not self.textCursor().hasSelection():
            self.copied.emit()
        else:
            super().keyPressEvent(event)


class ExactView(QWidget):
    """The leaf: laid out to be read, and copied to the byte."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self._entry: Entry | None = None
        self.hash = self.say.label("", TextSize.SMALL, "muted", selectable=True)
        self.text = MachineText()
        self.text.copied.connect(self.copy_all)
        self.say.name(self.text, T("The entry as recorded"))
        self.copy_button = CopyButton(T("Copy the exact bytes"), self.copy_all)
        self.text.setMinimumHeight(STEP * 2)  # on a low page it gives way to what is around it
        column(self.hash, (self.text, 1), (self.copy_button, 0, Qt.AlignmentFlag.AlignLeft), inside=self)

    def show_entry(self, entry: Entry) -> None:
        """Show this record."""
        self._entry = entry
        size = N("{count} byte", "{count} bytes", len(entry.exact))
        digits = entry.leaf_hash.hex()
        halves = f"{digits[:32]} {digits[32:]}"  # so that a narrow pane can break it there
        self.say(self.hash.setText, T("{bytes}, fingerprint in the tree: {hash}", bytes=size, hash=halves))
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

    def __init__(self, desk: Desk, runner: JobRunner) -> None:
        super().__init__()
        self.say = Parts(self)
        self.memory: QSettings | None = None
        self.proved: Proved | None = None
        self._desk, self._runner = desk, runner
        self._awaited: tuple[int, bool] | None = None
        self.glyph = StatusIcon(20)
        self.sentence = self.say.label("", selectable=True)
        self.text = MachineText()
        self.text.copied.connect(self.copy_all)
        self.say.name(self.text, T("The proof"))
        self.problem = ProblemBar()
        self.problem.offer(T("Close"), lambda: self.problem.show_problem(None))
        self.copy_button = CopyButton(T("Copy"), self.copy_all)
        self.save_button = self.say.button(T("Save as…"), self.save, icon="export")
        head = row((self.glyph, 0, Qt.AlignmentFlag.AlignTop), (self.sentence, 1))
        column(head, (self.text, 1), self.problem, row(self.copy_button, self.save_button, None), inside=self)

    def show_entry(self, seq: int, practice: bool) -> None:
        """Look for the proof of this record."""
        self._awaited = (seq, practice)
        self._show(None, Status.NEUTRAL, T("Looking for the proof…"))
        work = one_call(_prove, self._desk, practice, seq)
        self._runner.start(self, "log proof", work, partial(self._take_proof, (seq, practice)))

    def forget(self) -> None:
        """Show no record and no proof."""
        self._awaited = None

    def _take_proof(self, entry: tuple[int, bool], end: JobEnd[Proved]) -> None:
        if entry != self._awaited:
            return
        if isinstance(end, Done):
            proved = end.value
            size = N("{count} entry", "{count} entries", proved.size)
            if proved.time is None:
                sentence = T("Sealed, by the checkpoint over {entries}.", entries=size)
            else:
                when = proved.time.astimezone().strftime("%Y-%m-%d %H:%M")
                sentence = T("Sealed, by the checkpoint over {entries} of {when}.", entries=size, when=when)
            self._show(proved, Status.GREEN, sentence)
        elif isinstance(end, Failed) and end.problem.code == "not-sealed":
            sentence = T("Not sealed yet. Until it is, a change to this entry could not be noticed.")
            self._show(None, Status.AMBER, sentence)
        elif isinstance(end, Failed):
            sentence = T("{a} {b}", a=end.problem.sentence, b=end.problem.next_step)
            self._show(None, Status.AMBER, sentence)

    def _show(self, proved: Proved | None, status: Status, sentence: Translatable) -> None:
        self.proved = proved
        self.glyph.show_status(status, "seal" if status is Status.GREEN else "")
        self.say(self.sentence.setText, sentence)
        self.text.setPlainText(proved.text.decode("utf-8", "replace") if proved else "")
        self.problem.show_problem(None)
        self.copy_button.restore()
        for part in (self.text, self.copy_button, self.save_button):
            part.setVisible(proved is not None)

    def copy_all(self) -> None:
        """Put the proof on the clipboard."""
        if self.proved is not None:
            copy(self.proved.text.decode("utf-8", "replace"))
            self.copy_button.confirm()

    def save(self) -> None:
        """Write the proof into a file."""
        if self.proved is None or self._awaited is None:
            return
        name = f"entry-{self._awaited[0]}.tlog-proof"
        file = file_dialogs.save_as(self, T("Save the proof"), self.memory, "papers/proofs", name)
        if file is not None:
            work = one_call(file_dialogs.write, file, self.proved.text)
            self._runner.start(self, "log proof", work, partial(self._saved, file))

    def _saved(self, file: Path, end: JobEnd[None]) -> None:
        if isinstance(end, Failed):
            self.problem.show_problem(end.problem)
        elif isinstance(end, Done):
            self.problem.show_problem(None)
            self.say(self.sentence.setText, T("Saved as {file}.", file=file.name))


def laid_out(exact: bytes) -> str:
    """A leaf on many lines. What could not be seen, or would turn the text around, is written by its number."""
    try:
        text = json.dumps(json.loads(exact), indent=2, ensure_ascii=False)
    except ValueError:  # never in a record that was read: its bytes were understood then
        text = exact.decode("utf-8", "replace")
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _prove(desk: Desk, practice: bool, seq: int) -> Proved:
    """The proof of a record. Raises Problem: NotSealed where no seal covers it yet, NoSuchEntry where another log is
    in the place of the one that had it."""
    with desk.read_ledger(practice) as ledger:
        if seq > (newest := ledger.count()):
            raise NoSuchEntry(seq, newest)
        proof = ledger.proof(seq)
        last = ledger.entry(proof.checkpoint.size)
    return Proved(bytes(proof), proof.checkpoint.size, last.time if last is not None else None)
