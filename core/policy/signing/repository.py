"""The policy team's repository on its disk: what is published in it, what waits for signatures, and how files get in.

Readers never meet half of a change: files with new numbers come first, and the timestamp, which makes them count, last.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.policy.format.policy_file import LIMIT as POLICY_LIMIT
from core.policy.problems import PolicyProblem
from core.policy.trust import chain, refusals
from core.policy.trust.chain import TARGET, TIMESTAMP, Chain, Read
from core.policy.trust.metadata import Metadata, Root, Targets
from core.policy.trust.refusals import RefusalReason, TrustProblem
from core.policy.trust.usb_stick import Stick, read_file
from core.system.files.files import replace_file, sync_folder
from core.text import T, plain

#: Where a change waits for the signatures that it needs. Readers never look there.
STAGED: Final = "staged"
#: Files of metadata that are looked at.
_FILES: Final = 20_000
_NAME: Final = 1_000


class SigningProblem(PolicyProblem):
    """The policy team's repository cannot be changed in this way. It was not."""

    code = "policy-signing"


@dataclass(frozen=True, slots=True)
class Repository:
    """What is published. `pinned` is the oldest root, which computers are given; `chain` None before the first policy.

    `root_files` are all roots, by their paths. `unfinished` is one that a change left behind that was cut off.
    """

    folder: Path
    pinned: bytes
    root: Root
    root_files: Mapping[str, bytes]
    chain: Chain | None
    read: Read
    unfinished: str = ""


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """What is to be published next: a new root, new targets, or both; `policy` where there is a new one."""

    root: Metadata[Root] | None = None
    targets: Metadata[Targets] | None = None
    policy: bytes | None = None


def open_repository(folder: Path) -> Repository:
    """Read and verify what is in `folder`. Raises SigningProblem."""
    try:
        source = Stick(folder)
        roots = numbers(source.folder, "root")
        try:
            return _opened(folder, source, source.read, roots)
        except TrustProblem:
            # A change that was cut off between its root and its timestamp: the root does not count yet.
            unfinished = chain.root_path(roots[-1]) if len(roots) > 1 else ""
            if source.read(TIMESTAMP, chain.LIMITS["timestamp"]) is None or not unfinished:
                raise
            with contextlib.suppress(TrustProblem):
                without: Read = lambda path, limit: None if path == unfinished else source.read(path, limit)  # noqa: E731
                return replace(_opened(folder, source, without, roots), unfinished=unfinished)
            raise
    except TrustProblem as problem:
        raise _unsound(folder, problem) from problem


def _opened(folder: Path, source: Stick, read: Read, roots: list[int]) -> Repository:
    pinned = read(chain.root_path(roots[0]), chain.LIMITS["root"]) if roots else None
    if pinned is None:
        raise refusals.not_a_stick(str(folder))
    root, files = chain.follow_roots(read, pinned)
    published = read(TIMESTAMP, chain.LIMITS["timestamp"]) is not None
    return Repository(source.folder, pinned, root, files, chain.follow(read, pinned) if published else None, read)


def numbers(folder: Path, role: str) -> list[int]:
    """The versions of a role's metadata for which there is a file. Raises TrustProblem."""
    versions = []
    try:
        with os.scandir(folder / "metadata") as entries:
            for count, entry in enumerate(entries):
                number, _, rest = entry.name.partition(".")
                if count < _FILES and rest == f"{role}.json" and number.isascii() and number.isdigit():
                    versions.append(int(number[:10]))
    except OSError as error:
        raise refusals.unreadable("metadata", str(error)) from error
    return sorted(versions)


def put(folder: Path, files: Mapping[str, bytes], unfinished: str = "") -> None:
    """Write `files`, in their order; each is in its place whole or not at all. Raises SigningProblem.

    Before them, the file `unfinished` goes that an earlier change left behind.
    """
    try:
        if unfinished and unfinished not in files:
            (folder / unfinished).unlink()
        for path, data in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            replace_file(place, data, private=False)
        sync_folder(folder)
    except OSError as error:
        raise SigningProblem(
            T("The policy repository in {folder} could not be written.", folder=plain(str(folder), _NAME)),
            T("Check that its medium is plugged in and has room, and that you may write there, then try again."),
            str(error),
        ) from error


def stage(folder: Path, draft: ChangeDraft) -> None:
    """Leave a change in the repository for others to sign. Raises SigningProblem."""
    files: dict[str, bytes] = {}
    if draft.policy is not None:
        files[f"{STAGED}/{TARGET}"] = draft.policy
    if draft.targets is not None:
        files[f"{STAGED}/targets.json"] = draft.targets.to_bytes()
    if draft.root is not None:
        files[f"{STAGED}/root.json"] = draft.root.to_bytes()
    put(folder, files)


def staged(folder: Path) -> ChangeDraft | None:
    """The change that waits for signatures; None if none does. Raises SigningProblem."""
    place = folder / STAGED
    if not place.is_dir():
        return None
    try:
        root = read_file(place, "root.json", chain.LIMITS["root"])
        targets = read_file(place, "targets.json", chain.LIMITS["targets"])
        draft = ChangeDraft(
            None if root is None else chain.parsed(Root, "root.json", root),
            None if targets is None else chain.parsed(Targets, "targets.json", targets),
            read_file(place, TARGET, POLICY_LIMIT),
        )
    except TrustProblem as problem:
        raise SigningProblem(
            T("The change that waits for signatures in {folder} is damaged.", folder=plain(str(folder), _NAME)),
            T("Discard it with “fanion policy sign discard”, and begin the change again."),
            f"{problem.reason}: {problem.sentence} {problem.detail}",
        ) from problem
    return None if draft.root is None and draft.targets is None else draft


def discard(folder: Path) -> bool:
    """Give up the change that waits for signatures; False if none does. Raises SigningProblem."""
    place = folder / STAGED
    if not place.is_dir():
        return False
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise SigningProblem(
            T(
                "The change that waits for signatures in {folder} could not be removed.",
                folder=plain(str(place), _NAME),
            ),
            T("Check that you may write there, then try again."),
            str(error),
        ) from error
    return True


def _unsound(folder: Path, problem: TrustProblem) -> SigningProblem:
    if problem.reason is RefusalReason.NOT_A_STICK:
        return SigningProblem(
            T("There is no policy repository in {folder}.", folder=plain(str(folder), _NAME)),
            T("Name the folder that “fanion policy sign init” made, or make one with it."),
        )
    return SigningProblem(
        T(
            "The policy repository in {folder} is damaged or incomplete. {why}",
            folder=plain(str(folder), _NAME),
            why=problem.sentence,
        ),
        T("Put the policy team’s last good copy of it in its place."),
        f"{problem.reason}: {problem.sentence} {problem.detail}",
    )
