"""A capture as a practice phone: it answers what the phone answered, and is a practice phone wherever it is shown."""

from __future__ import annotations

import fnmatch
import re
import shlex
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from core.capture import app_files
from core.capture.capture_file import Capture, CapturedAnswer
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.android.listings import short_answers
from core.simulator.adb.server import AnswerTo, PracticeServer
from core.simulator.commands.commands import PRACTICE, Commands
from core.simulator.commands.streams import Io, Program
from core.simulator.model.files import FileTree
from core.simulator.model.phone import CableCutError, PracticePhone
from core.simulator.model.scenario import PracticeDevice, ProfileData, Scenario

#: Lines that are written at once.
_PIECE: Final = 1_000
#: Commands whose answers the script of a reading keeps in a variable before it prints them.
_ECHOED: Final = ("pm list users", "dumpsys lock_settings")
_LISTED: Final = re.compile(r"pm list packages .*--user ([0-9]{1,9})\Z")
_USER: Final = re.compile(r"\s*UserInfo\{([0-9]{1,9}):")
#: What an endless answer goes on with: lines that say nothing in any answer.
_FILLING: Final = (b" " * 60_000 + b"\n") * 4
#: So many of them are more than is read of any answer.
_FILLINGS: Final = 2 * STREAM_LIMIT // len(_FILLING)


def captured_server(capture: Capture, *, port: int = 0, answer: AnswerTo = "allow") -> PracticeServer:
    """Serve an Android phone's capture to any ADB client, until it is closed. Raises OSError if the port is taken."""
    properties = _properties(capture)
    return PracticeServer(
        CapturedPhone(capture, properties),
        port=port,
        answer=answer,
        commands=lambda phone: CapturedCommands(capture, phone, properties),
    )


def _before_echo(answer: CapturedAnswer, listed: Collection[int]) -> CapturedAnswer:
    """An answer as it was before the shell's `echo` printed it, which takes a backslash and a letter for one sign.

    So a line that names a user of whom nothing was asked is the rest of a name with such a sign.
    """
    lines: list[str] = []
    for line in answer.lines:
        user = _USER.match(line)
        escaped = line.replace("\\", "\\\\")
        if user is not None and lines and listed and int(user[1]) not in listed:
            lines[-1] += f"\\n{escaped}"
        else:
            lines.append(escaped)
    return msgspec.structs.replace(answer, lines=tuple(lines))


class CapturedPhone(PracticePhone):
    """A practice phone with the files of a capture's apps. What its apps do is not played: nothing can be removed."""

    def __init__(self, capture: Capture, properties: Mapping[str, str]) -> None:
        super().__init__(_scenario(properties), pace=0.0)
        entries = lru_cache(maxsize=1)(lambda: app_files.entries(capture))
        self.files = FileTree(entries)


class CapturedCommands(Mapping[str, Program]):
    """What can be run on a captured phone: what was asked is answered as it was; of all else, what any practice phone
    can, for a phone without apps."""

    def __init__(self, capture: Capture, phone: PracticePhone, properties: Mapping[str, str]) -> None:
        self._usual = Commands(phone).programs()
        self._files = phone.files
        self._properties = properties
        self._lock = threading.Lock()
        self._answers: dict[str, list[CapturedAnswer]] = defaultdict(list)
        for answer in capture.answers:
            self._answers[answer.command].append(answer)
        listed = {int(match[1]) for command in self._answers if (match := _LISTED.match(command))}
        for command in _ECHOED:
            self._answers[command] = [_before_echo(answer, listed) for answer in self._answers.pop(command, ())]
        self._paths = {file.package: file.paths for file in capture.files if file.form != "missing"}
        self._names = {command.split()[0] for command in self._answers if command.strip()} | self._usual.keys()

    def __getitem__(self, name: str) -> Program:
        if name not in self._names:
            raise KeyError(name)
        return self._run

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _run(self, words: Sequence[str], streams: Io) -> int:
        match words:
            case ["getprop", name]:
                streams.say(f"{'1' if name == PRACTICE else self._properties.get(name, '')}\n")
                return 0
            case ["pm", "path", *_, package] if package in self._paths:
                streams.say("".join(f"package:{path}\n" for path in self._paths[package]))
                return 0
        answer = self._next(shlex.join(words))
        if answer is None:
            usual = self._usual.get(words[0])
            return usual(self._expanded(words), streams) if usual is not None else 127
        for start in range(0, len(answer.lines), _PIECE):
            streams.say("".join(f"{line}\n" for line in answer.lines[start : start + _PIECE]))
        for _ in range(_FILLINGS if answer.endless else 0):  # until the reader has had enough, and leaves
            streams.cancel.check()
            streams.out(_FILLING)
        if answer.cut:
            raise CableCutError
        return max(answer.code, 0)

    def _expanded(self, words: Sequence[str]) -> list[str]:
        """The words with each path that has a star replaced by the files that fit, as a phone's shell does it.

        The shell of practice phones leaves such words as they are, and an app's splits are looked for by one.
        """
        expanded: list[str] = []
        for word in words:
            folder, _, pattern = word.rpartition("/")
            fits = "*" in pattern and folder and "*" not in folder
            names = [name for name, _ in self._files.children(folder)] if fits else []
            expanded += [f"{folder}/{name}" for name in fnmatch.filter(names, pattern)] or [word]
        return expanded

    def _next(self, command: str) -> CapturedAnswer | None:
        """The answer to the next asking; the last one lasts."""
        with self._lock:
            answers = self._answers.get(command)
            if not answers:
                return None
            return answers.pop(0) if len(answers) > 1 else answers[0]


def _properties(capture: Capture) -> Mapping[str, str]:
    listed = next((answer.lines for answer in capture.answers if answer.command == "getprop"), ())
    return short_answers.properties(listed).value


def _scenario(properties: Mapping[str, str]) -> Scenario:
    """A practice phone of the same make, without any app."""
    phone = short_answers.phone(properties, practice=True)
    device = PracticeDevice(
        maker=phone.maker,
        model=phone.model,
        name="captured",
        device="captured",
        android=phone.os,
        sdk=phone.sdk,
        patch="",  # a scenario's may be a time before today: what the phone said stands in its answer
        serial=phone.serial,
    )
    return Scenario("captured", device, (ProfileData(0, "", "13"),))
