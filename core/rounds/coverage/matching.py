"""Which line of a roster a phone is that was checked: what the phone says of itself outweighs what was typed in.

A line with a serial number is ticked off only by the phone that tells this serial number. A line without one is ticked
off by its IMEI or else by its asset tag, as the officer gave them. It belongs to the first phone that did so: another
phone under the same word is not that one, nor is a phone of another model under the same serial number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.rounds.coverage.contradictions import Contradiction, ContradictionKind
from core.rounds.model import Loss, RosterLine, SeenPhone
from core.rounds.roster.columns import RosterColumn
from core.rounds.roster.identifiers import imei_of, key_of
from core.same_phone import names_one_phone


@dataclass(frozen=True, slots=True)
class RosterMatch:
    """The line of a phone, by its place in the roster; None where it has none: `loss` tells why that is not known any
    more, if that is so. `contradiction` is what was typed in against it."""

    at: int | None
    contradiction: Contradiction | None = None
    loss: Loss | None = None


class RosterKeys:
    """The lines of a roster by what names a phone. It learns which phone a line without a serial number is: it is to
    be asked in the order of the log."""

    def __init__(self, lines: Sequence[RosterLine]) -> None:
        self._lines = lines
        self._serials: dict[str, int] = {}
        self._imeis: dict[str, int] = {}
        self._tags: dict[str, int] = {}
        #: By place, the first phone of a line: its own serial number and what it is called.
        self._holders: dict[int, tuple[str, str]] = {}
        for at, line in enumerate(lines):
            if names_one_phone(line.serial):
                self._serials.setdefault(key_of(line.serial), at)
            if line.imei:
                self._imeis.setdefault(line.imei, at)
            if key := key_of(line.tag):
                self._tags.setdefault(key, at)

    def find(self, check: SeenPhone) -> RosterMatch:
        """The line of a phone that was checked."""
        if check.erased is not None and not check.serial:
            return RosterMatch(None, loss=check.erased)
        typed = self._typed(check)
        at = self._serials.get(key_of(check.serial)) if names_one_phone(check.serial) else None
        if at is not None and self._is_another(check, at):
            line = self._lines[at].line
            return RosterMatch(None, Contradiction(ContradictionKind.OTHER_MODEL, RosterColumn.SERIAL, line))
        if at is not None:
            self._holders.setdefault(at, _itself(check))
            return RosterMatch(at, self._of_another(at, RosterColumn.SERIAL, typed))
        for column, at in typed:
            contradiction = self._against(check, column, at)
            if contradiction is not None:
                return RosterMatch(None, contradiction)
            self._holders.setdefault(at, _itself(check))
            return RosterMatch(at, self._of_another(at, column, typed))
        return RosterMatch(None, loss=check.erased)

    def _typed(self, check: SeenPhone) -> list[tuple[RosterColumn, int]]:
        """The lines that the typed words name, the IMEI's first."""
        imei = self._imeis.get(imei_of(check.imei).digits) if check.imei else None
        tag = self._tags.get(key_of(check.tag)) if check.tag else None
        return [(column, at) for column, at in ((RosterColumn.IMEI, imei), (RosterColumn.TAG, tag)) if at is not None]

    def _against(self, check: SeenPhone, column: RosterColumn, at: int) -> Contradiction | None:
        """What tells that a phone is not that of the line at a place, which only a typed word names."""
        line = self._lines[at]
        if names_one_phone(line.serial):
            return Contradiction(ContradictionKind.OTHER_NUMBER, column, line.line)
        if column is RosterColumn.TAG and line.imei and imei_of(check.imei).digits not in ("", line.imei):
            return Contradiction(ContradictionKind.OTHER_NUMBER, column, line.line, RosterColumn.IMEI)
        if self._is_another(check, at):
            return Contradiction(ContradictionKind.OTHER_PHONE, column, line.line)
        return None

    def _is_another(self, check: SeenPhone, at: int) -> bool:
        """Whether another phone was checked under this line before."""
        (serial, phone), (holder_serial, other_phone) = _itself(check), self._holders.get(at, _itself(check))
        return serial != holder_serial or ("" not in (phone, other_phone) and phone != other_phone)

    def _of_another(
        self, at: int, known_by: RosterColumn, typed: Sequence[tuple[RosterColumn, int]]
    ) -> Contradiction | None:
        """The contradiction that a typed word names another line than that of the phone; None without one."""
        named_line = next(((column, place) for column, place in typed if place != at), None)
        if named_line is None:
            return None
        return Contradiction(ContradictionKind.OTHER_LINE, named_line[0], self._lines[named_line[1]].line, known_by)


def _itself(check: SeenPhone) -> tuple[str, str]:
    """What a phone says of itself, by which two of them are told apart."""
    return key_of(check.serial), check.phone


def name_of(check: SeenPhone) -> str:
    """What tells one phone from the others, as far as anything does: one without is a phone of its own."""
    if names_one_phone(check.serial):
        return f"serial {key_of(check.serial)}"
    if not key_of(check.tag):
        return f"entry {check.entry}"
    return " ".join(("tag", key_of(check.tag), *_itself(check)))
