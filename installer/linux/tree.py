"""What is installed where: the tree of files that the .deb and the .rpm have in common, and where they differ."""

from __future__ import annotations

import gzip
import shutil
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Literal

import shtab

from core import cli, text
from core.text import LANGUAGES
from installer import icons
from installer.linux import manual

Kind = Literal["deb", "rpm"]

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
PROGRAM: Final = "usr/lib/fanion"
MAINTAINER: Final = "The Fanion developers <fanion@fanion.ca>"
#: The folder that becomes /.
ROOT_NAME: Final = "root"
#: The file that an administrator changes, and the folders that no other package has.
SETTINGS: Final = "/etc/fanion/settings.toml"
OWN: Final = (f"/{PROGRAM}", "/etc/fanion", "/usr/share/doc/fanion")
METAINFO: Final = "ca.fanion.Fanion.metainfo.xml"
UDEV: Final = "70-fanion-phones.rules"
#: Where each distribution's zsh looks for completions of packages.
_ZSH: Final = {"deb": "usr/share/zsh/vendor-completions", "rpm": "usr/share/zsh/site-functions"}


def make(bundle: Path, folder: Path, kind: Kind, version: str, epoch: int) -> None:
    """Lay everything out below ``folder/root``, as it is below / once it is installed."""
    root = folder / ROOT_NAME
    program = root / PROGRAM
    program.parent.mkdir(parents=True)
    shutil.copytree(bundle, program, symlinks=True)
    for library in program.rglob("*.so*"):  # are loaded, not run
        if library.is_file() and not library.is_symlink():
            library.chmod(0o644)
    _link(root / "usr/bin/fanion", "../lib/fanion/fanion")
    _copy(HERE / "fanion.desktop", root / "usr/share/applications/fanion.desktop")
    _copy(HERE / UDEV, root / "usr/lib/udev/rules.d" / UDEV)
    _icons(root / "usr/share/icons/hicolor")
    _metainfo(root / "usr/share/metainfo" / METAINFO, version, epoch)
    _manual(root / "usr/share/man", version, epoch)
    _completions(root, kind)
    _documents(root, program, kind, version, epoch)
    _copy(HERE / "settings.toml", root / SETTINGS.lstrip("/"))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    target.chmod(0o644)


def _link(target: Path, to: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(to)


def _icons(theme: Path) -> None:
    _copy(icons.drawing(512), theme / "scalable/apps/fanion.svg")
    for size in icons.THEME:
        _write(theme / f"{size}x{size}/apps/fanion.png", icons.png(size))


def _metainfo(target: Path, version: str, epoch: int) -> None:
    day = datetime.fromtimestamp(epoch, UTC).date().isoformat()
    words = (HERE / METAINFO).read_text(encoding="utf-8").replace("@VERSION@", version).replace("@DATE@", day)
    _write(target, words.encode())


def _manual(folder: Path, version: str, epoch: int) -> None:
    for language in LANGUAGES:
        place = folder if language == "en" else folder / language
        page = manual.page(language, version, epoch)
        _write(place / "man1/fanion.1.gz", gzip.compress(page.encode(), 9, mtime=0))


def _completions(root: Path, kind: Kind) -> None:
    before = text.language()
    text.use("en")
    try:
        parser = cli.parser()
        bash, zsh, fish = (shtab.complete(parser, shell=shell) for shell in ("bash", "zsh", "fish"))
    finally:
        text.use(before)
    _write(root / "usr/share/bash-completion/completions/fanion", bash.encode())
    _write(root / _ZSH[kind] / "_fanion", zsh.encode())
    _write(root / "usr/share/fish/vendor_completions.d/fanion.fish", fish.encode())


def _documents(root: Path, program: Path, kind: Kind, version: str, epoch: int) -> None:
    """Papers, changes and licences, where each kind of package has them; the bundle's own folder of papers goes."""
    folder = root / "usr/share/doc/fanion"
    folder.mkdir(parents=True)
    papers = program / "doc"
    if papers.exists():  # where people look for them; the bundle's own folder is for the archive
        for paper in sorted(papers.iterdir()):
            if paper.name not in (UDEV, Path(SETTINGS).name):  # those are where they count
                _copy(paper, folder / paper.name)
        shutil.rmtree(papers)
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    _write(folder / "CHANGELOG.md.gz", gzip.compress(changes, 9, mtime=0))
    if kind == "deb":
        _copy(HERE / "debian/copyright", folder / "copyright")
        _copy(HERE / "debian/lintian-overrides", root / "usr/share/lintian/overrides/fanion")
        _write(folder / "changelog.gz", gzip.compress(changelog("fanion", version, epoch).encode(), 9, mtime=0))
    else:
        _copy(ROOT / "LICENSE", folder / "LICENSE")


def changelog(package: str, version: str, epoch: int) -> str:
    """What Debian's tools read as a package's changelog: which version this is, and where its changes are told."""
    when = format_datetime(datetime.fromtimestamp(epoch, UTC))
    where = "  * What is new in this version: /usr/share/doc/fanion/CHANGELOG.md.gz"
    return f"{package} ({version}) stable; urgency=medium\n\n{where}\n\n -- {MAINTAINER}  {when}\n"
