"""What is in an unpacked package: the bill of materials names every file, the notices every part."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .report import NotInOrder, Report
from .signatures import digest

NOTICES = "THIRD-PARTY-NOTICES.txt"
LICENCES = "licences"
#: Where a package has files beside its program: Fanion's own, made for the system that it is installed on.
OWN_PLACES = re.compile(
    r"(etc/fanion/settings\.toml|usr/share/(applications|icons|metainfo|man|doc|lintian|zsh|fish|bash-completion)/.*|"
    r"usr/lib/udev/rules\.d/.*)"
)
#: Papers of the program's folder that a package has where they count, and not there.
MOVED = re.compile(r"doc/.*")


def verify(report: Report, name: str, folder: Path, release: Path, notices: Path | None) -> dict[str, str]:
    """Look at an unpacked package, and copy what it says of third parties into the folder `notices`.

    Returns its program's files, each with its SHA-256.
    """
    programs: dict[str, str] = {}
    with report.row(f"{name}: the bill of materials names every file, and every file that it names is there") as rows:
        home, licences = _homes(folder)
        files = {path.relative_to(folder).as_posix(): digest(path) for path in _files(folder)}
        bill = _bill(licences, release)
        prefix = f"{home.relative_to(folder).as_posix()}/"
        programs = _programs(files, prefix, f"{licences.relative_to(home).as_posix()}/")
        beside = {path: content for path, content in files.items() if not path.startswith(prefix)}
        rows.append(_compare(programs, beside, bill))
    with report.row(f"{name}: the notices have every part, its licence and that licence's text") as rows:
        _, licences = _homes(folder)
        if notices is not None:
            shutil.copyfile(licences / NOTICES, notices / f"{name}.txt")
        rows.append(_notices((licences / NOTICES).read_text(encoding="utf-8"), _bill(licences, release)))
    return programs


def compare(report: Report, programs: Mapping[str, Mapping[str, str]]) -> None:
    """Whether the packages for one system have the same program; its papers lie elsewhere in some."""
    systems: dict[str, dict[str, Mapping[str, str]]] = {}
    for name, files in programs.items():
        whole = {path: content for path, content in files.items() if not MOVED.fullmatch(path)}
        if whole:
            system = "Windows" if "windows" in name else "macOS" if "macos" in name else "Linux"
            product = name.partition("_")[0] if name.endswith(".deb") else re.split(r"-\d", name)[0]
            systems.setdefault(f"{product} for {system}", {})[name] = whole
    for system, packages in systems.items():
        if len(packages) > 1:
            with report.row(f"{system}: the same program in every package") as sentences:
                first, *others = packages.items()
                for name, files in others:
                    paths = {*first[1], *files}
                    if differing := sorted(path for path in paths if first[1].get(path) != files.get(path)):
                        raise NotInOrder(f"{first[0]} and {name} differ in {_listed(differing)}.")
                sentences.append(f"{len(first[1])} files in {', '.join(packages)}.")


def _homes(folder: Path) -> tuple[Path, Path]:
    """The program's folder, and that of its licences. Raises NotInOrder unless there is one."""
    notices = list(folder.rglob(f"{LICENCES}/{NOTICES}"))
    if len(notices) != 1:
        raise NotInOrder(f"It has {len(notices)} files {LICENCES}/{NOTICES}, and should have one.")
    licences = notices[0].parent
    in_app = licences.parts[-3:-1] == ("Contents", "Resources")  # as an app for macOS is laid out
    return licences.parents[2] if in_app else licences.parent, licences


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _programs(files: Mapping[str, str], prefix: str, licences: str) -> dict[str, str]:
    """The files of the program's folder, by their path in it, without the licences."""
    return {
        inside: content
        for path, content in files.items()
        if path.startswith(prefix) and not (inside := path.removeprefix(prefix)).startswith(licences)
    }


def _bill(licences: Path, release: Path) -> Any:
    """The bill of materials beside the licences, which is one of those that are published. Raises NotInOrder."""
    inside = sorted(licences.glob("*.cdx.json"))
    if len(inside) != 1:
        raise NotInOrder(f"It has {len(inside)} bills of materials, and should have one.")
    published = {digest(path): path.name for path in release.glob("*.cdx.json")}
    if digest(inside[0]) not in published:
        raise NotInOrder(
            f"{inside[0].name} in it is none of those that are published: {', '.join(published.values())}."
        )
    bill = json.loads(inside[0].read_text(encoding="utf-8"))
    if (bill["bomFormat"], bill["specVersion"]) != ("CycloneDX", "1.6"):
        raise NotInOrder(f"{inside[0].name} is not of CycloneDX 1.6.")
    return bill


def _parts(bill: Any) -> list[Any]:
    return [bill["metadata"]["component"], *bill.get("components", ())]


def _named(bill: Any) -> dict[str, str]:
    """The files that a bill of materials names, each with its SHA-256. Raises NotInOrder, also without a licence."""
    named_files: dict[str, str] = {}
    for part in _parts(bill):
        if not part["purl"] or not part["licenses"][0]["expression"]:
            raise NotInOrder(f"{part['name']} has no licence or no package's address.")
        for file in part.get("components", ()):
            named_files[file["name"]] = file["hashes"][0]["content"]
    return named_files


def _compare(programs: Mapping[str, str], beside: Mapping[str, str], bill: Any) -> str:
    """Hold the program's files, and those beside its folder, against a bill of materials. Raises NotInOrder."""
    listed = _named(bill)
    if strangers := sorted(path for path in programs if path not in listed):
        raise NotInOrder(f"The bill of materials does not name {_listed(strangers)}.")
    if changed := sorted(path for path, content in programs.items() if listed[path] != content):
        raise NotInOrder(f"{_listed(changed)} is not the file that the bill of materials names.")
    moved = {path for path, content in listed.items() if MOVED.fullmatch(path) and content in beside.values()}
    if absent := sorted(listed.keys() - programs.keys() - moved):
        raise NotInOrder(f"The bill of materials names {_listed(absent)}, which is not there.")
    if odd := sorted(path for path in beside if not OWN_PLACES.fullmatch(path)):
        raise NotInOrder(f"{_listed(odd)} is neither the program's nor in a place for what a system needs of it.")
    parts = len(_parts(bill))
    return f"Files of the program: {len(programs)}; parts: {parts}; Fanion's own files beside it: {len(beside)}."


def _notices(text: str, bill: Any) -> str:
    """Hold the notices against a bill of materials. Raises NotInOrder."""
    head, _, texts = text.partition("\nTHE TEXTS\n")
    if not texts:
        raise NotInOrder(f"{NOTICES} has no texts of licences.")
    for part in _parts(bill):
        licence = part["licenses"][0]["expression"]
        if f"\n  {part['name']} {part['version']}: {licence}\n" not in head:
            raise NotInOrder(f"{NOTICES} does not list {part['name']} {part['version']} under {licence}.")
    cited = {
        number
        for line in re.findall(r"^Texts: +(.*)$", head, re.MULTILINE)
        for number in re.findall(r"\[(\d+)\]", line)
    }
    printed = set(re.findall(r"^=+\n\[(\d+)\] .+\n=+\n", texts, re.MULTILINE))
    if cited != printed:
        raise NotInOrder(f"{NOTICES} cites texts that it does not have, or has texts that nothing cites.")
    return f"Parts: {len(_parts(bill))}; texts: {len(printed)}."


def _listed(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
