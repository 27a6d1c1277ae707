"""What the practice shell keeps while a script runs: variables, room for values, and ways out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Bounds: the size of what one command's words, all variables, or a pipe may hold.
MAX_VALUE: Final = 4 * 1024 * 1024
MAX_VARIABLES: Final = 4 * MAX_VALUE


class Exit(Exception):  # noqa: N818 - not an error: the script asked for it
    """`exit N`: leaves the script, or the subshell that it stands in."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Leave(Exception):  # noqa: N818 - not an error either
    """`break N` and `continue N`: leaves so many loops; the last one goes on with `again`."""

    def __init__(self, loops: int, again: bool) -> None:
        super().__init__(loops)
        self.loops = loops
        self.again = again


class ShellError(Exception):
    """The shell cannot go on with this script."""


@dataclass(slots=True)
class Scope:
    """Variables and the last exit code, as one (sub)shell sees them."""

    variables: dict[str, str]
    status: int = 0
    #: The exit code of the last `$( )` in the command that is being run.
    substituted: int = 0
    #: How many loops are around the command that is being run.
    loops: int = 0

    def set(self, name: str, value: str) -> None:
        """Give a variable a value."""
        self.variables[name] = value
        if sum(len(v) for v in self.variables.values()) > MAX_VARIABLES:
            raise ShellError("out of memory")

    def copy(self) -> Scope:
        return Scope(dict(self.variables), self.status, self.substituted)


class Room:
    """How much may still come."""

    def __init__(self, size: int) -> None:
        self._left = size

    def for_text(self, text: str) -> str:
        """`text` again, if there is room for it."""
        self._left -= len(text)
        if self._left < 0:
            raise ShellError("out of memory")
        return text


class Holder:
    """Holds what a command writes, up to a bound."""

    def __init__(self) -> None:
        self._content = bytearray()

    @property
    def content(self) -> bytes:
        return bytes(self._content)

    def hold(self, data: bytes) -> None:
        if len(self._content) + len(data) > MAX_VALUE:
            raise ShellError("out of memory")
        self._content += data
