"""The steps of a rehearsal. Each makes a folder, which has its final name only once it is whole, and the rows in it."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from core.desk.newer_version import FILE_NAME
from installer import release_notice, sign
from installer.problem import BuildProblem
from installer.release import provenance, rows, throwaway_clone, version_check
from installer.release.rows import Row

OUTSIDER: Final = Path(__file__).with_name("outsider")
#: Where the last step leaves the packages' notices of third parties, to be looked through by a person.
NOTICES: Final = "notices"
#: What the key of a rehearsal is called, in its files and in all that it signs.
KEY: Final = "fanion-TEST"
PURPOSE: Final = "TEST of a rehearsal: what it signs is no release"
#: Lists of pinned packages that a release is built of; provenance names those that the commit has.
REQUIREMENTS: Final = "requirements*.txt"
#: How the names of packages end, by the system that they are for.
SYSTEMS: Final = {
    "Windows": ("-windows-x64-setup.exe", "-windows-x64.msi", "-windows-x64.zip"),
    "macOS": ("-macos-arm64.tar.xz",),
    "Linux": ("_amd64.deb", ".x86_64.rpm", "-linux-x86_64.tar.xz"),
}
#: Why packages are not there where the rehearsal has built itself.
NOT_BUILT: Final = {
    "Windows": "Built on Debian 13 with Wine and NSIS (installer/windows/build.sh), by the workflow package.",
    "macOS": "Built on a Mac, by the workflow package.",
    "Linux": "Built on Linux, by the workflow package.",
}


@dataclass(frozen=True)
class Rehearsal:
    """Which commit of which repository is rehearsed, where, and of which packages.

    `packages` is a folder with packages that were built of this commit; without it they are built in the throw-away
    clone. `build` and `manual` are what builds and what makes the manual in that clone: both get the clone, and give
    the folder that they have filled.
    """

    repository: Path
    work: Path
    commit: str
    packages: Path | None
    build: Callable[[Path], Path]
    manual: Callable[[Path, Path], None]

    @property
    def clone(self) -> Path:
        return self.work / "1-clone" / "clone"

    @property
    def tag_key(self) -> Path:
        """The public half of the key that signed the tag; not there where there is no gpg."""
        return self.work / "1-clone" / f"{KEY}-tag.asc"

    @property
    def release(self) -> Path:
        """What would be published, and nothing else."""
        return self.work / "4-release" / "files"

    @property
    def public_key(self) -> Path:
        return self.work / "4-release" / f"{KEY}.pub"

    @cached_property
    def version(self) -> str:
        return version_check.version_of(self.clone)

    @property
    def epoch(self) -> int:
        """The one time that everything made here bears: the commit's. Raises BuildProblem."""
        return int(throwaway_clone.git(self.clone, "log", "-1", "--format=%ct"))


@dataclass(frozen=True)
class RehearsalStep:
    """`name` is the folder that it makes, `act` fills the folder that it gets and returns the rows.

    What only looks at the others is taken `again` each time.
    """

    name: str
    headline: str
    act: Callable[[Rehearsal, Path], list[Row]]
    again: bool = False


def take(rehearsal: Rehearsal, step: RehearsalStep) -> list[Row]:
    """Take a step, or read what it said when it was done. A step that fails leaves nothing under its name.

    Raises BuildProblem, and what else the step's tools raise.
    """
    folder = rehearsal.work / step.name
    if step.again:
        shutil.rmtree(folder, ignore_errors=True)
    if folder.is_dir():
        return rows.read(folder)
    draft = folder.with_name(f"{step.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    began, before = time.monotonic(), _processor_time()
    answer = step.act(rehearsal, draft)
    taken = f"{_processor_time() - before:.1f} s of processor time, {time.monotonic() - began:.1f} s in all."
    answer.append(Row(f"{step.headline}: the time that it took", "made", taken))
    rows.write(draft, answer)
    draft.rename(folder)
    return answer


def _processor_time() -> float:
    """Seconds of processor time of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def clone_and_tag(rehearsal: Rehearsal, folder: Path) -> list[Row]:
    """The throw-away clone, whether its version can be tagged, and the tag."""
    clone = folder / "clone"
    throwaway_clone.make(rehearsal.repository, clone, rehearsal.commit)
    version = version_check.version_of(clone)
    tags = throwaway_clone.tags_of_others(rehearsal.repository, rehearsal.commit)
    answer = version_check.rows(clone, tags)
    if changes := throwaway_clone.changes(rehearsal.repository):
        detail = f"Files that are changed or new and were not rehearsed: {len(changes)}."
        answer.append(Row("All changes are committed", "before the tag", detail))
    signed = throwaway_clone.tag(clone, version, folder / rehearsal.tag_key.name)
    words = f"In the throw-away clone alone: “{throwaway_clone.message(version)}”."
    answer.append(Row(f"Tag v{version}", "made", words))
    if not signed:
        answer.append(Row("The tag's signature", "not tried", "gpg is not on this machine."))
    return answer


def gather_packages(rehearsal: Rehearsal, folder: Path) -> list[Row]:
    """The packages and the bills of materials: those of the folder that was given, or built here."""
    source = rehearsal.packages or rehearsal.build(rehearsal.clone)
    files = sorted(path for path in source.iterdir() if path.is_file() and not path.name.startswith(sign.SUMS))
    if (sums := source / sign.SUMS).is_file():  # what the builder has made, and nothing that lies beside it
        listed = sign.read_sums(sums.read_bytes())
        files = [source / name for name in listed]
        for path in files:
            if sign.digest(path) != listed[path.name]:
                raise BuildProblem(f"{path.name} is not the file that {sums} names: build again.")
    if not any(path.suffix != ".json" for path in files):
        raise BuildProblem(f"There is no package in {source}.")
    target = folder / "files"
    target.mkdir()
    answer = []
    for path in files:
        shutil.copyfile(path, target / path.name)
        answer.append(Row(path.name, "made", f"{path.stat().st_size / 1e6:.1f} MB"))
    for system, patterns in SYSTEMS.items():
        absent = [pattern for pattern in patterns if not any(path.name.endswith(pattern) for path in files)]
        if absent:
            names = ", ".join(f"fanion*{pattern}" for pattern in absent)
            answer.append(Row(f"Packages for {system}: {names}", "not tried", NOT_BUILT[system]))
    for name in ("build", "dist"):  # as large as everything else together
        if rehearsal.packages is None:
            shutil.rmtree(rehearsal.clone / name, ignore_errors=True)
    return answer


def make_manual(rehearsal: Rehearsal, folder: Path) -> list[Row]:
    """The manual as PDF and as pages, by the clone's own code."""
    target = folder / "files"
    target.mkdir()
    rehearsal.manual(rehearsal.clone, target)
    return [
        Row(path.name, "made", f"PDFs and pages, {path.stat().st_size / 1e6:.1f} MB")
        for path in sorted(target.iterdir())
    ]


def sign_release(rehearsal: Rehearsal, folder: Path) -> list[Row]:
    """All files together, with provenance, the file for desks without a network, checksums and signatures.

    The key is made here, and its secret half is gone at the end of the step, whether that fails or not.
    """
    target = folder / "files"
    target.mkdir()
    for name in ("2-packages", "3-manual"):
        for path in sorted((rehearsal.work / name / "files").iterdir()):
            if (target / path.name).exists() and sign.digest(target / path.name) != sign.digest(path):
                raise BuildProblem(f"{path.name} that came with the packages is not the one that this commit makes.")
            shutil.copyfile(path, target / path.name)
    version, comment = rehearsal.version, f"TEST of Fanion {rehearsal.version}: a rehearsal, not a release"
    with tempfile.TemporaryDirectory(prefix="fanion-key-") as place:
        passphrase = secrets.token_urlsafe()
        secret, public = sign.make_keys(Path(place), passphrase, KEY, PURPOSE)
        shutil.copyfile(public, folder / rehearsal.public_key.name)
        _write_notice(rehearsal, target, secret, passphrase, comment)
        _write_provenance(rehearsal, target)
        sums = sign.write_sums(sorted(target.iterdir()))
        sign.sign(sums, secret, passphrase, comment)
        number = sign.public_key(public.read_bytes()).number[::-1].hex().upper()
    return [
        Row(f"Key {number}", "made", f"“{PURPOSE}”; its secret half is deleted."),
        Row(f"fanion-{version}-provenance.json", "made", "in-toto's statement with SLSA's provenance, version 1."),
        Row(FILE_NAME, "made", "What desks without a network read, and its signature."),
        Row(
            f"{sign.SUMS}, {sign.SUMS}.minisig",
            "made",
            f"Files: {len(sign.read_sums(sums.read_bytes()))}. “{comment}”.",
        ),
        Row(
            "The provenance that GitHub makes and signs",
            "not tried",
            "Only the workflow release can make it: Sigstore signs it for that workflow at the tag.",
        ),
        Row(
            f"fanion-{version}-sources.tar.xz, the source code of what is under the LGPL",
            "not tried",
            "It is fetched from a network and from Debian 12's source packages, by the workflow release.",
        ),
    ]


def _write_notice(rehearsal: Rehearsal, target: Path, secret: Path, passphrase: str, comment: str) -> None:
    day = datetime.fromtimestamp(rehearsal.epoch, UTC).date()
    words = ("TEST: a rehearsal, not a release.", "ESSAI\N{NO-BREAK SPACE}: une répétition, pas une version publiée.")
    data = release_notice.content(rehearsal.version, day, "TEST", *words)
    release_notice.make(target, data, secret, passphrase, comment)
    release_notice.check(target, secret.with_suffix(".pub"))


def _write_provenance(rehearsal: Rehearsal, target: Path) -> None:
    subjects = {path.name: sign.digest(path) for path in target.iterdir()}
    pinned = {
        path.relative_to(rehearsal.clone).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (rehearsal.clone / "installer").glob(REQUIREMENTS)
    }
    statement = provenance.statement(subjects, pinned, rehearsal.version, rehearsal.commit, rehearsal.epoch)
    file = target / f"fanion-{rehearsal.version}-provenance.json"
    file.write_text(provenance.text(statement), encoding="utf-8", newline="\n")


def verify_as_outsider(rehearsal: Rehearsal, folder: Path) -> list[Row]:
    """Everything verified by a process of its own that has the published files, the public keys, and sign.py."""
    with tempfile.TemporaryDirectory(prefix="fanion-outside-") as name:
        place = Path(name)
        shutil.copytree(OUTSIDER, place / "outsider", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copyfile(rehearsal.clone / "installer" / "sign.py", place / "sign.py")
        # No folder but this one, and nothing that a user has installed for himself, is looked into for modules.
        program = (
            "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('outsider', run_name='__main__')"
        )
        command: list[str | Path] = [sys.executable, "-I", "-c", program, place, rehearsal.release.resolve()]
        command += ["--key", rehearsal.public_key.resolve(), "--sign", place / "sign.py"]
        command += ["--repository", rehearsal.clone.resolve(), "--tag", f"v{rehearsal.version}"]
        notices = folder / NOTICES
        notices.mkdir()
        command += ["--notices", notices.resolve()]
        if rehearsal.tag_key.is_file():
            command += ["--tag-key", rehearsal.tag_key.resolve()]
        process = subprocess.run(command, cwd=place, capture_output=True, encoding="utf-8", check=False)
    try:
        answer = rows.parse(process.stdout)
    except ValueError as error:
        last = (process.stderr.strip() or "it said nothing").splitlines()[-1]
        raise BuildProblem(f"The outsider's verification broke off: {last}") from error
    if not answer or (process.returncode != 0) != any(row.state == "failed" for row in answer):
        raise BuildProblem(f"The outsider's verification ended with {process.returncode}, and does not say why.")
    return answer


#: In this order.
STEPS: Final = (
    RehearsalStep("1-clone", "Cloning, and making the tag", clone_and_tag),
    RehearsalStep("2-packages", "Packages", gather_packages),
    RehearsalStep("3-manual", "Manual", make_manual),
    RehearsalStep("4-release", "Checksums and signatures", sign_release),
    RehearsalStep("5-outsider", "Verifying as an outsider", verify_as_outsider, again=True),
)
