"""Where what names a phone is another phone's: what the phone itself says is believed, and the officer is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.rounds.roster.columns import COLUMN_NAMES, RosterColumn
from core.text import T, Text


class ContradictionKind(StrEnum):
    """By what a typed word is known to name another phone; stable across versions."""

    #: The roster has another serial number, or another IMEI, for the phone with this asset tag or IMEI.
    OTHER_NUMBER = "other-number"
    #: Another phone was checked under the same asset tag or IMEI before.
    OTHER_PHONE = "other-phone"
    #: A phone of another model was checked under the same serial number before.
    OTHER_MODEL = "other-model"
    #: The serial number or the IMEI is on the roster, and the asset tag or IMEI is that of another line.
    OTHER_LINE = "other-line"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """That the value of `column` is that of line number `line` of the roster, and the phone is not. `stronger` is the
    column by which that is known."""

    kind: ContradictionKind
    column: RosterColumn
    line: int
    stronger: RosterColumn = RosterColumn.SERIAL

    @property
    def short(self) -> Text:
        """The contradiction in a few words."""
        return T("named as the phone of line {line}", line=self.line)

    @property
    def words(self) -> Text:
        """The contradiction in a sentence, as an officer is told."""
        names = {"column": COLUMN_NAMES[self.column], "stronger": COLUMN_NAMES[self.stronger], "line": self.line}
        match self.kind:
            case ContradictionKind.OTHER_NUMBER:
                return T(
                    "{column} typed in: that of line {line} of the roster, which has another number as its "
                    "{stronger}. This phone does not tick it off.",
                    **names,
                )
            case ContradictionKind.OTHER_PHONE:
                return T(
                    "{column} typed in: that of line {line} of the roster, under which another phone was checked "
                    "before. This phone does not tick it off.",
                    **names,
                )
            case ContradictionKind.OTHER_MODEL:
                return T(
                    "{column}: that of line {line} of the roster, under which a phone of another model was checked "
                    "before. This phone does not tick it off.",
                    **names,
                )
            case ContradictionKind.OTHER_LINE:
                return T(
                    "{column} typed in: that of another phone, in line {line} of the roster. This one was known by its "
                    "{stronger}.",
                    **names,
                )
