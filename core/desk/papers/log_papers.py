"""What a desk hands out of its log: receipts, the page of a day, exports, and its keys as a page; all is on record."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from core.desk.desk import Desk
from core.desk.papers.log_evidence import enrolment, require_away, require_entries
from core.jobs import Cancel, Report, silent
from core.ledger.records import Exported, OutsideCopy
from core.ledger.search.record_filter import Filter
from core.reports.filing import file_name, handed_out, put
from core.reports.receipt.owner_page import owner_page as make_owner_page
from core.reports.receipt.receipt import make_receipt
from core.reports.sheet import make_sheet
from core.reports.summaries.day_page import make_close
from core.reports.summaries.month_summary import SummaryForm, make_summary
from core.reports.tables.exports import Format, LogExport
from core.reports.tables.exports import export as export_records
from core.text import Language, language


@dataclass(frozen=True, slots=True)
class ReceiptFiles:
    """A receipt that was handed out: for the check of record `seq`, as a page and as a proof for machines."""

    pdf: Path
    proof: Path
    seq: int


def receipt(
    desk: Desk,
    practice: bool,
    seq: int,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
) -> ReceiptFiles:
    """Hand out a receipt for the check that record `seq` belongs to: two files in `folder`, and it is on record.

    `folder`, which is made if it is not there, may be the name of a new PDF file instead. Raises NoSuchEntry or another
    LedgerProblem, PageProblem, FileProblem.
    """
    require_away(folder, desk)
    with desk.custodian(practice) as ledger:
        require_entries(ledger, [seq])
        ledger.seal()
        content = make_receipt(ledger, seq, languages or (language(),))
        name = file_name(desk.name, practice, f"receipt-{content.seq:06}")
        with handed_out(folder, name, ".pdf", ".tlog-proof") as (pdf, proof):
            put(proof, content.proof)
            put(pdf, content.pdf)
            ledger.append(OutsideCopy("receipt", content.size, b64encode(content.root).decode()))
        return ReceiptFiles(pdf, proof, content.seq)


def export(
    desk: Desk,
    practice: bool,
    format: Format,
    chosen: Filter,
    folder: Path,
    report: Report = silent,
    cancel: Cancel | None = None,
    personal: bool = False,
) -> LogExport:
    """Write records into a new folder inside `folder`, which is made if it is not there; that they were is on record.

    Raises LedgerProblem, ExportProblem, FileProblem, Cancelled (then nothing is left behind).
    """
    require_away(folder, desk)
    separator = desk.settings.csv_separator
    with desk.custodian(practice) as ledger:
        ledger.seal()
        words = dict(ledger.words_of(chosen)) | ({"personal": "yes"} if personal else {})

        def on_record(records: int) -> None:
            ledger.append(Exported(format.value, records, words))

        return export_records(
            ledger,
            format,
            chosen,
            folder,
            report,
            cancel or Cancel(),
            personal=personal,
            separator=separator,
            on_record=on_record,
        )


def owner_page(desk: Desk, practice: bool, seq: int, folder: Path) -> tuple[Path, int]:
    """Make the page for the owner of the phone that record `seq` is about; `folder` as in :func:`receipt`.

    Returns the file, and the number of the check that the page is about. It carries no proof and is on no record: that
    the owner was given one, the handing back says. Raises NoSuchEntry or another LedgerProblem, PageProblem,
    FileProblem.
    """
    require_away(folder, desk)
    with desk.read_ledger(practice) as ledger:
        require_entries(ledger, [seq])
        page = make_owner_page(ledger, seq)
    with handed_out(folder, file_name(desk.name, practice, f"owner-{page.seq:06}"), ".pdf") as (pdf,):
        put(pdf, page.pdf)
    return pdf, page.seq


def close_day(
    desk: Desk,
    practice: bool,
    day: date,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
) -> Path:
    """The page that a supervisor signs at the end of a day; `folder` as in :func:`receipt`.

    Raises LedgerProblem, PageProblem, FileProblem.
    """
    require_away(folder, desk)
    with desk.custodian(practice) as ledger:
        ledger.seal()
        page = make_close(ledger, day, languages or (language(),))
        name = file_name(desk.name, practice, f"day-{day.isoformat()}")
        with handed_out(folder, name, ".pdf") as (pdf,):
            put(pdf, page.pdf)
            ledger.append(OutsideCopy("day-close", page.size, b64encode(page.root).decode()))
        return pdf


def month_summary(
    desk: Desk,
    practice: bool,
    month: date,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
    form: SummaryForm = SummaryForm.PDF,
) -> Path:
    """Hand out the summary of a month, as a page or as a table for a spreadsheet; `folder` as in :func:`receipt`.

    Raises LedgerProblem, PageProblem, FileProblem.
    """
    require_away(folder, desk)
    with desk.custodian(practice) as ledger:
        ledger.seal()
        summary = make_summary(ledger, month, languages or (language(),), form, separator=desk.settings.csv_separator)
        name = file_name(desk.name, practice, f"month-{month:%Y-%m}")
        with handed_out(folder, name, f".{form}") as (file,):
            put(file, summary.data)
            if form is not SummaryForm.PDF:
                ledger.append(Exported(form.value, summary.visits, {"month": f"{month:%Y-%m}"}))
            else:
                ledger.append(OutsideCopy("month-summary", summary.size, b64encode(summary.root).decode()))
        return file


def enrolment_sheet(
    desk: Desk,
    practice: bool,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
) -> Path:
    """The desk's keys as a page, to be kept outside; `folder` as in :func:`receipt`.

    Raises LedgerProblem, PageProblem, FileProblem.
    """
    require_away(folder, desk)
    desk_keys = enrolment(desk, practice)
    now = datetime.now().astimezone()
    sheet = make_sheet(desk_keys, desk.name, languages or (language(),), time=now, practice=practice)
    with handed_out(folder, file_name(desk.name, practice, "enrolment"), ".pdf") as (pdf,):
        put(pdf, sheet)
    return pdf
