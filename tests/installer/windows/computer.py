"""What `tryout.py` sees and does on a Windows computer: programs, the registry, access lists, links."""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

if sys.platform != "win32":
    sys.exit("This is for Windows, or Wine.")

import winreg

POLICIES: Final = r"Software\Policies\Fanion"
#: Seconds that any step may take.
LIMIT: Final = 300


class WrongError(Exception):
    """Something is not as it should be: one sentence."""


@dataclass(frozen=True, slots=True)
class Done:
    """A program that has ended."""

    code: int
    out: str
    err: str


def run(command: str | list[str | Path], *, expect: int | None = 0, more: dict[str, str] | None = None) -> Done:
    """Run a program to its end, with `more` in its environment. Raises WrongError if it ends with another code."""
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            timeout=LIMIT,
            check=False,
            stdin=subprocess.DEVNULL,
            env=os.environ | (more or {}),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WrongError(f"{command} did not run to its end: {error}") from error
    done = Done(ended.returncode, ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace"))
    if expect is not None and done.code != expect:
        said = (done.out + done.err).strip()[-1500:]
        raise WrongError(f"{command} ended with {done.code} instead of {expect}. It said: {said or 'nothing'}")
    return done


def require(condition: object, sentence: str) -> None:
    if not condition:
        raise WrongError(sentence)


def value(key: str, name: str) -> Any:
    """What stands in the registry of the computer, or None."""
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
            return winreg.QueryValueEx(opened, name)[0]
    except FileNotFoundError:
        return None


def is_key(key: str) -> bool:
    try:
        winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY).Close()
    except FileNotFoundError:
        return False
    return True


@contextmanager
def policies(**values: str | int) -> Iterator[None]:
    """Group policies, for as long as this lasts."""
    with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, POLICIES) as key:
        for name, setting in values.items():
            kind = winreg.REG_SZ if isinstance(setting, str) else winreg.REG_DWORD
            winreg.SetValueEx(key, name, 0, kind, setting)
    try:
        yield
    finally:
        winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, POLICIES)


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its SHA-256."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def listed(folder: Path) -> ctypes.Array[ctypes.c_char]:
    """The access list of a folder, in Windows' own form (a security descriptor)."""
    dacl = 4
    size = ctypes.c_ulong()
    ask = ctypes.windll.advapi32.GetFileSecurityW
    ask(str(folder), dacl, None, 0, ctypes.byref(size))
    descriptor = ctypes.create_string_buffer(size.value)
    if not ask(str(folder), dacl, descriptor, size, ctypes.byref(size)):
        raise ctypes.WinError()
    return descriptor


def access(folder: Path) -> str:
    """Who may do what with a folder: its access list as Windows writes it, with its flags.

    https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
    """
    dacl = 4
    written = ctypes.c_wchar_p()
    convert = ctypes.windll.advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW
    if not convert(listed(folder), 1, dacl, ctypes.byref(written), None):
        raise ctypes.WinError()
    return written.value or ""


def require_protected(folder: Path) -> None:
    """Raise WrongError unless administrators and the system alone may write in a folder that the installer has made.

    Wine keeps no lists, but modes: of this one it makes a folder for its own user, and of no list one for all to read.
    """
    require(folder.is_dir(), f"There is no {folder}.")
    allowed = access(folder)
    if is_wine():
        require("(A;" in allowed and ";WD)" not in allowed, f"{folder} has no list of its own: {allowed}")
        return
    wanted = r"D:P\w*(\(A;OICI;(FA|0x1f01ff);;;(BA|SY)\)|\(A;OICI;(FRFX|0x1200a9);;;BU\)){3}"
    require(re.fullmatch(wanted, allowed), f"Others than administrators may write in {folder}: {allowed}")


@contextmanager
def link_to(target: Path, link: Path) -> Iterator[None]:
    """A folder that leads to another, for as long as this lasts: a junction, as any user can make one.

    Wine makes none: there it is a link of the system below it.
    """
    if is_wine():
        name = ctypes.CDLL("kernel32").wine_get_unix_file_name
        name.restype, name.argtypes = ctypes.c_char_p, [ctypes.c_wchar_p]
        names = [f"{name(str(path.parent)).decode()}/{path.name}" for path in (target, link)]
        unix("ln", "-s", *names)
        wait_until(link.exists, "The link was not made.")
    else:
        run(["cmd", "/c", "mklink", "/J", link, target])
    try:
        yield
    finally:
        if is_wine():
            unix("rm", names[1])
            wait_until(lambda: not link.exists(), "The link was not removed.")
        else:
            link.rmdir()


def unix(*command: str) -> None:
    """Start a program of the system that Wine runs on; Wine gives no handle to wait for its end."""
    os.spawnv(os.P_NOWAIT, rf"Z:\bin\{command[0]}", command)


def wait_until(done: Callable[[], bool], sentence: str) -> None:
    """Wait for what another program does. Raises WrongError with that sentence if it does not."""
    end = time.monotonic() + LIMIT
    while not done():
        require(time.monotonic() < end, sentence)
        time.sleep(0.1)


@contextmanager
def writable_by_all(place: Path) -> Iterator[None]:
    """Let every account write, for as long as this lasts."""
    security, dacl = ctypes.windll.advapi32, 4
    before = listed(place)
    opened = ctypes.c_void_p()
    convert = security.ConvertStringSecurityDescriptorToSecurityDescriptorW
    if not convert("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;WD)", 1, ctypes.byref(opened), None):
        raise ctypes.WinError()
    if not security.SetFileSecurityW(str(place), dacl, opened):
        raise ctypes.WinError()
    try:
        yield
    finally:
        if not security.SetFileSecurityW(str(place), dacl, before):
            raise ctypes.WinError()


def is_wine() -> bool:
    return hasattr(ctypes.windll.ntdll, "wine_get_version")


def described(program: Path, language: str) -> str:
    """What Windows shows as a program's description in a language, or nothing."""
    library = ctypes.windll.version
    size = library.GetFileVersionInfoSizeW(str(program), None)
    content = ctypes.create_string_buffer(size)
    library.GetFileVersionInfoW(str(program), 0, size, content)
    found, length = ctypes.c_void_p(), ctypes.c_uint()
    name = rf"\StringFileInfo\{language}04B0\FileDescription"
    if not library.VerQueryValueW(content, name, ctypes.byref(found), ctypes.byref(length)) or found.value is None:
        return ""
    return ctypes.wstring_at(found.value)
