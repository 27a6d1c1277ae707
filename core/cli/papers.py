"""``fanion log`` on paper and in files: receipts, the day's page, exports, and the personal values beside the log."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from core.cli import terminal
from core.cli.stop_button import stop_button
from core.desk import log_evidence, log_papers
from core.desk.desk import Desk
from core.desk.settings import FILE_NAME
from core.jobs import Cancel
from core.ledger.records import Kind
from core.ledger.retention.due_values import TooEarly
from core.ledger.search.record_filter import Filter
from core.model import Verdict
from core.problem import Problem
from core.reports.exports import Format
from core.reports.page import qr_matrix
from core.system.folder_check import whole_path
from core.text import LANGUAGES, Language, N, T


def add(actions: Any, options: argparse.ArgumentParser) -> None:
    """Add the actions of this module to those of ``fanion log``."""
    _papers(actions, options)
    _export(actions, options)
    _personal(actions, options)


class NotConfirmed(Problem):
    """What cannot be undone is done only when the user confirms it."""

    code = "not-confirmed"
    exit_code = 2

    def __init__(self) -> None:
        super().__init__(T("Nothing was erased: nobody said yes."), T("Say yes at the question, or add --yes."))


def _papers(actions: Any, options: argparse.ArgumentParser) -> None:
    paper = argparse.ArgumentParser(add_help=False)
    paper.add_argument(
        "--out",
        type=Path,
        default=Path(),
        metavar=str(T("PATH")),
        help=str(T("the folder, made if need be, or the name of a new PDF")),
    )
    paper.add_argument(
        "--in",
        dest="languages",
        choices=[*LANGUAGES, "both"],
        help=str(T("the language of the page; otherwise the one in use")),
    )
    receipt = actions.add_parser("receipt", parents=[options, paper], help=str(T("a receipt for a check, as PDF")))
    receipt.add_argument(
        "entry", type=int, metavar="N", help=str(T("the number of the check’s entry: see fanion log list"))
    )
    receipt.set_defaults(run=run_receipt)
    close = actions.add_parser("close-day", parents=[options, paper], help=str(T("the page of a day, to be signed")))
    close.add_argument(
        "--day", type=_day, metavar=str(T("DATE")), help=str(T("the day, such as 2026-11-24; otherwise today"))
    )
    close.set_defaults(run=run_close)
    enrolment = actions.add_parser(
        "enrolment", parents=[options, paper], help=str(T("this desk’s keys, for those who will verify its log"))
    )
    enrolment.add_argument("--sheet", action="store_true", help=str(T("as a page, instead of as text")))
    enrolment.set_defaults(run=run_enrolment)


def _export(actions: Any, options: argparse.ArgumentParser) -> None:
    export = actions.add_parser("export", parents=[options], help=str(T("write entries into files")))
    export.add_argument(
        "--format",
        choices=["csv", "jsonl", "ocsf", "parquet"],
        required=True,
        help=str(T("a table (csv, parquet), the exact entries alone (jsonl), or events for a SIEM (ocsf)")),
    )
    export.add_argument(
        "--out",
        type=Path,
        default=Path(),
        metavar=str(T("DIR")),
        help=str(T("the folder to make the export in; made if need be")),
    )
    export.add_argument("--text", default="", metavar=str(T("TEXT")), help=str(T("only entries with this in them")))
    export.add_argument(
        "--kind", choices=[str(k) for k in Kind], metavar=str(T("KIND")), help=str(T("only of this kind"))
    )
    export.add_argument(
        "--verdict",
        choices=[str(v) for v in Verdict],
        metavar=str(T("VERDICT")),
        help=str(T("only checks with this verdict")),
    )
    export.add_argument("--officer", default="", metavar=str(T("NAME")), help=str(T("only entries of this officer")))
    export.add_argument(
        "--about", default="", metavar=str(T("TEXT")), help=str(T("only phones of this name or serial number"))
    )
    export.add_argument("--since", type=_day, metavar=str(T("DATE")), help=str(T("from this day on")))
    export.add_argument("--until", type=_day, metavar=str(T("DATE")), help=str(T("up to this day, included")))
    export.add_argument(
        "--personal", action="store_true", help=str(T("with serial numbers in the table; otherwise without"))
    )
    export.set_defaults(run=run_export)


def _personal(actions: Any, options: argparse.ArgumentParser) -> None:
    due = actions.add_parser(
        "retention", parents=[options], help=str(T("the personal values that may be erased by now; erases if asked to"))
    )
    due.add_argument("--erase", action="store_true", help=str(T("erase them, after a question")))
    due.add_argument("--yes", action="store_true", help=str(T("do not ask")))
    due.set_defaults(run=run_retention)
    erase = actions.add_parser("erase", parents=[options], help=str(T("erase the personal values of entries")))
    erase.add_argument(
        "entries", type=int, nargs="+", metavar="N", help=str(T("the numbers of the entries: see fanion log list"))
    )
    erase.add_argument("--reason", required=True, metavar=str(T("TEXT")), help=str(T("why, for the record")))
    erase.add_argument(
        "--consent", action="store_true", help=str(T("the person has agreed to it before the two years are over"))
    )
    erase.add_argument("--yes", action="store_true", help=str(T("do not ask")))
    erase.set_defaults(run=run_erase)


def run_receipt(options: argparse.Namespace, desk: Desk) -> int:
    made = log_papers.receipt(desk, options.practice, options.entry, whole_path(options.out), _languages(options))
    return _written(options, {"entry": made.seq, "pdf": str(made.pdf), "proof": str(made.proof)}, made.pdf, made.proof)


def run_close(options: argparse.Namespace, desk: Desk) -> int:
    day = options.day or datetime.now().astimezone().date()
    pdf = log_papers.close_day(desk, options.practice, day, whole_path(options.out), _languages(options))
    return _written(options, {"pdf": str(pdf)}, pdf)


def run_enrolment(options: argparse.Namespace, desk: Desk) -> int:
    if options.sheet:
        pdf = log_papers.enrolment_sheet(desk, options.practice, whole_path(options.out), _languages(options))
        return _written(options, {"pdf": str(pdf)}, pdf)
    known = log_evidence.enrolment(desk, options.practice)
    if options.json:
        keys = {"identity": str(known.identity), "epoch": str(known.epoch), "cosigner": str(known.cosigner)}
        terminal.answer_json({"origin": known.origin, **keys})
        return 0
    terminal.out(known.text.rstrip("\n"))
    if sys.stdout.isatty():
        terminal.out("", *_qr_lines(known.text))
    return 0


def run_export(options: argparse.Namespace, desk: Desk) -> int:
    chosen = Filter(
        text=options.text,
        kind=Kind(options.kind) if options.kind else None,
        verdict=Verdict(options.verdict) if options.verdict else None,
        officer=options.officer,
        phone=options.about,
        since=_begin(options.since) if options.since else None,
        until=_begin(options.until + timedelta(days=1)) if options.until else None,
    )
    cancel = Cancel()
    with stop_button(cancel):
        made = log_papers.export(
            desk,
            options.practice,
            Format(options.format),
            chosen,
            whole_path(options.out),
            terminal.progress,
            cancel,
            options.personal,
        )
    if options.json:
        terminal.answer_json({"folder": str(made.folder), "records": made.records})
    else:
        terminal.out(
            N(
                "{count} entry was written into {folder}.",
                "{count} entries were written into {folder}.",
                made.records,
                folder=str(made.folder),
            )
        )
    return 0


def run_retention(options: argparse.Namespace, desk: Desk) -> int:
    found = log_evidence.due(desk, options.practice)
    if options.json and not options.erase:
        terminal.answer_json(
            {"entries": list(found.records), "values": found.values, "waiting": found.affected_waiting}
        )
        return 0
    if found.gap is not None:
        terminal.say(found.gap.words)
    if not found.records:
        if desk.settings.retention_months:
            why = T("No personal value is due to be erased.")
        elif desk.settings.is_locked("retention_months"):
            why = T("Your organisation has set no time after which personal values are due.")
        else:
            why = T(
                "No time is set after which personal values are due: set retention_months in {file}.",
                file=str(desk.data / FILE_NAME),
            )
        terminal.out(why)
        return 0
    terminal.say(
        N(
            "{values} may be erased: entry {entries}.",
            "{values} may be erased: entries {entries}.",
            len(found.records),
            values=N("{count} personal value", "{count} personal values", found.values),
            entries=_listed(found.records),
        )
    )
    if not options.erase:
        terminal.say(T("Nothing was erased. To erase them: fanion log retention --erase."))
        return 0
    _must_agree(options)
    return _erase(options, lambda: log_evidence.erase(desk, options.practice, found.records, "retention"))


def run_erase(options: argparse.Namespace, desk: Desk) -> int:
    terminal.say(
        N(
            "The personal values of entry {entries} are about to be erased.",
            "The personal values of entries {entries} are about to be erased.",
            len(options.entries),
            entries=_listed(options.entries),
        )
    )
    _must_agree(options)
    try:
        return _erase(
            options,
            lambda: log_evidence.erase(desk, options.practice, options.entries, options.reason, options.consent),
        )
    except TooEarly as early:
        early.next_step = T("Wait until then, or erase them with that person’s written consent (--consent).")
        raise


def _erase(options: argparse.Namespace, act: Callable[[], int]) -> int:
    erased = act()
    if options.json:
        terminal.answer_json({"erased": erased})
    else:
        terminal.out(
            N("{count} personal value was erased.", "{count} personal values were erased.", erased),
            T("The entries themselves are as they were. Backups of the log still have the values."),
        )
    return 0


def _must_agree(options: argparse.Namespace) -> None:
    if not options.yes and not terminal.confirmed(T("This cannot be undone. Erase them?")):
        raise NotConfirmed


def _written(options: argparse.Namespace, answer: dict[str, Any], *files: Path) -> int:
    if options.json:
        terminal.answer_json(answer)
    else:
        terminal.out(*[T("Written: {file}", file=str(file)) for file in files])
    return 0


def _languages(options: argparse.Namespace) -> tuple[Language, ...] | None:
    if options.languages is None:
        return None
    return ("en", "fr") if options.languages == "both" else (options.languages,)


def _listed(numbers: Any) -> str:
    shown = ", ".join(str(number) for number in list(numbers)[:20])
    return f"{shown}…" if len(numbers) > 20 else shown


def _day(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
        if not 2000 <= day.year < 2200:  # nor has a calendar room for a day before its first, or after its last
            raise ValueError
        return day
    except ValueError:
        raise argparse.ArgumentTypeError(str(T("that must be a date such as 2026-11-24"))) from None


def _begin(day: date) -> datetime:
    """Midnight at the desk."""
    return datetime(day.year, day.month, day.day).astimezone().astimezone(UTC)


def _qr_lines(text: str) -> list[str]:
    """A QR code for a terminal, two rows of it in a line. Dark on light, whatever the terminal's own colours are."""
    matrix = qr_matrix(text)
    width = len(matrix[0]) + 8
    blank = (False,) * width
    rows = [blank] * 4 + [(False,) * 4 + row + (False,) * 4 for row in matrix] + [blank] * 5
    blocks = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    lines = ["".join(blocks[pair] for pair in zip(*rows[i : i + 2], strict=True)) for i in range(0, len(rows) - 1, 2)]
    return [f"\x1b[30;107m{line}\x1b[0m" for line in lines]
