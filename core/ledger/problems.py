"""The ledger: what was found and done, written down once and never changed.

`core.ledger.writer.Ledger` writes, `core.ledger.reader.LedgerReader` reads, `core.ledger.records` says what can
be written. Here stand the failures: all of them mean that nothing was recorded, so that nothing may be done.
"""

from __future__ import annotations

from pathlib import Path

from core.problem import Problem
from core.text import T


class LedgerProblem(Problem):
    """The log cannot be opened, read or written."""

    code = "ledger"
    exit_code = 5


class LedgerMissing(LedgerProblem):
    """There is no such file."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("There is no log file {file}.", file=str(path)),
            T("Check the name of the file and of its folder."),
            detail,
        )


class NotALedger(LedgerProblem):
    """The file is something else."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The file {file} is not a Fanion log.", file=str(path)),
            T("Move it to another folder, or choose another data folder."),
            detail,
        )


class NewerLedger(LedgerProblem):
    """A later version of Fanion wrote the file in a form that this one does not know."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} was written by a newer version of Fanion.", file=str(path)),
            T("Install the newer version on this computer."),
            detail,
        )


class OtherLedger(LedgerProblem):
    """A practice log where the real one belongs, or the other way round."""

    def __init__(self, path: Path, practice: bool) -> None:
        super().__init__(
            T("The log file {file} holds real checks, not practice.", file=str(path))
            if practice
            else T("The log file {file} holds practice, not real checks.", file=str(path)),
            T("Give the file back its own name, or choose another data folder."),
        )


class DamagedLedger(LedgerProblem):
    """The file's structure is broken."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} is damaged.", file=str(path)),
            T(
                "Change nothing in it. Find out what is wrong with it: fanion log verify; "
                "then tell whoever is responsible for security."
            ),
            detail,
        )


class AlteredLedger(LedgerProblem):
    """The tables or their guards are not those that Fanion made."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} was altered by another program.", file=str(path)),
            T("Keep it as it is for whoever looks into it, and choose another data folder to work on."),
            detail,
        )


class JournalNoFile(LedgerProblem):
    """What is called like the journal of the file is a pipe, a link or the like, which nobody can go back by."""

    def __init__(self, path: Path, journal: Path, detail: str = "") -> None:
        super().__init__(
            T("Beside the log file {file}, {journal} is not an ordinary file.", file=str(path), journal=journal.name),
            T("Tell whoever is responsible for security. Once that is moved away, the log can be opened again."),
            detail,
        )


class UnfinishedLedger(LedgerProblem):
    """The last writing was cut off, and whoever only reads may not repair that."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The last record in the log file {file} was cut off while it was being written.", file=str(path)),
            T("Open the log once with Fanion on the computer that wrote it, then read it again."),
            detail,
        )


class ReadOnlyLedger(LedgerProblem):
    """The file may be read but not written."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} cannot be written: it is read-only.", file=str(path)),
            T("Ask your IT support for permission to write to it, or choose another data folder."),
            detail,
        )


class FolderNotWritable(LedgerProblem):
    """The folder cannot be made, or nothing can be made in it. `path` is the log file in it."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} cannot be kept in its folder: the folder cannot be written.", file=str(path)),
            T("Ask your IT support for permission to write to the folder, or choose another data folder."),
            detail,
        )


class NoPermission(LedgerProblem):
    """The file may not even be read."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("You do not have permission to open the log file {file}.", file=str(path)),
            T("Ask your IT support for permission to open it."),
            detail,
        )


class NoSpace(LedgerProblem):
    """The disk is full."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} cannot grow: the disk is full.", file=str(path)),
            T("Free some space on the disk, then try again."),
            detail,
        )


class LedgerBusy(LedgerProblem):
    """Another program kept the file to itself for too long."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} is being used by another program.", file=str(path)),
            T("Wait a moment, or close the other program, then try again."),
            detail,
        )


class LedgerMoved(LedgerProblem):
    """The file was moved, replaced or deleted while it was open."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} was moved or deleted while Fanion was using it.", file=str(path)),
            T("Put the file back in its place, then start Fanion again."),
            detail,
        )


class LedgerFault(LedgerProblem):
    """The disk, or what stands between, reported an error. `detail` has its words."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} could not be read or written: the disk reported an error.", file=str(path)),
            T("Check that the disk is connected and has space left, then try again."),
            detail,
        )


class RecordTooLong(LedgerProblem):
    """What was to be written down does not fit into one record."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} did not take the record: it is too long.", file=str(path)),
            T("Leave this phone as it is, and report this to whoever looks after Fanion for you."),
            detail,
        )


class OldSQLite(LedgerProblem):
    """The database library of this Python is older than the log's form."""

    def __init__(self, path: Path, detail: str = "") -> None:
        super().__init__(
            T("The log file {file} needs a newer database library than this computer's Python has.", file=str(path)),
            T("Use the packaged Fanion, which brings its own."),
            detail,
        )
