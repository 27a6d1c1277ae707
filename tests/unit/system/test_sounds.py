"""The window's sounds: what the files are, and what plays them, or does not."""

from __future__ import annotations

import os
import sys
import wave
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from core.jobs import Cancel
from core.problem import Cancelled
from core.system import sounds
from core.system.sounds import Sound
from core.system.support import support_log
from installer import sounds as made

programs = pytest.mark.skipif(os.name == "nt", reason="Windows plays by itself")


def samples(file: Path) -> array[int]:
    with wave.open(str(file), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, made.RATE)
        found = array("h", sound.readframes(sound.getnframes()))
    if sys.byteorder == "big":
        found.byteswap()
    return found


@pytest.mark.parametrize("sound", Sound)
def test_each_sound_is_small_quiet_and_without_a_click(sound: Sound) -> None:
    heard = samples(sound.file)
    assert sound.file.stat().st_size < 30_000
    assert max(map(abs, heard)) == made.PEAK < 32_767 / 7.9, "at most -18 dBFS"
    assert max(abs(b - a) for a, b in zip((0, *heard), (*heard, 0), strict=True)) < made.PEAK / 2


def test_the_files_are_those_that_the_program_makes(tmp_path: Path) -> None:
    files = made.write(tmp_path)
    assert {file.name for file in files} == {sound.file.name for sound in Sound}
    for file in files:
        again, kept = samples(file), samples(sounds.FOLDER / file.name)
        assert len(again) == len(kept)
        # The sine of one system's library may differ in its last bit from another's.
        assert all(abs(a - b) <= 1 for a, b in zip(again, kept, strict=True)), file.name
    assert len({file.read_bytes() for file in files}) == len(files)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with programs, empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


PlayersAre = Callable[..., None]


@pytest.fixture
def players_are(monkeypatch: pytest.MonkeyPatch) -> PlayersAre:
    """Has these programs, with their options, and no others be known to play sounds."""
    return lambda *programs: monkeypatch.setattr(sounds, "_PROGRAMS", programs)


def program(folder: Path, name: str, does: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    file.chmod(0o700)


@programs
def test_the_first_program_that_does_it_plays_it(path: Path, tmp_path: Path, players_are: PlayersAre) -> None:
    players_are(("paplay",), ("aplay", "-q"))
    program(path, "paplay", "exit 1")
    program(path, "aplay", f'echo "$0 $@" >> {tmp_path}/played')
    assert sounds.can_play()
    assert sounds.play(Sound.RED, Cancel())
    assert (tmp_path / "played").read_text() == f"{path}/aplay -q {Sound.RED.file}\n"


@programs
def test_no_program_and_no_device_are_silent_and_told_to_support(
    path: Path, tmp_path: Path, players_are: PlayersAre
) -> None:
    players_are(("paplay",))
    support_log.start(tmp_path)
    support_log.keep()
    try:
        assert not sounds.can_play()
        assert not sounds.play(Sound.GREEN, Cancel())
        program(path, "paplay", "exit 1")
        assert not sounds.play(Sound.GREEN, Cancel())
        program(path, "paplay", "")
        (path / "paplay").write_bytes(b"\0no program")
        assert not sounds.play(Sound.GREEN, Cancel())
    finally:
        support_log.stop()
    assert (tmp_path / "support/fanion.log").read_text(encoding="utf-8").count("sound.silent") == 3


@programs
def test_a_program_of_the_folder_that_is_open_is_not_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, players_are: PlayersAre
) -> None:
    players_are(("paplay",))
    program(path, "paplay", "exit 0")
    monkeypatch.chdir(path)
    monkeypatch.setenv("PATH", ".")
    assert not sounds.can_play()


@programs
def test_a_program_that_hangs_is_ended(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, players_are: PlayersAre
) -> None:
    players_are(("paplay",))
    monkeypatch.setattr(sounds, "_LIMIT", 0.2)
    program(path, "paplay", f"echo $$ > {tmp_path}/id; while :; do :; done")
    pressed = Cancel()
    pressed.press()
    with pytest.raises(Cancelled):
        sounds.play(Sound.PLUGGED, pressed)
    assert not sounds.play(Sound.PLUGGED, Cancel())
    started = tmp_path / "id"
    if started.exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(started.read_text()), 0)
