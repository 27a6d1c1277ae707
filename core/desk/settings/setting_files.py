"""The officer's own settings as a file: who has set what, bringing them along, handing them out, beginning anew.

Nothing here changes what the department has set, and the officer's own file is never lost: what it was is kept beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

import tomli_w

from core.desk.settings.settings import (
    FILE_NAME,
    MACHINE_FILE,
    SettingsProblem,
    departments,
    load,
    read_settings,
    save_personal,
)
from core.desk.settings.settings_table import ROWS, Settings
from core.desk.settings.value_rules import Setting
from core.system.files.files import move_new
from core.system.windows_registry import NAME
from core.text import T

#: How a file is called that was the officer's own until then.
_BEFORE: Final = "settings-{time}.toml"


class SettingSource(StrEnum):
    """Who has set a key."""

    GROUP_POLICY = "group-policy"
    DEPARTMENT_FILE = "department-file"
    OWN = "own"
    STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class SourceOfSetting:
    """Who has set a key, and where that stands; `place` is empty where nobody has."""

    source: SettingSource
    place: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that was taken over: the settings that apply now, how many keys it had, and which of them the department
    has set itself, so that they were left out."""

    settings: Settings
    keys: int
    left_out: tuple[str, ...]


def sources(data: Path, machine: Path = MACHINE_FILE) -> Mapping[str, SourceOfSetting]:
    """Who has set each key. A file of the officer's own that cannot be used sets none. Raises SettingsProblem where it
    is not known what the department has set."""
    in_file, by_policy = departments(machine)
    try:
        own = read_settings(data / FILE_NAME)
    except SettingsProblem:
        own = {}
    # The weakest first: what comes later counts.
    by_key = dict.fromkeys(ROWS, SourceOfSetting(SettingSource.STANDARD))
    by_key |= dict.fromkeys(own, SourceOfSetting(SettingSource.OWN, str(data / FILE_NAME)))
    by_key |= dict.fromkeys(in_file, SourceOfSetting(SettingSource.DEPARTMENT_FILE, str(machine)))
    return by_key | {key: SourceOfSetting(SettingSource.GROUP_POLICY, f"{NAME}\\{key}") for key in by_policy}


def import_settings(data: Path, file: Path, machine: Path = MACHINE_FILE) -> Imported:
    """Take over the settings of a file, which another desk may have handed out, beside those that it does not name.

    All of it is taken or nothing. Raises SettingsProblem.
    """
    if not file.is_file():
        raise SettingsProblem(T("There is no file {file}.", file=str(file)), T("Choose another one."))
    values = read_settings(file)
    locked = load(None, machine).locked
    accepted: dict[str, Setting | None] = {key: value for key, value in values.items() if key not in locked}
    left_out = tuple(sorted(key for key in values if key in locked))
    return Imported(save_personal(data, machine=machine, **accepted), len(values), left_out)


def export_settings(settings: Settings) -> bytes:
    """The settings that apply, as a file that another desk can import: without what is one desk's own, and without what
    only a department may set."""
    own = [key for key, row in ROWS.items() if not row.department and not row.one_desk]
    values = {key: getattr(settings, key) for key in own}
    return tomli_w.dumps({key: value for key, value in values.items() if value != ""}).encode()


def reset(data: Path, machine: Path = MACHINE_FILE, *, now: datetime | None = None) -> tuple[Settings, Path | None]:
    """Have the standard settings where the department has set nothing; and where the officer's own file is kept now,
    None if there was none. It may be one that cannot be used. Raises SettingsProblem."""
    path, backup = data / FILE_NAME, None
    if path.exists() or path.is_symlink():
        backup = data / _BEFORE.format(time=f"{now or datetime.now():%Y%m%d-%H%M%S}")
        try:
            move_new(path, backup)
        except OSError as error:
            raise SettingsProblem(
                T("The settings file {file} could not be kept beside.", file=str(path)),
                T("Check that you may write to its folder, then try again."),
                str(error),
            ) from error
    return load(data, machine), backup
