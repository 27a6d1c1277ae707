"""``fanion store``: what head office has merged is told, verified, and handed on to programs that it already runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli import terminal
from core.cli.arguments import JSON, Actions, argument, day
from core.cli.store_commands import store_evidence, store_questions, store_remarks
from core.desk.desk import Desk
from core.desk.papers.store_keys import require_signed
from core.head_office.postgresql.postgresql import load
from core.head_office.questions.events import write_events
from core.text import N, T


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    store = argument("store", T("the store: see fanion merge"), T("STORE"), type=Path)
    actions = Actions(parser, common, store, JSON)
    store_questions.add(actions)
    store_evidence.add(actions)
    actions.add(
        "events",
        run_events,
        T("write what is new as OCSF events, which a SIEM collects"),
        argument("--into", T("the folder for their files; made if need be"), T("DIR"), type=Path, required=True),
        argument("--since", T("leave out what happened before this day"), T("DATE"), type=day),
    )
    actions.add(
        "postgresql",
        run_postgresql,
        T("have a PostgreSQL database hold what the store holds; psql makes the connection"),
        argument(
            "--database", T("the database’s name, or a connection string of PostgreSQL"), T("DATABASE"), required=True
        ),
    )


def run_postgresql(options: argparse.Namespace, desk: Desk) -> int:
    require_signed(desk, options.store)
    with terminal.stop_button() as cancel:
        result = load(options.store, options.database, report=terminal.progress, cancel=cancel)
    confirmation = N(
        "The database holds what {count} merge brought: {rows} rows were loaded.",
        "The database holds what {count} merges brought: {rows} rows were loaded.",
        result.merge,
        rows=result.rows,
    )
    return store_remarks.answer(options, terminal.pick(result, "merge files rows removed"), confirmation)


def run_events(options: argparse.Namespace, desk: Desk) -> int:
    require_signed(desk, options.store)
    with terminal.stop_button() as cancel:
        result = write_events(options.store, options.into, since=options.since, report=terminal.progress, cancel=cancel)
    fields = {**terminal.pick(result, "events merge unread"), "files": [str(file) for file in result.files]}
    confirmation = N(
        "{count} event was written into {folder}.",
        "{count} events were written into {folder}.",
        result.events,
        folder=str(options.into),
    )
    lines = [confirmation if result.files else T("Nothing is new since the last time.")]
    if result.unread:
        lines.append(
            N(
                "{count} entry gave no event: it has a form that this version of Fanion does not know.",
                "{count} entries gave no event: they have a form that this version of Fanion does not know.",
                result.unread,
            )
        )
    return store_remarks.answer(options, fields, *lines)
