"""Bringing the roster of a round: which sheet and which columns it is, and what of it could not be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from core.desk.desk import Desk
from core.jobs import Cancel
from core.problem import Problem
from core.rounds import rounds
from core.rounds.roster import columns as roster_columns
from core.rounds.roster.columns import COLUMN_NAMES, Columns, RosterColumn
from core.rounds.roster.roster import RosterReading, read_roster
from core.rounds.roster.tables import RosterTable, Sheet
from core.rounds.rounds import KnownRound, has_roster, would_have
from core.text import N, T, Text, plain
from gui.rounds.round_jobs import LANE
from gui.toolkit.forms.form_dialog import JobDialog
from gui.toolkit.forms.form_fields import FieldRows
from gui.toolkit.jobs import JobRunner, Report, Work
from gui.toolkit.lists.tables import ComboBox
from gui.toolkit.theme import Status, TextSize

#: Characters of a heading in a choice, and lines of faults that are shown.
_HEADING: Final = 60
_FAULTS: Final = 500


@dataclass(frozen=True, slots=True)
class _Result:
    """A list that was read, and whether the round has it by now."""

    reading: RosterReading
    in_place: bool


class RosterDialog(JobDialog):
    """Asks for the sheet and the columns of a table, and gives the roster to a round; in place of another one only once
    that is confirmed."""

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        parent: QWidget,
        known_round: KnownRound,
        table: RosterTable,
        *,
        practice: bool,
    ) -> None:
        super().__init__(runner, LANE, T("Import a roster"), T("Import"), parent, practice=practice)
        self._desk, self._round, self._table, self._practice = desk, known_round, table, practice
        #: What the round has by now; and what was read and may come in place of another roster.
        self.reading: RosterReading | None = None
        self._proposal: RosterReading | None = None
        self._replacement: RosterReading | None = None
        self.replace = self.say.button(T("Replace"), self._replace, kind="primary", destroys=True)
        self.replace.setAutoDefault(False)
        self.add_tool(self.replace)
        self._columns = Columns(0)
        self.explain(T("{file}, read as {form}.", file=plain(table.name), form=table.form))
        self.sheet = ComboBox()
        for number, sheet in enumerate(table.sheets):
            self.sheet.addItem(plain(sheet.name) or "1", number)
        self.heading = self.say.label("", TextSize.SMALL, "muted")
        self.places: dict[RosterColumn, ComboBox] = {column: ComboBox() for column in RosterColumn}
        fields = FieldRows()
        fields.add(self.say.label_of(self.sheet, T("Sheet")), self.sheet)
        fields.setRowVisible(self.sheet, len(table.sheets) > 1)
        for column, choice in self.places.items():
            fields.add(self.say.label_of(choice, COLUMN_NAMES[column]), choice)
            choice.currentIndexChanged.connect(self._changed)
        self.form.addWidget(self.heading)
        self.form.addLayout(fields)
        self.faults = QPlainTextEdit()
        self.faults.setReadOnly(True)
        self.faults.setMinimumHeight(140)
        self.say(self.faults.setAccessibleName, T("Lines with faults"))
        self.outcome.addWidget(self.faults)
        self.sheet.setCurrentIndex(roster_columns.propose_sheet(table, desk.data))
        self.sheet.currentIndexChanged.connect(self._propose)
        self._propose()

    def work(self) -> Work[Any] | None:
        replacement, self._replacement = self._replacement, None
        if replacement is not None:
            return partial(self._bring, replacement)
        try:
            chosen = roster_columns.choose(self._columns, self._chosen())
        except Problem as problem:
            self.complain(problem)
            return None
        return partial(self._read, self._sheet(), chosen)

    def _read(self, sheet: Sheet, chosen: Columns, cancel: Cancel, report: Report) -> _Result:
        """Read the list, and give it to the round where that has none: another one is not replaced unasked."""
        reading = read_roster(self._table, sheet, chosen, datetime.now(UTC), cancel)
        roster_columns.remember(self._desk.data, chosen)
        if self._round.roster is not None:
            return _Result(reading, in_place=False)
        return self._bring(reading, cancel, report)

    def _bring(self, reading: RosterReading, cancel: Cancel, report: Report) -> _Result:
        replaces = self._round.roster.sha256 if self._round.roster is not None else ""
        with self._desk.custodian(self._practice) as ledger:
            about, left_out = self._round.about, reading.left_out
            rounds.bring(ledger, self._desk.data, about, reading.roster, left_out, replaces=replaces)
        return _Result(reading, in_place=True)

    def _replace(self) -> None:
        """Put the new roster in the place of the old one: the officer has confirmed that. After a failure it is asked
        anew."""
        self._replacement = self._proposal
        self.begin()

    def tell(self, value: _Result) -> None:
        reading = value.reading
        self.say(self.faults.setPlainText, partial(_lines, reading))
        self.faults.setVisible(bool(reading.faults))
        self.replace.setVisible(not value.in_place)
        if not value.in_place:
            self._ask(reading)
            return
        self.reading, self._proposal = reading, None
        count = len(reading.roster.lines)
        has_phones = N("The roster has {count} phone.", "The roster has {count} phones.", count)
        left_out = N(
            "{count} line could not be used, and is named below.",
            "{count} lines could not be used, and are named below.",
            reading.left_out,
        )
        whole = T("Every line could be used.")
        self.verdict.show_result(
            Status.AMBER if reading.left_out else Status.GREEN, has_phones, left_out if reading.left_out else whole
        )

    def _ask(self, reading: RosterReading) -> None:
        """Ask whether the roster that the round has is to be replaced, with the number of phones of both."""
        self._proposal = reading
        old = self._round.roster.phones if self._round.roster is not None else 0
        old_and_new = T("{old} {new}", old=has_roster(old), new=would_have(len(reading.roster.lines)))
        self.verdict.show_result(Status.AMBER, T("Replace the roster of this round?"), old_and_new)
        self.say(self.shut.setText, T("Keep the old one"))

    def _sheet(self) -> Sheet:
        return self._table.sheets[int(self.sheet.currentData())]

    def _propose(self) -> None:
        """Offer the columns of the chosen sheet, as its heading tells them."""
        sheet = self._sheet()
        self._columns = roster_columns.propose(sheet, self._desk.data)
        heading = self._columns.heading or (sheet.rows[0].cells if sheet.rows else ())
        for column, choice in self.places.items():
            choice.blockSignals(True)
            choice.clear()
            choice.addItem(str(T("not in the file")), -1)
            for place, words in enumerate(heading):
                choice.addItem(plain(words, _HEADING) or str(place + 1), place)
            choice.setCurrentIndex(choice.findData(self._columns.places.get(column, -1)))
            choice.blockSignals(False)
        origin: Text = T("Its columns were proposed by the heading in line {line}.", line=self._columns.heading_line)
        if self._columns.remembered:
            origin = T("Its columns are those that were chosen for this heading before.")
        elif not self._columns.heading_line:
            origin = T("It has no heading that is known: choose the columns by what its first line has.")
        self.say(self.heading.setText, origin)
        self._changed()

    def _chosen(self) -> dict[RosterColumn, int]:
        return {
            column: int(choice.currentData())
            for column, choice in self.places.items()
            if choice.currentData() is not None and int(choice.currentData()) >= 0
        }

    def _changed(self) -> None:
        chosen = self._chosen()
        missing = not any(column in chosen for column in roster_columns.IDENTIFYING)
        why = T("First choose a column by which a phone is known.") if missing else None
        self.hold_back(why, self.places[roster_columns.IDENTIFYING[0]])


def _lines(reading: RosterReading) -> str:
    lines = [str(fault.sentence) for fault in reading.faults[:_FAULTS]]
    if len(reading.faults) > _FAULTS:
        lines.append(str(N("and {count} more", "and {count} more", len(reading.faults) - _FAULTS)))
    return "\n".join(lines)
