"""``fanion settings``: what applies and who has set it, and going back to the standard settings.

Both work where the officer's own file is damaged: it is kept beside. What the department has set stays locked.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from core.cli import layout, terminal
from core.cli.arguments import JSON, YES, Actions, argument
from core.desk.desk import Desk
from core.desk.settings.setting_files import SettingSource, SourceOfSetting, sources
from core.desk.settings.settings import FILE_NAME, unknown_keys
from core.desk.settings.settings_table import ROWS, Editing
from core.text import T, Text, plain

#: Characters of a value, and of a path, that are shown.
_SHOWN = 4_096


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = Actions(parser, common, JSON)
    actions.add("show", run_show, T("what applies, and who has set it"))
    actions.add(
        "reset",
        run_reset,
        T("go back to the standard, where your organisation has set nothing; the file is kept beside"),
        argument("key", T("only this setting"), T("KEY"), nargs="?", choices=list(ROWS)),
        YES,
    )


def run_show(options: argparse.Namespace, desk: Desk) -> int:
    _require_department(desk)
    origins = {key: _source(desk, key, source) for key, source in sources(desk.data).items()}
    values = {key: _value(desk, key) for key in ROWS}
    fault = desk.fault
    unknown = () if fault is not None else unknown_keys(desk.data)
    fields = {
        "file": str(desk.data / FILE_NAME),
        "settings": {
            key: {
                "value": value,
                "source": origins[key].source,
                "place": origins[key].place,
                "locked": _locked(desk, key),
            }
            for key, value in values.items()
        },
        "unknown": list(unknown),
        "fault": None if fault is None else terminal.pick(fault, "code sentence next=next_step"),
    }
    rows = [[key, _words(value), _source_words(origins[key])] for key, value in values.items()]
    names = [str(T("Setting")), str(T("Value")), str(T("Set by"))]
    lines: list[object] = [*layout.table(names, rows, terminal.columns(sys.stdout))]
    if unknown:
        keys = ", ".join(unknown)
        lines += ["", T("Not known to this version of Fanion, and left as it is: {keys}.", keys=keys)]
    terminal.answer(options, fields, *lines)
    if fault is None:
        return 0
    terminal.problem(fault)
    return fault.exit_code


def run_reset(options: argparse.Namespace, desk: Desk) -> int:
    _require_department(desk)
    if options.key is not None:
        desk.forget(options.key)
        value = getattr(desk.settings, options.key)
        confirmation = T("{key} has the standard again: {value}", key=options.key, value=_words(value))
        return terminal.answer(options, {"key": options.key, "value": value}, confirmation)
    if not options.yes and not _agreed():
        terminal.say(T("Nothing was done."))
        return 0
    backup = desk.reset_settings()
    confirmation = (
        T("They are already the standard settings.")
        if backup is None
        else T("Reset. What was set before is in {file}.", file=str(backup))
    )
    return terminal.answer(options, {"kept": str(backup) if backup else None}, confirmation)


def _agreed() -> bool:
    """Whether the user wants the standard settings. Raises NotConfirmed where nobody can be asked."""
    if not sys.stdin.isatty():
        raise terminal.NotConfirmed(T("Nothing was reset: the question could not be asked."), T("Add --yes."))
    return terminal.confirmed(T("Go back to the standard settings, where your organisation has set nothing?"))


def _require_department(desk: Desk) -> None:
    """Raise SettingsProblem where it is not known what the department has set: then nothing is known of locks."""
    if desk.fault is not None and desk.fault.department:
        raise desk.fault


def _locked(desk: Desk, key: str) -> bool:
    return desk.settings.is_locked(key) or ROWS[key].department


def _source(desk: Desk, key: str, source: SourceOfSetting) -> SourceOfSetting:
    """Who has set a key; the department, where it is locked and nobody else is known."""
    if desk.settings.is_locked(key) and source.source in (SettingSource.OWN, SettingSource.STANDARD):
        return SourceOfSetting(SettingSource.DEPARTMENT_FILE)
    return source


def _value(desk: Desk, key: str) -> Any:
    """What applies; of a password only whether there is one."""
    value = getattr(desk.settings, key)
    return bool(value) if ROWS[key].editing is Editing.DIALOG and key.endswith("password") else value


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(str(value), _SHOWN)


def _source_words(source: SourceOfSetting) -> str:
    words: Text = {
        SettingSource.GROUP_POLICY: T("your organisation, by group policy"),
        SettingSource.DEPARTMENT_FILE: T("your organisation"),
        SettingSource.OWN: T("you"),
        SettingSource.STANDARD: T("standard"),
    }[source.source]
    return str(words)
