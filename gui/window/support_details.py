"""What those who give support want to know of this Fanion, to be copied into a message to them.

It is what the self-test with ``--bundle`` shows before it asks: its report, the versions, and the names of the
other files. So there is nothing of a person or of a phone in it: that command strikes out what tells who works here.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from core.desk.desk import Desk
from core.jobs import Cancel
from core.problem import Problem
from core.system.files.momentary import momentary_folder
from core.system.processes.child_process import TimeoutExpired, begin, own_process
from core.text import T, language, plain

#: Seconds that the self-test may take, and those between two looks at the stop button.
_LIMIT: Final = 180.0
_REST: Final = 0.1
#: Files whose text is copied, and characters of each; of the others the name and the size are told.
_SHOWN: Final = ("about.json", "self-test.json")
_LONGEST: Final = 60_000


Made = TypeVar("Made")


class NoDetails(Problem):
    """The self-test, whose report is wanted, did not come to its end."""

    code = "no-details"

    def __init__(self, detail: str) -> None:
        super().__init__(
            T("The details for support could not be gathered."),
            T("Run “fanion self-test” in a terminal, and send what it says."),
            plain(detail, 300),
        )


def support_details(desk: Desk, cancel: Cancel) -> str:
    """The details as a text of several lines. Raises NoDetails, Cancelled."""
    return _gathered(desk, cancel, _overview)


def support_archive(desk: Desk, cancel: Cancel, beside: Mapping[str, bytes]) -> bytes:
    """The details as a ZIP archive, with the log for support, and the files `beside` by name.

    Raises NoDetails, Cancelled.
    """

    def archive(bundle: Path) -> bytes:
        buffer = io.BytesIO(bundle.read_bytes())
        with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as whole:
            for name, content in beside.items():
                whole.writestr(name, content)
        return buffer.getvalue()

    return _gathered(desk, cancel, archive)


def _gathered(desk: Desk, cancel: Cancel, use: Callable[[Path], Made]) -> Made:
    """What `use` makes of the bundle that the self-test leaves. Raises NoDetails, Cancelled.

    It is gathered in a process of its own: a self-test looks at the files of the log, which this one has open.
    """
    with momentary_folder() as folder:
        bundle = folder / "bundle.zip"
        where = ["--portable"] if desk.portable else ["--data", str(desk.data)]
        command, variables = own_process(
            *where, "--language", language(), "self-test", "--json", "--yes", "--bundle", str(bundle)
        )
        _run(command, variables, cancel)
        try:
            return use(bundle)
        except (OSError, zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
            raise NoDetails(str(error)) from error


def _run(command: list[str], variables: dict[str, str], cancel: Cancel) -> None:
    try:
        process = begin(command, variables)
    except OSError as error:
        raise NoDetails(str(error)) from error
    try:
        for _ in range(int(_LIMIT / _REST)):
            cancel.check()
            try:
                process.wait(_REST)
            except TimeoutExpired:
                continue
            return
        raise NoDetails(f"no end after {_LIMIT:.0f} s")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _overview(bundle: Path) -> str:
    with zipfile.ZipFile(bundle) as archive:
        texts = [archive.read(name).decode()[:_LONGEST] for name in _SHOWN]
        names = [f"{info.filename}  {info.file_size}" for info in archive.infolist() if info.filename not in _SHOWN]
    return "\n".join([*(f"{name}\n{text}" for name, text in zip(_SHOWN, texts, strict=True)), *names])
