"""The file of a phone that was read wrong, before it is saved: the officer reads every line of it first.

What stands in it of the phone as the phone gave it is listed, and what the file does not show as the phone did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QDialog, QWidget

from core.capture import capture_file
from core.capture.capture_file import Capture
from core.describe.captures import group_words
from core.text import N, T, Text
from gui.toolkit import file_dialogs
from gui.toolkit.announcement import announce
from gui.toolkit.forms.form_fields import opener
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
    """Every line, with a search; what was kept as it is; and only then *Save*."""

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
            "Read it before you save it. Personal information, and apps that no rule names, were replaced with "
            "made-up data. Nothing is saved yet, and nothing is sent."
        )
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
        self.save = self.say.button(T("Save…"), self.ask_where, icon="export")
        self.shut = self.say.button(T("Close"), self.reject)
        for button in (*self.choices, self.folder, self.save, self.shut):
            button.setAutoDefault(False)
        column(
            self.say.label(explained, TextSize.SMALL, "muted"),
            self.differs,
            row(Segments(*self.choices), None),
            (self.lines, 1),
            self.trouble,
            row((self.note, 1), self.folder, self.save, self.shut),
            spacing=STEP,
            inside=self,
            margins=(STEP * 2, STEP, STEP * 2, STEP),
        )
        self.folder.hide()
        self.lines.show_lines(review.all_lines)
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
            work = one_call(file_dialogs.write, file, self._review.content)
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
