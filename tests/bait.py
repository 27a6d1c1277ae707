"""A folder full of what a program could take up by mistake: each thing in it leaves a mark where it is taken."""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: Modules that Python, its parts and Fanion's libraries load, and names of Fanion's own.
MODULES = (
    *("multiprocessing", "json", "core", "resources", "concurrent", "ctypes", "sqlite3", "ssl", "logging", "encodings"),
    *("sitecustomize", "usercustomize", "subprocess", "socket", "typing", "functools", "collections", "argparse"),
    *("msgspec", "sqlite_utils", "cryptography", "PySide6", "shiboken6", "typst", "python_calamine", "usb1", "keyring"),
    *("pickle", "tempfile", "threading", "contextlib", "dataclasses", "pathlib", "pyarrow", "duckdb"),
)
#: Programs that Fanion, its launcher or what it starts may look for.
PROGRAMS = (
    *("adb", "xdg-open", "git", "psql", "zenity", "kdialog", "gxmessage", "xmessage", "notify-send"),
    *("paplay", "pw-play", "aplay", "getconf", "readlink", "uname", "gio", "python3", "fanion"),
)
_QT = "[Paths]\nPrefix = .\nPlugins = .\n"


class Bait:
    """The folder, and what of it was taken."""

    def __init__(self, folder: Path, *, gui: bool = False) -> None:
        """`gui` puts a package of that name there too, which ``python -m gui`` would rightly take."""
        self.folder = folder / "bait"
        self.marks = folder / "marks"
        self.folder.mkdir()
        self.marks.mkdir()
        self.marks.chmod(0o777)  # whoever takes something may mark it
        for name in (*MODULES, *(["gui"] if gui else [])):
            package = self.folder / name
            package.mkdir()
            (package / "__init__.py").write_text(self._python(name), encoding="utf-8")
            (self.folder / f"{name}.py").write_text(self._python(f"{name}.py"), encoding="utf-8")
        for name in PROGRAMS:
            self.program(self.folder, name)
        plugins = self.folder / "platforms"
        plugins.mkdir()
        for platform in ("offscreen", "xcb", "minimal"):
            (plugins / f"libq{platform}.so").write_bytes(b"no library")
        for name in ("qt.conf", "qt6.conf"):
            (self.folder / name).write_text(_QT, encoding="utf-8")
        (self.folder / "pyvenv.cfg").write_text(f"home = {self.folder}\n", encoding="utf-8")
        (self.folder / ".pdbrc").write_text(self._python(".pdbrc"), encoding="utf-8")

    def program(self, folder: Path, name: str) -> None:
        """A program that marks that it was started."""
        file = folder / (f"{name}.bat" if os.name == "nt" else name)
        file.write_text(f"#!/bin/sh\n: > '{self.marks}/{name}'\n", encoding="utf-8")
        file.chmod(0o755)

    def others_folder(self) -> Path:
        """A folder with the same programs in which every account may write."""
        folder = self.folder.parent / "others"
        folder.mkdir()
        for name in PROGRAMS:
            self.program(folder, name)
        folder.chmod(0o777)
        return folder

    @property
    def taken(self) -> list[str]:
        """What was taken."""
        return sorted(mark.name for mark in self.marks.iterdir())

    def environment(self, **variables: str) -> dict[str, str]:
        """Ours, with a PATH that begins in the bait and in a folder of others."""
        path = os.pathsep.join((".", "", str(self.others_folder()), os.environ["PATH"]))
        return os.environ | {"PATH": path, "LC_ALL": "C.UTF-8"} | variables

    def _python(self, name: str) -> str:
        return f"open({str(self.marks / name)!r}, 'w').close()\nraise ImportError({name!r})\n"


def installed_command() -> Path | None:
    """The command that an installation puts beside its Python, if this one has it."""
    file = Path(sys.executable).with_name("fanion.exe" if os.name == "nt" else "fanion")
    return file if file.exists() else None
