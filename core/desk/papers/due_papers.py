"""What a desk hands out of the phones that were not seen for long: a list, and what their holders are written.

Nothing is sent: an officer's own mail program or printer does that. Each names people, so that it is on record before
the first byte of it leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from core import __version__
from core.desk.desk import Desk
from core.desk.papers.log_evidence import require_away
from core.desk.papers.round_days import round_day, round_zone
from core.desk.papers.round_papers import round_numbered, told_of
from core.desk.problems import NothingRecorded
from core.jobs import Cancel, Report, silent
from core.ledger.reader import LedgerReader
from core.ledger.records import Exported
from core.reports.filing import file_name, handed_out, put
from core.reports.summaries.due_list import (
    DuePhone,
    Invitation,
    as_file,
    due_table,
    letters,
    merge_table,
    proposed_message,
)
from core.reports.summaries.month_summary import SummaryForm
from core.rounds import recheck, rounds
from core.rounds.coverage.phone_coverage import PhoneCoverage
from core.rounds.coverage.seen_phones import seen_phones
from core.rounds.due import LOOK_BACK, due_again, most_urgent
from core.rounds.model import RosterLine
from core.rounds.roster import roster_file
from core.rounds.rounds import KnownRound, RoundProblem
from core.text import LANGUAGES, Language, N, T, Text, Value, language


@dataclass(frozen=True, slots=True)
class DueChoice:
    """Which phones. With `days`, those that were not seen for more than so many: at this desk, and of the roster of the
    round with the number `round`, if there is one. Without, those that are due in that round. Of the `unit`, or of all
    where it is None."""

    round: str = ""
    days: int | None = None
    unit: str | None = None


@dataclass(frozen=True)
class DuePhones:
    """The phones of a choice, the most urgent first, on one day; `known_round` is the round that the choice names."""

    choice: DueChoice
    today: date
    phones: tuple[PhoneCoverage, ...] = ()
    known_round: KnownRound | None = None

    @property
    def units(self) -> dict[str, int]:
        """How many of them each unit has, by their names; those without a unit last."""
        counts = Counter(phone.unit for phone in self.phones)
        return dict(sorted(counts.items(), key=lambda item: (not item[0], item[0].casefold())))


@dataclass(frozen=True, slots=True)
class Letters:
    """What holders are written: where they go, by which day at the latest, and the words in each language; without
    words those that Fanion proposes."""

    place: Value = ""
    last: date | None = None
    message: Mapping[Language, str] = field(default_factory=lambda: MappingProxyType({}))


def due_phones(desk: Desk, practice: bool, choice: DueChoice, today: date) -> DuePhones:
    """The phones of a choice. Where nothing is on record yet, there are none. Raises RoundProblem, RosterFileProblem,
    LedgerProblem."""
    try:
        with desk.read_ledger(practice) as ledger:
            return due_in(ledger, desk, practice, choice, today)
    except NothingRecorded:
        return DuePhones(choice, today)


def due_in(ledger: LedgerReader, desk: Desk, practice: bool, choice: DueChoice, today: date) -> DuePhones:
    """As :func:`due_phones`, of a log that is open."""
    known_round = round_numbered(ledger, practice, choice.round) if choice.round else None
    zone = round_zone(desk)
    to_come = recheck.waiting(ledger, desk.data, today, zone, practice=practice)
    if choice.days is not None:
        lines: tuple[RosterLine, ...] = ()
        if known_round is not None and known_round.roster is not None:
            lines = roster_file.load(desk.data, known_round.about.id, known_round.roster.sha256).lines
        recent = seen_phones(ledger, today - timedelta(days=LOOK_BACK), zone)
        candidates = due_again(recheck.without_result(recent, to_come), lines, today, choice.days)
    elif known_round is not None:
        covered = recheck.blinded(rounds.covered(ledger, desk.data, known_round, today, zone), to_come)
        candidates = most_urgent(covered.to_see)
    else:
        raise RoundProblem(T("No round has been begun at this desk."), T("Say for how many days, or begin a round."))
    phones = tuple(phone for phone in candidates if choice.unit is None or phone.unit == choice.unit)
    return DuePhones(choice, today, phones, known_round)


def place_of(desk: Desk, known_round: KnownRound | None) -> Value:
    """Where holders bring their phones: the place of the round, else the desk."""
    if known_round is not None and known_round.about.place:
        return known_round.about.place
    return T("the desk “{desk}”", desk=desk.name)


def letters_of(desk: Desk, known_round: KnownRound | None, today: date) -> Letters:
    """Propose what holders are written; the last day is that of the round, as long as it goes on."""
    place = place_of(desk, known_round)
    about = known_round.about if known_round is not None and known_round.ended is None else None
    last = about.last if about is not None and about.last >= today else None
    return Letters(place, last, {code: proposed_message(code, place, last) for code in LANGUAGES})


def write_due(
    desk: Desk,
    practice: bool,
    choice: DueChoice,
    path: Path,
    form: SummaryForm,
    wording: Letters | None = None,
    languages: tuple[Language, ...] | None = None,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Path:
    """Write a list of the phones, or to their holders, into the folder `path` or as the new file of that name.

    Without `wording` it is a table of all that is known of each phone. With it, what the holders are told: a letter for
    each unit (PDF), or the list for a mail merge. Raises RoundProblem, RosterFileProblem, TooManyLetters, BesideTheLog,
    LedgerProblem, PageProblem, FileProblem, Cancelled.
    """
    require_away(path, desk)
    today, now = round_day(desk), datetime.now().astimezone()
    spoken, separator = languages or (language(),), desk.settings.csv_separator
    step = told_of(T("Writing the list"), report, cancel)
    with desk.custodian(practice) as ledger:
        due = due_in(ledger, desk, practice, choice, today)
        if not due.phones:
            next_step = T("Say fewer days, or choose another unit.")
            raise RoundProblem(T("No phone is due."), next_step, code="no-one-due")
        step(0.0)
        rows = [_as_listed(phone) for phone in due.phones]
        if wording is None:
            content = as_file(form, due_table(rows, today, spoken), now, step, separator)
        else:
            letter = wording if wording.message else letters_of(desk, due.known_round, today)
            invitation = Invitation(letter.place, letter.last, letter.message)
            if form is SummaryForm.PDF:
                foot = T("Fanion {version}, desk {desk}", version=__version__, desk=desk.name)
                content = letters(rows, invitation, spoken, time=now, made_by=foot, practice=practice)
            else:
                content = as_file(form, merge_table(rows, invitation, spoken), now, step, separator)
        step(1.0)
        with handed_out(path, file_name(desk.name, practice, _name_part(choice, wording)), f".{form}") as (file,):
            ledger.append(Exported(form.value, len(rows), _as_asked(choice, wording)))
            put(file, content)
        return file


def _name_part(choice: DueChoice, wording: Letters | None) -> str:
    of = f"-round-{choice.round}" if choice.days is None else f"-{choice.days}-days"
    return f"{'due' if wording is None else 'due-letters'}{of}"


def _as_asked(choice: DueChoice, wording: Letters | None) -> dict[str, str]:
    """Describe the choice for the record. A unit's name can be a person's, so that only "unit" is on record."""
    chosen = {"due": "list" if wording is None else "letters", "phones": "all" if choice.unit is None else "unit"}
    if choice.days is not None:
        chosen["days"] = str(choice.days)
    if choice.round:
        chosen["round"] = choice.round
    return chosen


def _as_listed(phone: PhoneCoverage) -> DuePhone:
    latest = phone.latest
    return DuePhone(
        holder=phone.holder,
        unit=phone.unit,
        tag=phone.tag,
        phone=phone.model,
        serial=phone.serial,
        imei=phone.imei,
        last_seen=latest.day if latest is not None else None,
        verdict=latest.verdict if latest is not None else None,
        officer=latest.officer if latest is not None else "",
        desk=latest.desk if latest is not None else "",
    )


def not_seen_words(count: int, days: int) -> Text:
    """How many phones were not seen for how long."""
    return N(
        "{count} phone was not seen for more than {days} days.",
        "{count} phones were not seen for more than {days} days.",
        count,
        days=days,
    )
