"""One of an app's files on its way: what its reader wants next and, at its end, what came out.

The launcher icon is read last, and apart: what comes of it changes nothing of what the file said before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.phones.accounting import Account
from core.phones.android.apk import Contents, Manifest, Remote, Steps, Unreadable, Wish, icon


@dataclass(frozen=True, slots=True)
class AppFile:
    """A file on the phone. `stamp` is what its file system says of it (inode, time of the last change), if it does."""

    path: str
    size: int
    stamp: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


class NotGiven(Exception):  # noqa: N818 - a state of the phone; it never leaves this package
    """The phone did not give what was asked for."""


@dataclass(slots=True)
class FileReading:
    """One file on its way: what its reader wants next; at its end, what came out."""

    file: AppFile
    steps: Steps[Account[Contents]]
    #: Where its launcher icon is to be read as well: what it is read from, once the rest is here.
    pictured: Remote | None = None
    wish: Wish = field(default_factory=list)
    is_complete: bool = False
    result: Account[Contents] | Unreadable | NotGiven | None = None
    icon: bytes = b""
    _picturing: Steps[bytes] | None = None

    def advance(self, pieces: list[bytes] | None) -> None:
        """Read on with `pieces`, the bytes of each range of :attr:`wish` in its order; None begins the reading."""
        if self._picturing is not None:
            self._picture(pieces)
            return  # Nothing is lost: what the file says was read before
        try:
            self.wish = next(self.steps) if pieces is None else self.steps.send(pieces)
        except StopIteration as end:  # Nothing is lost: it is the end, with what came out
            self.finish(end.value)
        except Unreadable as problem:  # Nothing is lost: the reason stands in the place of what could not be read
            self.finish(problem)

    def finish(self, result: Account[Contents] | Unreadable | NotGiven) -> None:
        """End the reading with this result, and go on to the icon where one is wanted; called while the icon is read,
        end that, and keep the result of before."""
        if self._picturing is not None:
            self._picturing.close()
            self.is_complete, self.wish = True, []
            return  # Nothing is lost: a picture is evidence of nothing
        self.steps.close()
        self.result, self.wish = result, []
        manifest = result.value.manifest if isinstance(result, Account) else None
        if self.pictured is not None and isinstance(manifest, Manifest) and manifest.icon:
            self._picturing = icon.read(self.pictured, manifest.icon)
            self._picture(None)
        else:
            self.is_complete = True

    def _picture(self, pieces: list[bytes] | None) -> None:
        if self._picturing is None:
            return  # Nothing is lost: no picture is read
        try:
            self.wish = next(self._picturing) if pieces is None else self._picturing.send(pieces)
        except (StopIteration, Unreadable) as end:  # Nothing is lost: a picture is evidence of nothing
            self.icon = end.value if isinstance(end, StopIteration) else b""
            self.is_complete, self.wish = True, []
