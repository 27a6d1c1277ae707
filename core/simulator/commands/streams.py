"""What a simulated command reads from and writes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.jobs import Cancel

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
