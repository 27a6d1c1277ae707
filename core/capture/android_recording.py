"""What an Android phone printed while it was checked: kept as it came, then sorted by the commands that asked for it.

The phone is asked by scripts (:mod:`core.phones.android.inventory`), whose answers come in parts. Which commands the
phone's shell ran for a part is found by running the very script again, in the shell of practice phones: each command is
answered by the part in which it stands.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from core.capture.capture_file import CapturedAnswer
from core.jobs import Cancel
from core.phones.android.link import phone_identity, shell
from core.phones.android.link.link import Feed
from core.phones.android.listings import short_answers
from core.simulator.commands.streams import Io, Program
from core.simulator.shell.shell import Shell

#: Of all answers of a check that is kept (bytes, lines). A phone with 500 apps in two profiles prints a third of it.
LIMIT: Final = 24 * 2**20
LINES_LIMIT: Final = 600_000
_NONCE: Final = re.compile(r'echo "([0-9a-f]{32}) begin ')
_MARK: Final = re.compile(r"([0-9a-f]{32}) (begin|end) (.*)")
#: Commands before the first part whose answers are told in a part of another name.
_EARLY: Final = {"pm list users": "users", "dumpsys lock_settings": "health locks"}
#: Commands about the files of apps, of which a capture keeps what was read and not the files.
_OF_FILES: Final = (["stat"], ["ls"], ["dd"], ["tail"], ["pm", "path"])


@dataclass(slots=True)
class _Stream:
    """One command and what the phone printed to it."""

    command: str
    answer: bytearray = field(default_factory=bytearray)
    #: More came than is kept.
    was_cut: bool = False


@dataclass(slots=True)
class _PartAnswer:
    """One part of a script's answer: an :class:`core.phones.android.link.shell.AnswerPart` that keeps all."""

    lines: list[str] = field(default_factory=list)
    code: int = -1
    cut: bool = True

    def block(self, text: str) -> None:
        self.lines += text.split("\n")[:-1]

    def end(self, code: int) -> None:
        self.code, self.cut = code, False


class AndroidRecording:
    """Keeps the answers of one check, up to LIMIT; a :data:`core.phones.android.link.recorded_link.Recording`."""

    #: What came beyond the limit is told in the answer that it is missing of, and plays as an answer without an end.
    overflowed = False

    def __init__(self, room: int = LIMIT) -> None:
        """`room` is how much is kept (bytes)."""
        self._streams: list[_Stream] = []
        self._room = room

    def __call__(self, command: str) -> Feed:
        stream = _Stream(command)
        self._streams.append(stream)

        def keep(data: bytes) -> None:
            stream.was_cut |= len(data) > self._room
            stream.answer += data[: self._room]
            self._room -= min(len(data), self._room)

        return keep

    def answers(self) -> tuple[CapturedAnswer, ...]:
        """What was asked and answered, in order; an answer that was the same the next time too stands there once."""
        replays = [_Replay(stream.command, bytes(stream.answer), stream.was_cut) for stream in self._streams]
        properties: Mapping[str, str] = {}
        for replay in replays:
            if listed := replay.parts.get("properties"):
                properties = short_answers.properties(listed[0].lines).value
        all_answers = [answer for replay in replays for answer in replay.answers(properties)]
        return tuple(_bounded(without_repetitions(all_answers)))


def _bounded(answers: Iterable[CapturedAnswer]) -> Iterator[CapturedAnswer]:
    """The answers up to LINES_LIMIT lines of all."""
    room = LINES_LIMIT
    for answer in answers:
        if len(answer.lines) > room:
            yield msgspec.structs.replace(answer, lines=answer.lines[:room], endless=True)
        else:
            yield answer
        room -= min(room, len(answer.lines))


def without_repetitions(answers: Sequence[CapturedAnswer]) -> list[CapturedAnswer]:
    """The answers but those at the end of each command's that say what the one before said: the last one lasts."""
    by_command: dict[str, list[CapturedAnswer]] = defaultdict(list)
    for answer in answers:
        by_command[answer.command].append(answer)
    for listed in by_command.values():
        while len(listed) > 1 and listed[-1] == listed[-2]:
            listed.pop()
    return [answer for listed in by_command.values() for answer in listed]


class _Replay:
    """One script run again, with its recorded answer."""

    def __init__(self, command: str, answer: bytes, was_cut: bool) -> None:
        self._script = phone_identity.CONDITION.sub("", command, count=1)
        self._was_cut = was_cut
        self.parts: dict[str, list[_PartAnswer]] = defaultdict(list)
        nonce = _NONCE.search(command)
        if nonce is not None:
            lines = shell.Lines(shell.Sorter(nonce[1], self._begin).block)
            lines.feed(answer)
            lines.end()
        self._answers: list[CapturedAnswer] = []
        self._part = ""
        self._properties: Mapping[str, str] = {}

    def _begin(self, name: str) -> shell.AnswerPart:
        part = _PartAnswer()
        self.parts[name].append(part)
        return part

    def answers(self, properties: Mapping[str, str]) -> list[CapturedAnswer]:
        """The commands of the script with what was printed to each; `properties` are those that the phone told."""
        if not self.parts:
            return []  # Nothing is lost: the script asked for files of apps, or no answer came
        self._properties = properties
        Shell(_Programs(self._run)).run(self._script, Io(_drop, _drop, Cancel()))
        return self._answers

    def _run(self, words: Sequence[str], streams: Io) -> int:
        """Run one command of the script: by the part in which it stands, or is told."""
        if words[0] == "echo":
            return self._echo(" ".join(words[1:]), streams)
        if words[0] == ":":
            return 0
        if words[0] == "getprop" and len(words) > 1:
            streams.say(f"{self._properties.get(words[1], '')}\n")
            return 0
        if any(list(words[: len(start)]) == start for start in _OF_FILES):
            return 1
        command = shlex.join(words)
        waiting = self.parts.get(self._part or _EARLY.get(command, ""), [])
        part = next(iter(waiting), None)
        if part is None:
            return 1
        if self._part:
            del waiting[0]
        streams.say("".join(f"{line}\n" for line in part.lines))
        if self._part or command in _EARLY:
            ends = {"cut": part.cut and not self._was_cut, "endless": part.cut and self._was_cut}
            self._answers.append(CapturedAnswer(command, part.code, lines=tuple(part.lines), **ends))
        return max(part.code, 0)

    def _echo(self, text: str, streams: Io) -> int:
        mark = _MARK.fullmatch(text)
        if mark is not None:
            self._part = mark[3] if mark[2] == "begin" else ""
        streams.say(f"{text}\n")
        return 0


class _Programs(dict[str, Program]):
    """Every command by its name, run by one program."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program

    def get(self, name: str, default: object = None) -> Program:
        return self._program


def _drop(data: bytes) -> None:
    """Take what the shell prints: it is in the recording."""
