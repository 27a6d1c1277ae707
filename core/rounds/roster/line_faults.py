"""What can be wrong with a line of a list of phones, in words. No such line is dropped without one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.rounds.model import TEXT_LIMIT
from core.rounds.roster.columns import COLUMN_NAMES, RosterColumn
from core.text import T, Text, plain

#: That nothing on a line tells which phone it is.
NO_IDENTIFIER: Final = T("there is no serial number, IMEI or asset tag by which a phone could be known.")
#: Characters of a value that are shown.
_SHOWN: Final = 60


class LineFaultKind(StrEnum):
    """What is wrong; stable across versions."""

    #: Nothing on the line tells which phone it is.
    NO_IDENTIFIER = "no-identifier"
    SHORTENED = "shortened-by-excel"
    DATE = "date"
    BAD_CHARACTERS = "bad-characters"
    BAD_LENGTH = "bad-length"
    CHECK_DIGIT = "check-digit"
    #: A value that makers or lists put where none is known.
    PLACEHOLDER = "placeholder"
    #: An IMEI that was read although it is written in another form.
    SOFTWARE_VERSION = "software-version"
    FIRST_ZERO = "first-zero"
    #: Another line is of the same phone.
    SAME_PHONE = "same-phone"
    #: Two phones cannot have one such number.
    SHARED = "shared"
    CUT = "cut"
    UNREADABLE = "unreadable"
    FORMULA = "formula"
    MERGED = "merged-cells"
    #: Quotation marks keep several lines of the file together.
    SEVERAL_LINES = "several-lines"
    MORE_CELLS = "more-cells"


@dataclass(frozen=True, slots=True)
class LineFault:
    """One thing that is wrong with a line. `is_kept`: the line is on the roster all the same, without what is wrong.

    `line` is its number in the file, the first is 1; `other_line` is that of another line which it is about, or 0.
    """

    kind: LineFaultKind
    line: int
    says: Text
    is_kept: bool
    other_line: int = 0

    @property
    def sentence(self) -> Text:
        """The fault in a sentence, with the number of the line and what becomes of it."""
        if self.is_kept:
            return T("Line {line}: {says}", line=self.line, says=self.says)
        return T("Line {line}, which is not on the roster: {says}", line=self.line, says=self.says)


def in_column(kind: LineFaultKind, column: RosterColumn, value: str, read_value: str = "") -> Text:
    """What is wrong with the value of one column; `read_value` is what was made of it."""
    values: dict[str, Text | str] = {"column": COLUMN_NAMES[column], "value": plain(value.strip(), _SHOWN)}
    match kind:
        case LineFaultKind.SHORTENED:
            return T(
                "{column}: Excel has shortened this number to {value}. Format the column as text, and enter it again.",
                **values,
            )
        case LineFaultKind.DATE:
            return T(
                "{column}: Excel has made a date of it, {value}. Format the column as text, and enter it again.",
                **values,
            )
        case LineFaultKind.BAD_CHARACTERS if column is RosterColumn.IMEI:
            return T("{column}: “{value}” does not consist of digits.", **values)
        case LineFaultKind.BAD_CHARACTERS:
            return T("{column}: “{value}” has characters that no serial number has.", **values)
        case LineFaultKind.BAD_LENGTH if column is RosterColumn.IMEI:
            return T("{column}: {value} does not have 15 digits.", **values)
        case LineFaultKind.BAD_LENGTH:
            return T("{column}: “{value}” is too short or too long.", **values)
        case LineFaultKind.CHECK_DIGIT:
            return T(
                "{column}: one of the digits of {value} is wrong, for the last one does not fit the others.", **values
            )
        case LineFaultKind.PLACEHOLDER:
            return T("{column}: “{value}” is a placeholder, not one phone's number.", **values)
        case LineFaultKind.SOFTWARE_VERSION:
            return T(
                "{column}: {value} ends with the version of the software. {taken} is read.", **values, taken=read_value
            )
        case LineFaultKind.FIRST_ZERO:
            return T("{column}: {value} lacks its first 0. {taken} is read.", **values, taken=read_value)
        case LineFaultKind.CUT:
            return T("{column}: only the first {limit} characters are kept.", **values, limit=TEXT_LIMIT)
        case LineFaultKind.UNREADABLE:
            return T("{column}: characters that cannot be shown are replaced in “{value}”.", **values)
        case LineFaultKind.FORMULA:
            return T(
                "{column}: “{value}” looks like a formula. It is kept as text, and nothing is calculated.", **values
            )
    raise ValueError(f"{kind} is not about one value")


def same_phone(column: RosterColumn, other_line: int) -> Text:
    """The words for a line that has the same number as another line, so that both are of one phone."""
    return T("{column}: the same as in line {other}. Both lines count as one phone.", **_shared(column, other_line))


def shared(column: RosterColumn, other_line: int) -> Text:
    """The words for a line that has the same number as another line, which is of another phone."""
    return T(
        "{column}: the same as in line {other}, which is of another phone. It is left out of both.",
        **_shared(column, other_line),
    )


def _shared(column: RosterColumn, other_line: int) -> dict[str, object]:
    return {"column": COLUMN_NAMES[column], "other": other_line}


def merged(last: int) -> Text:
    """The words for a line whose cells are merged with those of lines below it, down to the `last`."""
    return T("cells are merged down to line {last}. Only the first line has their text; split them.", last=last)


def several_lines(last: int) -> Text:
    """The words for a line that quotation marks keep together with those down to the `last`."""
    return T("quotation marks keep it together with the lines down to {last}: they are read as one line.", last=last)


def more_cells(cells: int, heading: int) -> Text:
    """The words for a line that has more `cells` than the `heading` has."""
    return T(
        "it has {cells} cells, and the heading {heading}. Behind a text with a separator in it, all is read in wrong "
        "columns.",
        cells=cells,
        heading=heading,
    )
