"""What surrounds a process: its environment and its working directory, and nothing of either that brings code with it.

A variable that names modules, libraries or plugins does not reach a process of Fanion's: neither Fanion itself, once it
has begun, nor what it starts. What a desktop needs stays: its screen, its bus, its languages and its folders. PATH
keeps its trusted folders (:mod:`core.system.processes.programs`), and so does the loader's LD_LIBRARY_PATH.

This is loaded before the window is seen, and so brings no :mod:`subprocess`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Final

from core.system.packaged import is_packaged
from core.system.processes.programs import trusted_folders

if sys.platform == "win32":
    import ctypes

#: Variables by which a program takes up code, or a file of settings that names code: of Python, of OpenSSL, of Qt, of
#: GTK and its kin, of the sound players, of what draws (Mesa, docs.mesa3d.org/envvars.html), of shells, and of other
#: languages that programs of a desktop are written in.
_BRING_CODE: Final = frozenset(
    (
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX"),
        *("PYTHONBREAKPOINT", "PYTHONINSPECT", "PYTHONEXECUTABLE", "PYTHON_PRESITE", "__PYVENV_LAUNCHER__"),
        "PYTHONWARNINGS",
        *("OPENSSL_CONF", "OPENSSL_CONF_INCLUDE", "OPENSSL_ENGINES", "OPENSSL_MODULES", "SSLKEYLOGFILE"),
        *("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_GENERIC_PLUGINS"),
        *("QML_IMPORT_PATH", "QML2_IMPORT_PATH", "QML_PLUGIN_PATH"),
        *("GTK_PATH", "GTK_MODULES", "GTK3_MODULES", "GTK_EXE_PREFIX", "GTK_IM_MODULE_FILE", "GI_TYPELIB_PATH"),
        *("GIO_EXTRA_MODULES", "GIO_MODULE_DIR", "GDK_PIXBUF_MODULE_FILE", "GDK_PIXBUF_MODULEDIR"),
        *("GST_PLUGIN_PATH", "GST_PLUGIN_PATH_1_0", "GST_PLUGIN_SYSTEM_PATH", "GST_PLUGIN_SYSTEM_PATH_1_0"),
        *("ALSA_CONFIG_PATH", "ALSA_CONFIG_DIR", "ALSA_PLUGIN_DIR", "PIPEWIRE_MODULE_DIR", "SPA_PLUGIN_DIR"),
        *(
            "LIBGL_DRIVERS_PATH",
            "LIBGL_DRIVERS_DIR",
            "EGL_DRIVERS_PATH",
            "GBM_BACKENDS_PATH",
            "GALLIUM_PIPE_SEARCH_DIR",
        ),
        *("LIBVA_DRIVERS_PATH", "VDPAU_DRIVER_PATH", "OCL_ICD_VENDORS", "OCL_ICD_FILENAMES"),
        *("GCONV_PATH", "GETCONF_DIR", "LOCPATH"),
        *("ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "PS4"),
        *("PERL5LIB", "PERLLIB", "PERL5OPT", "PERL5DB", "PERL_USE_UNSAFE_INC", "RUBYLIB", "RUBYOPT"),
        *("NODE_PATH", "NODE_OPTIONS", "CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"),
    )
)
#: The same by the beginning of the name: of the system's loader, of functions that a bash hands on, of git, of typst,
#: of the loaders of drivers for drawing (libglvnd's, Vulkan's), of the mechanisms by which psql may prove who it is,
#: and of what Qt writes for GTK.
_FAMILIES: Final = (
    *("LD_", "DYLD_", "BASH_FUNC_", "GIT_", "TYPST_", "__EGL_", "__GLX_", "VK_", "KEYRING_PROPERTY_"),
    *("GSS_", "KRB5_", "SASL_", "QT_GUI_GTK_JSON"),
)
#: By which buses D-Bus and the screen reader are reached, where each part of the value begins so: other forms start a
#: program, or go to a network.
_BUSES: Final = "_BUS_ADDRESS"
_UNIX_SOCKET: Final = "unix:"
#: By which plugin Qt draws, and which of them listen on a network.
_PLATFORM: Final = "QT_QPA_PLATFORM"
_LISTENING: Final = frozenset(("vnc", "webgl"))
#: Names a module to keyring: one of its own may be chosen.
_KEYRING: Final = "PYTHON_KEYRING_BACKEND"
_KEYRINGS: Final = "keyring.backends."
#: Where settings of a person's are, in which keyring lets them name modules; a relative path counts for nothing,
#: https://specifications.freedesktop.org/basedir-spec/latest/.
_SETTINGS: Final = "XDG_CONFIG_HOME"
#: Lists of such folders.
_SETTINGS_LISTS: Final = ("XDG_CONFIG_DIRS", "XDG_DATA_DIRS")
#: Lists of folders, of which the trusted ones stay.
_FOLDERS: Final = ("PATH", "LD_LIBRARY_PATH")
#: Where PATH has no trusted folder: an empty one would mean the working directory.
_PATH: Final = os.pathsep.join(("/usr/bin", "/bin"))

#: With it, Python leaves the working directory out of the folders in which it looks for modules.
_SAFE_PATH: Final = "PYTHONSAFEPATH"
#: What PyInstaller's loader sets: our libraries, and what there was before.
_LOADERS: Final = ("LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG")

#: While it is held, the environment of this process is another one.
_exchange: Final = threading.RLock()


def own_environment() -> dict[str, str]:
    """The environment of a process of Fanion's own, which looks for no modules in its working directory.

    The packaged program's loader has put its libraries there.
    """
    before = _environment()
    clean = _with_trusted_folders(_without_code(before), before) | {_SAFE_PATH: "1"}
    if is_packaged():
        clean |= {name: before[name] for name in _LOADERS if name in before}
    return clean


def systems_environment() -> dict[str, str]:
    """The environment for a program of the system's, which uses the system's libraries and not ours."""
    before = _environment()
    before.pop(_SAFE_PATH, None)  # a terminal that is opened from a folder is the user's, whose Python is as ever
    if is_packaged() and sys.platform == "linux":
        ours, original = (before.pop(name, "") for name in _LOADERS)
        if ours and original:
            before["LD_LIBRARY_PATH"] = original
    return _with_trusted_folders(_without_code(before), before)


def clean_own_environment() -> None:
    """Take from this process's environment what brings code with it: for what it still loads, and for the programs that
    its libraries start by their names, as Python's :mod:`platform` starts ``uname``."""
    _exchange_for(own_environment())


@contextlib.contextmanager
def environment_of(environment: Mapping[str, str]) -> Iterator[None]:
    """Meanwhile this process has `environment`, and so has what a library starts in it that asks for none."""
    with _exchange:
        before = dict(os.environ)
        _exchange_for(environment)
        try:
            yield
        finally:
            _exchange_for(before)


def safe_folder() -> str:
    """A working directory in which no account but an administrator's can put anything: the root of the file system; on
    Windows its own folder of programs."""
    if sys.platform == "win32":
        buffer = ctypes.create_unicode_buffer(260)
        ctypes.windll.kernel32.GetSystemDirectoryW(buffer, len(buffer))
        return buffer.value
    return os.sep


@contextlib.contextmanager
def out_of_working_folder() -> Iterator[None]:
    """Meanwhile this process stands in a safe folder, and so does what it starts."""
    try:
        before = os.getcwd()
    except OSError:  # it was deleted
        before = None
    os.chdir(safe_folder())
    try:
        yield
    finally:
        if before is not None:
            with contextlib.suppress(OSError):  # it was deleted meanwhile
                os.chdir(before)


def _environment() -> dict[str, str]:
    with _exchange:  # what is exchanged meanwhile could be gone while it is copied
        return dict(os.environ)


def _without_code(environment: Mapping[str, str]) -> dict[str, str]:
    clean = {
        name: value
        for name, value in environment.items()
        if name.upper() not in _BRING_CODE and not name.upper().startswith(_FAMILIES)
    }
    if not os.path.isabs(clean.get(_SETTINGS, "/")):
        del clean[_SETTINGS]
    if not clean.get(_KEYRING, _KEYRINGS).startswith(_KEYRINGS):
        del clean[_KEYRING]
    for name in _SETTINGS_LISTS:
        if not all(map(os.path.isabs, filter(None, clean.get(name, "").split(os.pathsep)))):
            del clean[name]
    for name in [name for name in clean if name.upper().endswith(_BUSES)]:
        if not all(part.startswith(_UNIX_SOCKET) for part in clean[name].split(";")):
            del clean[name]
    if not _LISTENING.isdisjoint(part.partition(":")[0].strip() for part in clean.get(_PLATFORM, "").split(";")):
        del clean[_PLATFORM]
    if os.name == "nt":  # else it looks for a program where it stands, first
        clean["NoDefaultCurrentDirectoryInExePath"] = "1"
    return clean


def _with_trusted_folders(clean: dict[str, str], before: Mapping[str, str]) -> dict[str, str]:
    for name in _FOLDERS:
        clean.pop(name, None)
        if folders := trusted_folders(before.get(name, "")):
            clean[name] = os.pathsep.join(folders)
    if os.name != "nt":
        clean.setdefault("PATH", _PATH)
    return clean


def _exchange_for(environment: Mapping[str, str]) -> None:
    # Only what differs is written: the system's own libraries read the environment in other threads at any time.
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
