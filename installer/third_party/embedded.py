"""What is inside other parts: Qt in PySide6 (the table says so), crates in an extension (its wheel says so)."""

from __future__ import annotations

import json
import re
import sqlite3
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

from installer.problem import BuildProblem
from installer.third_party import bundle_contents
from installer.third_party.component import Component, judged, standard
from installer.third_party.licences import LicenceEntry, LicenceTable, standard_texts

#: What every crate is linked to.
_RUST: Final = LicenceEntry(
    "MIT OR Apache-2.0",
    texts=("Apache-2.0.txt",),
    copyright="Copyright The Rust Project contributors",
    source="https://github.com/rust-lang/rust",
    name="Rust standard library",
)


def inside(
    part: str, holder: Component, table: LicenceTable, packages: Mapping[str, bundle_contents.Installed]
) -> Iterator[Component]:
    """What the table says is inside a part, such as Qt in PySide6."""
    for entry in table.inside:
        if entry.of != part or not any(fnmatchcase(name, entry.files or "*") for name in holder.files):
            continue
        version = _version(entry, holder, packages)
        slug = re.sub(r"[^a-z0-9]+", "-", entry.name.lower())
        purl = f"pkg:generic/{slug}{f'@{version}' if version[:1].isdigit() else ''}?in={part}"
        yield replace(judged("inside", entry.name, version, purl, entry, table), inside=(holder.purl,))


def _version(entry: LicenceEntry, holder: Component, packages: Mapping[str, bundle_contents.Installed]) -> str:
    """The version of a part: as the table says, or found in the way that it names; else that of its holder."""
    if entry.version[:1].isdigit():
        return entry.version
    ways = {
        "same": lambda: holder.version,
        "sqlite3": lambda: sqlite3.sqlite_version,
        "ssl": lambda: ssl.OPENSSL_VERSION.split()[1],
        "openssl-src": lambda: _crate_version(packages[holder.name], "openssl-src").rpartition("+")[2],
        "soname": lambda: next(name.rpartition(".")[2] for name in holder.files if fnmatchcase(name, entry.files)),
    }
    version = ways[entry.version]() if entry.version else ""
    return version or f"as in {holder.name} {holder.version}"


def _boms(package: bundle_contents.Installed) -> Iterator[dict[str, Any]]:
    """The bills of materials that a wheel brings (PEP 770), as far as they are CycloneDX."""
    for name, path in package.files.items():
        if "/sboms/" in name and name.endswith(".json"):
            try:
                bom = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise BuildProblem(f"The bill of materials of {package.name} cannot be read: {error}") from error
            if bom.get("bomFormat") == "CycloneDX":
                yield bom


def _crate_version(package: bundle_contents.Installed, crate: str) -> str:
    return next(
        (
            component["version"]
            for bom in _boms(package)
            for component in bom.get("components", ())
            if component["name"] == crate
        ),
        "",
    )


def listed(package: bundle_contents.Installed, holder: Component, table: LicenceTable) -> Iterator[Component]:
    """What a wheel itself says is inside it: the Rust crates of a compiled extension, and a library linked to it."""
    if not any(name.endswith((".so", ".pyd", ".dylib")) for name in holder.files):
        return  # a pure package lists what it was developed with
    crates = False
    for bom in _boms(package):
        for raw in bom.get("components", ()):
            if raw.get("scope") == "excluded":
                continue
            name, version = str(raw["name"]), str(raw.get("version", ""))
            expression = next(
                (str(licence["expression"]) for licence in raw.get("licenses", ()) if "expression" in licence), ""
            )
            named_entry = table.named.get(name)
            if not expression and not named_entry:
                raise BuildProblem(
                    f"{name} {version} is in {package.name}, and nobody says under which licence: look it up and add "
                    "it to installer/third_party/licences.toml under [named]."
                )
            entry = named_entry or LicenceEntry(expression)
            rust = str(raw.get("purl", "")).startswith("pkg:cargo/")
            crates = crates or rust
            where = f"pkg:cargo/{name}@{version.replace('+', '%2B')}" if rust else ""
            links = {link["type"]: link["url"] for link in raw.get("externalReferences", ())}
            source = entry.source or links.get("vcs") or f"https://crates.io/crates/{name}/{version}"
            component = judged(
                "rust" if rust else "inside",
                name,
                version,
                where or f"pkg:generic/{name}@{version}?in={package.name}",
                replace(entry, spdx=expression or entry.spdx),
                table,
                f"{name} {version} in {package.name}",
            )
            yield replace(
                component,
                copyright=component.copyright
                or f"Copyright {raw.get('author') or f'the authors of {name} ({source})'}",
                texts=tuple(standard(text) for text in standard_texts(component.used)),
                source=source,
                inside=(holder.purl,),
                hashes=tuple(digest["content"] for digest in raw.get("hashes", ()) if digest["alg"] == "SHA-256"),
            )
    if crates:
        purl = f"pkg:generic/rust-std?in={package.name}"
        yield replace(judged("inside", _RUST.name, "as compiled in", purl, _RUST, table), inside=(holder.purl,))
