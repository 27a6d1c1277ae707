"""The file of a phone that was read wrong, before it is saved: what is wrong, and every line of it to be read.

What stands in it of the phone as the phone gave it is listed, and what the file does not show as the phone did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QWidget

from core.capture import capture_file
from core.capture.capture_file import Capture
from core.describe.captures import group_words
from core.text import N, T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.announcement import announce
from gui.toolkit.buttons import RoundBox
from gui.toolkit.forms.form_fields import opener
from gui.toolkit.grey_reason import GreyReason
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import column, row
from gui.toolkit.lists.lines_view import LinesView, SearchableLines
from gui.toolkit.parts import Parts, Segments
from gui.toolkit.theme import STEP, TextSize
from gui.toolkit.widgets import ProblemBar

if TYPE_CHECKING:  # it loads what plays a phone
    from core.capture.making import ComparedCapture

#: Logical pixels.
_SIZE: Final = QSize(900, 680)
_LANE: Final = "report"
#: What may be wrong, each with the word that the file has for it.
WRONG: Final = {
    "not-found": T("A banned app is on the phone, and Fanion did not find it"),
    "not-that-app": T("Fanion found an app that is not the one it names"),
    "health": T("The phone’s health is not as Fanion says"),
    "other": T("Something else"),
}
#: By what the window remembers into which folder the last file went.
_FOLDER_KEY: Final = "desk/report-folder"


@dataclass(frozen=True, slots=True)
class Review:
    """What the officer reads, made ready off the GUI thread: the file's content, and the lines of each view."""

    content: bytes
    all_lines: SearchableLines
    unchanged: SearchableLines
    differences: SearchableLines

    @classmethod
    def of(cls, compared: ComparedCapture) -> Self:
        """The review of a capture. Raises CaptureProblem for one that is too large for a file."""
        capture = compared.capture
        return cls(
            capture_file.to_bytes(capture),
            SearchableLines.of(capture_file.lines_of(capture)),
            SearchableLines.of(_unchanged(capture)),
            SearchableLines.of(map(str, compared.differences)),
        )


def _unchanged(capture: Capture) -> Iterator[str]:
    """What was kept as the phone gave it, below the name of its group."""
    for group in capture.unchanged:
        yield str(group_words(group.group))
        for value in group.values:
            yield f"    {value}"


class ReviewDialog(QDialog):
    """What is wrong; and, where the officer wants to read it, every line with a search, and what was kept as it is."""

    def __init__(
        self, review: Review, phone: str, name: str, runner: JobRunner, memory: QSettings | None, parent: QWidget
    ) -> None:
        """`phone` is what the phone is called, `name` the name that is proposed for the file."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self._review, self._name, self._runner, self._memory = review, name, runner, memory
        self._file = Path()
        self.say(self.setWindowTitle, T("Report a wrong reading: {phone}", phone=phone))
        explained = T(
            "The file has all that the phone answered. Personal information, and apps that no rule names, were "
            "replaced with made-up data. Nothing is saved yet, and nothing is sent."
        )
        self._group = QButtonGroup(self)
        self.answers = {word: self._answer(word) for word in WRONG}
        self.differs = self.say.label(self._difference_words(), TextSize.SMALL_STRONG)
        count = len(review.all_lines.lines)
        kept = sum(line.startswith(" ") for line in review.unchanged.lines)
        views = [(N("Every line ({count})", "Every line ({count})", count), review.all_lines)]
        views += [(N("Unchanged ({count})", "Unchanged ({count})", kept), review.unchanged)]
        if review.differences.lines:
            views += [(T("Differences"), review.differences)]
        self._views = [lines for _, lines in views]
        self.choices = [self.say.button(words, kind="segment") for words, _ in views]
        self.group = self.say.group(*self.choices)
        self.group.idToggled.connect(self._choose)
        self.lines = LinesView(T("Lines of the file"))
        self.trouble = ProblemBar()
        self.note = self.say.label("", TextSize.SMALL, "muted")
        self.folder = opener(T("Open the folder"), lambda: self._file.parent, self.say)
        self.save = self.say.button(T("Save…"), self.ask_where, icon="export", kind="primary")
        self._unsaid = GreyReason(self.save, self.say)
        self.show_lines = self.say.button(T("Read it before you save it"), self._read, icon="search")
        self.shut = self.say.button(T("Close"), self.reject)
        for button in (*self.choices, self.folder, self.save, self.shut, self.show_lines):
            button.setAutoDefault(False)
        self.reading = QWidget()
        column(self.differs, row(Segments(*self.choices), None), (self.lines, 1), spacing=STEP, inside=self.reading)
        column(
            self.say.label(T("What is wrong?"), TextSize.STRONG),
            *self.answers.values(),
            self.say.label(explained, TextSize.SMALL, "muted"),
            row(self.show_lines, None),
            (self.reading, 1),
            self.trouble,
            row((self.note, 1), self.folder, self.save, self.shut),
            spacing=STEP,
            inside=self,
            margins=(STEP * 2, STEP, STEP * 2, STEP),
        )
        self.folder.hide()
        self.reading.hide()
        self.lines.show_lines(review.all_lines)
        self.resize(_SIZE.width() * 2 // 3, 0)
        self._say_unsaid()
        next(iter(self.answers.values())).setFocus()

    def _answer(self, word: str) -> RoundBox:
        box = RoundBox()
        self.say(box.setText, WRONG[word])
        self._group.addButton(box)
        box.toggled.connect(self._say_unsaid)
        return box

    @property
    def wrong(self) -> str:
        """The word for what is wrong; empty until that is said."""
        return next((word for word, box in self.answers.items() if box.isChecked()), "")

    def _say_unsaid(self) -> None:
        first = next(iter(self.answers.values()))
        self._unsaid.show(None if self.wrong else T("First say what is wrong."), first)

    def _read(self) -> None:
        """Show every line of the file."""
        self.show_lines.hide()
        self.reading.show()
        room = self.screen().availableGeometry().size() - QSize(STEP * 4, STEP * 6)
        self.resize(_SIZE.boundedTo(room))
        self.lines.text.setFocus()

    def _difference_words(self) -> Text:
        count = len(self._review.differences.lines)
        if not count:
            return T("Replayed as a practice phone, the file reads as the phone did.")
        return N(
            "Replayed as a practice phone, the file differs from the phone in {count} point.",
            "Replayed as a practice phone, the file differs from the phone in {count} points.",
            count,
        )

    def _choose(self, number: int, chosen: bool) -> None:
        if chosen:
            self.lines.show_lines(self._views[number])

    # --- saving

    def ask_where(self) -> None:
        """Have the officer choose a file, and write it there."""
        file = file_dialogs.save_as(self, T("Save the file"), self._memory, _FOLDER_KEY, self._name)
        if file is not None:
            self.trouble.show_problem(None)
            self.save.setEnabled(False)
            work = one_call(file_dialogs.write, file, capture_file.say_wrong(self._review.content, self.wrong))
            self._runner.start(self, _LANE, work, partial(self._saved, file))

    def _saved(self, file: Path, end: JobEnd[None]) -> None:
        self.save.setEnabled(True)
        if isinstance(end, Failed):
            self.trouble.show_problem(end.problem)
        elif isinstance(end, Done):
            self._file = file
            self.say(self.note.setText, T("Saved as {file}.", file=file.name))
            self.folder.show()
            announce(self, self.note.text())
