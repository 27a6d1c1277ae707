"""The package fanion-office: what it is called and needs, how it is laid out beside fanion, and its trial."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from core import __version__
from core.system import libraries
from installer import archives
from installer.linux import packages, tree
from installer.office.parts import NAME
from installer.problem import BuildProblem

HERE: Final = Path(__file__).resolve().parent
_DOCUMENTS: Final = f"usr/share/doc/{NAME}"


def lay_out(bundle: Path, folder: Path, kind: tree.Kind, version: str, epoch: int) -> None:
    """Lay out what is in `bundle`, the folder of parts.gather, below ``folder/root``."""
    root = folder / tree.ROOT_NAME
    office = root / tree.PROGRAM / libraries.FOLDER
    shutil.copytree(bundle / libraries.FOLDER, office)
    for library in office.rglob("*.so*"):  # are loaded, not run
        library.chmod(0o644)
    files = {f"{_DOCUMENTS}/LICENSE": (tree.ROOT / "LICENSE").read_bytes()}
    if kind == "deb":
        changes = tree.changelog(NAME, version, epoch).encode()
        files = {
            f"{_DOCUMENTS}/copyright": (HERE / "copyright").read_bytes(),
            f"{_DOCUMENTS}/changelog.gz": gzip.compress(changes, 9, mtime=0),
            f"usr/share/lintian/overrides/{NAME}": (HERE / "lintian-overrides").read_bytes(),
        }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        (root / name).chmod(0o644)


#: Another version of Fanion would not use it (core.system.libraries), so none is allowed beside it.
OFFICE: Final = packages.PackageRecipe(
    name=NAME,
    summary="merge the logs of many desks of Fanion, and ask questions of them",
    description="""\
What Fanion needs at head office alone: DuckDB and Apache Arrow, laid into the
folder of the package fanion. With it, fanion merge brings the logs of many
desks together in one store, and fanion store answers questions of it.
A desk needs none of it.""",
    lay_out=lay_out,
    own=(f"/{tree.PROGRAM}/{libraries.FOLDER}", f"/{_DOCUMENTS}"),
    depends={"deb": (f"fanion (= {__version__})",), "rpm": (f"fanion = {__version__}",)},
    provided=("libgcc_s.so.1", "libstdc++.so.6"),
    options={"deb": {}, "rpm": {}},
)


def build(gathered: Path, out: Path, epoch: int) -> list[Path]:
    """Make the packages and the bill of materials in the folder `out`, and give their paths. Raises as packages.build.

    The archive is unpacked where that of Fanion was: its files come into the same folder.
    """
    bill = out / f"{NAME}-{__version__}.cdx.json"
    files = packages.build(OFFICE, gathered, out, __version__, epoch)
    with archives.whole(bill) as part:
        shutil.copyfile(gathered / libraries.FOLDER / "licences" / bill.name, part)
    return [*files, bill]


def try_out(program: Path, gathered: Path) -> None:
    """Have a copy of the program merge the logs of two practice desks, and answer, with what was gathered for it.

    Raises BuildProblem where it does not; and where it would without what was gathered, as another's was used then.
    """
    with tempfile.TemporaryDirectory(prefix="fanion-office-", dir=gathered.parent) as folder:
        bundle = Path(folder, "fanion")
        shutil.copytree(program, bundle, symlinks=True, copy_function=os.link)
        trial = _Trial(bundle, Path(folder))
        trial.desk("ottawa")
        trial.desk("gatineau")
        merging = ("merge", trial.key, "--practice", "--into", trial.store, "--enrolled", trial.enrolled)
        trial.run(*merging, code=5)
        shutil.copytree(gathered / libraries.FOLDER, bundle / libraries.FOLDER, copy_function=os.link)
        trial.run(*merging)
        trial.run("store", "ask", trial.store, "by-policy")
        trial.run("store", "verify", trial.store)
        trial.run("store", "show", trial.store)


class _Trial:
    """A program, and the folders in which it is tried."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self.key, self.store, self.enrolled = folder / "key", folder / "store", folder / "desks.txt"
        self.key.mkdir()

    def desk(self, name: str) -> None:
        """A desk that has checked a practice phone, and its log on the USB key."""
        data = ("--practice", "--data", self._folder / name)
        self.run("round", "new", "Trial", "--last", date.today() + timedelta(days=9), *data)
        self.run("check", "--practice", "clean", "--data", self._folder / name)
        self.run("round", "export", self.key, *data)
        with self.enrolled.open("a", encoding="utf-8") as desks:
            desks.write(self.run("log", "enrolment", *data))

    def run(self, *words: object, code: int = 0) -> str:
        """What the program prints, with nothing of this clone in sight. Raises BuildProblem."""
        process = subprocess.run(
            [self._program / "fanion", *map(str, words)],
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if process.returncode != code:
            raise BuildProblem(
                f"What head office needs is not in order, and nothing was packed: fanion {words[0]} ended with "
                f"{process.returncode} instead of {code}.\n{process.stdout}{process.stderr}"
            )
        return process.stdout
