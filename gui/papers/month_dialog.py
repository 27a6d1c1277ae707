"""The dialog that sums up a month for management: as a page, or as a table for a spreadsheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

from core.desk.papers import log_papers
from core.text import T, plain
from gui.papers.paper_dialog import PaperDialog
from gui.toolkit.jobs import Work
from gui.toolkit.layouts import row
from gui.toolkit.lists.tables import ComboBox

#: Months that are offered, this one the first.
_OFFERED: Final = 36


class MonthDialog(PaperDialog):
    """Saves the summary of a month."""

    title = T("Summary of a month")
    go_text = T("Save the summary")

    def fill(self) -> None:
        self.explain(
            T(
                "How many visits, with which verdicts before and after, which apps were removed, by day and by "
                "officer. No phone and no holder is named."
            )
        )
        self.month = ComboBox()
        self.months = _last_months(date.today())
        for month in self.months:
            self.month.addItem(f"{month:%Y-%m}")
        self.form.addLayout(row(self.say.label_of(self.month, T("Month")), self.month, None))
        self.ask_for_form()
        self.ask_for_folder(self.form, T("Folder for the summary"), "papers/months")
        self.offer_to_open(T("Open the folder"), T("Open the summary"))

    def work(self) -> Work[Any] | None:
        self.keep_choices()
        month, form = self.months[self.month.currentIndex()], self.chosen_form
        folder, languages = self.folder.folder, self.languages.languages
        return self.one_call(log_papers.month_summary, month, folder, languages, form=form)

    def tell(self, value: Path) -> None:
        name = T("Summary saved: {file}", file=plain(value.name, 120))
        log_note = T("The summary is recorded in the log, and has the log’s checkpoint on it.")
        self.show_written(value, T("The summary is saved"), log_note, name)


def _last_months(today: date) -> tuple[date, ...]:
    """The first days of the months that are offered, the newest first."""
    now = today.year * 12 + today.month - 1
    return tuple(date(number // 12, number % 12 + 1, 1) for number in range(now, now - _OFFERED, -1))
