"""The clone that a rehearsal builds in, and the tag in it. The repository that it is of is only read."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from installer.problem import BuildProblem

#: Who signs the tag of a rehearsal: nobody takes it for the release manager.
SIGNER: Final = "TEST of a rehearsal, not a release <TEST@fanion.invalid>"


def message(version: str) -> str:
    """What the tag says."""
    return f"TEST of Fanion {version}: a rehearsal, not a release"


def git(folder: Path, *words: str | Path, **variables: str) -> str:
    """What git says, in a repository; nothing in the environment leads it to another one. Raises BuildProblem."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", "-c", "core.hooksPath=/dev/null", *words]
    try:
        process = subprocess.run(
            command,
            cwd=folder,
            env=environment | {"LC_ALL": "C.UTF-8"} | variables,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise BuildProblem("There is no git here, and a rehearsal is of a commit.") from error
    if process.returncode:
        last = (process.stderr.strip() or process.stdout.strip() or "it said nothing").splitlines()[-1]
        act = next(str(word) for word in words if not str(word).startswith("-") and "=" not in str(word))
        raise BuildProblem(f"git {act} failed in {folder}: {last}")
    return process.stdout.strip()


def commit_of(repository: Path) -> str:
    """The commit that is checked out. Raises BuildProblem."""
    return git(repository, "rev-parse", "HEAD")


def tags_of_others(repository: Path, commit: str) -> list[str]:
    """The repository's tags that are not this commit's. Raises BuildProblem."""
    own = git(repository, "tag", "--points-at", commit).splitlines()
    return [tag for tag in git(repository, "tag").splitlines() if tag not in own]


def changes(repository: Path) -> list[str]:
    """The files that are changed or new and not committed, which no clone has. Raises BuildProblem."""
    return git(repository, "status", "--porcelain").splitlines()


def make(repository: Path, folder: Path, commit: str) -> None:
    """Clone the repository into `folder`, with this commit checked out and without any tag. Raises BuildProblem."""
    git(repository, "clone", "--quiet", "--no-tags", "--no-checkout", repository, folder)
    git(folder, "remote", "remove", "origin")  # nothing that is done here can be pushed back
    git(folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--detach", commit)


def tag(clone: Path, version: str, public_key: Path) -> bool:
    """Make the release's tag in the clone, signed by a key that is gone afterwards, whose public half is written to
    `public_key`. Where there is no gpg, the tag is not signed, and False is returned. Raises BuildProblem."""
    who = ("-c", f"user.name={SIGNER.partition(' <')[0]}", "-c", f"user.email={SIGNER.partition('<')[2][:-1]}")
    words = ("--message", message(version), f"v{version}")
    if shutil.which("gpg") is None:
        git(clone, *who, "-c", "tag.gpgSign=false", "tag", "--annotate", *words)
        return False
    with keyring() as home:
        gpg(home, "--passphrase", "", "--quick-generate-key", SIGNER, "ed25519", "sign", "never")
        signing = ("-c", "gpg.format=openpgp", "-c", "gpg.program=gpg", "-c", f"user.signingkey={SIGNER}")
        git(clone, *who, *signing, "tag", "--sign", *words, GNUPGHOME=str(home))
        public_key.write_text(gpg(home, "--armor", "--export"), encoding="ascii")
    return True


@contextmanager
def keyring() -> Iterator[Path]:
    """An empty keyring of gpg's, gone at the end with all its keys; its path is short enough for gpg's sockets."""
    with tempfile.TemporaryDirectory(prefix="fanion-gpg-", ignore_cleanup_errors=True) as name:
        try:
            yield Path(name)
        finally:
            subprocess.run(["gpgconf", "--homedir", name, "--kill", "all"], capture_output=True, check=False)


def gpg(home: Path, *words: str) -> str:
    """What gpg says, with the keyring in `home`. Raises BuildProblem."""
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", *words]
    process = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if process.returncode:
        last = (process.stderr.strip() or "it said nothing").splitlines()[-1]
        raise BuildProblem(f"gpg cannot make the test key: {last}")
    return process.stdout
