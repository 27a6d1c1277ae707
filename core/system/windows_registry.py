"""The department's settings in the registry of Windows, where group policies put them: read, and nothing more.

Only an administrator can write under ``HKLM\\Software\\Policies``. The values have the names that the keys of a
settings file have; what may stand in them, :mod:`core.desk.settings.settings` says.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

if sys.platform == "win32":
    import winreg

#: What the key is called for people, and where it is below HKEY_LOCAL_MACHINE.
NAME: Final = r"HKLM\Software\Policies\Fanion"
_PATH: Final = r"Software\Policies\Fanion"
#: Of Windows: https://learn.microsoft.com/windows/win32/sysinfo/registry-value-types
_REG_SZ: Final = 1
_REG_DWORD: Final = 4
#: Values that are looked at. More than there are settings: one that is none has to be found and told.
_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """What stands under a name: a text (REG_SZ), a number (REG_DWORD), or None for every other type."""

    data: str | int | None


def values() -> dict[str, RegistryValue]:
    """The values by name, in lower-case letters: to the registry, upper case is no difference. None without the key.

    Raises OSError. Anywhere but on Windows there are none.
    """
    if sys.platform == "win32":
        by_name: dict[str, RegistryValue] = {}
        # The 64-bit view: a 32-bit program would else be shown another one.
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        try:
            key = winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _PATH, 0, access)
        except FileNotFoundError:
            return by_name
        with key:
            for index in range(min(winreg.QueryInfoKey(key)[1], _LIMIT)):
                name, data, kind = winreg.EnumValue(key, index)
                is_known = (kind == _REG_SZ and isinstance(data, str)) or (kind == _REG_DWORD and isinstance(data, int))
                by_name[name.lower()] = RegistryValue(data if is_known else None)
        return by_name
    return {}
