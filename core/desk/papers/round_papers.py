"""What a desk hands out of a round: its report, as a page or a table; that it was made is on record."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from core.desk.desk import Desk
from core.desk.papers.log_evidence import require_away
from core.desk.papers.round_days import round_day, round_zone
from core.jobs import Cancel, Progress, Report, silent
from core.ledger.reader import LedgerReader
from core.ledger.records import Exported, OutsideCopy
from core.reports.filing import file_name, handed_out, put
from core.reports.rounds.round_report import make_round_report
from core.reports.summaries.counted_page import NewestCheckpoint
from core.reports.summaries.month_summary import SummaryForm
from core.reports.tables.workbook import Step
from core.rounds import recheck, rounds
from core.rounds.coverage.report import report_figures
from core.rounds.rounds import KnownRound, RoundProblem
from core.text import Language, T, Text, Value, language


def round_numbered(ledger: LedgerReader, practice: bool, number: str) -> KnownRound:
    """The round with this number, as the log has it. Raises RoundProblem."""
    known_round = rounds.find(ledger, number, practice=practice)
    if known_round is None:
        raise RoundProblem(T("This round is not in the log."), T("Choose another one."))
    return known_round


def told_of(doing: Text, report: Report, cancel: Cancel | None) -> Step:
    """Make what is called between the parts of a work: it reports how far that is, and raises Cancelled if asked to."""

    def step(share: float) -> None:
        if cancel is not None:
            cancel.check()
        report(Progress(doing, share))

    return step


def round_report(
    desk: Desk,
    practice: bool,
    number: str,
    folder: Path,
    languages: tuple[Language, ...] | None = None,
    form: SummaryForm = SummaryForm.PDF,
    *,
    phones: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Path:
    """The report of the round with this number in `folder`, which may be the name of a new file.

    With `phones` it names each phone and its holder: it is for those who may know. How a phone was left that waits for
    its second look is in it once the round is over. Raises RoundProblem,
    RosterFileProblem, LedgerProblem, PageProblem, FileProblem, Cancelled.
    """
    step = told_of(T("Making the report"), report, cancel)
    require_away(folder, desk)
    with desk.custodian(practice) as ledger:
        known_round = round_numbered(ledger, practice, number)
        ledger.seal()
        today, zone = round_day(desk), round_zone(desk)
        covered = rounds.covered(ledger, desk.data, known_round, today, zone)
        to_come = recheck.waiting(ledger, desk.data, today, zone, practice=practice, covered=covered)
        policy = desk.policy(None)
        policy_name: Value = policy.title if policy.id == known_round.about.policy else known_round.about.policy
        figures = report_figures(ledger, known_round, covered, policy_name, to_come, zone)
        checkpoint = NewestCheckpoint.over(ledger, figures.last_entry)
        spoken, separator = languages or (language(),), desk.settings.csv_separator
        content = make_round_report(form, checkpoint, figures, spoken, phones=phones, step=step, separator=separator)
        name = file_name(desk.name, practice, f"round-{number}{'-phones' if phones else ''}")
        with handed_out(folder, name, f".{form}") as (file,):
            put(file, content)
            if form is not SummaryForm.PDF:
                chosen = {"round": number, "phones": "all" if phones else "none"}
                ledger.append(Exported(form.value, len(covered.phones), chosen))
            else:
                root = b64encode(checkpoint.seal.checkpoint.root).decode()
                ledger.append(OutsideCopy("round-report", checkpoint.seal.size, root))
        return file
