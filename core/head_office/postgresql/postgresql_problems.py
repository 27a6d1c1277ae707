"""What may be wrong with a load into PostgreSQL, each with what the database then has."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from core.head_office.postgresql.postgresql_sql import REFUSED, SCHEMA
from core.problem import Problem
from core.text import T, Text, plain

_DETAIL: Final = 4_000
_NAME: Final = 300
_OBJECTION: Final = re.compile(re.escape(REFUSED) + r"(\[.*\])")
_ERROR: Final = re.compile(r"^(psql: )?(error: |(ERROR|FATAL|PANIC): +)+")
_objection: Final = msgspec.json.Decoder(tuple[str, str, str]).decode


class NoPsql(Problem):
    """PostgreSQL's client is not there."""

    code = "no-psql"
    exit_code = 5

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            T("The program psql cannot be started: PostgreSQL’s client is not installed."),
            T("Install PostgreSQL’s client (postgresql-client), then load again."),
            detail,
        )


class PsqlUntrusted(Problem):
    """PostgreSQL's client is there, where others could have put something else in its place."""

    code = "psql-untrusted"
    exit_code = 5

    def __init__(self, folder: str) -> None:
        super().__init__(
            T(
                "Fanion does not start the program psql in {folder}: others may write there, or the folder is not "
                "named by its full path.",
                folder=plain(folder, 500),
            ),
            T(
                "Install PostgreSQL’s client (postgresql-client) where only administrators may write, have PATH name "
                "that folder in full, then load again."
            ),
        )


class DatabaseProblem(Problem):
    """The database was not reached, or did not take the store. It is as it was."""

    code = "database"
    exit_code = 5

    def __init__(self, errors: str) -> None:
        super().__init__(
            T("PostgreSQL did not take the store; the database is as it was: {said}", said=_first(errors)),
            T("Check the database’s name, and that you may create a schema in it, then load again."),
            plain(errors, _DETAIL),
        )


class SchemaProblem(Problem):
    """The schema is not the loader's alone, or has something in it that Fanion did not make. It is as it was."""

    code = "database-schema"
    exit_code = 5


class CommitUnknown(Problem):
    """The connection broke while the server was to keep the load: the database is as it was, or has all of it."""

    code = "database-unknown"
    exit_code = 5

    def __init__(self, errors: str) -> None:
        super().__init__(
            T(
                "The connection broke while the load was completed; whether PostgreSQL has kept it is not known:"
                " {error}",
                error=_first(errors),
            ),
            T("Load again: the load goes on from what the database has."),
            plain(errors, _DETAIL),
        )


class NotVacuumed(Problem):
    """The database has the store. What was removed is not seen any more, but may be in its files."""

    code = "database-vacuum"
    exit_code = 5

    def __init__(self, errors: str) -> None:
        super().__init__(
            T(
                "The database holds what the store holds, but VACUUM failed ({error}):"
                " what was removed may still be in its files.",
                error=_first(errors),
            ),
            T("Load again: each load runs VACUUM."),
            plain(errors, _DETAIL),
        )


class OtherStore(Problem):
    """The database has the tables of another store."""

    code = "other-store"
    exit_code = 5

    def __init__(self) -> None:
        super().__init__(
            T("The database has the tables of another store."), T("Give each store a database of its own.")
        )


def refusal(errors: str) -> Problem:
    """Why nothing was loaded, by the errors of psql: a SchemaProblem where the check of the schema is one of them."""
    if match := _OBJECTION.search(errors):
        try:
            sort, name, role = _objection(match[1])
        except msgspec.MsgspecError:
            return DatabaseProblem(errors)
        sentence, step = _sentences(sort, plain(name, _NAME), plain(role, _NAME))
        return SchemaProblem(sentence, step, plain(errors, _DETAIL))
    return DatabaseProblem(errors)


def _sentences(sort: str, name: str, role: str) -> tuple[Text, Text]:
    """What an objection of the check says to people, and what they do next."""
    match sort:
        case "owner":
            return (
                T(
                    "Nothing was loaded: “{object}” in the database belongs to the role {role}, whose code would run"
                    " with the rights of the role that loads.",
                    object=name,
                    role=role,
                ),
                T("Sign in as the owner of the schema {schema}, or load into another database.", schema=SCHEMA),
            )
        case "grant":
            return (
                T(
                    "Nothing was loaded: the role {role} has the privilege “{object}” in the database and could change"
                    " what is loaded.",
                    object=name,
                    role=role,
                ),
                T("Revoke that privilege, then load again: others may only read."),
            )
        case "columns":
            return (
                T("Nothing was loaded: “{object}” in the database has other columns than Fanion gave it.", object=name),
                T("Drop the schema {schema}, then load again: all of it is loaded anew.", schema=SCHEMA),
            )
    return (
        T("Nothing was loaded: the database has “{object}”, which Fanion did not make.", object=name),
        T("Find out who made it and drop it, or load into a database that Fanion has for itself."),
    )


def _first(errors: str) -> str:
    """The line with the error itself, without the words that only say that it is one."""
    lines = [line for line in errors.splitlines() if line.strip()]
    sentences = [text for line in lines if (text := _ERROR.sub("", line)) != line]
    return plain([*sentences, *lines, "?"][0], 500)
