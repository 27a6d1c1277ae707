"""``fanion explain``: what a problem's code means, what to do, and the chapter of the manual about it."""

from __future__ import annotations

import argparse
import sys

from core import value_names
from core.cli import terminal
from core.cli.arguments import JSON, Anything, argument, declare
from core.desk.desk import Desk
from core.manual import manual
from core.problem import Problem
from core.problem_chapters import near_codes, problem_rows
from core.text import T, language, plain


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    code = argument(
        "code",
        T("the code of a problem, as “problem” has it with --json; without one, all are listed"),
        T("CODE"),
        nargs="?",
        choices=Anything(problem_rows()),
    )
    declare(parser, run, code, JSON)


def run(options: argparse.Namespace, desk: Desk) -> int:
    rows = problem_rows()
    if options.code is None:
        listed = {code: str(row.meaning) for code, row in rows.items()}
        return terminal.answer(options, {"codes": listed}, *(f"{code}  {words}" for code, words in listed.items()))
    row = rows.get(options.code)
    if row is None:
        raise _unknown(options.code)
    book = manual(language())
    chapter = book.plain(row.chapter)
    fields = {
        "code": options.code,
        **terminal.pick(row, "meaning next=next_step"),
        "chapter": {"name": row.chapter, "title": book.sections[row.chapter].title, "text": chapter},
    }
    return terminal.answer(
        options,
        fields,
        terminal.paint(options.code, "bold", sys.stdout),
        value_names.pair(T("Meaning"), row.meaning),
        value_names.pair(T("What to do"), row.next_step),
        "",
        *chapter.rstrip().splitlines(),
    )


def _unknown(code: str) -> Problem:
    near = near_codes(code)
    return Problem(
        T("No problem has the code “{code}”.", code=plain(code, 60)),
        T("Did you mean one of these: {codes}?", codes=", ".join(near))
        if near
        else T("List all of them: fanion explain."),
        code="no-such-code",
        exit_code=2,
    )
