"""The notices of third parties for what a bundle really contains: ``licences/THIRD-PARTY-NOTICES.txt``.

Every file and every module of the bundle must belong to a known part, every part must have a licence that is allowed
(``installer/third_party/licences.toml``), and every licence's text must be there; otherwise nothing is written, and
`BuildProblem` says in one sentence what is wrong. `installer/third_party/sbom.py` makes the bill of materials of the
same components.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core import __version__
from installer.problem import BuildProblem
from installer.third_party import bundle_contents, licences
from installer.third_party.component import Component, judged, standard
from installer.third_party.embedded import inside, listed
from installer.third_party.licences import LicenceEntry, LicenceTable
from installer.third_party.notice_text import whole

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = ROOT / "installer" / "requirements.txt"
FILE: Final = "THIRD-PARTY-NOTICES.txt"
LGPL: Final = "LGPL-"
_LICENCE_FILE: Final = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)


def write(
    bundle: Path, out: Path, requirements: Path = REQUIREMENTS, name: str = bundle_contents.OWN
) -> list[Component]:
    """Write the notices for the bundle into the folder `out`, and give the components. Raises BuildProblem.

    The Python packages in it are those of this Python, in versions that `requirements` allows. `name` is what it is
    called as a whole.
    """
    parts = components(bundle, licences.load(), requirements, name)
    out.mkdir(parents=True, exist_ok=True)
    (out / FILE).write_text(whole(parts), encoding="utf-8", newline="\n")
    return parts


def components(
    bundle: Path, table: LicenceTable, requirements: Path = REQUIREMENTS, name: str = bundle_contents.OWN
) -> list[Component]:
    """Everything in the bundle, Fanion first, then by name. Raises BuildProblem."""
    holds = bundle_contents.examine(bundle, table, requirements, bundle_contents.installed())
    if name == bundle_contents.OWN and not holds.modules:
        raise BuildProblem(f"{bundle} has none of Fanion's programs in it: is it a bundle?")
    parts = _merged([component for part in holds.parts for component in _of_part(part, holds, table, name)])
    return sorted(
        _with_needs(parts, holds), key=lambda part: (part.kind != "program", part.name.lower(), part.version, part.purl)
    )


def _merged(parts: Sequence[Component]) -> list[Component]:
    """Have each component once, with all that it is inside of: one Rust crate is in several wheels."""
    merged: dict[str, Component] = {}
    for part in parts:
        earlier = merged.get(part.purl)
        merged[part.purl] = replace(earlier, inside=(*earlier.inside, *part.inside)) if earlier else part
    return list(merged.values())


def _of_part(part: str, holds: bundle_contents.PartContents, table: LicenceTable, name: str) -> Iterator[Component]:
    """The components that a part of the bundle is, and has inside of it. Raises BuildProblem."""
    files = holds.files.get(part, ())
    if part == bundle_contents.OWN:
        yield _own(files, name)
    elif part.startswith("host:"):
        yield of_host(holds.host[part.removeprefix("host:")], table, files)
    elif part in table.base:
        component = _of_base(part, table.base[part], table, files, holds)
        yield component
        yield from inside(part, component, table, holds.packages)
    else:
        entry = table.of_python(part)
        component = _of_python(holds.packages[part], entry, table, files)
        frozen = holds.modules.get(part, ())
        if component.used.startswith(LGPL) and frozen:
            raise BuildProblem(
                f"{component.name} is under the LGPL, and its module {frozen[0]} is frozen into the program where "
                "nobody can replace it: name it in module_collection_mode in installer/fanion.spec."
            )
        yield component
        yield from inside(part, component, table, holds.packages)
        yield from listed(holds.packages[part], component, table)


def _own(files: tuple[str, ...], name: str) -> Component:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    return Component(
        name,
        __version__,
        "program",
        "Apache-2.0",
        "Apache-2.0",
        "its own licence",
        f"pkg:generic/{name}@{__version__}",
        "Copyright the authors of Fanion",
        (("LICENSE", text),),
        files=files,
    )


def of_host(library: bundle_contents.HostLibrary, table: LicenceTable, files: tuple[str, ...]) -> Component:
    """A package of Debian's that libraries of the bundle are from. Raises BuildProblem."""
    system = _distribution()
    quoted = library.version.replace(":", "%3A").replace("+", "%2B")
    purl = f"pkg:deb/{system}/{library.package}@{quoted}?arch={library.architecture}"
    component = judged("host", library.package, library.version, purl, table.of_host(library.source), table)
    path = Path("/usr/share/doc") / library.package / "copyright"
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise BuildProblem(
            f"The licence of {library.package} cannot be read: {path} is missing on this system."
        ) from error
    where = {
        "debian": f"https://snapshot.debian.org/package/{library.source}/{library.source_version}/",
        "ubuntu": f"https://launchpad.net/ubuntu/+source/{library.source}/{library.source_version}",
    }
    references = "\n".join(re.findall(r"/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])", text))
    texts = [(f"copyright file of {library.package}", text.strip() + "\n")]
    texts += [standard(name) for name in _common(references, component.used)]
    return replace(
        component,
        copyright=component.copyright or licences.copyright_lines([text]) or "see its copyright file",
        texts=tuple(texts),
        source=component.source or where.get(system, ""),
        files=files,
    )


def _common(references: str, used: str) -> list[str]:
    """The texts that a copyright file of Debian only points to, as far as they are those of the licence in use."""
    return [name for name in licences.standard_texts(used) if name != "GPL-3.0-or-later.txt"] + (
        ["GPL-3.0-only.txt"] if "GCC-exception" in used and "GPL-3" in references else []
    )


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["ID"]
    except (OSError, KeyError):
        return "linux"


def _of_base(
    part: str, entry: LicenceEntry, table: LicenceTable, files: tuple[str, ...], holds: bundle_contents.PartContents
) -> Component:
    """The interpreter, the freezer, or what comes with them."""
    version, purl = "as in the bundle", f"pkg:generic/{part}"
    if part == bundle_contents.CPYTHON:
        version = platform.python_version()
        purl = f"pkg:generic/cpython@{version}"
    elif part in (bundle_contents.FREEZER, bundle_contents.HOOKS):
        version = holds.packages[canonicalize_name(part)].version
        purl = f"pkg:pypi/{canonicalize_name(part)}@{version}"
    component = judged("base", part, version, purl, entry, table)
    texts = component.texts
    if part == bundle_contents.CPYTHON:
        texts = (("LICENSE of CPython", _licence_of_python()), *texts)
    elif part == bundle_contents.FREEZER:
        texts = tuple(_own_texts(holds.packages[canonicalize_name(part)]))
    lines = component.copyright or licences.copyright_lines([text for _, text in texts[:1]])
    return replace(component, copyright=lines, texts=texts, files=files)


def _licence_of_python() -> str:
    """CPython's licence, from where its installers, Debian and those who compile it put it. Raises BuildProblem."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    places = (
        base / "lib" / version / "LICENSE.txt",
        base / "LICENSE.txt",
        Path("/usr/share/doc") / version / "copyright",
    )
    for path in places:
        if path.is_file():
            return path.read_text(encoding="utf-8", errors="replace")
    raise BuildProblem(f"The licence of Python cannot be found: neither of {', '.join(map(str, places))} is there.")


def _of_python(
    package: bundle_contents.Installed, entry: LicenceEntry, table: LicenceTable, files: tuple[str, ...]
) -> Component:
    """A Python package, with the texts that it brings or that this clone keeps. Raises BuildProblem."""
    component = judged(
        "python", package.name, package.version, f"pkg:pypi/{package.name}@{package.version}", entry, table
    )
    expression = package.distribution.metadata.json.get("license_expression")
    if expression and not licences.same(str(expression), entry.spdx):
        raise BuildProblem(
            f"{package.name} {package.version} says that it is licensed as “{expression}”, and "
            f"installer/third_party/licences.toml says “{entry.spdx}”: read what changed, and correct the table."
        )
    texts = _own_texts(package)
    if entry.texts or not texts:
        texts += [standard(name) for name in entry.texts or licences.standard_texts(component.used)]
    if component.used.startswith(LGPL):
        texts += [standard(name) for name in licences.standard_texts(component.used) if name not in entry.texts]
    if not texts and component.used != "LicenseRef-Public-Domain":
        raise BuildProblem(
            f"The text of the licence of {package.name} ({component.used}) is neither in its package nor in "
            "installer/third_party/licence-texts."
        )
    about = package.distribution.metadata.json
    authors = f"its authors: {about.get('author') or about.get('author_email') or package.name}"
    return replace(
        component,
        copyright=component.copyright or licences.copyright_lines([text for _, text in texts]) or authors,
        texts=tuple(texts),
        source=component.source or f"the Python Package Index, project {package.name}, release {package.version}",
        files=files,
    )


def _own_texts(package: bundle_contents.Installed) -> list[tuple[str, str]]:
    """The licence files that a package brings in its metadata folder."""
    return [
        (name, path.read_text(encoding="utf-8", errors="replace"))
        for name, path in sorted(package.files.items())
        if ".dist-info/" in name and _LICENCE_FILE.search(name) and path.is_file()
    ]


def _with_needs(parts: Sequence[Component], holds: bundle_contents.PartContents) -> Iterator[Component]:
    """Give each component what it needs: a package what its metadata says, Fanion all that no package needs."""
    purls = {part.name: part.purl for part in parts if part.kind == "python"}
    base = {part.name: part.purl for part in parts if part.kind == "base"}
    needed: dict[str, tuple[str, ...]] = {}
    for part in parts:
        if part.kind == "python":
            requirements = (Requirement(line) for line in holds.packages[part.name].distribution.requires or ())
            names = {
                canonicalize_name(item.name)
                for item in requirements
                if not item.marker or item.marker.evaluate({"extra": ""})
            }
            needed[part.purl] = tuple(sorted(purls[name] for name in names & set(purls) - {part.name}))
    needed_by_packages = {purl for purls_of in needed.values() for purl in purls_of}
    for part in parts:
        contained = [inner.purl for inner in parts if part.purl in inner.inside]
        if part.kind == "program":
            yield replace(part, needs=tuple(sorted({*base.values(), *(set(purls.values()) - needed_by_packages)})))
        elif part.name == bundle_contents.CPYTHON:
            host = (other_part.purl for other_part in parts if other_part.kind == "host")
            yield replace(part, needs=tuple(sorted([*contained, *host])))
        else:
            yield replace(part, needs=tuple(sorted({*needed.get(part.purl, ()), *contained})))
