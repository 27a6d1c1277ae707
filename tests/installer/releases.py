"""A small repository and small packages of it, for the tests of a rehearsed release."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

from installer import archives
from installer.release import manual_site
from installer.third_party import notice_text, sbom
from installer.third_party.component import Component

ROOT = Path(__file__).resolve().parents[2]
VERSION = "1.2.3"
EPOCH = 1_764_000_000
#: What a person would start: the words that it is started with, and how it answers.
PROGRAM = f"""#!/bin/sh
case "$1" in
--version) echo "fanion {VERSION}" ;;
check) echo '{{"verdict": "red"}}'; exit 1 ;;
self-test) echo "All is in order." ;;
*) exit 2 ;;
esac
"""
GUIDE = {
    "en": "# The guide\n\nSee [it](other.en.md#a-part).\n\n## A part\n\n- ☐ x\n\n| a | b |\n|---|---|\n| 1 | `x` |\n",
    "fr": "# Le guide\n\nPour [tous](other.fr.md#une-partie).\n\n## Une partie\n\n> Mot\n\n```\ncode\n```\n",
}


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgSign=false"]
    variables = {"GIT_COMMITTER_DATE": f"{EPOCH} +0000", "GIT_CONFIG_GLOBAL": os.devnull}
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(
        command, env=os.environ | variables, capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()


def make_repository(folder: Path) -> Path:
    """A repository with one commit, which has what a rehearsal reads."""
    files = {
        "core/__init__.py": f'__version__ = "{VERSION}"\n',
        "CHANGELOG.md": f"# Changelog\n\n## [Unreleased]\n\n## [{VERSION}] - 2025-11-24\n\n- Something.\n",
        "resources/release-keys/fanion.pub": "untrusted comment: a key\n",
        "installer/requirements.txt": "part==1.0 --hash=sha256:00\n",
        "installer/RELEASE.md": (ROOT / "installer/RELEASE.md").read_text(encoding="utf-8"),
        "installer/sign.py": (ROOT / "installer/sign.py").read_text(encoding="utf-8"),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "all")
    return folder


def make_bundle(folder: Path) -> Path:
    """A bundle with a script for its program, and true notices and a true bill of materials."""
    bundle = folder / "fanion"
    files = {"fanion": PROGRAM, "lib/part.so": "a library", "doc/guide.en.pdf": "%PDF-"}
    for name, text in files.items():
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_text(text, encoding="utf-8")
    (bundle / "fanion").chmod(0o755)
    own, licence = f"pkg:generic/fanion@{VERSION}", (("LICENSE", "Do as you like."),)
    part = Component(
        "part", "1.0", "python", "MIT", "MIT", "ok", "pkg:pypi/part@1.0", "X", licence, files=("lib/part.so",)
    )
    program = Component("fanion", VERSION, "program", "MIT", "MIT", "ok", own, "X", licence)
    parts = [replace(program, files=("fanion", "doc/guide.en.pdf"), needs=(part.purl,)), part]
    (bundle / "licences").mkdir()
    (bundle / "licences/THIRD-PARTY-NOTICES.txt").write_text(notice_text.whole(parts), encoding="utf-8")
    sbom.write(parts, bundle, bundle / f"licences/fanion-{VERSION}.cdx.json", EPOCH)
    return bundle


def make_addition(folder: Path) -> Path:
    """What another package lays into the program's folder: it has licences and a bill of its own, and no program."""
    addition = folder / "addition"
    licences = addition / "more" / "licences"
    licences.mkdir(parents=True)
    (addition / "more/data").write_text("data", encoding="utf-8")
    texts = (("LICENSE", "Do as you like."),)
    own = f"pkg:generic/fanion-more@{VERSION}"
    parts = [Component("fanion-more", VERSION, "program", "MIT", "MIT", "ok", own, "X", texts, files=("data",))]
    (licences / "THIRD-PARTY-NOTICES.txt").write_text(notice_text.whole(parts), encoding="utf-8")
    sbom.write(parts, addition / "more", licences / f"fanion-more-{VERSION}.cdx.json", EPOCH)
    return addition


def pack(bundle: Path, out: Path) -> Path:
    """An archive for Linux, one for Windows, where there is dpkg-deb a .deb, and the bill of materials."""
    out.mkdir(exist_ok=True)
    archives.tarball(bundle, out / f"fanion-{VERSION}-linux-x86_64.tar.xz", f"fanion-{VERSION}", EPOCH)
    with zipfile.ZipFile(out / f"fanion-{VERSION}-windows-x64.zip", "w") as archive:
        for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
            archive.write(path, f"fanion-{VERSION}/{path.relative_to(bundle).as_posix()}")
    if shutil.which("dpkg-deb"):
        _deb(bundle, out)
    more = make_addition(bundle.parent)
    archives.tarball(more, out / f"fanion-more-{VERSION}-linux-x86_64.tar.xz", f"fanion-{VERSION}", EPOCH)
    for folder in (bundle, more):
        for bill in folder.rglob("*.cdx.json"):
            shutil.copyfile(bill, out / bill.name)
    return out


def _deb(bundle: Path, out: Path) -> None:
    root = bundle.with_name("root")
    shutil.copytree(bundle, root / "usr/lib/fanion")
    shutil.move(root / "usr/lib/fanion/doc", root / "usr/share/doc/fanion")
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    sums = subprocess.run(["md5sum", *files], cwd=root, capture_output=True, encoding="utf-8", check=True).stdout
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/md5sums").write_text(sums)
    fields = {"Package": "fanion", "Version": VERSION, "Architecture": "amd64", "Maintainer": "x", "Description": "x"}
    (root / "DEBIAN/control").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
    command = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, out / f"fanion_{VERSION}_amd64.deb"]
    subprocess.run(command, capture_output=True, check=True)


def make_manual(clone: Path, out: Path) -> None:
    """Two guides in both languages."""
    guides = out.parent / "guides"
    guides.mkdir()
    for language, text in GUIDE.items():
        (guides / f"guide.{language}.md").write_text(text, encoding="utf-8")
        (guides / f"other.{language}.md").write_text(text, encoding="utf-8")
    manual_site.write_archive(out, VERSION, EPOCH, guides)
