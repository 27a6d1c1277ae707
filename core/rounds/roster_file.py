"""The list of phones of a round, as a desk keeps it: one private file beside the log.

It names people, so that it is no part of the log; but its hash is on record, and a list that was changed since is
refused. A random value in it keeps the hash from telling whether a guessed list is the one.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from core.problem import Problem
from core.rounds.model import MOST_LINES, Roster, RosterLine
from core.system.files import make_folder, read_file, replace_file
from core.text import T

#: Bytes of a kept list: 200,000 lines of 600 bytes.
_LIMIT: Final = 128 * 2**20
_FOLDER: Final = "rounds"


class RosterProblem(Problem):
    """The list of a round cannot be kept or read, or is not the one on record."""

    code = "roster"


class _Kept(msgspec.Struct, frozen=True):
    salt: str
    roster: Roster


def save(data: Path, number: str, roster: Roster) -> str:
    """Keep the list of the round with this number in the data folder, in place of an earlier one; gives its hash.

    Raises RosterProblem.
    """
    content = msgspec.json.encode(_Kept(secrets.token_hex(16), roster))
    try:
        make_folder(data / _FOLDER)
        replace_file(_file(data, number), content)
    except OSError as error:
        raise _problem(data, number, str(error)) from error
    return hashlib.sha256(content).hexdigest()


def load(data: Path, number: str, sha256: str) -> Roster:
    """The list of a round. Raises RosterProblem, also where it is not the one with this hash."""
    try:
        content = read_file(_file(data, number), _LIMIT)
    except (OSError, ValueError) as error:
        raise _problem(data, number, str(error)) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RosterProblem(
            T("The list of this round is not the one on record: {file}.", file=str(_file(data, number))),
            T("Bring the list again: that is put on record too."),
        )
    try:
        kept = msgspec.json.decode(content, type=_Kept)
    except msgspec.DecodeError as error:
        raise _problem(data, number, str(error)) from error
    return kept.roster


def delete(data: Path, number: str) -> None:
    """Forget the list of a round, which names people. Raises RosterProblem."""
    try:
        _file(data, number).unlink(missing_ok=True)
    except OSError as error:
        raise _problem(data, number, str(error)) from error


def with_line(roster: Roster, line: RosterLine) -> Roster:
    """The list with one more phone. Raises RosterProblem where it is full."""
    if len(roster.lines) >= MOST_LINES:
        raise RosterProblem(T("The list of this round is full."), T("Begin a further round for the other phones."))
    return replace(roster, lines=(*roster.lines, line))


def _file(data: Path, number: str) -> Path:
    if not number.isalnum() or not number.isascii():
        raise ValueError("not the number of a round")
    return data / _FOLDER / f"{number}.json"


def _problem(data: Path, number: str, detail: str) -> RosterProblem:
    return RosterProblem(
        T("The list of this round cannot be kept or read: {file}.", file=str(data / _FOLDER / number)),
        T("Make the folder writable and see that the disk is not full; then bring the list again."),
        detail,
    )
