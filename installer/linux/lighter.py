"""A Linux bundle is made lighter by what two libraries carry as data, and nothing of Fanion reads.

- ICU's data, for all languages and encodings: what Qt asks for in English and French is kept (``icu_data``).
- The fonts in typst: version 0.15 has all 17 of them twice, and 8 are needed, once.

A library that is not as it is known here stays as it was, and the build says so. Why it is done like this is in
``docs/decisions/009-a-lighter-bundle.md``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from installer.linux import elf, fonts_inside, icu_data
from installer.linux.fonts_inside import Font

#: The fonts that the templates in resources/reports ask for, and those with letters that are in no other, such as those
#: of formulas in an app's name: regular ones have to do for them.
NEEDED_FONTS: Final = frozenset(
    {
        "Libertinus Serif Regular",
        "Libertinus Serif Italic",
        "Libertinus Serif Semibold",
        "Libertinus Serif Bold",
        "DejaVu Sans Mono",
        "DejaVu Sans Mono Bold",
        "NewComputerModern10-Regular",
        "NewComputerModernMath-Regular",
    }
)
#: A font's file is as long as a multiple of this, filled with zeros.
_PADDED: Final = 4
#: What is called as ICU calls it: with its version behind a name of C, and before one of C++.
_OF_ICU: Final = re.compile(r"[Uu]\w*_\d{2,3}|_Z\w*icu_\d\w*")
#: What the fonts are that typst finds in itself, asked in a process of its own.
_ASK: Final = """
import importlib.machinery, importlib.util, json, sys
loader = importlib.machinery.ExtensionFileLoader("_typst", sys.argv[1])
typst = importlib.util.module_from_spec(importlib.util.spec_from_loader("_typst", loader))
loader.exec_module(typst)
fonts = typst.Fonts(include_system_fonts=False).fonts()
print(json.dumps(sorted([font.family, font.style, font.weight] for font in fonts)))
"""


class _Unknown(Exception):  # noqa: N818 - a library stays as it was
    """The library is not as it is known here."""


def make_lighter(bundle: Path) -> list[str]:
    """Shorten what can be shortened in the bundle. Returns a sentence for each library that stayed as it was."""
    lib = bundle / "lib"
    said = []
    parts: Sequence[tuple[str, str, Callable[[Path], bytes]]] = (
        ("ICU's data", "PySide6/Qt/lib/libicudata.so.*", lambda path: _icu(path, lib / "PySide6")),
        ("typst", "typst/_typst*.so", _typst),
    )
    for what, pattern, shortened in parts:
        try:
            found = list(lib.glob(pattern))
            if len(found) != 1:
                raise _Unknown(f"the bundle has {len(found)} files {pattern}")
            _replace(found[0], shortened(found[0]))
        except (_Unknown, elf.ElfProblem, icu_data.DataProblem) as problem:
            said.append(f"{what} stayed as heavy as it was: {problem}.")
    return said


def _replace(path: Path, content: bytes) -> None:
    """Give a file in the bundle this content, and no other file that may be the same."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    new.chmod(path.stat().st_mode)
    new.replace(path)


def _icu(path: Path, qt: Path) -> bytes:
    """The library of ICU's data with what is needed of them. Raises _Unknown, ElfProblem, DataProblem."""
    if others := sorted(_asked_of_icu(qt)):
        raise _Unknown(f"Qt asks ICU for {', '.join(others)}, which installer/linux/icu_data.py does not know")
    library = path.read_bytes()
    version = path.name.rpartition(".")[2]
    place = elf.place_of(library, f"icudt{version}_dat")
    kept = icu_data.trimmed(library[place.start : place.stop])
    rest = range(place.start + len(kept), place.stop)
    return elf.without(library[: place.start] + kept + library[rest.start :], [rest])


def _asked_of_icu(qt: Path) -> Iterator[str]:
    """What Qt and PySide ask ICU for, other than that of which the needs are known. Raises ElfProblem."""
    for path in qt.rglob("*.so*"):
        if not path.is_symlink() and not path.name.startswith("libicu"):
            for name in elf.wanted(path.read_bytes()):
                if _OF_ICU.fullmatch(name) and not name.startswith(icu_data.USED):
                    yield name


def _typst(path: Path) -> bytes:
    """The library of typst with the fonts that are needed, once. Raises _Unknown, ElfProblem."""
    library = path.read_bytes()
    kept: dict[bytes, Font] = {}
    out: list[Font] = []
    for font in fonts_inside.find(library):
        content = library[font.place.start : font.place.stop]
        if font.name in NEEDED_FONTS and content not in kept:
            kept[content] = font
        else:
            out.append(font)
    if len(kept) != len(NEEDED_FONTS):
        raise _Unknown(f"it has {len(kept)} of the {len(NEEDED_FONTS)} fonts that are needed")
    shortened = elf.without(library, _joined(library, out))
    before = _fonts_of(path)
    trial = path.with_name(f"trial-{path.name}")
    try:
        trial.write_bytes(shortened)
        after = _fonts_of(trial)
    finally:
        trial.unlink(missing_ok=True)
    if len(after) != len(kept) or not all(font in before for font in after):
        raise _Unknown(f"it would find {len(after)} fonts in itself, of {len(before)}")
    return shortened


def _fonts_of(library: Path) -> list[list[object]]:
    """Family, style and weight of each font that typst finds in itself. Raises _Unknown."""
    command = [sys.executable, "-I", "-B", "-c", _ASK, str(library)]
    try:
        done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=60)
        found: list[list[object]] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _Unknown("it cannot be tried out here") from error
    return found


def _joined(library: bytes, fonts: Sequence[Font]) -> list[range]:
    """Where these fonts lie; one range for those that follow each other."""
    holes: list[range] = []
    for font in fonts:
        start = font.place.start
        if holes and start - holes[-1].stop < _PADDED and not any(library[holes[-1].stop : start]):
            holes[-1] = range(holes[-1].start, font.place.stop)
        else:
            holes.append(font.place)
    return holes
