"""The .deb, the .rpm and the .tar.xz, out of a bundle.

The first two have the same tree (:mod:`installer.linux.tree`) and are packed by nfpm, a single program that writes both
formats without their own tools. From the same bundle at the same time they are the same bytes.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from installer import archives, xz
from installer.linux import needs, tree
from installer.problem import BuildProblem

HERE: Final = Path(__file__).resolve().parent
NAME: Final = "fanion"
KINDS: Final[tuple[tree.Kind, ...]] = ("deb", "rpm")
#: What each format calls a processor, by what `uname -m` says.
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
#: How an archive of ar(1) begins, and the bytes of the line before each member.
_AR: Final = b"!<arch>\n"
_AR_HEAD: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecipe:
    """What a package is called, holds and asks for; the same for a .deb, an .rpm and an archive."""

    name: str
    #: One line, and what follows it.
    summary: str
    description: str
    #: Lays a bundle out below a folder's ROOT_NAME, as it is below / once it is installed: `tree.make`.
    lay_out: Callable[[Path, Path, tree.Kind, str, int], None]
    #: The folders that no other package has, as full paths.
    own: Sequence[str]
    #: The files that an administrator changes, as full paths.
    settings: Sequence[str] = ()
    #: The libraries, by their sonames, that a package which it depends on has.
    provided: Sequence[str] = ()
    #: What it asks for on top of the libraries that its files link to, by kind.
    depends: Mapping[tree.Kind, Sequence[str]]
    #: What else nfpm is to know, by kind.
    options: Mapping[tree.Kind, Mapping[str, Any]]


FANION: Final = PackageRecipe(
    name=NAME,
    summary="see and remove the banned apps on government phones",
    description="""\
Plug a phone in: its apps are read and compared with the policy, the verdict
is red, amber or green, banned apps are removed with one press, and everything
that was found and done is in a local log that an outsider can verify.
It needs no network, no server and nothing installed on the phone.""",
    lay_out=tree.make,
    own=tree.OWN,
    settings=(tree.SETTINGS,),
    # Qt needs fonts and how keyboards are laid out, which a desktop has, and a server may not have; iPhones are reached
    # through usbmuxd.
    depends={
        "deb": ("fontconfig-config", "xkb-data", "usbmuxd", "debconf (>= 0.5) | debconf-2.0"),
        "rpm": ("fontconfig", "xkeyboard-config", "usbmuxd"),
    },
    options={
        "deb": {
            "recommends": ["gnome-keyring | kwalletmanager | keepassxc", "zenity | kdialog | x11-utils"],
            "scripts": {"postinstall": str(HERE / "debian/postinst"), "postremove": str(HERE / "debian/postrm")},
            "deb": {"scripts": {"config": str(HERE / "debian/config"), "templates": str(HERE / "debian/templates")}},
        },
        "rpm": {
            "scripts": {
                "postinstall": str(HERE / "rpm/postinstall.sh"),
                "postremove": str(HERE / "rpm/postremove.sh"),
            },
        },
    },
)


def build(package: PackageRecipe, bundle: Path, out: Path, version: str, epoch: int) -> list[Path]:
    """Make all three in the folder `out`, and give their paths. Raises BuildProblem, OSError, CalledProcessError."""
    machine = platform.machine()
    archive = out / f"{package.name}-{version}-linux-{machine}.tar.xz"
    deb = out / f"{package.name}_{version}_{ARCHITECTURES[machine]}.deb"
    rpm = out / f"{package.name}-{version}-1.{machine}.rpm"
    depends = _links(package, bundle)
    with tempfile.TemporaryDirectory(prefix="fanion-tree-") as folder:
        for kind in KINDS:
            package.lay_out(bundle, Path(folder, kind), kind, version, epoch)
        blocks = xz.Blocks()
        with ThreadPoolExecutor() as pool:
            futures = [
                pool.submit(archives.tarball, bundle, archive, f"{NAME}-{version}", epoch, blocks),
                pool.submit(_packed, package, "deb", deb, Path(folder, "deb"), depends["deb"], version, epoch, blocks),
                pool.submit(_packed, package, "rpm", rpm, Path(folder, "rpm"), depends["rpm"], version, epoch, blocks),
            ]
            return [future.result() for future in futures]


def _links(package: PackageRecipe, bundle: Path) -> dict[tree.Kind, list[str]]:
    """What provides the libraries that the bundle links to, by kind. Raises BuildProblem.

    RPM's own names for libraries hold on every distribution that uses it.
    """
    glibc = needs.glibc_needed(bundle)
    libraries = [name for name in needs.libraries_needed(bundle) if name not in package.provided]
    return {
        "deb": [f"libc6 (>= {glibc})", *needs.debian_packages(libraries)],
        "rpm": [*needs.rpm_capabilities(bundle), *(f"{name}()(64bit)" for name in libraries)],
    }


def compressed(deb: Path, blocks: xz.Blocks) -> None:
    """Compress the files of a .deb, which nfpm has put into it as they are: xz makes a fifth less of them than its
    zstd, and the archive has the same (:mod:`installer.xz`).

    A .deb is an archive of the kind that ar(1) makes, of three members: see deb(5).
    """
    content = deb.read_bytes()
    out, at = [content[: len(_AR)]], len(_AR)
    while at < len(content):
        head, size = content[at : at + _AR_HEAD], int(content[at + 48 : at + 58])
        member = content[at + _AR_HEAD : at + _AR_HEAD + size]
        at += _AR_HEAD + size + size % 2
        if head[:16].rstrip(b" /") == b"data.tar":
            member = blocks.of_tar(member)
            head = b"data.tar.xz     " + head[16:48] + str(len(member)).encode().ljust(10) + head[58:]
        out += [head, member, b"\n" * (len(member) % 2)]
    deb.write_bytes(b"".join(out))


def _packed(
    package: PackageRecipe,
    kind: tree.Kind,
    file: Path,
    root: Path,
    links: Sequence[str],
    version: str,
    epoch: int,
    blocks: xz.Blocks,
) -> Path:
    """Have nfpm pack what is below `root` into `file`."""
    when = datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    options = dict(package.options[kind])
    config = {
        "name": package.name,
        "arch": ARCHITECTURES[platform.machine()],
        "platform": "linux",
        "version": version,
        "release": "1" if kind == "rpm" else "",
        "section": "utils",
        "priority": "optional",
        "maintainer": tree.MAINTAINER,
        "vendor": "The Fanion developers",
        "homepage": "https://fanion.ca/",
        "license": "Apache-2.0",
        "description": f"{package.summary}\n{package.description}",
        "mtime": when,
        "contents": list(_contents(package, root, when)),
        "depends": [*links, *package.depends[kind]],
        **options,
        kind: _format(package, kind) | options.get(kind, {}),
    }
    recipe = root / "nfpm.json"
    recipe.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC"}
    with archives.whole(file) as part:
        command = [nfpm(), "package", "--config", str(recipe), "--packager", kind, "--target", str(part)]
        process = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
        if process.returncode:
            last = (process.stderr.strip() or process.stdout.strip() or "it said nothing").splitlines()[-1]
            raise BuildProblem(f"nfpm could not make {file.name}: {last}")
        if kind == "deb":
            compressed(part, blocks)
    return file


def _format(package: PackageRecipe, kind: tree.Kind) -> dict[str, Any]:
    """What nfpm is told of how a kind of package is written."""
    if kind == "deb":
        return {"compression": "none"}  # see compressed()
    return {"summary": package.summary, "group": "Applications/System", "compression": "zstd", "buildhost": "fanion"}


def _contents(package: PackageRecipe, root: Path, when: str) -> Iterator[dict[str, Any]]:
    """Every file, link and folder of our own, for nfpm. Folders that others have too belong to no package."""
    for path in sorted((root / tree.ROOT_NAME).rglob("*")):
        inside = f"/{path.relative_to(root / tree.ROOT_NAME).as_posix()}"
        about: dict[str, Any] = {"owner": "root", "group": "root", "mtime": when}
        if path.is_symlink():
            yield {"src": str(path.readlink()), "dst": inside, "type": "symlink", "file_info": about}
        elif path.is_dir():
            if any(f"{inside}/".startswith(f"{own}/") for own in package.own):
                yield {"dst": inside, "type": "dir", "file_info": about | {"mode": 0o755}}
        else:
            kind = "config|noreplace" if inside in package.settings else ""
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            yield {"src": str(path), "dst": inside, "type": kind, "file_info": about | {"mode": mode}}


def nfpm() -> str:
    """The packer: that of this Python's environment, or the system's. Raises BuildProblem."""
    beside = Path(sys.executable).with_name("nfpm")
    program = str(beside) if beside.exists() else shutil.which("nfpm")
    if program is None:
        raise BuildProblem("nfpm is not here: start this with installer/bootstrap.py package, which brings it.")
    return program
