"""What a phone answers while it is checked: kept as it comes, and cut into the answers that a capture has.

An Android phone is asked by scripts, whose answers come in parts between marked lines: each part is an answer, by its
name. Of an iPhone each message is one, by the service and what was asked of it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from core.capture.capture_file import CapturedAnswer
from core.phones.android.link import shell
from core.phones.android.link.link import Feed
from core.phones.iphone.lockdown import LOCKDOWN
from core.phones.iphone.stream import MessageRecorder

#: Of all answers of a check that is kept (bytes, lines). A phone with 500 apps in two profiles prints a third of it.
LIMIT: Final = 24 * 2**20
LINES_LIMIT: Final = 600_000
_IPHONE_LIMIT: Final = 32 * 2**20
#: The number that marks the parts of a script, and the name of its first part.
_FIRST: Final = re.compile(r'echo "([0-9a-f]{32}) begin ([^"]*)"')
#: The scripts that are kept, by their first parts. What asks of one app has its id in it, and of apps' files a capture
#: has what was read of them.
_KEPT: Final = ("properties", "boot", "snapshot")
#: Messages of lockdownd that are kept: of the others the answers hold keys.
_OF_LOCKDOWN: Final = frozenset({"GetValue", "StartService"})
#: What of a request asks for nothing: who asks, and in which words.
_HOW: Final = frozenset({"Label", "ProtocolVersion", "Request", "RequestType", "Command", "ClientOptions"})


def script(command: str) -> tuple[str, str]:
    """The number in the marks of a script, and by what the script is known again; both empty for any other command."""
    first = _FIRST.search(command)
    if first is None:
        return "", ""
    return first[1], first[2]


def question(service: str, request: Mapping[str, Any]) -> str:
    """By what a request to a service of an iPhone is known again."""
    words = [word for key in ("Request", "RequestType", "Command") if isinstance(word := request.get(key), str)]
    rest = {key: value for key, value in request.items() if key not in _HOW and not isinstance(value, bytes)}
    rest |= {"ReturnAttributes": value} if (value := _options(request).get("ReturnAttributes")) is not None else {}
    return " ".join([service, *words, *([json.dumps(rest, sort_keys=True, default=str)] if rest else [])])


def _options(request: Mapping[str, Any]) -> Mapping[str, Any]:
    options = request.get("ClientOptions")
    return options if isinstance(options, dict) else {}


@dataclass(slots=True)
class _Run:
    """One script and what the phone printed to it; `was_cut`: more came than is kept."""

    command: str
    answer: bytearray = field(default_factory=bytearray)
    was_cut: bool = False

    def answers(self) -> list[CapturedAnswer]:
        """Its parts, in order; of one without an end it is told why it has none."""
        nonce, key = script(self.command)
        if key not in _KEPT:
            return []  # Nothing is lost: it asked for files of apps, or did something
        parts: list[_Part] = []
        lines = shell.Lines(shell.Sorter(nonce, lambda name: _begin(parts, name)).block)
        lines.feed(bytes(self.answer))
        lines.end()
        open_end = {"endless": True} if self.was_cut else {"cut": True}
        return [
            CapturedAnswer(part.name, part.code, key, lines=tuple(part.lines), **({} if part.ended else open_end))
            for part in parts
        ]


@dataclass(slots=True)
class _Part:
    name: str
    lines: list[str] = field(default_factory=list)
    code: int = -1
    ended: bool = False

    def block(self, text: str) -> None:
        self.lines += text.split("\n")[:-1]

    def end(self, code: int) -> None:
        self.code, self.ended = code, True


def _begin(parts: list[_Part], name: str) -> _Part:
    parts.append(_Part(name))
    return parts[-1]


class AndroidRecording:
    """Keeps the answers of one check, up to a limit; a :data:`core.phones.android.link.recorded_link.Recording`."""

    #: What came beyond the limit is told in the answer that it is missing of, and plays as an answer without an end.
    overflowed = False

    def __init__(self, room: int = LIMIT) -> None:
        """`room` is how much is kept (bytes)."""
        self._runs: list[_Run] = []
        self._room = room

    def __call__(self, command: str) -> Feed:
        run = _Run(command)
        self._runs.append(run)

        def keep(data: bytes) -> None:
            run.was_cut |= len(data) > self._room
            run.answer += data[: self._room]
            self._room -= min(len(data), self._room)

        return keep

    def answers(self) -> tuple[CapturedAnswer, ...]:
        """What was asked and answered, script by script; the last of a kind stands for those like it."""
        by_kind: dict[str, list[list[CapturedAnswer]]] = defaultdict(list)
        for run in self._runs:
            by_kind[script(run.command)[1]].append(run.answers())
        return tuple(_bounded(answer for runs in by_kind.values() for answer in _numbered(runs)))


def _numbered(runs: list[list[CapturedAnswer]]) -> Iterator[CapturedAnswer]:
    """The answers of scripts of one kind, each with the number of its script; but those at the end that are alike."""
    while len(runs) > 1 and runs[-1] == runs[-2]:
        runs.pop()
    for number, answers in enumerate(runs):
        for answer in answers:
            yield msgspec.structs.replace(answer, run=number)


def _bounded(answers: Iterable[CapturedAnswer]) -> Iterator[CapturedAnswer]:
    """The answers up to LINES_LIMIT lines of all."""
    room = LINES_LIMIT
    for answer in answers:
        if len(answer.lines) > room:
            answer = msgspec.structs.replace(answer, lines=answer.lines[:room], endless=True)
        yield answer
        room -= len(answer.lines)


@dataclass(slots=True)
class ServiceExchange:
    """One request to a service of an iPhone, and the property lists that came for it; an empty one was none."""

    service: str
    request: Mapping[str, Any]
    answers: list[bytes] = field(default_factory=list)


class IphoneRecording:
    """Keeps the answers of one check. For one thread."""

    def __init__(self) -> None:
        self.exchanges: list[ServiceExchange] = []
        #: More came than is kept.
        self.overflowed = False
        self._size = 0

    def __call__(self, service: str) -> MessageRecorder:
        """What keeps the messages of one connection to a service."""
        return _StreamRecorder(self, service)

    def keep(self, exchange: ServiceExchange, data: bytes) -> None:
        """Keep one answer, as long as there is room."""
        self._size += len(data) + 64
        self.overflowed = self.overflowed or self._size > _IPHONE_LIMIT
        if not self.overflowed:
            exchange.answers.append(data)


class _StreamRecorder:
    """Keeps the messages of one connection, but what is asked of some apps only: what came of that is in identities."""

    def __init__(self, recording: IphoneRecording, service: str) -> None:
        self._recording = recording
        self._service = service
        self._current: ServiceExchange | None = None

    def asked(self, message: Mapping[str, Any]) -> None:
        self._current = None
        is_kept = self._service != LOCKDOWN or message.get("Request") in _OF_LOCKDOWN
        if is_kept and "BundleIDs" not in _options(message):
            self._current = ServiceExchange(self._service, dict(message))
            self._recording.exchanges.append(self._current)

    def answered(self, data: bytes) -> None:
        if self._current is not None:
            self._recording.keep(self._current, data)


#: Keeps the answers of one check.
Recording = AndroidRecording | IphoneRecording
