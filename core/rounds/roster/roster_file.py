"""The list of phones of a round, as a desk keeps it: one private file beside the log.

It names people, so that it is no part of the log; but its hash is on record and in the file's name, and a list that was
changed since is refused. A random value in it keeps the hash from telling whether a guessed list is the one. An older
list goes once the newer one is on record: a crash in between leaves the one that is. It is overwritten before it goes.
The list that a sample was drawn from stays as long as the round has one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from core.problem import Problem
from core.rounds.model import MOST_LINES, Roster, RosterLine
from core.system.files.erasing import erase_file
from core.system.files.files import is_folder, make_folder, read_file, replace_file
from core.system.files.unfinished import sweep
from core.text import T

#: Bytes of a kept list: 200,000 lines of 600 bytes.
_LIMIT: Final = 128 * 2**20
_FOLDER: Final = "rounds"


class RosterFileProblem(Problem):
    """The list of a round cannot be kept or read, or is not the one on record."""

    code = "roster-file"


class _StoredRoster(msgspec.Struct, frozen=True):
    salt: str
    roster: Roster


def save(data: Path, number: str, roster: Roster) -> str:
    """Keep the list of the round with this number in the data folder, beside an earlier one; gives its hash.

    Raises RosterFileProblem.
    """
    content = msgspec.json.encode(_StoredRoster(secrets.token_hex(16), roster))
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        make_folder(data / _FOLDER)
        _require_folder(data)
        sweep(data / _FOLDER)
        replace_file(_file(data, number, sha256), content)
    except OSError as error:
        raise _problem(data, number, str(error)) from error
    return sha256


def load(data: Path, number: str, sha256: str) -> Roster:
    """The list of a round. Raises RosterFileProblem, also where it is not the one with this hash."""
    file = _file(data, number, sha256)
    try:
        _require_folder(data)
        content = read_file(file, _LIMIT, links=False)
    except (OSError, ValueError) as error:
        raise _problem(data, number, str(error)) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RosterFileProblem(
            T("The roster of this round is not the one that the log tells of: {file}.", file=str(file)),
            T("Import the roster again: the log says so too."),
        )
    try:
        stored = msgspec.json.decode(content, type=_StoredRoster)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _problem(data, number, str(error)) from error
    return stored.roster


def forget(data: Path, number: str, but: Collection[str] = ()) -> None:
    """Forget the lists of a round, which name people, but those with these hashes. Raises RosterFileProblem."""
    files_to_keep = {_file(data, number, sha256) for sha256 in but}
    try:
        if not os.path.lexists(data / _FOLDER):
            return
        _require_folder(data)
        for file in (data / _FOLDER).glob(f"{number}-*.json"):
            if file not in files_to_keep:
                erase_file(file)
    except OSError as error:
        raise _problem(data, number, str(error)) from error


def _require_folder(data: Path) -> None:
    """Raise NotADirectoryError where a link leads elsewhere in the place of the folder. Raises OSError."""
    if not is_folder(data / _FOLDER):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(data / _FOLDER))


def with_line(roster: Roster, line: RosterLine) -> Roster:
    """The list with one more phone. Raises RosterFileProblem where it is full."""
    if len(roster.lines) >= MOST_LINES:
        raise RosterFileProblem(
            T("The roster of this round is full."), T("Begin a further round for the other phones.")
        )
    return replace(roster, lines=(*roster.lines, line))


def _file(data: Path, number: str, sha256: str) -> Path:
    """The numbers come from a log, which may come from anywhere: ValueError for what is none."""
    if not all(part.isalnum() and part.isascii() for part in (number, sha256)):
        raise ValueError("not the number of a round, or not a hash")
    return data / _FOLDER / f"{number}-{sha256[:32]}.json"


def _problem(data: Path, number: str, detail: str) -> RosterFileProblem:
    return RosterFileProblem(
        T("The roster of this round cannot be kept or read: {file}.", file=str(data / _FOLDER / number)),
        T("Make the folder writable and see that the disk is not full; then import the roster again."),
        detail,
    )
