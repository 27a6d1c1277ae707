"""Settings: the department's, for the whole computer, and the officer's own. What the department sets wins.

Both are TOML files with the same keys: ``officer``, ``desk``, ``place`` (where the desk stands, such as a building and
a room), ``language`` ("en" or "fr"), ``text_size`` (how large the window is, in percent), ``policy`` (the name of a
policy that comes with Fanion, the full path of a policy file, or nothing), ``organisation`` (a domain name, under which
logs that are begun from then on have theirs), ``retention_months`` (after how many months the personal values of clean
checks are due to be erased; 0 leaves that to a person), ``ask_imei`` (true where the window is to ask for a phone's
IMEI), ``ask_tag`` (true where it is to ask for the asset tag of each phone that was checked and has none),
``automatic_check`` (false where a phone that is ready is checked only once the officer says so), ``sounds`` (false
where the window is to be silent, as it is by itself in a kiosk), ``tray`` (true where an icon in the tray is to count
the phones that need the officer), ``kiosk`` (true where the window shows the Desk page alone, until an officer enters
the password whose hash is in ``kiosk_password``), ``csv_separator`` ("comma" or "semicolon": what stands between the
cells of CSV files for people), ``time_zone`` (the name of the department's time zone in the IANA Time Zone Database,
which decides when a day is over; without it, the computer's own zone does) and ``head_office_key`` (the public keys of
those who alone can read what this desk carries home: one, or several with spaces between them). Only the department's
has ``policy_root`` (the full path of the root file whose keys sign its policies), ``unsigned_policy`` (true where
unsigned policies and rules count), ``own_rules`` and ``exceptions`` (false where a desk may have no rules of its own
and may grant no exceptions), ``shared_log`` (the full path of a folder in which all users of this computer write one
log; without it each user has their own) and ``release_key`` (minisign's public keys, with spaces between them, that are
believed beside those that came with Fanion when they tell of a newer version). Nothing in them is guessed: a misspelt
key in a department's file must not silently leave a setting open.

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
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import tomli_w

from core.desk.settings import data_choice, time_zone
from core.head_office.bundles.encryption import KEYS_LIMIT, BadKey, public_keys
from core.problem import Problem
from core.reports.tables.csv_table import SEPARATORS, CsvSeparator
from core.system import minisign, password, windows_registry
from core.system.files import windows_acl
from core.system.files.files import read_file, replace_file
from core.system.language import system_language
from core.system.packaged import is_packaged
from core.text import LANGUAGES, Language, T, Text, plain

FILE_NAME: Final = "settings.toml"
#: What only the department may set: each of them decides whom this computer believes, and what it can prove.
DEPARTMENT_KEYS: Final = ("policy_root", "unsigned_policy", "own_rules", "exceptions", "shared_log", "release_key")
_SWITCHES: Final = (
    *("ask_imei", "ask_tag", "automatic_check", "sounds", "tray", "kiosk"),
    *("unsigned_policy", "own_rules", "exceptions"),
)

#: Characters: a name has to fit on a line of a receipt; 4,096 is the longest path that Linux takes.
_NAME_LIMIT: Final = 120
#: Bytes: no settings need more.
_FILE_LIMIT: Final = 1_000_000
_PATH_LIMIT: Final = 4_096
#: Months: a hundred years.
_RETENTION_LIMIT: Final = 1_200
#: How large the window may be, in percent.
TEXT_SIZES: Final = (100, 125, 150, 175, 200)
_NUMBERS: Final = ("retention_months", "text_size")
#: What policies that come with Fanion are called.
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Parts of letters, digits and hyphens; a name without a dot could be any organisation's.
_DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

Setting = str | int | bool


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


@dataclass(frozen=True, slots=True)
class Settings:
    """What applies. `locked` are the keys that the department set for this computer."""

    officer: str = ""
    desk: str = ""
    place: str = ""
    language: Language = "en"
    policy: str = ""
    organisation: str = ""
    retention_months: int = 0
    ask_imei: bool = False
    ask_tag: bool = False
    automatic_check: bool = True
    sounds: bool = True
    tray: bool = False
    kiosk: bool = False
    kiosk_password: str = ""
    csv_separator: CsvSeparator = "comma"
    time_zone: str = ""
    head_office_key: str = ""
    policy_root: str = ""
    unsigned_policy: bool = False
    own_rules: bool = True
    exceptions: bool = True
    shared_log: str = ""
    #: Percent, one of `TEXT_SIZES`: how large the window and all that is in it is.
    text_size: int = 100
    release_key: str = ""
    locked: frozenset[str] = frozenset()

    def is_locked(self, key: str) -> bool:
        """Whether the department set `key`, so that it cannot be changed here."""
        return key in self.locked


#: Every setting.
KEYS: Final = tuple(field.name for field in fields(Settings) if field.name != "locked")


def data_folder(argument: str | Path | None = None) -> Path:
    """Where this user's data is kept, as :func:`core.desk.settings.data_choice.find` tells it. Not created.

    Raises NoFolder, ChosenFolderGone, ChoiceUnreadable.
    """
    return data_choice.find(argument).folder


def portable_folder() -> Path:
    """Where a Fanion that is carried around keeps its data: ``fanion-data`` beside the folder that has the program.

    Beside it and not in it: replacing the program by a newer one loses nothing. The program's folder is the
    packaged one (on macOS the .app), else the clone. Not created.
    """
    if not is_packaged():
        program = Path(__file__).resolve().parents[3]
    else:
        executable = Path(sys.executable).resolve()
        apps = (folder for folder in executable.parents if folder.suffix == ".app")
        program = next(apps, executable.parent) if sys.platform == "darwin" else executable.parent
    return program.with_name(data_choice.OWN_NAME)


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


def save_personal(data: Path, *, machine: Path | None = MACHINE_FILE, **asked: Setting | None) -> Settings:
    """Change the officer's own settings, leaving those that are None, and return what applies now.

    The file is replaced whole: a reader never sees half of it. Of two programs that save at once, the last wins.
    Raises SettingsProblem: also for a key that the department set, or a value that a settings file may not have.
    """
    changes = {key: value for key, value in asked.items() if value is not None}
    locked = load(data, machine).locked
    for key, value in changes.items():
        if key in locked or key in DEPARTMENT_KEYS:
            raise LockedSetting(key)
        if (wrong := _wrong(key, value)) is not None:
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
    if key in load(data, machine).locked or key in DEPARTMENT_KEYS:
        raise LockedSetting(key)
    path = data / FILE_NAME
    _write(path, {name: value for name, value in read_settings(path).items() if name != key})
    return load(data, machine)


def _write(path: Path, values: dict[str, Setting]) -> None:
    """Write the officer's own file; what a newer Fanion has set in it stays. Raises SettingsProblem."""
    kept = {key: value for key, value in _parsed(path)[0].items() if key not in KEYS}
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, tomli_w.dumps(values | kept).encode())
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
    except windows_acl.NotAdministrators as found:
        if found.owned:
            sentence = T(
                "The settings of your organisation in {place} do not belong to an administrator.",
                place=str(found.place),
            )
        else:
            sentence = T(
                "The settings of your organisation in {place} can be changed by others than administrators.",
                place=str(found.place),
            )
        # Not to take over what is there: it may be a link, laid for the administrator who would do that.
        next_step = T(
            "Ask your IT support to move the folder {folder} away and to install Fanion again, which makes it anew.",
            folder=str(machine.parent),
        )
        raise SettingsProblem(sentence, next_step, str(found)) from found
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
    found: dict[str, Setting] = {}
    for key, value in values.items():
        setting, wrong = _from_registry(key, value.data)
        if wrong is not None or setting is None:
            name = plain(f"{windows_registry.NAME}\\{key}", _PATH_LIMIT)
            raise SettingsProblem(
                T("The registry value {name} cannot be used: {reason}.", name=name, reason=wrong or ""),
                T("Ask your IT support to correct it, then start Fanion again."),
            )
        found[key] = setting
    return found


def _from_registry(key: str, data: str | int | None) -> tuple[Setting | None, Text | None]:
    """The setting that a registry value is, or what is wrong with it."""
    if key in _SWITCHES:
        if data in (0, 1):
            return bool(data), None
        return None, T("“{key}” must be a REG_DWORD of 0 or 1", key=key)
    if key in KEYS and not isinstance(data, int if key in _NUMBERS else str):
        kind = "REG_DWORD" if key in _NUMBERS else "REG_SZ"
        return None, T("“{key}” must be of the type {kind}", key=key, kind=kind)
    return data, _wrong(key, data)


def read_settings(path: Path, *, department: bool = False) -> dict[str, Setting]:
    """The keys that a file sets, each with a value that it may have. Raises SettingsProblem.

    A key that is not known is refused in a department's file. In an officer's own a newer Fanion may have set it, and
    it is left out: :func:`unknown_keys` names it.
    """
    values, text = _parsed(path, department=department)
    found = {key: value for key, value in values.items() if department or key in KEYS}
    for key, value in found.items():
        if (wrong := _wrong(key, value)) is not None:
            raise _bad_file(path, _line_of(key, text), wrong)
        if key in DEPARTMENT_KEYS and not department:
            reason = T("“{key}” can be set only for the whole computer, by its administrator", key=key)
            raise _bad_file(path, _line_of(key, text), reason)
    return found


def unknown_keys(data: Path) -> tuple[str, ...]:
    """The keys in the officer's own file that this version does not know. Raises SettingsProblem."""
    return tuple(plain(key) for key in _parsed(data / FILE_NAME)[0] if key not in KEYS)


def _parsed(path: Path, *, department: bool = False) -> tuple[dict[str, Any], str]:
    """What stands in a file, and its text. Raises SettingsProblem."""
    try:
        text = read_file(path, _FILE_LIMIT).decode("utf-8-sig")
        values = tomllib.loads(text)
    except FileNotFoundError as error:
        # Else pulling out the disk that a link leads to would open every lock.
        if department and any(os.path.lexists(place) and not os.path.exists(place) for place in (path, path.parent)):
            raise SettingsProblem(
                T("The settings of your organisation are not where {file} leads.", file=str(path)),
                T("Ask your IT support to mend that link, or to plug in what it leads to, then start Fanion again."),
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


def _wrong(key: str, value: object) -> Text | None:
    """What is wrong with a setting, as the end of a sentence; None if nothing is."""
    if key not in KEYS:
        return T("“{key}” is not a setting of Fanion", key=plain(key))
    if key == "text_size":
        known_sizes = ", ".join(map(str, TEXT_SIZES))
        fits = type(value) is int and value in TEXT_SIZES
        return None if fits else T("“{key}” must be one of {sizes}", key=key, sizes=known_sizes)
    if key == "language":
        return None if value in LANGUAGES else T("“language” must be “en” or “fr”")
    if key == "csv_separator":
        known = tuple(SEPARATORS)  # a value of any type may be looked for in it
        return None if value in known else T("“{key}” must be “comma” or “semicolon”", key=key)
    if key == "retention_months":
        if type(value) is int and 0 <= value <= _RETENTION_LIMIT:
            return None
        return T("“{key}” must be a whole number from 0 to {limit}", key=key, limit=_RETENTION_LIMIT)
    if key in _SWITCHES:
        return None if isinstance(value, bool) else T("“{key}” must be true or false", key=key)
    if key == "head_office_key":
        return _wrong_keys(value)
    if key == "kiosk_password":
        hashed = isinstance(value, str) and (not value or password.is_hash(value))
        return None if hashed else T("“{key}” must be what “fanion kiosk” has printed", key=key)
    if key == "release_key":
        try:
            minisign.public_keys(value if isinstance(value, str) else "?")
        except minisign.MinisignError:
            return T("“{key}” must be public keys of minisign, with spaces between them", key=key)
        return None
    limit = _PATH_LIMIT if key in ("policy", "policy_root", "shared_log") else _NAME_LIMIT
    if not isinstance(value, str) or len(value) > limit or "\N{REPLACEMENT CHARACTER}" in plain(value, limit):
        return T("“{key}” must be a text on one line, of at most {limit} characters", key=key, limit=limit)
    if key == "policy" and value and not (_NAME.fullmatch(value) or Path(value).is_absolute()):
        return T("“policy” must be the name of a policy that comes with Fanion, or the full path of a file")
    if key == "time_zone" and value and not time_zone.is_zone(value):
        return T("“{key}” must be the name of a time zone, such as “America/Toronto”", key=key)
    if key == "policy_root" and value and not Path(value).is_absolute():
        return T("“{key}” must be the full path of a file", key=key)
    if key == "shared_log" and value and not Path(value).is_absolute():
        return T("“{key}” must be the full path of a folder", key=key)
    if key == "organisation" and value and not _DOMAIN.fullmatch(value):
        return T("“organisation” must be a domain name in lower-case letters, such as “tbs-sct.gc.ca”")
    return None


def _wrong_keys(value: object) -> Text | None:
    """What is wrong with head office's public keys. An empty text is no way to say that there are none: it may well be
    one in which somebody has forgotten the key."""
    try:
        public_keys(value if isinstance(value, str) else "")
    except BadKey:
        return T(
            "“head_office_key” must be a public key of age (age1…), or at most {limit} of them with spaces between:"
            " none, or one that was mistyped or cut, is there",
            limit=KEYS_LIMIT,
        )
    return None


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
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else None


def _line_of(key: str, text: str) -> int | None:
    """The line on which `key` is set, if it is set in a common way."""
    name = rf"""["']?{re.escape(key)}["']?"""
    found = re.search(rf"^[ \t]*(\[+[ \t]*)?{name}[ \t]*[=.\]]", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else None
