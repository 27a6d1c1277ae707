"""What the phone's services say: an answer, and the shapes of their exceptions, by Android version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.simulator.model.scenario import Device

_SECURITY: Final = "java.lang.SecurityException: "

#: The end of every trace.
_FRAMES: Final = (
    "\tat com.android.server.pm.PackageManagerShellCommand.onCommand(PackageManagerShellCommand.java:214)\n"
    "\tat android.os.ShellCommand.exec(ShellCommand.java:38)\n"
)


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
    first = f"\nException occurred while executing '{act}':\n"
    if device.sdk == 29:
        text = exception.removeprefix(_SECURITY)
        first = f"Security exception: {text}\n\n" if text != exception else "\nException occurred while executing:\n"
    return Reply(err=f"{first}{exception}\n{_FRAMES}", code=255)


def closed_profile(device: Device, act: str, profile: int) -> Reply:
    """A profile, such as Samsung's Secure Folder, keeps the shell out."""
    return thrown(device, act, f"{_SECURITY}Shell does not have permission to access user {profile}")
