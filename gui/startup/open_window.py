"""From the options of the command line to the window, or to the one sentence why there is none."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from core import text
from core.desk.settings import data_choice, settings
from core.desk.settings.data_choice import ChoiceProblem
from core.desk.settings.settings_table import Settings
from core.problem import Problem
from core.system.language import system_language
from core.text import Language
from gui.startup import startup_check


def _settings(data: str | None, portable: bool) -> Settings:
    """What applies; where the settings cannot be read, the standard in the language of the system."""
    try:
        folder = data_choice.find(data, portable).folder
    except ChoiceProblem:  # which is told in the language of the folder that is there
        folder = data_choice.standard_folder()
    except (Problem, OSError, ValueError):
        return Settings(language=system_language())
    try:
        return settings.load(folder)
    except (Problem, OSError, ValueError):
        return Settings(language=system_language())


def open_window(
    data: str | None, language: str | None, *, portable: bool = False, instead: Callable[[], int] | None = None
) -> int:
    """Open the window; where there can be none, say so in one sentence. `portable` tells that it is carried around.

    `instead` is done where there is no screen, and gives the exit code.
    """
    gc.disable()  # until the window is seen: see gui.startup.after_first_paint
    chosen: Language | None = "fr" if language == "fr" else "en" if language == "en" else None
    applies = _settings(data, portable)
    text.use(chosen or applies.language)
    if (old := startup_check.old_system()) is not None:
        return startup_check.give_up(old)
    if startup_check.has_no_screen():
        if instead is not None:
            return instead()
        sentence = text.T("There is no screen here for a window. Use a command instead: fanion --help.")
        sys.stderr.write(f"{sentence}\n")
        return 2
    try:
        from gui.startup.application import run  # which needs Qt
    except ImportError as error:
        return startup_check.give_up(startup_check.because(str(error)))
    return run(data, chosen, portable, instead, applies.text_size)
