"""``fanion round due``: the phones that were not seen for long, as a list, and to write to their holders."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core import value_names
from core.cli import terminal
from core.cli.arguments import YES, Actions, argument
from core.cli.paper_arguments import IN, languages
from core.cli.round_commands.round_choice import LINE, asked_for
from core.desk.desk import Desk
from core.desk.papers import due_papers
from core.desk.papers.due_papers import DueChoice, DuePhones, Letters
from core.desk.papers.round_days import round_day
from core.problem import Problem
from core.reports.filing import read
from core.reports.summaries.due_list import MESSAGE_LIMIT
from core.reports.summaries.month_summary import SummaryForm
from core.rounds.coverage.coverage import DUE_AFTER
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.system.files.folder_check import whole_path
from core.text import LANGUAGES, N, T, Text

_SEEN = "entry time desk officer verdict serial tag holder phone"


def add(actions: Actions) -> None:
    """Add the action to those of ``fanion round``."""
    actions.add(
        "due",
        run_due,
        T("the phones that this desk has not seen for long, in a round or outside one"),
        argument("--days", T("for how many days"), "N", type=int, default=DUE_AFTER),
        argument(
            "--round",
            T("those that are due in this round instead, by its number or its name"),
            T("ROUND"),
            dest="of_round",
        ),
        argument("--unit", T("those of this unit alone"), T("NAME")),
        argument("--write", T("save the list as a new table (.csv, .xlsx): it names people"), T("FILE"), type=Path),
        argument(
            "--letters",
            T("write to the holders: letters by unit (.pdf), or the list for a mail merge (.csv, .xlsx)"),
            T("FILE"),
            type=Path,
        ),
        argument("--message", T("a file with what they are told, otherwise in Fanion’s words"), T("FILE"), type=Path),
        IN,
        YES,
    )


def run_due(options: argparse.Namespace, desk: Desk) -> int:
    choice = _choice(options, desk)
    files = [(options.write, False), (options.letters, True)]
    forms = [(path, _form(path, letters=letters), letters) for path, letters in files if path is not None]
    due_phones = due_papers.due_phones(desk, options.practice, choice, round_day(desk))
    paths = _write_files(options, desk, due_phones, forms) if forms else []
    fields = {"phones": [_as_json(phone) for phone in due_phones.phones]}
    if paths:
        return terminal.answer(
            options,
            fields | {"files": [str(file) for file in paths]},
            *(T("✔ Written: {file}", file=str(file)) for file in paths),
        )
    return terminal.answer(options, fields, *(_lines(due_phones) or [_nothing(options, choice)]))


def _choice(options: argparse.Namespace, desk: Desk) -> DueChoice:
    """Which phones the options ask for. Raises Problem where they name a round that is not there."""
    if options.of_round is None:
        return DueChoice(days=options.days, unit=options.unit)
    known_round = asked_for(argparse.Namespace(round=options.of_round, practice=options.practice), desk)
    return DueChoice(known_round.about.id, unit=options.unit)


def _form(path: Path, *, letters: bool) -> SummaryForm:
    """The form that the ending of a file's name asks for. Raises Problem for an ending that gives none."""
    form = next((form for form in SummaryForm if path.suffix.casefold() == f".{form}"), None)
    if form is None or (form is SummaryForm.PDF and not letters):
        raise Problem(
            T("{file} has no ending that says what it is to be.", file=str(path)),
            T("Let it end with .csv or .xlsx; letters may end with .pdf, too."),
            code="no-such-form",
            exit_code=2,
        )
    return form


def _write_files(
    options: argparse.Namespace, desk: Desk, due_phones: DuePhones, forms: list[tuple[Path, SummaryForm, bool]]
) -> list[Path]:
    """The files, once the user has agreed that they name people. Raises NotConfirmed, and as the papers do."""
    count = len(due_phones.phones)
    question = N(
        "Write a file that names the holder of {count} phone?",
        "Write a file that names the holders of {count} phones?",
        count,
    )
    if count and not options.yes and not terminal.confirmed(question):
        raise terminal.NotConfirmed(T("Nothing was written."), T("Add --yes."))
    wording = _own_message(options, desk, due_phones)
    with terminal.stop_button() as cancel:
        return [
            due_papers.write_due(
                desk,
                options.practice,
                due_phones.choice,
                whole_path(path),
                form,
                wording if letters else None,
                languages(options),
                report=terminal.progress,
                cancel=cancel,
            )
            for path, form, letters in forms
        ]


def _own_message(options: argparse.Namespace, desk: Desk, due_phones: DuePhones) -> Letters:
    """The words of a file, or none: then those of Fanion. Raises FileProblem."""
    if options.message is None:
        return Letters()
    words = read(options.message, MESSAGE_LIMIT * 4).decode("utf-8-sig", "replace")[:MESSAGE_LIMIT]
    proposed = due_papers.letters_of(desk, due_phones.known_round, due_phones.today)
    return Letters(proposed.place, proposed.last, dict.fromkeys(LANGUAGES, words.replace("\r\n", "\n")))


def _lines(due_phones: DuePhones) -> list[Text]:
    return [
        T(
            "{date}  {phone}, {whose}, {verdict}",
            date=latest.day.isoformat() if latest is not None else T("never seen"),
            phone=phone.model or "?",
            whose=phone.display_name,
            verdict=value_names.VERDICTS[latest.verdict] if latest is not None and latest.verdict is not None else "?",
        )
        for phone in due_phones.phones
        for latest in (phone.latest,)
    ]


def _nothing(options: argparse.Namespace, choice: DueChoice) -> Text:
    if choice.days is None:
        return T("No phone is due.")
    return N(
        "Every phone was seen in the last {count} day.", "Every phone was seen in the last {count} days.", options.days
    )


def _as_json(phone: PhoneCoverage) -> dict[str, Any]:
    line = {} if phone.line is None else terminal.pick(phone.line, LINE)
    return line if phone.latest is None else {**line, **terminal.pick(phone.latest, _SEEN)}
