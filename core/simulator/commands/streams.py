"""What a simulated command reads from and writes to, and what the phone's services answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.jobs import Cancel
from core.simulator.model.scenario import PracticeDevice

_SECURITY: Final = "java.lang.SecurityException: "

#: The end of every trace.
_FRAMES: Final = (
    "\tat com.android.server.pm.PackageManagerShellCommand.onCommand(PackageManagerShellCommand.java:214)\n"
    "\tat android.os.ShellCommand.exec(ShellCommand.java:38)\n"
)

#: Takes bytes as they are produced. May raise core.model.Cancelled when the reader has gone.
Sink = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Io:
    """A command's output, error output and input, and the button that stops it."""

    out: Sink
    err: Sink
    cancel: Cancel
    input: bytes = b""

    def say(self, text: str) -> None:
        """Write to the output."""
        if text:
            self.out(to_bytes(text))

    def complain(self, text: str) -> None:
        """Write to the error output."""
        if text:
            self.err(to_bytes(text))


#: A simulated command: its words, the name first; what it reads and writes. Gives the exit code.
Program = Callable[[Sequence[str], Io], int]


def to_bytes(text: str) -> bytes:
    """The bytes of `text`; what :func:`to_text` could not decode comes back as it was."""
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    """Bytes as the shell handles them: UTF-8, and anything else kept as it is."""
    return data.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command wrote, and its exit code."""

    out: str = ""
    err: str = ""
    code: int = 0


def thrown(device: PracticeDevice, act: str, exception: str) -> Reply:
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


def closed_profile(device: PracticeDevice, act: str, profile: int) -> Reply:
    """A profile, such as Samsung's Secure Folder, keeps the shell out."""
    return thrown(device, act, no_access(profile))


def no_access(profile: int) -> str:
    """The exception with which a closed profile answers the shell."""
    return f"{_SECURITY}Shell does not have permission to access user {profile}"
