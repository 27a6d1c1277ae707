"""PostgreSQL's own client, ``psql``: it makes the connection, and interprets nothing that it is given.

A script for psql may have commands of psql's own in it, which start programs. So it gets none: each statement is an
argument (``--command``), which psql hands to the server as it is, and on its standard input come the data of
``COPY ... FROM STDIN`` alone. Where a server or a row would have the data end too early, the rest is data still.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, Final

from core.head_office.postgresql.postgresql_problems import NoPsql, PsqlUntrusted
from core.system.processes.child_process import PIPE, Popen, begin
from core.system.processes.programs import find_program, untrusted_folder
from core.system.processes.surroundings import systems_environment

#: How much is kept of its errors, in bytes.
_ERRORS: Final = 20_000
_NULL: Final = "\\N"
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SIGNS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_OPTIONS: Final = (
    "--no-psqlrc",
    "--no-password",  # nobody may be there to type it
    "--quiet",
    "--no-align",
    "--tuples-only",
    "--set=ON_ERROR_STOP=1",
)


#: What stands in a row of an answer.
Row = Sequence[str | None]


class Broken(Exception):  # noqa: N818 - told as a Problem by what it was about
    """psql has ended before all was done; `errors` are its own and the server's, as it printed them."""

    def __init__(self, errors: str) -> None:
        super().__init__(errors)
        self.errors = errors


class Client:
    """A psql that runs: it ends at the first error. Each of its methods may raise Broken."""

    def __init__(self, process: Popen[bytes], stdin: IO[bytes], stdout: IO[bytes], errors: IO[bytes]) -> None:
        self._process = process
        self._stdin = stdin
        self._stdout = stdout
        self._errors = errors

    def write(self, rows: bytes) -> None:
        """Data of the COPY that is next, in its text format, a line each."""
        try:
            self._stdin.write(rows)
        except OSError as error:
            raise self._broken() from error

    def end_data(self, rows: bytes = b"") -> None:
        """The last data of a COPY."""
        try:
            self._stdin.write(rows + b"\\.\n")
            self._stdin.flush()
        except OSError as error:
            raise self._broken() from error

    def answer(self, end: str) -> list[Row]:
        """Rows of a COPY to standard output, up to the one that is `end` alone."""
        rows: list[Row] = []
        for line in self._stdout:
            fields = line.decode(errors="replace").removesuffix("\n").split("\t")
            if fields == [end]:
                return rows
            rows.append([None if field == _NULL else _ESCAPED.sub(_sign, field) for field in fields])
        raise self._broken()

    def finish(self) -> None:
        """Wait until all is done."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        if self._process.wait():
            raise self._broken()

    def _broken(self) -> Broken:
        self._process.wait()
        self._errors.seek(0)
        return Broken(self._errors.read(_ERRORS).decode(errors="replace"))


@contextlib.contextmanager
def psql(database: str, statements: Sequence[str]) -> Iterator[Client]:
    """Run the statements, constants all, one after the other. `database`: a name, or a connection string of libpq.

    One that has not come to its end is stopped: what it began is undone by the server. Raises NoPsql, PsqlUntrusted.
    """
    if any(statement.startswith("\\") for statement in statements):
        raise ValueError("a command of psql")
    words = [_program(), *_OPTIONS, f"--dbname={database}", *(f"--command={statement}" for statement in statements)]
    settings = {"PGCLIENTENCODING": "UTF8", "PGAPPNAME": "fanion", "LC_MESSAGES": "C", "PG_COLOR": "never"}
    with tempfile.TemporaryFile() as errors:
        try:
            process = begin(
                words, systems_environment() | settings, stdin=PIPE, stdout=PIPE, stderr=errors, in_terminal=True
            )
        except OSError as error:
            raise NoPsql(str(error)) from error
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise NoPsql
        try:
            yield Client(process, stdin, stdout, errors)
        finally:
            # First of all: where its input ends, psql takes the data for complete.
            process.kill()
            process.wait()
            for pipe in (stdin, stdout):
                with contextlib.suppress(OSError):  # what it has not taken
                    pipe.close()


def _program() -> str:
    """The psql of the administrator's path: never one that others could have put there.

    Raises NoPsql, PsqlUntrusted.
    """
    if (program := find_program("psql")) is not None:
        return program
    folder = untrusted_folder("psql")
    raise NoPsql if folder is None else PsqlUntrusted(folder)


def _sign(escaped: re.Match[str]) -> str:
    return _SIGNS.get(escaped[1], escaped[1])
