"""How the notices of third parties read: who made what, under which licence and why that is allowed, each text once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from installer.third_party.component import Component

WIDTH: Final = 110
RULE: Final = "=" * WIDTH
HEADINGS: Final = {
    "program": "Fanion",
    "base": "The interpreter and the freezer",
    "python": "Python packages",
    "inside": "Inside other parts",
    "rust": "Rust crates, compiled into the parts that are named",
    "host": "Libraries of the system on which this was built",
}

INTRODUCTION: Final = """\
Fanion is under the Apache License 2.0. This bundle also has software of others in it; this file says of every \
part what it is, whose it is, under which licence it is used and why it may be here, with the whole text of each \
licence. It was made by the program that built the bundle, of what is really in it, and building fails at a \
part that is not known. The file fanion-*.cdx.json beside it says the same for machines (CycloneDX).
"""

REPLACING: Final = """\
Some parts are under the GNU Lesser General Public License (LGPL): {names}. They are used unchanged (but for \
names that only a debugger needs), as libraries of their own. You may change them and use your own in their \
place, and you may take the program apart as far as debugging that needs:

  - Every such library is a file of its own below "lib" (macOS: Contents/Frameworks). Replace the file by your \
own build with the same name and a compatible interface, and start the program again: nothing refuses a changed \
file ("fanion self-test" only says that one is not as long as it was). On macOS sign the bundle again afterwards, \
with: codesign --force --deep --sign - Fanion.app
  - Those written in Python are files of their own too. Where they are compiled (.pyc), a source file (.py) of \
the same name that you put beside one is taken in its place.
  - Fanion's own source code and the program that builds this bundle are public, under the Apache License 2.0, \
so you can also build all of it anew: python3 installer/bootstrap.py package

Where the source code of each is, stands with each. That of all of them is beside each release of Fanion, as the \
archive fanion-{version}-sources.tar.xz.

Written offer: for as long as a release is offered, and for three years at least after it was last distributed, the \
Fanion developers give anybody who asks the complete corresponding source code of these libraries, for no more than \
the cost of passing it on. Ask by mail to fanion@fanion.ca; the project's page is https://fanion.ca. Whoever publishes \
a bundle that they have built themselves owes the same for it.
"""


def whole(components: Sequence[Component]) -> str:
    """The whole file. The same components always make the same text."""
    numbers = _numbered(components)
    return "\n".join([*_head(components), *_list(components), *_sections(components, numbers), *_texts(numbers)]) + "\n"


def _wrapped(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(
            line, WIDTH, initial_indent=indent, subsequent_indent=indent + ("    " if line.startswith("  -") else "")
        )
        for line in text.splitlines()
    )


def _head(components: Sequence[Component]) -> Iterator[str]:
    yield "FANION: SOFTWARE OF THIRD PARTIES, AND ITS LICENCES"
    yield RULE
    yield _wrapped(INTRODUCTION)
    lesser = sorted({one.name for one in components if "LGPL" in one.used}, key=str.lower)
    if lesser:
        version = next(one.version for one in components if one.kind == "program")
        yield _wrapped(REPLACING.format(names=", ".join(lesser), version=version))


def _list(components: Sequence[Component]) -> Iterator[str]:
    for kind, heading in HEADINGS.items():
        ours = [one for one in components if one.kind == kind]
        if ours:
            yield f"\n{heading}\n"
            yield from (f"  {one.name} {one.version}: {one.used}" for one in ours)


def _numbered(components: Sequence[Component]) -> dict[tuple[str, str], int]:
    """Every text once, by what it is called and what it says, with its number."""
    numbers: dict[str, int] = {}
    named: dict[tuple[str, str], int] = {}
    for one in components:
        for name, text in one.texts:
            key = " ".join(text.split())
            numbers.setdefault(key, len(numbers) + 1)
            named.setdefault((name, text), numbers[key])
    return named


def _sections(components: Sequence[Component], numbers: dict[tuple[str, str], int]) -> Iterator[str]:
    homes = {one.purl: one.name for one in components}
    for one in components:
        yield f"\n{RULE}\n{one.name} {one.version}"
        yield RULE
        if one.inside:
            yield f"Inside:     {', '.join(homes[purl] for purl in one.inside)}"
        yield f"Licence:    {one.spdx}"
        if one.used != one.spdx:
            yield f"Used under: {one.used}"
        yield _wrapped(f"Allowed:    {' '.join(one.why.split())}")
        if one.source:
            yield f"Source:     {one.source}"
        if one.files and one.kind != "program":
            files = ", ".join(one.files) if len(one.files) <= 8 else f"{one.files[0]} and {len(one.files) - 1} more"
            yield _wrapped(f"Files:      {files}")
        if one.texts:
            yield "Texts:      " + ", ".join(f"[{numbers[text]}]" for text in dict.fromkeys(one.texts))
        yield _wrapped(one.copyright, "    ")


def _texts(numbers: dict[tuple[str, str], int]) -> Iterator[str]:
    yield f"\n\n{RULE}\nTHE TEXTS\n{RULE}"
    seen: set[int] = set()
    for (name, text), number in numbers.items():
        if number not in seen:
            seen.add(number)
            yield f"\n{RULE}\n[{number}] {name}\n{RULE}\n"
            yield "\n".join(line.rstrip() for line in text.replace("\f", "\n").splitlines()).strip()
