"""Plays the window's short sounds, with what the computer has for it: Windows plays itself, elsewhere a program does.

Nothing here is needed: where no program is found, or none plays because there is no loudspeaker, it stays quiet, and
the log for support has a line.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.jobs import Cancel
from core.problem import Cancelled
from core.system.processes.child_process import TimeoutExpired, begin
from core.system.processes.programs import find_program
from core.system.processes.surroundings import systems_environment
from core.system.support import support_log

if sys.platform == "win32":
    import winsound

FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "sounds"
#: The programs that play a file, each with its options, in the order in which they are tried: PulseAudio's, which
#: PipeWire answers as well, PipeWire's own, ALSA's; on macOS the system's.
_PROGRAMS: Final = (("afplay",),) if sys.platform == "darwin" else (("paplay",), ("pw-play",), ("aplay", "-q"))
#: Seconds that a program may take for a sound, none of which lasts one, and those between two looks at the stop button.
_LIMIT: Final = 3.0
_REST: Final = 0.05


class Sound(StrEnum):
    """The sounds; each is a file of that name, which ``installer/sounds.py`` makes."""

    PLUGGED = "plugged"
    RED = "red"
    GREEN = "green"
    NEEDS_YOU = "needs-you"

    @property
    def file(self) -> Path:
        return FOLDER / f"{self}.wav"


def players() -> list[list[str]]:
    """The commands that play a file, which is to be their last word; none on Windows, which needs none."""
    commands = ((find_program(name), options) for name, *options in _PROGRAMS)
    return [[path, *options] for path, options in commands if path is not None]


def can_play() -> bool:
    """Whether there is something that plays sounds; whether it can be heard is not known."""
    return sys.platform == "win32" or bool(players())


def play(sound: Sound, cancel: Cancel) -> bool:
    """Play `sound` to its end, on a thread that may wait, and say whether that was done. Raises Cancelled, with the
    program ended."""
    if sys.platform == "win32":
        played = _play_by_windows(sound.file)
    else:
        played = any(_run([*command, str(sound.file)], cancel) for command in players())
    if not played:
        support_log.info("sound.silent")
    return played


def _run(command: list[str], cancel: Cancel) -> bool:
    """Whether the program played the sound, and in time."""
    try:
        process = begin(command, systems_environment())
    except OSError:
        return False
    try:
        for _ in range(round(_LIMIT / _REST)):
            if cancel.pressed:
                raise Cancelled
            try:
                return process.wait(_REST) == 0
            except TimeoutExpired:
                continue
        return False
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


if sys.platform == "win32":

    def _play_by_windows(file: Path) -> bool:
        try:
            winsound.PlaySound(str(file), winsound.SND_FILENAME | winsound.SND_NODEFAULT)
        except RuntimeError:  # no device, or one that is in use
            return False
        return True
