"""``fanion log`` on paper and in files: receipts, the day's page, exports, and the personal values beside the log."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.cli import terminal
from core.cli.arguments import YES, Actions, argument, flag
from core.cli.paper_arguments import FORM, IN, languages
from core.desk.desk import Desk
from core.desk.papers import erasures, log_evidence, log_papers
from core.desk.papers.erasures import Erasure
from core.desk.settings.settings import FILE_NAME
from core.ledger.records import Kind
from core.ledger.retention.due_values import TooEarly
from core.ledger.search.record_filter import Filter
from core.model import Verdict
from core.reports.page import qr_matrix
from core.reports.summaries.month_summary import SummaryForm
from core.reports.tables.exports import Format
from core.system.files.folder_check import whole_path
from core.text import N, T, first_few

#: Which entries.
KIND: Final = argument("--kind", T("only of this kind"), T("KIND"), choices=[str(k) for k in Kind])
VERDICT: Final = argument(
    "--verdict", T("only checks with this verdict"), T("VERDICT"), choices=[str(v) for v in Verdict]
)


def add(actions: Actions) -> None:
    """Add the actions of this module to those of ``fanion log``."""
    out_help = T("the folder, made if need be, or the name of a new PDF")
    out = argument("--out", out_help, T("PATH"), type=Path, default=Path())
    entry = argument("entry", T("the number of the check’s entry: see fanion log list"), "N", type=int)
    actions.add("receipt", run_receipt, T("a receipt for a check, as PDF"), out, IN, entry)
    actions.add("owner-page", run_owner_page, T("the page for a phone’s holder, in both languages, as PDF"), out, entry)
    day = argument("--day", T("the day, such as 2026-11-24; otherwise today"), T("DATE"), type=_day)
    actions.add("close-day", run_close, T("the daily close, to be signed"), out, IN, day)
    actions.add(
        "summary",
        run_summary,
        T("the summary of a month, for managers: numbers, and no names but the officers’"),
        argument("--month", T("the month, such as 2026-11; otherwise this one"), T("MONTH"), type=_month),
        FORM,
        IN,
        argument(
            "file", T("the name of a new file, or a folder for it"), T("FILE"), type=Path, nargs="?", default=Path()
        ),
    )
    sheet = flag("--sheet", T("as a page, instead of as text"))
    actions.add("enrolment", run_enrolment, T("this desk’s keys, for those who will verify its log"), out, IN, sheet)
    actions.add(
        "export",
        run_export,
        T("write entries into files"),
        argument(
            "--format",
            T("a table (csv, parquet), the exact entries alone (jsonl), or events for a SIEM (ocsf)"),
            choices=[str(f) for f in Format],
            required=True,
        ),
        argument("--out", T("the folder to make the export in; made if need be"), T("DIR"), type=Path, default=Path()),
        argument("--text", T("only entries with this in them"), T("TEXT"), default=""),
        KIND,
        VERDICT,
        argument("--officer", T("only entries of this officer"), T("NAME"), default=""),
        argument("--about", T("only phones of this name or serial number"), T("TEXT"), default=""),
        argument("--since", T("from this day on"), T("DATE"), type=_day),
        argument("--until", T("up to this day, included"), T("DATE"), type=_day),
        flag("--personal", T("with serial numbers in the table; otherwise without")),
    )
    actions.add(
        "retention",
        run_retention,
        T("the personal information that may be erased by now; erases it if asked to"),
        flag("--erase", T("erase it, after a question")),
        YES,
    )
    actions.add(
        "erase",
        run_erase,
        T("erase the personal information of entries"),
        argument("entries", T("the numbers of the entries: see fanion log list"), "N", type=int, nargs="+"),
        argument("--reason", T("why, for the log"), T("TEXT"), required=True),
        flag("--consent", T("the person has agreed to it before the two years are over")),
        YES,
    )


def run_receipt(options: argparse.Namespace, desk: Desk) -> int:
    receipt = log_papers.receipt(desk, options.practice, options.entry, whole_path(options.out), languages(options))
    return _answer_files(
        options,
        {"entry": receipt.seq, "pdf": str(receipt.pdf), "proof": str(receipt.proof)},
        receipt.pdf,
        receipt.proof,
    )


def run_owner_page(options: argparse.Namespace, desk: Desk) -> int:
    pdf, seq = log_papers.owner_page(desk, options.practice, options.entry, whole_path(options.out))
    return _answer_files(options, {"entry": seq, "pdf": str(pdf)}, pdf)


def run_close(options: argparse.Namespace, desk: Desk) -> int:
    day = options.day or datetime.now().astimezone().date()
    pdf = log_papers.close_day(desk, options.practice, day, whole_path(options.out), languages(options))
    return _answer_files(options, {"pdf": str(pdf)}, pdf)


def run_summary(options: argparse.Namespace, desk: Desk) -> int:
    month, form = options.month or date.today().replace(day=1), SummaryForm(options.format)
    path = whole_path(options.file)
    file = log_papers.month_summary(desk, options.practice, month, path, languages(options), form=form)
    return _answer_files(options, {"file": str(file)}, file)


def run_enrolment(options: argparse.Namespace, desk: Desk) -> int:
    if options.sheet:
        pdf = log_papers.enrolment_sheet(desk, options.practice, whole_path(options.out), languages(options))
        return _answer_files(options, {"pdf": str(pdf)}, pdf)
    enrolment = log_evidence.enrolment(desk, options.practice)
    keys = {"identity": str(enrolment.identity), "epoch": str(enrolment.epoch), "cosigner": str(enrolment.cosigner)}
    code = ["", *_qr_lines(enrolment.text)] if sys.stdout.isatty() else []
    if options.json:
        return terminal.answer(options, {"origin": enrolment.origin, **keys})
    terminal.out_whole(enrolment.text.rstrip("\n"), *code)
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
    with terminal.stop_button() as cancel:
        export = log_papers.export(
            desk,
            options.practice,
            Format(options.format),
            chosen,
            whole_path(options.out),
            terminal.progress,
            cancel,
            options.personal,
        )
    confirmation = N(
        "{count} entry was written into {folder}.",
        "{count} entries were written into {folder}.",
        export.records,
        folder=str(export.folder),
    )
    return terminal.answer(options, {"folder": str(export.folder), "records": export.records}, confirmation)


def run_retention(options: argparse.Namespace, desk: Desk) -> int:
    due = log_evidence.due(desk, options.practice)
    if options.json and not options.erase:
        answer = {"entries": list(due.records), "values": due.values, "waiting": due.affected_waiting}
        terminal.answer_json({**answer, **(terminal.pick(due, "files file_bytes") if due.files else {})})
        return 0
    if due.gap is not None:
        terminal.say(due.gap.words)
    if not due.records:
        if desk.settings.retention_months:
            why = T("No personal information is to be erased.")
        elif desk.settings.is_locked("retention_months"):
            why = T("Your organisation has set no time after which personal information is to be erased.")
        else:
            why = T(
                "No time is set after which personal information is to be erased: set retention_months in {file}.",
                file=str(desk.data / FILE_NAME),
            )
        terminal.out(why)
        return 0
    terminal.say(
        N(
            "{values} may be erased: entry {entries}.",
            "{values} may be erased: entries {entries}.",
            len(due.records),
            values=N("{count} item of personal information", "{count} items of personal information", due.values),
            entries=first_few(due.records, 20),
        )
    )
    if due.files:
        terminal.say(erasures.deleted(due.files, due.file_bytes))
    if not options.erase:
        terminal.say(T("Nothing was erased. To erase it: fanion log retention --erase."))
        return 0
    _must_agree(options)
    return _erased(options, erasures.erase(desk, options.practice, due.records, "retention"))


def run_erase(options: argparse.Namespace, desk: Desk) -> int:
    terminal.say(
        N(
            "The personal information of entry {entries} is about to be erased.",
            "The personal information of entries {entries} is about to be erased.",
            len(options.entries),
            entries=first_few(options.entries, 20),
        )
    )
    _must_agree(options)
    try:
        erased = erasures.erase(desk, options.practice, options.entries, options.reason, options.consent)
    except TooEarly as early:
        early.next_step = T("Wait until then, or erase it with that person’s written consent (--consent).")
        raise
    return _erased(options, erased)


def _erased(options: argparse.Namespace, erased: Erasure) -> int:
    left = {"still_in": list(erased.elsewhere.left)} if erased.elsewhere.left else {}
    return terminal.answer(
        options,
        {"erased": erased.values, **({"files": erased.files} if erased.files else {}), **left},
        N(
            "{count} item of personal information was erased.",
            "{count} items of personal information were erased.",
            erased.values,
        ),
        *([erasures.deleted(erased.files)] if erased.files else []),
        T("The entries themselves are as they were."),
        *erased.elsewhere.lines(),
        erasures.remaining(erased.copies),
        *erasures.copy_lines(erased.copies),
    )


def _must_agree(options: argparse.Namespace) -> None:
    if not options.yes and not terminal.confirmed(T("This cannot be undone. Erase it?")):
        raise terminal.NotConfirmed(
            T("Nothing was erased: the question had no yes."), T("Say yes at the question, or add --yes.")
        )


def _answer_files(options: argparse.Namespace, answer: dict[str, Any], *files: Path) -> int:
    return terminal.answer(options, answer, *[T("Written: {file}", file=str(file)) for file in files])


def _day(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
        if not 2000 <= day.year < 2200:  # nor has a calendar room for a day before its first, or after its last
            raise ValueError
        return day
    except ValueError:
        raise argparse.ArgumentTypeError(str(T("that must be a date such as 2026-11-24"))) from None


def _month(typed: str) -> date:
    try:
        return _day(f"{typed}-01")
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(str(T("that must be a month such as 2026-11"))) from None


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
