"""The desk's public keys: shown to be compared, as a QR code, and as a sheet to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.desk.desk import Desk
from core.desk.papers import log_evidence, log_papers
from core.desk.papers.log_evidence import KeptIn
from core.ledger.keys.enrolment import read_enrolment
from core.reports.filing import file_name
from core.reports.page import qr_matrix
from core.text import T, Text, plain
from gui.papers.paper_dialog import LANE, PaperDialog
from gui.toolkit import file_dialogs
from gui.toolkit.forms.form_dialog import WrittenFile
from gui.toolkit.jobs import Done, Failed, JobEnd, Work, one_call
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import CopyButton
from gui.toolkit.theme import STEP, TextSize
from gui.toolkit.widgets import ElidedLabel, WrappedLabel, copy

#: Light modules around a QR code, without which no camera finds it.
_MARGIN: Final = 4

#: Where the private half of the keys is kept, in words.
_KEPT_IN: Final[Mapping[KeptIn, Text]] = {
    "keyring": T("Its private key is kept in this computer’s keyring."),
    "file": T("Its private key is kept in a file that only this account can read: there is no keyring here."),
    "shared-file": T("Its private key is kept in a file that all users who may write this log can read."),
    "carried-file": T("Its private key is kept in a file beside the log, and goes where the log is carried."),
}


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """What an outsider is told: the text, the same as a QR code, and where the private half of it is kept."""

    text: str
    matrix: tuple[tuple[bool, ...], ...]
    kept_in: KeptIn


class QrCode(QWidget):
    """A QR code. Black on white in every palette: cameras want it so."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix: tuple[tuple[bool, ...], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_matrix(self, matrix: tuple[tuple[bool, ...], ...]) -> None:
        """Show this code, three logical pixels a module."""
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
        for down, line in enumerate(self.matrix):
            for across, dark in enumerate(line):
                if dark:
                    x, y = (across + _MARGIN) * module, (down + _MARGIN) * module
                    painter.fillRect(QRectF(x, y, module, module), black)


class EnrolmentDialog(PaperDialog):
    """Shows the keys, and saves the sheet with them."""

    title = T("Enrolment of this desk")
    go_text = T("Save the sheet (PDF)")

    def fill(self) -> None:
        self.keys: DeskKeys | None = None
        #: Keys that are still to be made are made only if the officer says so.
        self.question = self.say.label(T("Reading the keys…"), TextSize.TITLE)
        self.form.addWidget(self.question)
        self.explain(
            T(
                "With these public keys an outsider can tell whether a log is this desk’s own. "
                "Print the sheet on the first day, sign it, and keep it away from this computer."
            )
        )
        self.code = QrCode()
        self.say.name(self.code, T("The keys as a QR code"))
        self.origin = ElidedLabel(TextSize.STRONG)
        self.text = WrappedLabel(TextSize.SMALL, selectable=True)
        self.place = self.say.label("", kind="muted")
        self.copy = CopyButton(T("Copy the keys"), self._copy)
        self.save = self.say.button(T("Save the keys as text…"), self._save, icon="export")
        side = column(self.origin, self.text, self.place, row(self.copy, self.save, None), None)
        code = row((self.code, 0, Qt.AlignmentFlag.AlignTop), (side, 1), spacing=STEP * 2)
        self._sheet = QWidget()
        sheet_column = column(code, spacing=STEP + 4, inside=self._sheet)
        self.ask_for_folder(sheet_column, T("Folder for the sheet"), "papers/enrolment")
        self.form.addWidget(self._sheet)
        self._sheet.hide()
        self.offer_to_open(T("Open the folder"), T("Open the sheet"))
        self.hold_back(T("Please wait…"))
        self.resize(680, 0)
        self._runner.start(self, LANE, self.one_call(_keys), self._take_keys)

    def _take_keys(self, end: JobEnd[DeskKeys | Text]) -> None:
        if isinstance(end, Failed):
            self.say(self.question.setText, T("Not known at the moment"))
            self.only_tell()
            self.complain(end.problem)
        elif isinstance(end, Done) and isinstance(end.value, DeskKeys):
            self._show_keys(end.value)
        elif isinstance(end, Done):
            self.say(self.question.setText, end.value)
            self.say(self.go.setText, T("Make the keys"))
            self.hold_back(None)
            self.fit()

    def _show_keys(self, keys: DeskKeys) -> None:
        self.keys = keys
        self.code.show_matrix(keys.matrix)
        self.text.setText(_breakable(keys.text))
        self.origin.setText(keys.text.split("\n")[1].split(" ")[-1].partition("+")[0])
        self.say(self.place.setText, _KEPT_IN[keys.kept_in])
        self.question.hide()
        self._sheet.show()
        self.say(self.go.setText, T("Save the sheet (PDF)"))
        self.hold_back(None)
        self.fit()

    def _copy(self) -> None:
        if self.keys is not None:
            copy(self.keys.text)
            self.copy.confirm()

    def _save(self) -> None:
        """Save the keys as text, in the form that a verification takes."""
        if self.keys is None:
            return
        name = f"{file_name(self._desk.name, self._practice, 'enrolment')}.txt"
        file = file_dialogs.choose_new(self, T("Save the keys"), self.folder.folder / name)
        if file is not None:
            text = self.keys.text.encode()
            self._runner.start(self, LANE, one_call(file_dialogs.write, file, text), partial(self._saved, file))

    def _saved(self, file: Path, end: JobEnd[None]) -> None:
        if isinstance(end, Failed):
            self.complain(end.problem)
        elif isinstance(end, Done):
            self.complain(None)
            self.file_written.emit(WrittenFile(T("Keys saved: {file}", file=plain(file.name, 120)), file, file.parent))

    def work(self) -> Work[Any] | None:
        if self.keys is None:
            return self.one_call(_make)
        self.keep_choices()
        return self.one_call(log_papers.enrolment_sheet, self.folder.folder, self.languages.languages)

    def tell(self, value: Path | DeskKeys) -> None:
        if isinstance(value, DeskKeys):
            self._show_keys(value)
            self.ask_again()
            return
        self.show_written(
            value,
            T("The enrolment sheet is saved"),
            T("Print it, have it signed, and keep it off this computer: only then does it protect the log."),
            T("Enrolment sheet saved: {file}", file=plain(value.name, 120)),
        )


def _breakable(text: str) -> str:
    """The text with places where lines may break in a key, which has no spaces."""
    return "\n".join("\u200b".join(line[at : at + 24] for at in range(0, len(line), 24)) for line in text.splitlines())


def _keys(desk: Desk, practice: bool) -> DeskKeys | Text:
    """The keys of a log; or, where it has none, the question whether to make them."""
    path = desk.ledger_path(practice)
    if not path.exists():  # keys that a deleted log has left behind are not those of the next one
        if practice:
            return T("There is no practice log yet. Make its keys now?")
        return T("This desk has no log yet. Make its keys now?")
    if read_enrolment(path) is None:
        return T("This log has no keys yet. Make them now?")
    return _make(desk, practice)


def _make(desk: Desk, practice: bool) -> DeskKeys:
    """Read the keys of a log, which are made if there are none."""
    text = log_evidence.enrolment(desk, practice).text
    return DeskKeys(text, qr_matrix(text), log_evidence.log_status(desk, practice).keys_in)
