"""What Windows shows of fanion.exe and fanionw.exe under Properties, Details: in English and in Canadian French."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING or sys.platform == "win32":  # it asks for libraries that PyInstaller has on Windows alone
    from PyInstaller.utils.win32.versioninfo import (  # type: ignore[import-untyped]
        FixedFileInfo,
        StringFileInfo,
        StringStruct,
        StringTable,
        VarFileInfo,
        VarStruct,
        VSVersionInfo,
    )

#: Windows' numbers for languages, in hexadecimal, and what each program is.
DESCRIPTIONS: Final = {
    0x0409: {"fanion": "Fanion (command line)", "fanionw": "Fanion"},
    0x0C0C: {"fanion": "Fanion (ligne de commande)", "fanionw": "Fanion"},
}
#: UTF-16.
CODE_PAGE: Final = 1200


def numbers(version: str) -> tuple[int, int, int, int]:
    """Windows' four numbers of a version such as 0.9.0. Raises ValueError for what has no such."""
    parts = [int(part) for part in version.split(".")]
    if not 1 <= len(parts) <= 4 or not all(0 <= part <= 0xFFFF for part in parts):
        raise ValueError(f"Windows knows no version {version}")
    four = [*parts, 0, 0, 0][:4]
    return four[0], four[1], four[2], four[3]


def texts(program: str, version: str, language: int) -> dict[str, str]:
    """The texts of one program in one language."""
    return {
        "CompanyName": "Fanion",
        "FileDescription": DESCRIPTIONS[language][program],
        "FileVersion": version,
        "InternalName": program,
        "LegalCopyright": "Apache-2.0",
        "OriginalFilename": f"{program}.exe",
        "ProductName": "Fanion",
        "ProductVersion": version,
    }


def resource(program: str, version: str) -> VSVersionInfo:
    """The version resource of a program, for PyInstaller's EXE. Only on Windows."""
    tables = [
        StringTable(
            f"{language:04X}{CODE_PAGE:04X}",
            [StringStruct(name, text) for name, text in texts(program, version, language).items()],
        )
        for language in DESCRIPTIONS
    ]
    translations = [number for language in DESCRIPTIONS for number in (language, CODE_PAGE)]
    return VSVersionInfo(
        ffi=FixedFileInfo(filevers=numbers(version), prodvers=numbers(version)),
        kids=[StringFileInfo(tables), VarFileInfo([VarStruct("Translation", translations)])],
    )
