"""Pages on paper, through the system's own printers; where there is none, as a PDF file.

The pages come as pictures that were made off the GUI thread, and they are painted off it, too: Qt lets any thread paint
on a printer. Only choosing one is a matter of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSettings, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

from core.problem import Problem
from core.text import T, Text
from gui.toolkit.file_dialogs import save_as, write
from gui.toolkit.jobs import JobEnd, JobRunner, Work, one_call
from gui.toolkit.remembered import PRINTER

#: Printing waits in a lane of its own: a printer may take its time.
LANE = "printer"
#: Where a PDF was put that stands for a printer.
_FOLDER = "printing/folder"


class NotPrinted(Problem):
    """A printer did not take the pages."""

    code = "not-printed"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The printer did not accept the page."),
            T("See whether it is switched on and has paper, choose another one, or save the page as a PDF."),
            detail,
        )


def has_printer() -> bool:
    """Whether the system has a printer at all."""
    return bool(QPrinterInfo.availablePrinterNames())


def choose_printer(parent: QWidget, title: Text, pages: int, liked: str = "") -> QPrinter | None:
    """A printer that the officer chooses in the system's own dialog; None if none.

    The one that is named `liked` is proposed where it is there; else the system's own choice.
    """
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    if liked in QPrinterInfo.availablePrinterNames():
        printer.setPrinterName(liked)
    printer.setDocName(str(title))
    printer.setCreator("Fanion")
    printer.setFullPage(True)
    printer.setFromTo(1, pages)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(str(title))
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintSelection, False)
    chosen = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return printer if chosen else None


def paint(printer: QPrinter, pages: Sequence[bytes]) -> None:
    """Print `pages`, each a PNG, as large as the paper has room for. May be called on any thread.

    Raises NotPrinted.
    """
    painter = QPainter()
    if not painter.begin(printer):
        raise NotPrinted("the printer cannot be begun")
    try:
        for number, page in enumerate(pages):
            picture = QImage.fromData(page)
            if picture.isNull():
                raise NotPrinted("a page that is no picture")
            if number and not printer.newPage():
                raise NotPrinted(f"page {number + 1}")
            room = QRectF(painter.viewport())
            size = QSizeF(picture.size()).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRectF(room.topLeft(), size)
            place.moveCenter(room.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, picture)
    finally:
        ended = painter.end()
    if not ended or printer.printerState() is QPrinter.PrinterState.Error:
        raise NotPrinted("it reports an error")


def print_or_save(
    parent: QWidget,
    title: Text,
    make_pages: Callable[[], Sequence[bytes]],
    make_pdf: Callable[[], bytes],
    runner: JobRunner,
    ended: Callable[[JobEnd[None]], None],
    *,
    name: str,
    memory: QSettings | None = None,
) -> bool:
    """Print pages that are made only then; where the system has no printer, save them as a PDF, at first as `name`.

    `make_pages` and `make_pdf` run off the GUI thread and may raise a Problem. False if the officer chose neither.
    """
    work: Work[None]
    if has_printer():
        liked = str(memory.value(PRINTER) or "") if memory is not None else ""
        printer = choose_printer(parent, title, 1, liked)
        if printer is None:
            return False
        work = one_call(lambda: paint(printer, make_pages()))
    else:
        file = save_as(parent, title, memory, _FOLDER, name)
        if file is None:
            return False
        work = one_call(lambda: write(file, make_pdf()))
    runner.start(parent, LANE, work, ended)
    return True
