#!/usr/bin/env python3
"""Make the window's sounds anew: ``python3 installer/sounds.py [FOLDER]``, at first into ``resources/sounds``.

Each is a few soft tones, computed here and nowhere else, so that they are Fanion's own and under its licence. The same
program gives the same files. They are quiet: the loudest sample of each is 18 dB below what a file can hold.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Samples a second: enough for tones below 2 kHz.
RATE: Final = 22_050
#: The loudest sample of a sound: -18 dBFS in 16 bits.
PEAK: Final = round(32_767 * 10 ** (-18 / 20))
#: Seconds in which a tone comes and goes: a step would be heard as a click.
_ATTACK: Final = 0.012
_RELEASE: Final = 0.09
#: How loud the octave above a tone is, beside the tone.
_OCTAVE: Final = 0.2


@dataclass(frozen=True)
class SoundTone:
    """A tone of `pitch` (Hz) from `begins` on, for `lasts` (both in seconds)."""

    pitch: float
    begins: float
    lasts: float


_A4, _C5, _D5, _E5, _G5, _A5, _C6 = 440.0, 523.25, 587.33, 659.26, 783.99, 880.0, 1046.5

#: What each sounds like. They differ in direction and rhythm, not in pitch alone.
SOUNDS: Final = {
    # Two short steps up: a plug that goes in.
    "plugged": (SoundTone(_E5, 0.0, 0.11), SoundTone(_A5, 0.09, 0.14)),
    # Down, and down again, lower and longer than the others.
    "red": (
        SoundTone(_E5, 0.0, 0.17),
        SoundTone(_A4, 0.14, 0.2),
        SoundTone(_E5, 0.3, 0.13),
        SoundTone(_A4, 0.42, 0.22),
    ),
    # A chord that opens upwards.
    "green": (
        SoundTone(_C5, 0.0, 0.45),
        SoundTone(_E5, 0.09, 0.36),
        SoundTone(_G5, 0.18, 0.3),
        SoundTone(_C6, 0.27, 0.24),
    ),
    # One tone, twice: a knock.
    "needs-you": (SoundTone(_D5, 0.0, 0.15), SoundTone(_D5, 0.24, 0.19)),
}


def samples(tones: tuple[SoundTone, ...]) -> array[int]:
    """The sound of these tones, one number a sample."""
    length = round(max(tone.begins + tone.lasts for tone in tones) * RATE)
    mixed = [0.0] * length
    for tone in tones:
        first, count = round(tone.begins * RATE), round(tone.lasts * RATE)
        for n in range(min(count, length - first)):
            turn = 2 * math.pi * tone.pitch * n / RATE
            mixed[first + n] += (math.sin(turn) + _OCTAVE * math.sin(2 * turn)) * _loudness(n / RATE, tone.lasts)
    loudest = max(map(abs, mixed))
    return array("h", (round(PEAK * sample / loudest) for sample in mixed))


def _loudness(at: float, lasts: float) -> float:
    """How loud a tone is at a second of it: from 0 to 1 and back, by half a wave of a cosine at either end."""
    share = min(at / _ATTACK, (lasts - at) / _RELEASE, 1.0)
    return (1 - math.cos(math.pi * share)) / 2


def write(folder: Path) -> list[Path]:
    """Write every sound as a WAV file of one channel and 16 bits. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, tones in SOUNDS.items():
        sound = samples(tones)
        if sys.byteorder == "big":
            sound.byteswap()
        files.append(folder / f"{name}.wav")
        with wave.open(str(files[-1]), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(sound.tobytes())
    return files


if __name__ == "__main__":
    for path in write(Path(*sys.argv[1:2]) if sys.argv[1:] else Path(__file__).parent.parent / "resources" / "sounds"):
        print(path, path.stat().st_size)
