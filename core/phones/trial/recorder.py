"""A link that keeps what a phone answered, and when: the self-test tries each reader on it again, by itself.

What it keeps is a person's: it stays in memory, and goes with the trial.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.jobs import Cancel
from core.phones.android.link import shell
from core.phones.android.link.file_service import Take
from core.phones.android.link.link import Feed, Link
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.iphone.stream import Clock

#: What is kept of one answer (bytes); of parts of files only the beginning. The largest real answers have some 20 MB.
KEPT_LIMIT: Final = 48 * 2**20
RAW_LIMIT: Final = 64 * 1024
#: Pieces of one answer of which it is kept when they came.
_ARRIVALS_LIMIT: Final = 20_000
#: The parts that may be long; of each other one as much is kept as a check keeps (characters).
_LONG: Final = frozenset({"snapshot", "screens", "links"})
#: How much of an answer is sorted at a time (bytes).
_SLICE: Final = 64 * 1024
_NONCE: Final = re.compile(r'echo "([0-9a-f]{32}) begin ')


@dataclass(slots=True)
class RecordedRun:
    """One command and its answer, as much of that as is kept; `size` is how much came (bytes). `arrivals` are, for each
    piece, how much was kept with it and after how long."""

    command: str
    data: bytearray = field(default_factory=bytearray)
    size: int = 0
    arrivals: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    ended: bool = False

    def after(self, offset: int) -> float:
        """How long it took until the byte at `offset` had come (seconds)."""
        return next((seconds for count, seconds in self.arrivals if count > offset), self.seconds)


@dataclass(frozen=True, slots=True)
class PartAnswer:
    """One part of a script's answer: its text in whole lines, its exit code, and how long the phone took for it."""

    text: str
    code: int
    seconds: float

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")[:-1]


class Recorder:
    """Passes commands on to a link, and keeps what comes back."""

    def __init__(self, link: Link, clock: Clock = time.monotonic) -> None:
        self._link = link
        self._clock = clock
        self.how, self.loopback, self.lasting = link.how, link.loopback, link.lasting
        self.runs: list[RecordedRun] = []

    @property
    def transport(self) -> str:
        return self._link.transport

    def run(self, command: str, feed: Feed, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        """As :meth:`Link.run`."""
        run = RecordedRun(command)
        self.runs.append(run)
        begin, most = self._clock(), RAW_LIMIT if raw else KEPT_LIMIT

        def keep(data: bytes) -> None:
            run.data += data[: most - len(run.data)]
            run.size += len(data)
            if len(run.arrivals) < _ARRIVALS_LIMIT:
                run.arrivals.append((len(run.data), self._clock() - begin))
            feed(data)

        try:
            self._link.run(command, keep, cancel, limit, raw=raw)
            run.ended = True
        finally:
            run.seconds = self._clock() - begin

    def pull(self, path: str, take: Take, cancel: Cancel, size: int) -> None:
        """As :meth:`Link.pull`. Nothing of the file is kept."""
        self._link.pull(path, take, cancel, size)

    def close(self) -> None:
        """As :meth:`Link.close`."""
        self._link.close()


class _Parts:
    """Gathers the parts of one answer, each with the time between its two markers."""

    def __init__(self, run: RecordedRun, nonce: str) -> None:
        self.answers: dict[str, PartAnswer] = {}
        self._run = run
        self._mark = nonce.encode() + b" "
        #: Where the marker that was looked for last stands: the next one is behind it.
        self._at = 0

    def begin(self, name: str) -> shell.AnswerPart:
        return _Keep(self, name, self._time_of("begin", name))

    def end(self, name: str, text: str, code: int, begin: float) -> None:
        """Keep a part that has ended, the first of its name."""
        seconds = max(self._time_of("end", name) - begin, 0.0)
        self.answers.setdefault(name, PartAnswer(text, code, seconds))

    def _time_of(self, word: str, name: str) -> float:
        self._at = max(self._run.data.find(self._mark + f"{word} {name}".encode(), self._at), self._at)
        return self._run.after(self._at)


class _Keep:
    """Keeps the text of one part. One that was cut ends with -1."""

    def __init__(self, parts: _Parts, name: str, begin: float) -> None:
        self._parts, self._name, self._begin = parts, name, begin
        self._texts: list[str] = []
        self._room = KEPT_LIMIT if name in _LONG else shell.KEPT_LIMIT

    def block(self, text: str) -> None:
        if len(text) <= self._room:
            self._texts.append(text)
        self._room -= len(text)

    def end(self, code: int) -> None:
        self._parts.end(self._name, "".join(self._texts), code if self._room >= 0 else -1, self._begin)


def parts(run: RecordedRun) -> Mapping[str, PartAnswer]:
    """The parts of an answer that have ended, by their names; of two with one name the first."""
    nonce = _NONCE.search(run.command)
    if nonce is None:
        return {}
    gathered = _Parts(run, nonce[1])
    lines = shell.Lines(shell.Sorter(nonce[1], gathered.begin).block)
    for at in range(0, len(run.data), _SLICE):
        lines.feed(bytes(run.data[at : at + _SLICE]))
    lines.end()
    return gathered.answers
