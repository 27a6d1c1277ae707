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
    """Read a text for the reader of the notices from a file beside this one, a paragraph a line."""
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
    lesser = sorted({component.name for component in components if "LGPL" in component.used}, key=str.lower)
    if lesser:
        version = next(component.version for component in components if component.kind == "program")
        yield _wrapped(_words("replacing.txt").format(names=", ".join(lesser), version=version))


def _list(components: Sequence[Component]) -> Iterator[str]:
    for kind, heading in HEADINGS.items():
        ours = [component for component in components if component.kind == kind]
        if ours:
            yield f"\n{heading}\n"
            yield from (f"  {component.name} {component.version}: {component.used}" for component in ours)


def _numbered(components: Sequence[Component]) -> dict[tuple[str, str], int]:
    """Every text once, by what it is called and what it says, with its number."""
    numbers: dict[str, int] = {}
    text_numbers: dict[tuple[str, str], int] = {}
    for component in components:
        for name, text in component.texts:
            key = " ".join(text.split())
            numbers.setdefault(key, len(numbers) + 1)
            text_numbers.setdefault((name, text), numbers[key])
    return text_numbers


def _sections(components: Sequence[Component], numbers: dict[tuple[str, str], int]) -> Iterator[str]:
    homes = {component.purl: component.name for component in components}
    for component in components:
        yield f"\n{RULE}\n{component.name} {component.version}"
        yield RULE
        if component.inside:
            yield f"Inside:     {', '.join(homes[purl] for purl in component.inside)}"
        yield f"Licence:    {component.spdx}"
        if component.used != component.spdx:
            yield f"Used under: {component.used}"
        yield _wrapped(f"Allowed:    {' '.join(component.why.split())}")
        if component.source:
            yield f"Source:     {component.source}"
        if component.files and component.kind != "program":
            files = (
                ", ".join(component.files)
                if len(component.files) <= 8
                else f"{component.files[0]} and {len(component.files) - 1} more"
            )
            yield _wrapped(f"Files:      {files}")
        if component.texts:
            yield "Texts:      " + ", ".join(f"[{numbers[text]}]" for text in dict.fromkeys(component.texts))
        yield _wrapped(component.copyright, "    ")


def _texts(numbers: dict[tuple[str, str], int]) -> Iterator[str]:
    yield f"\n\n{RULE}\nTHE TEXTS\n{RULE}"
    printed: set[int] = set()
    for (name, text), number in numbers.items():
        if number not in printed:
            printed.add(number)
            yield f"\n{RULE}\n[{number}] {name}\n{RULE}\n"
            yield "\n".join(line.rstrip() for line in text.replace("\f", "\n").splitlines()).strip()
