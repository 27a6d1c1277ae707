"""The pair records that Fanion keeps itself, where it speaks to iPhones without a service: one file a phone, readable
by its owner only. A service's own records are root's, and are not touched."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.phones.driver import PhoneProblem
from core.phones.iphone.mux import checked
from core.phones.iphone.property_lists import plist
from core.system.files.files import create_file, make_folder, read_file, replace_file
from core.text import T

#: By what name the phones know this computer.
_COMPUTER: Final = "computer"


class RecordProblem(PhoneProblem):
    """A pair record cannot be kept or read."""

    code = "iphone-records"


class PairRecords:
    """The records in a folder, which is made with the first of them. Each method raises RecordProblem."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, udid: str) -> bool:
        """Whether there is a record of a phone. Never raises."""
        with contextlib.suppress(OSError):  # Nothing is lost: opening the phone reads it, and tells why it cannot.
            return self._file(udid).is_file()
        return False

    def read(self, udid: str) -> bytes:
        """The record of a phone; empty where there is none."""
        with self._typed_errors(), contextlib.suppress(FileNotFoundError):  # Nothing is lost: the phone is then asked.
            return read_file(self._file(udid), plist.LIMIT)
        return b""

    def save(self, udid: str, record: bytes) -> None:
        """Keep a record, in place of an older one."""
        with self._typed_errors():
            make_folder(self._folder)
            replace_file(self._file(udid), record)

    def delete(self, udid: str) -> None:
        """Forget a record, if there is one."""
        with self._typed_errors():
            self._file(udid).unlink(missing_ok=True)

    def computer(self) -> str:
        """By what name the phones know this computer, made on first use: a UUID, as usbmuxd's SystemBUID."""
        path = self._folder / _COMPUTER
        with self._typed_errors():
            make_folder(self._folder)
            with contextlib.suppress(FileExistsError):  # Nothing is lost: the name that is there is kept.
                create_file(path, str(uuid.uuid4()).upper().encode())
            return read_file(path, 100).decode("ascii").strip()

    def _file(self, udid: str) -> Path:
        return self._folder / f"{checked(udid)}.plist"

    @contextlib.contextmanager
    def _typed_errors(self) -> Iterator[None]:
        """Turn what a file or its content raises into a RecordProblem."""
        try:
            yield
        except (OSError, ValueError) as error:
            raise RecordProblem(
                T(
                    "The keys by which iPhones trust this computer, in {folder}, cannot be read or kept.",
                    folder=str(self._folder),
                ),
                T("Make the folder writable; if a file is damaged, delete it (the phone will then ask again)."),
                str(error),
            ) from error
