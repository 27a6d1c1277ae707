"""What a set-up, the tests and a build need of the system, and the Debian packages that bring it.

Only the standard library is used: it is looked at before anything is installed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

#: How far a clone is set up: to run Fanion, to merge and ask as head office does, or to test it as well.
Level = Literal["run", "office", "test"]

PYTHON: Final = f"{sys.version_info[0]}.{sys.version_info[1]}"
#: Debian's packages of the libraries and programs that are needed, by what for.
PACKAGES: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    Path(__file__).with_name("system-packages.toml").read_text(encoding="utf-8")
)


def venv_package() -> str:
    """The Debian package that brings ensurepip to the Python that runs this."""
    default = Path("/usr/bin/python3")
    is_default = default.exists() and default.samefile(sys.executable)
    return "python3-venv" if is_default else f"python{PYTHON}-venv"


def loads(library: str) -> bool:
    """The system's loader finds the library, with all that it needs itself."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_screen() -> bool:
    """Whether a window can be shown: on Linux where there is a display, elsewhere always."""
    return sys.platform != "linux" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))


def missing_for_set_up() -> dict[str, str]:
    """What a set-up needs and the system lacks, with the Debian package that brings it."""
    return {} if importlib.util.find_spec("ensurepip") else {"Python's ensurepip": venv_package()}


def missing_for_window() -> dict[str, str]:
    """What Qt opens and the system lacks, all of it, where a window can be shown; else nothing is asked for."""
    return lacking("qt-libraries", loads) if has_screen() else {}


def missing_for_tests() -> dict[str, str]:
    """What Qt opens and the programs that tests ask, where this Linux does not have them, with their packages."""
    return lacking("qt-libraries", loads) | lacking("test-programs", is_program)


def missing_for_package() -> dict[str, str]:
    """What a build on Linux needs and lacks: Python as a library, too, which Debian has in a package of its own."""
    missing = lacking("package-programs", is_program)
    library = f"libpython{PYTHON}.so.1.0"
    path = Path(sysconfig.get_config_var("LIBDIR") or "/") / library
    if sys.platform == "linux" and not loads(library) and not path.exists():
        missing[library] = f"libpython{PYTHON}"
    return missing


def lacking(kind: str, is_there: Callable[[str], bool]) -> dict[str, str]:
    """Those of `kind` that this Linux does not have, each with its Debian package; elsewhere none is asked for."""
    if sys.platform != "linux":
        return {}
    return {name: package for name, package in PACKAGES[kind].items() if not is_there(name)}


def is_program(name: str) -> bool:
    """A program of that name can be started, also one for administrators."""
    return bool(shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])))
