"""Settings: the department's, for the whole computer, and the officer's own. What the department sets wins.

Both are TOML files with the same keys, each a row of :mod:`core.desk.settings.settings_table`. Nothing in them is
guessed: a misspelt key in a department's file must not silently leave a setting open.

On Windows group policies may set the same keys, as values in the registry (:mod:`core.system.windows_registry`): texts
as REG_SZ, true and false as a REG_DWORD of 1 and 0, numbers as REG_DWORD. They win over the department's file, and
count as the department's. Where the data folder is (:mod:`core.desk.settings.data_choice`) never changes what the
department has set; which one an officer has chosen is no setting, and is in no file that is exported or imported.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import tomli_w

from core.desk.settings.settings_table import ROWS, Settings
from core.desk.settings.value_rules import PATH_LIMIT, Setting
from core.problem import Problem
from core.system import windows_registry
from core.system.files import windows_acl
from core.system.files.files import read_file, replace_file
from core.system.language import system_language
from core.text import Language, T, Text, plain

FILE_NAME: Final = "settings.toml"
#: Bytes: no settings need more.
_FILE_LIMIT: Final = 64 * 1024
#: Full stops in a line: a key of so many parts takes Python's reader the square of them in time and room.
_STOPS_LIMIT: Final = 500


def machine_file() -> Path:
    """The department's file: a place that only an administrator can write."""
    if sys.platform == "win32":
        # Of Windows, not of the environment: a user can set %PROGRAMDATA% to any folder of their own.
        try:
            return windows_acl.program_data() / "Fanion" / FILE_NAME
        except OSError:  # told when it is to be read, as an unknown place
            return Path("ProgramData", "Fanion", FILE_NAME)
    if sys.platform == "darwin":
        return Path("/Library/Application Support/Fanion") / FILE_NAME
    return Path("/etc/fanion") / FILE_NAME


MACHINE_FILE: Final = machine_file()


class SettingsProblem(Problem):
    """A settings file cannot be read, understood or written."""

    code = "settings"
    exit_code = 5
    #: Whether they are the department's: then it is not known what it has set for this computer.
    department = False


class LockedSetting(SettingsProblem):
    """The department has set this for the computer; it cannot be otherwise here."""

    def __init__(self, key: str) -> None:
        super().__init__(
            T("The setting “{key}” is set by your organisation.", key=key),
            T("Ask your IT support to change it for this computer."),
        )


def load(data: Path | None, machine: Path | None = MACHINE_FILE, default_language: Language | None = None) -> Settings:
    """The settings that apply with this data folder. A file that is not there sets nothing.

    Without `data` only the department's are asked, and without `machine` only the officer's own.
    `default_language` is for a caller that knows better than the environment what the system speaks.
    Raises SettingsProblem.
    """
    in_file, by_policy = departments(machine) if machine is not None else ({}, {})
    set_by_department = in_file | by_policy
    own = read_settings(data / FILE_NAME) if data is not None else {}
    values: dict[str, Any] = {"language": default_language or system_language()} | own | set_by_department
    values.setdefault("sounds", not values.get("kiosk", False))
    return Settings(**values, locked=frozenset(set_by_department))


def save_personal(data: Path, *, machine: Path | None = MACHINE_FILE, **values: Setting | None) -> Settings:
    """Change the officer's own settings, leaving those that are None, and return what applies now.

    The file is replaced whole: a reader never sees half of it. Of two programs that save at once, the last wins.
    Raises SettingsProblem: also for a key that the department set, or a value that a settings file may not have.
    """
    changes = {key: value for key, value in values.items() if value is not None}
    locked = load(data, machine).locked
    for key, value in changes.items():
        if key in locked or _is_departments(key):
            raise LockedSetting(key)
        if (wrong := fault_of(key, value)) is not None:
            raise SettingsProblem(
                T("The settings cannot be saved: {reason}.", reason=wrong), T("Correct it, then save again.")
            )
    path = data / FILE_NAME
    _write(path, read_settings(path) | changes)
    return load(data, machine)


def forget_personal(data: Path, key: str, *, machine: Path | None = MACHINE_FILE) -> Settings:
    """Have the standard again of one of the officer's own settings, and return what applies now.

    Raises SettingsProblem: also for a key that the department set.
    """
    if key in load(data, machine).locked or _is_departments(key):
        raise LockedSetting(key)
    path = data / FILE_NAME
    _write(path, {name: value for name, value in read_settings(path).items() if name != key})
    return load(data, machine)


def _write(path: Path, values: dict[str, Setting]) -> None:
    """Write the officer's own file; what a newer Fanion has set in it stays. Raises SettingsProblem."""
    newer_settings = {key: value for key, value in _parsed(path)[0].items() if key not in ROWS}
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, tomli_w.dumps(values | newer_settings).encode())
    except OSError as error:
        raise SettingsProblem(
            T("The settings file {file} could not be saved safely.", file=str(path)),
            T("Check that the disk has space and that you may write to the folder, then save again."),
            str(error),
        ) from error


def departments(machine: Path = MACHINE_FILE) -> tuple[dict[str, Setting], dict[str, Setting]]:
    """What the department has set in its file, and by group policies, which win. Raises SettingsProblem."""
    try:
        in_file = read_settings(machine, department=True) if _is_administrators(machine) else {}
        return in_file, _policies()
    except SettingsProblem as problem:
        problem.department = True
        raise


def _is_administrators(machine: Path) -> bool:
    """Whether the department's file is to be read: on Windows, any user may have written to an open folder.

    Raises SettingsProblem where another than an administrator could have written it, or taken it away.
    """
    try:
        if not machine.is_absolute():
            raise OSError("Windows does not say where its folder ProgramData is")
        return windows_acl.is_administrators(machine)
    except windows_acl.NotAdministrators as refusal:
        if refusal.owned:
            sentence = T(
                "The settings of your organisation in {place} do not belong to an administrator.",
                place=str(refusal.place),
            )
        else:
            sentence = T(
                "The settings of your organisation in {place} can be changed by others than administrators.",
                place=str(refusal.place),
            )
        # Not to take over what is there: it may be a link, laid for the administrator who would do that.
        next_step = T(
            "Ask your IT support to move the folder {folder} away and to install Fanion again, which makes it anew.",
            folder=str(machine.parent),
        )
        raise SettingsProblem(sentence, next_step, str(refusal)) from refusal
    except (OSError, ValueError) as error:
        raise SettingsProblem(
            T("Windows does not say to whom the settings of your organisation in {place} belong.", place=str(machine)),
            T("Ask your IT support for permission to read them."),
            str(error),
        ) from error


def _policies() -> dict[str, Setting]:
    """The keys that group policies set. Raises SettingsProblem."""
    try:
        values = windows_registry.values()
    except OSError as error:
        raise SettingsProblem(
            T("The settings in the registry, under {name}, could not be read.", name=windows_registry.NAME),
            T("Ask your IT support for permission to read them."),
            str(error),
        ) from error
    settings_by_key: dict[str, Setting] = {}
    for key, value in values.items():
        if key in ROWS:
            setting, wrong = ROWS[key].rule.read_registry(key, value.data)
        else:
            setting, wrong = None, fault_of(key, value.data)
        if wrong is not None or setting is None:
            name = plain(f"{windows_registry.NAME}\\{key}", PATH_LIMIT)
            raise SettingsProblem(
                T("The registry value {name} cannot be used: {reason}.", name=name, reason=wrong or ""),
                T("Ask your IT support to correct it, then start Fanion again."),
            )
        settings_by_key[key] = setting
    return settings_by_key


def read_settings(path: Path, *, department: bool = False) -> dict[str, Setting]:
    """The keys that a file sets, each with a value that it may have. Raises SettingsProblem.

    A key that is not known is refused in a department's file. In an officer's own a newer Fanion may have set it, and
    it is left out: :func:`unknown_keys` names it.
    """
    values, text = _parsed(path, department=department)
    settings_by_key = {key: value for key, value in values.items() if department or key in ROWS}
    for key, value in settings_by_key.items():
        if (wrong := fault_of(key, value)) is not None:
            raise _bad_file(path, _line_of(key, text), wrong)
        if ROWS[key].department and not department:
            reason = T("“{key}” can be set only for the whole computer, by its administrator", key=key)
            raise _bad_file(path, _line_of(key, text), reason)
    return settings_by_key


def unknown_keys(data: Path) -> tuple[str, ...]:
    """The keys in the officer's own file that this version does not know. Raises SettingsProblem."""
    return tuple(plain(key) for key in _parsed(data / FILE_NAME)[0] if key not in ROWS)


def _parsed(path: Path, *, department: bool = False) -> tuple[dict[str, Any], str]:
    """Parse a file, and give its text as well; one that is not there is empty. Raises SettingsProblem."""
    try:
        text = read_file(path, _FILE_LIMIT).decode("utf-8-sig")
        for number, words in enumerate(text.split("\n"), 1):
            if words.count(".") > _STOPS_LIMIT:
                raise _bad_file(path, number, T("it is not valid TOML"), "a key of many parts")
        values = tomllib.loads(text)
    except FileNotFoundError as error:
        # Else pulling out the disk that a link leads to would open every lock.
        if department and any(os.path.lexists(place) and not os.path.exists(place) for place in (path, path.parent)):
            raise SettingsProblem(
                T("The settings of your organisation are not where {file} leads.", file=str(path)),
                T("Ask your IT support to repair that link, or to plug in what it leads to, then start Fanion again."),
                str(error),
            ) from error
        return {}, ""
    except OSError as error:
        raise SettingsProblem(
            T("The settings file {file} could not be read.", file=str(path)),
            T("Ask your IT support for permission to read it."),
            str(error),
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _bad_file(path, line, T("it is not UTF-8 text"), str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _bad_file(path, _line_in(str(error)), T("it is not valid TOML"), str(error)) from error
    return values, text


def fault_of(key: str, value: object) -> Text | None:
    """What is wrong with a setting, as the end of a sentence; None if nothing is."""
    if key not in ROWS:
        return T("“{key}” is not a setting of Fanion", key=plain(key))
    return ROWS[key].rule.fault(key, value)


def _is_departments(key: str) -> bool:
    return key in ROWS and ROWS[key].department


def _bad_file(path: Path, line: int | None, reason: Text, detail: str = "") -> SettingsProblem:
    if line is None:
        sentence = T("The settings file {file} cannot be used: {reason}.", file=str(path), reason=reason)
    else:
        sentence = T(
            "The settings file {file} cannot be used; in line {line}, {reason}.",
            file=str(path),
            line=line,
            reason=reason,
        )
    return SettingsProblem(sentence, T("Correct the file, or move it away, then start Fanion again."), detail)


def _line_in(message: str) -> int | None:
    """The line that the TOML reader names; before Python 3.14 only its message has it."""
    match = re.search(r"at line (\d+)", message)
    return int(match[1]) if match else None


def _line_of(key: str, text: str) -> int | None:
    """The line on which `key` is set, if it is set in a common way."""
    name = rf"""["']?{re.escape(key)}["']?"""
    match = re.search(rf"^[ \t]*(\[+[ \t]*)?{name}[ \t]*[=.\]]", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else None
