"""Pages on paper, on a printer that writes a PDF; what a printer refuses is a problem, never silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PySide6.QtCore import QBuffer, QIODevice, QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.reports.page import PageProblem
from core.text import T
from gui.toolkit import printing
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner

pytestmark = pytest.mark.usefixtures("qapp")

TITLE = T("Print for the queue")


def png(colour: Qt.GlobalColor = Qt.GlobalColor.black) -> bytes:
    image = QImage(210, 297, QImage.Format.Format_RGB32)
    image.fill(colour)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def to_file(path: Path) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    printer.setFullPage(True)
    return printer


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_each_picture_fills_a_page(tmp_path: Path) -> None:
    printing.paint(to_file(tmp_path / "out.pdf"), [png(), png(Qt.GlobalColor.white)])
    document = pypdfium2.PdfDocument(tmp_path / "out.pdf")
    try:
        assert len(document) == 2
        black, white = (bytes(document[n].render(scale=0.2).buffer) for n in range(2))
    finally:
        document.close()
    assert sum(black) / len(black) < 40
    assert sum(white) / len(white) > 250


@pytest.mark.qt_log_ignore("Returned false")
def test_a_printer_that_cannot_be_begun_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(printing.NotPrinted):
        printing.paint(to_file(tmp_path / "no-such-folder" / "out.pdf"), [png()])


def test_a_page_that_is_no_picture_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(printing.NotPrinted):
        printing.paint(to_file(tmp_path / "out.pdf"), [png(), b"%PDF-"])


def test_printing_is_off_the_gui_thread_and_told(
    qtbot: QtBot, window: QWidget, runner: JobRunner, tmp_path: Path, printer_is: Callable[[QPrinter | None], None]
) -> None:
    file = tmp_path / "out.pdf"
    printer_is(to_file(file))
    ends: list[JobEnd[None]] = []
    assert printing.print_or_save(window, TITLE, lambda: [png()], bytes, runner, ends.append, name="a.pdf")
    qtbot.waitUntil(lambda: bool(ends))
    assert ends == [Done(None)]
    assert file.read_bytes().startswith(b"%PDF-")


def test_nothing_is_printed_where_no_printer_was_chosen(
    window: QWidget, runner: JobRunner, printer_is: Callable[[QPrinter | None], None]
) -> None:
    printer_is(None)
    assert not printing.print_or_save(window, TITLE, list, bytes, runner, pytest.fail, name="a.pdf")


def test_without_a_printer_a_pdf_is_saved(
    qtbot: QtBot, window: QWidget, runner: JobRunner, tmp_path: Path, no_printer: Callable[[Path], None]
) -> None:
    no_printer(tmp_path / "a.pdf")
    memory = QSettings(str(tmp_path / "memory.ini"), QSettings.Format.IniFormat)
    ends: list[JobEnd[None]] = []
    args = (window, TITLE, list, lambda: b"%PDF-1.7", runner, ends.append)
    assert printing.print_or_save(*args, name="a.pdf", memory=memory)
    qtbot.waitUntil(lambda: bool(ends))
    assert (tmp_path / "a.pdf").read_bytes() == b"%PDF-1.7"


def test_a_page_that_cannot_be_made_is_told(
    qtbot: QtBot, window: QWidget, runner: JobRunner, tmp_path: Path, printer_is: Callable[[QPrinter | None], None]
) -> None:
    def broken() -> list[bytes]:
        raise PageProblem

    printer_is(to_file(tmp_path / "out.pdf"))
    ends: list[JobEnd[None]] = []
    assert printing.print_or_save(window, TITLE, broken, bytes, runner, ends.append, name="a.pdf")
    qtbot.waitUntil(lambda: bool(ends))
    (end,) = ends
    assert isinstance(end, Failed)
    assert isinstance(end.problem, PageProblem)
