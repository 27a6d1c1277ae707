"""Write for fanion.nsi what a bundle consists of, file by file: ``listing.py BUNDLE FOLDER`` prints its size in KB.

Nothing is deleted on a computer but what stands in these lists:

- ``stage.nsh`` unpacks everything into a folder of its own,
- ``settle.nsh`` moves it to its place, the programs last, so that what is not whole cannot be started,
- ``remove.nsh`` deletes it, and the folders that are empty then.

The order is that of the names, wherever the bundle lies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

#: The folder into which is unpacked, in the one where Fanion is to be; fanion.nsi calls it STAGE.
STAGE: Final = "fanion-new"


class ListingProblem(Exception):  # noqa: N818 - what the person at the keyboard reads
    """A bundle of which no installer can be made: why."""


def nsis(text: str) -> str:
    """A text between NSIS' quotes."""
    if '"' in text or not text.isprintable():
        raise ListingProblem(f"A file in the bundle cannot be installed because of its name: {text!r}")
    return text.replace("$", "$$")


def windows(path: Path) -> str:
    """A path within the bundle, as Windows and NSIS write it."""
    return nsis("\\".join(path.parts))


def files(bundle: Path) -> list[Path]:
    """Every file, by its path within the bundle, the programs last. Raises ListingProblem."""
    paths = []
    for path in sorted(bundle.rglob("*")):
        if path.is_symlink():
            raise ListingProblem(f"There is a link in the bundle, which Windows cannot install: {path}")
        if path.is_file():
            paths.append(path.relative_to(bundle))
    if not paths:
        raise ListingProblem(f"There is no bundle in {bundle}")
    return sorted(paths, key=lambda path: (len(path.parts) == 1, path.parts))


def folders(inside: Iterable[Path]) -> list[Path]:
    """The folders of these files, each before those in it; the bundle's own is not among them."""
    return sorted({parent for path in inside for parent in path.parents if parent.parts}, key=lambda path: path.parts)


def stage(bundle: Path, inside: Iterable[Path]) -> str:
    """The commands that unpack."""
    lines, last = [], None
    for path in inside:
        if path.parent != last:
            last = path.parent
            folder = "\\".join(part for part in ("$INSTDIR", STAGE, windows(path.parent)) if part)
            lines.append(f'SetOutPath "{folder}"')
        lines.append(f'File "{nsis(str(bundle / path))}"')
    return "\n".join(lines) + "\n"


def settle(inside: list[Path]) -> str:
    """The commands that move what was unpacked to its place."""
    lines = [f'CreateDirectory "$INSTDIR\\{windows(folder)}"' for folder in folders(inside)]
    for path in inside:
        name = windows(path)
        lines += [f'Delete "$INSTDIR\\{name}"', f'Rename "$INSTDIR\\{STAGE}\\{name}" "$INSTDIR\\{name}"']
    return "\n".join(lines) + "\n"


def remove(inside: list[Path]) -> str:
    """The commands that delete it, the programs last: as long as one is there, the rest can be removed again."""
    lines = [f'Delete "$INSTDIR\\{windows(path)}"' for path in inside]
    lines += [f'RMDir "$INSTDIR\\{windows(folder)}"' for folder in reversed(folders(inside))]
    return "\n".join(lines) + "\n"


def write(bundle: Path, into: Path) -> int:
    """Write the three lists. Returns the bundle's size in KB. Raises ListingProblem and OSError."""
    inside = files(bundle)
    into.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("stage.nsh", stage(bundle, inside)),
        ("settle.nsh", settle(inside)),
        ("remove.nsh", remove(inside)),
    ):
        (into / name).write_text(text, encoding="utf-8", newline="\n")
    return -(-sum((bundle / path).stat().st_size for path in inside) // 1024)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    try:
        print(write(Path(arguments[0]), Path(arguments[1])))
    except (ListingProblem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
