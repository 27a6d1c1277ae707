"""The sheets of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) as texts, read by a process of their own.

The library that reads them, calamine, makes room for every cell between the first and the last one of a sheet: a file
of two kilobytes can ask for 500 GB, and then the process ends (https://github.com/tafia/calamine/issues/693). So that
process is another one, with limits of its own. It also leaves a window its time: calamine lets no other thread of
Python run while it reads.

Macros are not run: calamine has nothing to run them with. Of a formula it gives the value that was saved with it.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
import time
import zipfile
import zlib
from datetime import date, datetime, timedelta
from datetime import time as clock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from core.jobs import Cancel
from core.system.processes.process_limits import limit_this_process
from core.system.processes.worker_processes import worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from python_calamine import CalamineSheet

#: Bytes of all parts of a file once they are unzipped, and how many parts it may have.
UNZIPPED_LIMIT: Final = 250 * 1024 * 1024
_MOST_PARTS: Final = 2_000
MOST_SHEETS: Final = 100
#: Characters of a cell that are kept: more than a roster keeps, so that it is seen that there was more. One text can
#: stand in any number of cells, so all of them together have a limit too; each counts as some more, for its place.
_CELL_LIMIT: Final = 500
_CELL_SIZE: Final = 8
_TEXT_LIMIT: Final = 50_000_000
#: Bytes of memory, seconds, and bytes of what the process answers.
_MEMORY: Final = 2 * 1024**3
_SECONDS: Final = 60
_ANSWER_LIMIT: Final = 4 * _TEXT_LIMIT
#: Seconds between two looks at the stop button.
_LOOK_UP: Final = 0.05
#: Excel keeps so many digits of a number: of one with more it has put zeros in the place of the last ones.
_EXACT_DIGITS: Final = 15

SheetFault = Literal["", "too-large", "damaged"]


class ReadSheet(msgspec.Struct, frozen=True):
    """One sheet: its rows from the first line on, and the first and last lines of merged cells. See
    :class:`core.rounds.roster.tables.Sheet`."""

    name: str
    rows: list[list[str]] = []
    hidden: bool = False
    merged: list[tuple[int, int]] = []
    fault: SheetFault = ""


class WorkbookAnswer(msgspec.Struct, frozen=True):
    """What was read: the worksheets of a workbook in its order, or why there are none."""

    sheets: list[ReadSheet] = []
    why: Literal["", "damaged", "password", "too-large"] = ""
    detail: str = ""


def read(data: bytes, most_lines: int, most_columns: int, cancel: Cancel) -> WorkbookAnswer:
    """The worksheets of a workbook, or why it cannot be read. Raises Cancelled."""
    cancel.check()  # a small workbook may be read before the button is looked at
    refusal = _refused_unread(data) if data.startswith(b"PK") else None
    return refusal or _ask(data, most_lines, most_columns, cancel)


def _refused_unread(data: bytes) -> WorkbookAnswer | None:
    """Why a zip file is not read at all: it is damaged, or says that its parts are too many or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            sizes = [part.file_size for part in file.infolist()]
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        OverflowError,
        struct.error,
        zlib.error,
    ) as error:
        return WorkbookAnswer(why="damaged", detail=str(error))
    if len(sizes) > _MOST_PARTS or sum(sizes) > UNZIPPED_LIMIT:
        return WorkbookAnswer(why="too-large", detail=f"{len(sizes)} parts, {sum(sizes)} bytes unzipped")
    return None


def _ask(data: bytes, most_lines: int, most_columns: int, cancel: Cancel) -> WorkbookAnswer:
    """What a process of its own makes of the file. However it ends, it is gone afterwards."""
    until = time.monotonic() + _SECONDS
    try:
        process, receiver = worker(_serve, data, most_lines, most_columns)
    except OSError as error:
        return WorkbookAnswer(why="too-large", detail=f"no process could be begun: {error!r}")
    try:
        while not receiver.poll(_LOOK_UP):
            cancel.check()
            if time.monotonic() > until:
                return WorkbookAnswer(why="too-large", detail=f"not read within {_SECONDS} s")
        return msgspec.json.decode(receiver.recv_bytes(_ANSWER_LIMIT), type=WorkbookAnswer)
    except (EOFError, OSError) as error:  # it has ended: by its limit of memory, or by a fault in the library
        return WorkbookAnswer(why="too-large", detail=f"the process that read it has ended: {error!r}")
    finally:
        receiver.close()
        process.kill()
        process.join()


# What follows runs in the process that reads


def _serve(data: bytes, most_lines: int, most_columns: int, sender: Connection) -> None:
    """Read the file and send what was found."""
    _limit_this_process()
    import python_calamine as calamine  # here: no other process needs it

    try:
        answer = WorkbookAnswer(_sheets(calamine, data, most_lines, most_columns))
    except calamine.PasswordError as error:
        answer = WorkbookAnswer(why="password", detail=str(error))
    except (calamine.CalamineError, OSError, ValueError) as error:
        answer = WorkbookAnswer(why="damaged", detail=str(error)[:_CELL_LIMIT])
    except MemoryError:
        answer = WorkbookAnswer(why="too-large", detail="no memory")
    except BaseException as error:  # a panic of the library is none of Python's own exceptions
        answer = WorkbookAnswer(why="damaged", detail=repr(error)[:_CELL_LIMIT])
    with contextlib.suppress(OSError):  # nobody waits for it any more
        sender.send_bytes(msgspec.json.encode(answer))


def _limit_this_process() -> None:
    """Let it have no more memory and time than a roster needs, and say nothing on the user's terminal if it ends."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    limit_this_process(_MEMORY, _SECONDS)


def _sheets(calamine: ModuleType, data: bytes, most_lines: int, most_columns: int) -> list[ReadSheet]:
    """The worksheets, with a fault where one cannot be read. Raises calamine's errors, and MemoryError for too many."""
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets: list[ReadSheet] = []
    room = _TEXT_LIMIT
    for index, metadata in enumerate(book.sheets_metadata):
        if metadata.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        if len(sheets) == MOST_SHEETS:
            raise MemoryError
        hidden = metadata.visible != calamine.SheetVisibleEnum.Visible
        try:
            sheet = book.get_sheet_by_index(index)
        except calamine.CalamineError:
            sheets.append(ReadSheet(metadata.name, hidden=hidden, fault="damaged"))
            continue
        rows = _rows(sheet, most_lines, most_columns, room)
        if rows is None:
            sheets.append(ReadSheet(metadata.name, hidden=hidden, fault="too-large"))
            continue
        room -= sum(map(_size, rows))
        merged = sorted({(top + 1, end + 1) for (top, _), (end, _) in sheet.merged_cell_ranges or () if end > top})
        sheets.append(ReadSheet(metadata.name, rows, hidden, merged[:most_lines]))
    return sheets


def _rows(sheet: CalamineSheet, most_lines: int, most_columns: int, room: int) -> list[list[str]] | None:
    """The rows from the first line of the sheet on; None if they are more, or longer, than they may be."""
    if sheet.start is None or sheet.end is None:
        return []
    if sheet.end[0] >= most_lines or sheet.end[1] >= most_columns:
        return None
    empty_cells = [""] * sheet.start[1]
    rows = []
    for cells in sheet.iter_rows():
        row = empty_cells + [text(value) for value in cells]
        room -= _size(row)
        if room < 0:
            return None
        rows.append(row)
    return rows


def _size(row: list[str]) -> int:
    """What a row takes of all that may be read."""
    return sum(map(len, row)) + _CELL_SIZE * len(row)


def text(value: Any) -> str:
    """A cell's value as text. A number with more digits than Excel keeps is written as Excel shows it, with an
    exponent: some of its digits are not those that were typed."""
    if isinstance(value, str):
        return value[:_CELL_LIMIT]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if abs(value) >= 10**_EXACT_DIGITS or value != value:
            return f"{value:.{_EXACT_DIGITS - 1}E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime) and value.time() == clock():
        return value.date().isoformat()
    if isinstance(value, date | clock):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value) if isinstance(value, timedelta) else ""
