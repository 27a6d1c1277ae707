#!/usr/bin/env python3
"""The message catalogue: collect the sentences of core and gui, merge them into the translations, compile those.

    python installer/catalogue.py update    collect, merge into fanion.po, compile fanion.mo
    python installer/catalogue.py check     say what is not as it should be, and exit 1 if anything is

The sentences are the literal first arguments of ``T(...)`` and the first two of ``N(...)`` (core/text.py). They are
read from the syntax tree, so that a call whose sentence is not a literal, or that lacks a value which the sentence
names, is found as well. Babel reads and writes the files.
"""

from __future__ import annotations

import ast
import io
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ("core", "gui")
LANGUAGES: Final = ("fr",)
#: How many of a call's first arguments are sentences.
MARKS: Final = {"T": 1, "N": 2}


@dataclass(frozen=True)
class Call:
    """One ``T(...)`` or ``N(...)`` in the source. `sentences` is empty where one is not a literal."""

    file: str
    line: int
    sentences: tuple[str, ...]
    values: frozenset[str]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


def calls(root: Path) -> Iterator[Call]:
    """Every marked call in the sources under `root`, in the order of files and lines."""
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            tree = ast.parse(path.read_text(encoding="utf-8"), filename=name)
            nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _mark(node)]
            for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
                yield _call(name, node)


def _mark(node: ast.Call) -> str | None:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
    return name if name in MARKS else None


def _call(file: str, node: ast.Call) -> Call:
    mark = _mark(node) or ""
    first = node.args[: MARKS[mark]]
    literals = [a.value for a in first if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    sentences = tuple(literals) if len(literals) == MARKS[mark] else ()
    values = frozenset("**" if k.arg is None else k.arg for k in node.keywords)
    return Call(file, node.lineno, sentences, values | {"count"} if mark == "N" else values)


def placeholders(sentence: str) -> frozenset[str]:
    """The names in braces. ValueError where a brace stands alone or holds more than a name."""
    names = set()
    for _, name, format_spec, conversion in string.Formatter().parse(sentence):
        if name is None:
            continue
        if not name.isidentifier() or format_spec or conversion:
            raise ValueError(f"{{{name}}} is not the plain name of a value")
        names.add(name)
    return frozenset(names)


def faults_in_source(calls: Iterable[Call]) -> Iterator[str]:
    """Calls that could not be translated, or would fail when they are shown."""
    for call in calls:
        if not call.sentences:
            yield f"{call.place}: the sentence has to be a literal"
            continue
        for sentence in call.sentences:
            try:
                missing = placeholders(sentence) - call.values
            except ValueError as error:
                yield f"{call.place}: {error}: {sentence!r}"
                continue
            if missing and "**" not in call.values:
                yield f"{call.place}: no value for {', '.join(sorted(missing))}: {sentence!r}"


def path_of(root: Path, language: str) -> Path:
    return root / "resources" / "locale" / language / "LC_MESSAGES" / "fanion.po"


class Translations(Catalog):
    """A catalogue whose header says what a reader of the file needs, and nothing that changes by itself."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "fanion"),
            # The day on which the header was made: one that moves with each change would be in the way of merges.
            ("PO-Revision-Date", "2026-12-02 12:00-0500"),
            ("Last-Translator", "Fanion"),
            ("Language-Team", "Fanion"),
            ("Language", str(self.locale_identifier)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def merged(root: Path, language: str, calls: Iterable[Call]) -> Translations:
    """The translations in the .po file, with exactly the sentences of the source. PoFileError on a damaged file."""
    path, present = path_of(root, language), Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            present = read_po(file, locale=language, abort_invalid=True)
    catalog = Translations(locale=language, header_comment=f"# Fanion's sentences: {language}.", fuzzy=False)
    for call in calls:
        if not call.sentences:
            continue
        id = call.sentences[0] if len(call.sentences) == 1 else call.sentences
        old = present.get(id)
        if old is None or _forms(old.id) != call.sentences:
            message = catalog.add(id, locations=[(call.file, call.line)])
        else:
            message = catalog.add(id, old.string, [(call.file, call.line)], old.flags, user_comments=old.user_comments)
        message.flags.discard("python-format")  # Babel's guess where a sentence has a percent sign
    return catalog


def as_po(catalog: Catalog) -> bytes:
    """Without line numbers and without what is no longer used, so that a change shows only what changed."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, include_lineno=False, ignore_obsolete=True, sort_by_file=True)
    return out.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def faults_in_translation(catalog: Catalog) -> Iterator[str]:
    """Sentences without a translation, or with one that names other values than the English does."""
    for message in catalog:
        if not message.id:
            continue
        source, target = _forms(message.id), _forms(message.string)
        if message.fuzzy:
            yield f"marked as fuzzy: {source[0]!r}"
        elif len(target) < len(source) or not all(target):
            yield f"no translation: {source[0]!r}"
        else:
            yield from _faults_in_forms(source, target)


def _forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _faults_in_forms(source: tuple[str, ...], target: tuple[str, ...]) -> Iterator[str]:
    for english, french in zip(source, target, strict=False):
        try:
            same = placeholders(french) == placeholders(english)
        except ValueError as error:
            yield f"{error}: {french!r}"
            continue
        if not same:
            yield f"other values than in {english!r}: {french!r}"


def update(root: Path) -> list[str]:
    """Write both files of each language; give what is still missing."""
    marked = list(calls(root))
    for language in LANGUAGES:
        catalog, path = merged(root, language, marked), path_of(root, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(catalog))
        path.with_suffix(".mo").write_bytes(as_mo(catalog))
    return check(root)


def check(root: Path) -> list[str]:
    """Everything that is not as it should be; empty if the catalogue is fresh and complete."""
    marked, faults = list(calls(root)), []
    for language in LANGUAGES:
        catalog, path = merged(root, language, marked), path_of(root, language)
        name, compiled = path.relative_to(root).as_posix(), path.with_suffix(".mo")
        if not path.exists() or path.read_bytes() != as_po(catalog):
            faults.append(f"{name}: not what the source asks for; run installer/catalogue.py update")
        if not compiled.exists() or compiled.read_bytes() != as_mo(catalog):
            faults.append(f"{name}: the .mo file beside it is not compiled from it; run installer/catalogue.py update")
        faults += [f"{name}: {fault}" for fault in faults_in_translation(catalog)]
    return [*faults_in_source(marked), *faults]


def main(arguments: list[str]) -> int:
    command = {"update": update, "check": check}.get(" ".join(arguments))
    if command is None:
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    faults = command(ROOT)
    for fault in faults:
        print(fault)
    print(f"{len(faults)} to put right." if faults else "The catalogue is fresh and complete.")
    return 1 if faults and command is check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
