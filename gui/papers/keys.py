"""The desk's public keys: shown to be compared, as a QR code, and as a sheet to print."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QRectF, QSettings, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.jobs import Cancel
from core.text import Language, T, plain
from gui import places
from gui.asking import JobSheet, Made
from gui.choices import FolderField, LanguagesField, opener
from gui.papers.receipt import LANE
from gui.parts import Line, Prose, button, copy
from gui.tasks import Done, Ended, Failed, Report, Runner, Work
from gui.theme import STEP, Size, Status, mark

if TYPE_CHECKING:
    from core.desk import Desk

#: Light modules around a QR code, without which no camera finds it.
_MARGIN: Final = 4


@dataclass(frozen=True, slots=True)
class Keys:
    """What an outsider is told: the text, the same as a QR code, and where the private half of it is kept."""

    text: str
    matrix: tuple[tuple[bool, ...], ...]
    kept_in: str


class Code(QWidget):
    """A QR code. Black on white in every palette: cameras want it so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix: tuple[tuple[bool, ...], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_matrix(self, matrix: tuple[tuple[bool, ...], ...]) -> None:
        """Show this code, three pixels a module."""
        self.matrix = matrix
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        side = (len(self.matrix) + 2 * _MARGIN) * 3
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#ffffff"))
        module = self.width() / max(1, len(self.matrix) + 2 * _MARGIN)
        black = QColor("#000000")
        for row, line in enumerate(self.matrix):
            for column, dark in enumerate(line):
                if dark:
                    left, top = (column + _MARGIN) * module, (row + _MARGIN) * module
                    painter.fillRect(QRectF(left, top, module, module), black)


class EnrolmentSheet(JobSheet):
    """Shows the keys, and saves the sheet with them."""

    def __init__(self, desk: Desk, runner: Runner, memory: QSettings | None, parent: QWidget) -> None:
        super().__init__(runner, LANE, T("Enrolment of this desk"), T("Save the sheet (PDF)"), parent)
        self._desk = desk
        self._file = Path()
        self.keys: Keys | None = None
        explained = Prose()
        self.say(
            explained.setText,
            T(
                "With these public keys an outsider can tell whether a log is this desk’s own. "
                "Print the sheet on the first day, sign it, and keep it away from this computer."
            ),
        )
        self.code = Code()
        self.say(self.code.setAccessibleName, T("The keys as a QR code"))
        self.origin = Line(Size.STRONG)
        self.text = Prose(Size.SMALL, selectable=True)
        self.kept = Prose()
        mark(self.kept, "muted")
        self.copy = button("copy")
        self.say(self.copy.setText, T("Copy the keys"))
        self.copy.clicked.connect(self._copy)
        self.save = button("export")
        self.say(self.save.setText, T("Save the keys as text…"))
        self.save.clicked.connect(self._save)
        side = QVBoxLayout()
        side.setSpacing(STEP)
        for part in (self.origin, self.text, self.kept):
            side.addWidget(part)
        acts = QHBoxLayout()
        acts.setSpacing(STEP)
        acts.addWidget(self.copy)
        acts.addWidget(self.save)
        acts.addStretch()
        side.addLayout(acts)
        side.addStretch()
        row = QHBoxLayout()
        row.setSpacing(STEP * 2)
        row.addWidget(self.code, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(side, 1)
        self.folder = FolderField(T("Folder for the sheet"), memory, "papers/enrolment")
        self.languages = LanguagesField(memory)
        self.form.addWidget(explained)
        self.form.addLayout(row)
        self.form.addWidget(self.folder)
        self.form.addWidget(self.languages)
        self.open_file = opener(T("Open the sheet"), lambda: self._file, self.say)
        self.outcome.addWidget(self.open_file, 0, Qt.AlignmentFlag.AlignLeft)
        self.go.setEnabled(False)
        self.copy.setEnabled(False)
        self.save.setEnabled(False)
        self.say(self.kept.setText, T("Reading the keys…"))
        self.resize(680, 0)
        self.fit()
        runner.start(self, LANE, partial(_keys, desk), self._known)

    def _known(self, end: Ended[Keys]) -> None:
        if isinstance(end, Failed):
            self.say(self.kept.setText, "")
            self.complain(end.problem)
        elif isinstance(end, Done):
            self.keys = keys = end.value
            self.code.show_matrix(keys.matrix)
            self.text.setText(_breakable(keys.text))
            self.origin.setText(keys.text.split("\n")[1].split(" ")[-1].partition("+")[0])
            self.say(
                self.kept.setText,
                T("Its private key is kept in this computer’s keyring.")
                if keys.kept_in == "keyring"
                else T("Its private key is kept in a file that only this account can read: there is no keyring here."),
            )
            self.go.setEnabled(True)
            self.copy.setEnabled(True)
            self.save.setEnabled(True)
            self.fit()

    def _copy(self) -> None:
        if self.keys is not None:
            copy(self.keys.text)
            self.say(self.copy.setText, T("Copied"))

    def _save(self) -> None:
        """The file that a verification takes."""
        if self.keys is None:
            return
        file = places.choose_new(self, T("Save the keys"), self.folder.folder / "fanion-enrolment.txt")
        if file is not None:
            text = self.keys.text.encode()
            self._runner.start(self, LANE, partial(_write, file, text), partial(self._saved, file))

    def _saved(self, file: Path, end: Ended[None]) -> None:
        if isinstance(end, Failed):
            self.complain(end.problem)
        elif isinstance(end, Done):
            self.complain(None)
            self.made.emit(Made(T("Keys saved: {file}", file=plain(file.name, 120)), file, file.parent))

    def work(self) -> Work[Any] | None:
        self.folder.keep()
        self.languages.keep()
        return partial(_sheet, self._desk, self.folder.folder, self.languages.languages)

    def tell(self, value: Path) -> None:
        self._file = value
        where = T("{file} in {folder}", file=plain(value.name, 200), folder=plain(str(value.parent), 300))
        self.verdict.show_verdict(Status.GREEN, T("The enrolment sheet is saved"), where)
        self.say.again()
        self.made.emit(Made(T("Enrolment sheet saved: {file}", file=plain(value.name, 120)), value, value.parent))


def _breakable(text: str) -> str:
    """With places where a key may be broken, which has none of its own."""
    return "\n".join("\u200b".join(line[at : at + 24] for at in range(0, len(line), 24)) for line in text.splitlines())


def _write(file: Path, text: bytes, cancel: Cancel, report: Report) -> None:
    places.write(file, text)


def _keys(desk: Desk, cancel: Cancel, report: Report) -> Keys:
    from core import custody
    from core.reports.page import qr_matrix

    text = custody.enrolment(desk, False).text
    return Keys(text, qr_matrix(text), custody.standing(desk, False).keys_in)


def _sheet(desk: Desk, folder: Path, languages: tuple[Language, ...], cancel: Cancel, report: Report) -> Path:
    from core import custody

    return custody.enrolment_sheet(desk, False, folder, languages)
