"""What the phone's services say: an answer, and the shapes of their exceptions, by Android version."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.simulator.model.scenario import Device

_SECURITY: Final = "java.lang.SecurityException: "


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command wrote, and its exit code."""

    out: str = ""
    err: str = ""
    code: int = 0


def thrown(device: Device, act: str, exception: str) -> Reply:
    """The answer of a command that ended in a Java exception.

    `exception` is the class and its text. To Android 9 one line; Android 10 says a SecurityException twice; from 11 on
    the command is named. The exit code is 255.
    """
    if device.sdk <= 28:
        return Reply(err=f"Error: {exception}\n", code=1)
    trace = "".join(f"\tat {frame}\n" for frame in _frames(device, act))
    if device.sdk == 29:
        text = exception.removeprefix(_SECURITY)
        first = f"Security exception: {text}\n\n" if text != exception else "\nException occurred while executing:\n"
        return Reply(err=f"{first}{exception}\n{trace}", code=255)
    return Reply(err=f"\nException occurred while executing '{act}':\n{exception}\n{trace}", code=255)


def closed_profile(device: Device, act: str, profile: int) -> Reply:
    """A profile, such as Samsung's Secure Folder, keeps the shell out."""
    return thrown(device, act, f"{_SECURITY}Shell does not have permission to access user {profile}")


def _frames(device: Device, act: str) -> Sequence[str]:
    """A plausible trace. Samsung's Android 16 hides file names and lines."""
    service = "com.android.server.pm.PackageManagerShellCommand"
    frames = [
        ("com.android.server.am.UserController.handleIncomingUser", "UserController.java"),
        ("com.android.server.am.ActivityManagerService.handleIncomingUser", "ActivityManagerService.java"),
        (f"{service}.translateUserId", "PackageManagerShellCommand.java"),
        (f"{service}.run{act.title().replace('-', '')}", "PackageManagerShellCommand.java"),
        (f"{service}.onCommand", "PackageManagerShellCommand.java"),
        ("android.os.ShellCommand.exec", "ShellCommand.java"),
    ]
    hidden = device.maker.lower() == "samsung" and device.sdk >= 36
    build = f"{zlib.crc32(device.serial.encode()):08x}" * 8
    return [
        f"{method}(qb/{zlib.crc32(device.model.encode()) % 10**9} {build}:{line})"
        if hidden
        else f"{method}({file}:{line})"
        for method, file in frames
        for line in (100 + zlib.crc32(method.encode()) % 4000,)
    ]
