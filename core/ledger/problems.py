"""The failures of the ledger: each means that nothing was recorded or can be read, so that nothing may be done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from core.problem import Problem
from core.text import T, Text


class LedgerProblem(Problem):
    """The log cannot be opened, read or written."""

    code = "ledger"
    exit_code = 5


#: Stands in the sentence of a kind of problem for the file or folder that it is about.
PATH: Final = ""


class LedgerFileProblem(LedgerProblem):
    """Something is wrong with one file or folder, which the sentence names as the value that it has."""

    sentence_text: ClassVar[Text]
    next_text: ClassVar[Text]

    def __init__(self, path: Path, detail: str = "") -> None:
        ((name, _),) = self.sentence_text.values
        super().__init__(replace(self.sentence_text, values=((name, str(path)),)), self.next_text, detail)


class LedgerMissing(LedgerFileProblem):
    """There is no such file."""

    sentence_text = T("There is no log file {file}.", file=PATH)
    next_text = T("Check the name of the file and of its folder, and that its disk is plugged in.")


class EmptyLedger(LedgerMissing):
    """The file has no bytes: a program makes it at this moment, or was stopped before its first entry."""

    sentence_text = T("The log file {file} is empty: it holds no entry yet.", file=PATH)
    next_text = T("If entries were recorded in it, they have been deleted: look for a copy of the file.")


class NotALedger(LedgerFileProblem):
    """The file is something else."""

    sentence_text = T("The file {file} is not a Fanion log.", file=PATH)
    next_text = T("Move it to another folder, or choose another data folder.")


class NewerLedger(LedgerFileProblem):
    """A later version of Fanion wrote the file in a form that this one does not know."""

    sentence_text = T("The log file {file} was written by a newer version of Fanion.", file=PATH)
    next_text = T("Install the newer version on this computer.")


class OtherLedger(LedgerProblem):
    """A practice log where the real one belongs, or the other way round."""

    def __init__(self, path: Path, practice: bool) -> None:
        super().__init__(
            T("The log file {file} holds real checks, not practice.", file=str(path))
            if practice
            else T("The log file {file} holds practice, not real checks.", file=str(path)),
            T("Give the file back its own name, or choose another data folder."),
        )


class DamagedLedger(LedgerFileProblem):
    """The file's structure is broken."""

    sentence_text = T("The log file {file} is damaged.", file=PATH)
    next_text = T(
        "Change nothing in it. See what is wrong with it: fanion log verify; then tell your IT security team."
    )


class AlteredLedger(LedgerFileProblem):
    """The tables or their guards are not those that Fanion made."""

    sentence_text = T("The log file {file} was altered by another program.", file=PATH)
    next_text = T("Keep it as it is, tell your IT security team, and choose another data folder to work on.")


class JournalNoFile(LedgerProblem):
    """What is called like the journal of the file is a pipe, a link or the like, by which nothing can be taken back."""

    def __init__(self, path: Path, journal: Path, detail: str = "") -> None:
        super().__init__(
            T("Beside the log file {file}, {journal} is not an ordinary file.", file=str(path), journal=journal.name),
            T("Tell your IT security team. Once that file is moved away, the log can be opened again."),
            detail,
        )


class UnfinishedLedger(LedgerFileProblem):
    """The last writing was cut off, and a program that only reads may not repair that."""

    sentence_text = T("The last entry in the log file {file} was cut off while it was being written.", file=PATH)
    next_text = T("Open the log once with Fanion on the computer that wrote it, then read it again.")


class ReadOnlyLedger(LedgerFileProblem):
    """The file may be read but not written."""

    sentence_text = T("The log file {file} cannot be written: it is read-only.", file=PATH)
    next_text = T("Ask your IT support for permission to write to it, or choose another data folder.")


class FolderNotWritable(LedgerFileProblem):
    """The folder cannot be made, or nothing can be made in it. `path` is the log file in it."""

    sentence_text = T("The log file {file} cannot be kept in its folder: the folder cannot be written.", file=PATH)
    next_text = T("Ask your IT support for permission to write to the folder, or choose another data folder.")


class NoPermission(LedgerFileProblem):
    """The file may not even be read."""

    sentence_text = T("You do not have permission to open the log file {file}.", file=PATH)
    next_text = T("Ask your IT support for permission to open it.")


class NoSpace(LedgerFileProblem):
    """The disk is full."""

    sentence_text = T("The log file {file} cannot grow: the disk is full.", file=PATH)
    next_text = T("Free some space on the disk, then try again.")


class LedgerBusy(LedgerFileProblem):
    """Another program kept the file to itself for too long."""

    sentence_text = T("The log file {file} is being used by another program.", file=PATH)
    next_text = T("Wait a moment, or close the other program, then try again.")


class LedgerMoved(LedgerFileProblem):
    """The file was moved, replaced or deleted while it was open."""

    sentence_text = T("The log file {file} was moved or deleted while Fanion was using it.", file=PATH)
    next_text = T("Put the file back in its place, then start Fanion again.")


class LedgerFault(LedgerFileProblem):
    """The disk, or what stands between, reported an error. `detail` has its words."""

    sentence_text = T("The log file {file} could not be read or written: the disk reported an error.", file=PATH)
    next_text = T("Check that the disk is connected and has space left, then try again.")


class RecordTooLong(LedgerFileProblem):
    """What was to be written down does not fit into one record."""

    sentence_text = T("The log file {file} did not take the entry: it is too long.", file=PATH)
    next_text = T("Leave this phone as it is, and report this to your IT support.")


class OldSQLite(LedgerFileProblem):
    """The database library of this Python is older than the log's form."""

    sentence_text = T("The log file {file} needs a newer database library than this computer's Python has.", file=PATH)
    next_text = T("Use the packaged Fanion, which brings its own.")
