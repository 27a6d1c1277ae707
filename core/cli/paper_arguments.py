"""What the commands that write papers have in common: in which languages, in which form, and what they answer."""

from __future__ import annotations

import argparse
from typing import Final

from core.cli.arguments import argument
from core.reports.summaries.month_summary import SummaryForm
from core.text import LANGUAGES, Language, T

#: In which language, or in both; :func:`languages` reads it.
IN: Final = argument(
    "--in", T("the language of the page; otherwise the one in use"), dest="languages", choices=[*LANGUAGES, "both"]
)
#: As a page or as a table, a value of :class:`SummaryForm`.
FORM: Final = argument(
    "--format",
    T("a page (pdf), or a table for a spreadsheet (xlsx, csv)"),
    choices=[form.value for form in SummaryForm],
    default=SummaryForm.PDF.value,
)


def languages(options: argparse.Namespace) -> tuple[Language, ...] | None:
    """The languages that were asked for; None for the one in use."""
    if options.languages is None:
        return None
    return LANGUAGES if options.languages == "both" else (options.languages,)
