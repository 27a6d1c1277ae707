"""The pair records that Fanion keeps itself, where it speaks to iPhones without a service: one file a phone, readable
by its owner only. A service's own records are root's, and are not touched."""

from __future__ import annotations

import contextlib
import uuid
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
        try:
            return read_file(self._file(udid), plist.LIMIT)
        except FileNotFoundError:  # Nothing is lost: there is no record of this phone, which is then asked.
            return b""
        except (OSError, ValueError) as error:
            raise self._problem(error) from error

    def save(self, udid: str, record: bytes) -> None:
        """Keep a record, in place of an older one."""
        try:
            make_folder(self._folder)
            replace_file(self._file(udid), record)
        except OSError as error:
            raise self._problem(error) from error

    def delete(self, udid: str) -> None:
        """Forget a record, if there is one."""
        try:
            self._file(udid).unlink(missing_ok=True)
        except OSError as error:
            raise self._problem(error) from error

    def computer(self) -> str:
        """By what name the phones know this computer, made on first use: a UUID, as usbmuxd's SystemBUID."""
        path = self._folder / _COMPUTER
        try:
            make_folder(self._folder)
            with contextlib.suppress(FileExistsError):  # Nothing is lost: the name that is there is kept.
                create_file(path, str(uuid.uuid4()).upper().encode())
            return read_file(path, 100).decode("ascii").strip()
        except (OSError, ValueError) as error:
            raise self._problem(error) from error

    def _file(self, udid: str) -> Path:
        return self._folder / f"{checked(udid)}.plist"

    def _problem(self, error: Exception) -> RecordProblem:
        return RecordProblem(
            T(
                "The keys by which iPhones trust this computer, in {folder}, cannot be read or kept.",
                folder=str(self._folder),
            ),
            T("Make the folder writable; if a file is damaged, delete it (the phone will then ask again)."),
            str(error),
        )
