"""How the notices of third parties read: who made what, under which licence and why that is allowed, each text once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
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


def whole(components: Sequence[Component]) -> str:
    """The whole file. The same components always make the same text."""
    numbers = _numbered(components)
    return "\n".join([*_head(components), *_list(components), *_sections(components, numbers), *_texts(numbers)]) + "\n"


def _words(name: str) -> str:
    """What a file beside this one says to the reader of the notices, a paragraph a line."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


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
    yield _wrapped(_words("introduction.txt"))
    lesser = sorted({one.name for one in components if "LGPL" in one.used}, key=str.lower)
    if lesser:
        version = next(one.version for one in components if one.kind == "program")
        yield _wrapped(_words("replacing.txt").format(names=", ".join(lesser), version=version))


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
