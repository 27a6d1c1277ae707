"""The phones that were not seen for long, on paper and as tables: to be looked for, and to write to their holders.

What goes to holders names no result: a letter that is left on a desk says no more than that a phone is to be checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from core import value_names
from core.model import Verdict
from core.policy.wording import long_date
from core.problem import Problem
from core.reports.page import Said, labels, printable, say, typeset
from core.reports.summaries.counted_page import table_cell
from core.reports.summaries.month_summary import SummaryForm
from core.reports.tables.csv_table import CsvSeparator, csv_of
from core.reports.tables.workbook import Cell, Step, workbook
from core.text import Language, T, Text, Value, grouped, one_line

#: Phones that letters are written for at once; a list for a spreadsheet has any number.
MOST_IN_LETTERS: Final = 5_000
#: Characters of a message.
MESSAGE_LIMIT: Final = 4_000
_NEVER: Final = T("never")
_NO_UNIT: Final = T("Without a unit")
_LABELS: Final = {
    "practice": T("Practice: no real phone is meant here"),
    "practice_short": T("Practice"),
    "personal": T("This list has personal information: give it only to people who may have it."),
}


@dataclass(frozen=True, slots=True)
class DuePhone:
    """A phone that was not seen for long. `last_seen` is the day of its last check, with that check's verdict, officer
    and desk; None for one that this desk never saw. `verdict` is None there, and where it is not to be told. What
    else is not known is empty."""

    holder: str = ""
    unit: str = ""
    tag: str = ""
    phone: str = ""
    serial: str = ""
    imei: str = ""
    last_seen: date | None = None
    verdict: Verdict | None = None
    officer: str = ""
    desk: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What holders are told: where they bring their phones, by which day at the latest (None: soon), and the message in
    each language, with blank lines between its paragraphs."""

    place: Value
    last: date | None
    message: Mapping[Language, str]


def proposed_message(language: Language, place: Value, last: date | None) -> str:
    """The message to holders that is proposed to an officer."""
    if last is not None:
        request = T(
            "Your phone at work still has to be checked for banned apps. Please bring it to {place} by {day}, charged"
            " and unlocked.",
            place=place,
            day=long_date(last),
        )
    else:
        request = T(
            "Your phone at work has not been checked for banned apps for some time. Please bring it to {place} in the"
            " next days, charged and unlocked.",
            place=place,
        )
    takes = T(
        "It takes a few minutes, and you may watch. What is recorded is the phone, the result and the apps that it"
        " depends on; your messages, your photos and all other apps are not."
    )
    if_gone = T("If you do not have this phone any more, please tell us.")
    return "\n\n".join(text.in_language(language) for text in (request, takes, if_gone))


def due_table(phones: Sequence[DuePhone], today: date, languages: Sequence[Language]) -> list[tuple[Cell, ...]]:
    """The list for an officer: all that is known of each phone."""
    head = (T("Holder"), T("Unit"), T("Asset tag"), T("Phone"), T("Serial number"), T("IMEI"), T("Seen last"))
    rest = (T("Days since"), T("Result then"), T("Officer"), T("Desk"))
    words = {v: table_cell(word, languages) for v, word in value_names.VERDICTS.items()}
    never = table_cell(_NEVER, languages)
    rows: list[tuple[Cell, ...]] = [tuple(table_cell(word, languages) for word in (*head, *rest))]
    for phone in phones:
        texts = (phone.holder, phone.unit, phone.tag, phone.phone, phone.serial, phone.imei)
        rows.append(
            (
                *(table_cell(text, languages) for text in texts),
                phone.last_seen.isoformat() if phone.last_seen is not None else never,
                (today - phone.last_seen).days if phone.last_seen is not None else "",
                words[phone.verdict] if phone.verdict is not None else "",
                table_cell(phone.officer, languages),
                table_cell(phone.desk, languages),
            )
        )
    return rows


def merge_table(
    phones: Sequence[DuePhone], invitation: Invitation, languages: Sequence[Language]
) -> list[tuple[Cell, ...]]:
    """The list for a mail merge: what stands in a letter to each holder, and no result."""
    head = (T("Holder"), T("Unit"), T("Asset tag"), T("Phone"), T("Seen last"), T("Place"), T("Last day"))
    never, place = table_cell(_NEVER, languages), table_cell(invitation.place, languages)
    last = table_cell(long_date(invitation.last), languages) if invitation.last is not None else ""
    rows: list[tuple[Cell, ...]] = [tuple(table_cell(word, languages) for word in head)]
    for phone in phones:
        texts = [table_cell(text, languages) for text in (phone.holder, phone.unit, phone.tag, phone.phone)]
        rows.append((*texts, phone.last_seen.isoformat() if phone.last_seen is not None else never, place, last))
    return rows


def as_file(
    form: SummaryForm,
    table: Sequence[Sequence[Cell]],
    time: datetime,
    step: Step | None = None,
    separator: CsvSeparator = "comma",
) -> bytes:
    """A table as a file for a spreadsheet. Raises what `step` raises."""
    if form is SummaryForm.CSV:
        return csv_of(table, separator)
    return workbook(str(T("Phones")), table, time, step)


def letters(
    phones: Sequence[DuePhone],
    invitation: Invitation,
    languages: tuple[Language, ...],
    *,
    time: datetime,
    made_by: Text,
    practice: bool,
) -> bytes:
    """A letter for each unit, as one PDF: the message, and the phones of the unit.

    Raises PageProblem, and Problem for more phones than :data:`MOST_IN_LETTERS`.
    """
    if len(phones) > MOST_IN_LETTERS:
        raise Problem(
            T("Letters for {count} phones are too many for one file.", count=grouped(len(phones))),
            T("Choose one unit, or save the list for a mail merge."),
            code="too-many-letters",
        )
    page: dict[str, Any] = {
        "title": say(T("Phones to be checked"), languages),
        "name": say(T("Phones to be checked"), languages),
        "foot": say(made_by, languages),
        "practice": practice,
        "labels": labels(_LABELS, languages),
        "head": [say(word, languages) for word in (T("Holder"), T("Asset tag"), T("Phone"), T("Seen last"))],
        "message": _paragraphs(invitation.message, languages),
        "letters": [
            _letter(unit, list(unit_phones), invitation, languages)
            for unit, unit_phones in groupby(sorted(phones, key=_by_unit), key=lambda phone: phone.unit)
        ],
    }
    return typeset("due", page, time=time, languages=languages)


def _by_unit(phone: DuePhone) -> tuple[bool, str, str, str]:
    """Units by their names, that without a name last; in them holders by theirs."""
    return not phone.unit, phone.unit, phone.holder.casefold(), phone.tag


def _letter(
    unit: str, phones: Sequence[DuePhone], invitation: Invitation, languages: Sequence[Language]
) -> dict[str, Any]:
    facts: list[tuple[Value, Value]] = [
        (T("Unit"), unit or _NO_UNIT),
        (T("Where"), invitation.place),
        *([(T("Until"), long_date(invitation.last))] if invitation.last is not None else []),
        (T("Phones"), grouped(len(phones))),
    ]
    return {
        "facts": [{"label": say(label, languages), "value": say(value, languages, 160)} for label, value in facts],
        "rows": [
            [
                say(value, languages, 100)
                for value in (
                    phone.holder,
                    phone.tag,
                    phone.phone,
                    phone.last_seen.isoformat() if phone.last_seen is not None else _NEVER,
                )
            ]
            for phone in phones
        ],
    }


def _paragraphs(message: Mapping[Language, str], languages: Sequence[Language]) -> list[Said]:
    """The paragraphs of the message, those of the languages beside each other."""
    parts = {
        language: [part for part in message.get(language, "")[:MESSAGE_LIMIT].split("\n\n") if part.strip()]
        for language in languages
    }
    count = max(map(len, parts.values()), default=0)

    def at(language: Language, number: int) -> str:
        paragraphs = parts[language]
        return printable(one_line(" ".join(paragraphs[number].split()))) if number < len(paragraphs) else ""

    return [[(language, at(language, number)) for language in languages] for number in range(count)]
