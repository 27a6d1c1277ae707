"""What the policy team does with its keys: begin a repository, publish a policy, renew, and replace keys.

A change is made out of new metadata. It is put in place once enough key holders have signed; until then it may wait in
the repository, so that they need not be in one room. Before it is in place, the reading side must have accepted it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from core.policy.format import policy_file
from core.policy.format.policy_file import parse
from core.policy.signing import changes, repository, signers
from core.policy.signing.changes import ChangeOutcome, Lives, Missing, any_of, next_version
from core.policy.signing.repository import ChangeDraft, Repository, SigningProblem
from core.policy.signing.signers import KeyHolder
from core.policy.trust import chain
from core.policy.trust.chain import TARGET
from core.policy.trust.metadata import Metadata, Root, Signed, TargetFile, Targets
from core.policy.trust.refusals import TrustProblem
from core.policy.trust.usb_stick import read_file
from core.text import T, plain

KeyRole = Literal["root", "targets", "online"]
#: The keys that a new repository has: role, how many, and how many of them must sign.
KEYS: Final[dict[KeyRole, tuple[int, int]]] = {"root": (3, 2), "targets": (2, 2), "online": (1, 1)}
#: TUF's roles for which a key signs.
_SIGNS: Final[dict[KeyRole, tuple[str, ...]]] = {
    "root": ("root",),
    "targets": ("targets",),
    "online": ("snapshot", "timestamp"),
}
#: Days before the end at which something is due.
WITHIN: Final = 60
_NAME: Final = 1_000


def key_names() -> tuple[str, ...]:
    """The names of the keys of a new repository."""
    return tuple(name for role in KEYS for name in _names(role, 1, KEYS[role][0]))


def init(folder: Path, holders: Sequence[KeyHolder], *, now: datetime, lives: Lives, first_version: int = 1) -> Path:
    """Begin a repository with the keys of :func:`key_names`; returns the root file that computers are to be given.

    `first_version` is above every number of an earlier repository that they accepted. Raises SigningProblem.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SigningProblem(
            T("The folder {folder} has something in it already.", folder=plain(str(folder), _NAME)),
            T("Name a new or an empty folder."),
        )
    if not 0 < first_version < chain.VERSION_LIMIT:
        raise SigningProblem(
            T("{number} cannot be the number of a first version.", number=first_version),
            T("Choose a whole number from 1 on that is above all numbers of the earlier repository."),
        )
    by_name = {holder.name: holder for holder in holders}
    root = Root(version=first_version, expires=lives.end("root", now), consistent_snapshot=True)
    for role, (count, threshold) in KEYS.items():
        for signed in _SIGNS[role]:
            root.roles[signed].threshold = threshold
            for name in _names(role, 1, count):
                root.add_key(by_name[name].public, signed)
    metadata = Metadata(root)
    for name in _names("root", 1, KEYS["root"][0]):
        metadata.sign(by_name[name].signer, append=True)
    data = metadata.to_bytes()
    chain.follow_roots(lambda path, limit: None, data)
    path = chain.root_path(first_version)
    repository.put(folder, {path: data})
    return folder / path


def publish(
    folder: Path,
    policy: bytes,
    holders: Sequence[KeyHolder],
    *,
    now: datetime,
    lives: Lives,
    stage: bool = False,
) -> ChangeOutcome:
    """Publish the bytes of a policy file; with `stage`, let it wait for signatures. Raises PolicyProblem if faulty."""
    target = _target(policy)
    repo = _unstaged(folder)
    _refuse_known(repo, target)
    targets = Targets(
        version=next_version(repo, "targets"), expires=lives.end("targets", now), targets={TARGET: target}
    )
    return changes.finish(repo, ChangeDraft(targets=Metadata(targets), policy=policy), holders, now, lives, stage)


def renew(
    folder: Path,
    holders: Sequence[KeyHolder],
    *,
    now: datetime,
    lives: Lives,
    within: int = WITHIN,
    stage: bool = False,
) -> ChangeOutcome:
    """Sign snapshot and timestamp anew, and root and targets too if they end `within` days and their keys are here."""
    repo = _unstaged(folder)
    soon = now + timedelta(days=within)
    draft, due = ChangeDraft(), []
    if repo.root.expires <= soon:
        if any_of(holders, repo.root.roles["root"]):
            draft = replace(draft, root=Metadata(_next_root(repo, now, lives)))
        else:
            due.append("root")
    if repo.chain is not None and repo.chain.targets.expires <= soon:
        if any_of(holders, repo.root.roles["targets"]):
            draft = replace(draft, targets=Metadata(_next_targets(repo, now, lives)))
        else:
            due.append("targets")
    if repo.chain is None and draft.root is None:
        raise _nothing_published(repo)
    return replace(changes.finish(repo, draft, holders, now, lives, stage), due=tuple(due))


def successors(folder: Path, role: KeyRole, replaced: Sequence[str] = ()) -> tuple[str, ...]:
    """What the new keys are called that take the place of those named `replaced`, or of all of a role."""
    repo = _unstaged(folder)
    replaced_ids = _replaced(repo, role, replaced)
    names = [signers.name_of(key) for data in repo.root_files.values() for key in _root(data).keys.values()]
    used_numbers = [
        int(name.rpartition("-")[2]) for name in names if name.startswith(f"{role}-") and name[-1].isdigit()
    ]
    return _names(role, max(used_numbers, default=1 if role in names else 0) + 1, len(replaced_ids))


def rotate(
    folder: Path,
    role: KeyRole,
    replaced: Sequence[str],
    new: Sequence[KeyHolder],
    holders: Sequence[KeyHolder],
    *,
    now: datetime,
    lives: Lives,
    stage: bool = False,
) -> ChangeOutcome:
    """Put the `new` keys in the place of those named `replaced`, or of all of a role.

    The new root needs the signatures of enough old root keys and of enough new ones.
    """
    repo = _unstaged(folder)
    replaced_ids = _replaced(repo, role, replaced)
    if len(new) != len(replaced_ids):
        raise ValueError(f"{len(new)} keys for {len(replaced_ids)}")
    root = _next_root(repo, now, lives)
    for signed in _SIGNS[role]:
        for keyid in replaced_ids:
            root.revoke_key(keyid, signed)
        for holder in new:
            root.add_key(holder.public, signed)
    draft = ChangeDraft(root=Metadata(root))
    if role == "targets" and repo.chain is not None:  # what the old keys signed counts no more
        draft = replace(draft, targets=Metadata(_next_targets(repo, now, lives)))
    return changes.finish(repo, draft, [*holders, *new], now, lives, stage)


def add(
    folder: Path, draft: ChangeDraft, holders: Sequence[KeyHolder], *, now: datetime, lives: Lives
) -> ChangeOutcome:
    """Sign the change that was found :func:`waiting`, and put it in place if that was the last signature it needed.

    It is not read again: what was shown to the key's holder is what the key signs.
    """
    repo = repository.open_repository(folder)
    return changes.finish(repo, _examined(repo, draft), holders, now, lives, stage=False, waits=True)


def waiting(folder: Path) -> ChangeDraft:
    """The change that waits for signatures, sound in all but its signatures. Raises SigningProblem."""
    repo = repository.open_repository(folder)
    draft = repository.staged(repo.folder)
    if draft is None:
        raise SigningProblem(
            T("No change waits for signatures in {folder}.", folder=plain(str(folder), _NAME)),
            T("Begin one with “fanion policy sign publish”, “renew” or “rotate” and the option --stage."),
        )
    return _examined(repo, draft)


def _unstaged(folder: Path) -> Repository:
    repo = repository.open_repository(folder)
    if repository.staged(repo.folder) is not None:
        raise SigningProblem(
            T("A change in {folder} still waits for signatures.", folder=plain(str(folder), _NAME)),
            T("Complete it with “fanion policy sign add”, or give it up with “fanion policy sign discard”."),
        )
    return repo


def _examined(repo: Repository, draft: ChangeDraft) -> ChangeDraft:
    """A change that another key holder made, before one's own key signs it. Raises PolicyProblem."""
    fits = draft.root is None or draft.root.signed.version == repo.root.version + 1
    if draft.targets is not None:
        targets = draft.targets.signed
        fits &= targets.version >= next_version(repo, "targets") and set(targets.targets) == {TARGET}
        fits &= not targets.delegations
        if fits and draft.policy is not None:
            policy_file.parse(draft.policy, TARGET)
            fits = targets.targets[TARGET].hashes == _target(draft.policy).hashes
            _refuse_known(repo, targets.targets[TARGET])
        elif fits:
            fits = repo.chain is not None and targets.targets == repo.chain.targets.targets
    if not fits:
        raise SigningProblem(
            T("The change that waits for signatures does not fit what is published now."),
            T("Discard it with “fanion policy sign discard”, and begin the change again."),
        )
    return draft


def _refuse_known(repo: Repository, target: TargetFile) -> None:
    """Raise SigningProblem if the policy is published, or its version is with other contents."""
    if repo.chain is not None and repo.chain.target.hashes == target.hashes:
        raise SigningProblem(
            T("This policy is published already."),
            T("To make it valid for longer, use “fanion policy sign renew”."),
        )
    for number in repository.numbers(repo.folder, "targets"):
        try:
            path = f"metadata/{number}.targets.json"
            data = read_file(repo.folder / "metadata", f"{number}.targets.json", chain.LIMITS["targets"])
            before = None if data is None else chain.parsed(Targets, path, data).signed.targets.get(TARGET)
        except TrustProblem:
            continue  # one that readers pass over, or that was never finished
        if before is not None and before.custom == target.custom and before.hashes != target.hashes:
            raise SigningProblem(
                T(
                    "Version {version} of this policy is published already, and its contents were others.",
                    version=plain(str(target.unrecognized_fields["custom"]["version"])),
                ),
                T("Give the policy a new version, so that people can tell the two apart."),
            )


def _target(data: bytes) -> TargetFile:
    target = TargetFile.from_data(TARGET, data, ["sha256"])
    policy = policy_file.parse(data, TARGET)
    target.unrecognized_fields["custom"] = {"id": policy.id, "version": policy.version}
    return target


def _next_root(repo: Repository, now: datetime, lives: Lives) -> Root:
    root = _root(repo.root_files[chain.root_path(repo.root.version)])
    root.version += 1
    root.expires = lives.end("root", now)
    return root


def _next_targets(repo: Repository, now: datetime, lives: Lives) -> Targets:
    if repo.chain is None:
        raise _nothing_published(repo)
    return Targets(
        version=next_version(repo, "targets"),
        expires=lives.end("targets", now),
        targets=dict(repo.chain.targets.targets),
    )


def _root(data: bytes) -> Root:
    return chain.parsed(Root, "root.json", data).signed


def _replaced(repo: Repository, role: KeyRole, names: Sequence[str]) -> list[str]:
    """The ids of the keys that are to go. Raises SigningProblem if a role has none of that name."""
    keys = {signers.name_of(repo.root.keys[id]): id for id in repo.root.roles[_SIGNS[role][0]].keyids}
    for name in names:
        if name not in keys:
            raise SigningProblem(
                T("The role “{role}” has no key named {name}.", role=role, name=plain(name)),
                T("Choose among these: {names}.", names=", ".join(sorted(keys))),
            )
    return [keys[name] for name in dict.fromkeys(names)] if names else list(keys.values())


def _names(role: KeyRole, first: int, count: int) -> tuple[str, ...]:
    """The names of a role's keys: root-1, root-2...; the first online key is called online."""
    return tuple(role if role == "online" and n == 1 else f"{role}-{n}" for n in range(first, first + count))


def _nothing_published(repo: Repository) -> SigningProblem:
    return SigningProblem(
        T("No policy has been published in {folder} yet.", folder=plain(str(repo.folder), _NAME)),
        T("Publish one with “fanion policy sign publish”."),
    )


@dataclass(frozen=True, slots=True)
class RoleStatus:
    """One role: which of its `keys` (name and id) signed what is published. Version 0: nothing is yet."""

    role: str
    version: int
    expires: datetime | None
    threshold: int
    keys: tuple[tuple[str, str], ...]
    signed_by: tuple[str, ...]
    due: bool
    expired: bool


@dataclass(frozen=True, slots=True)
class RepositoryStatus:
    """`root_sha256` is of the root file that computers are given. `waiting` is what a staged change lacks."""

    folder: Path
    root_file: Path
    root_sha256: str
    policy_id: str
    policy_version: str
    policy_sha256: str
    roles: tuple[RoleStatus, ...]
    waiting: tuple[Missing, ...] | None

    @property
    def due(self) -> bool:
        return any(role.due for role in self.roles)


def repository_status(folder: Path, *, now: datetime, within: int = WITHIN) -> RepositoryStatus:
    """The state of a repository, its keys and signatures. Raises SigningProblem if it is not sound."""
    repo = repository.open_repository(folder)
    draft = repository.staged(repo.folder)
    policy = parse(repo.chain.policy, chain.TARGET) if repo.chain else None
    return RepositoryStatus(
        folder=repo.folder,
        root_file=repo.folder / next(iter(repo.root_files)),
        root_sha256=hashlib.sha256(repo.pinned).hexdigest(),
        policy_id=policy.id if policy else "",
        policy_version=policy.version if policy else "",
        policy_sha256=repo.chain.sha256 if repo.chain else "",
        roles=tuple(_role(repo, role, now, now + timedelta(days=within)) for role in _FILES),
        waiting=None if draft is None else changes.missing(repo, draft),
    )


_FILES: Final = {
    "root": "metadata/{}.root.json",
    "targets": "metadata/{}.targets.json",
    "snapshot": "metadata/{}.snapshot.json",
    "timestamp": chain.TIMESTAMP,
}


def _role(repo: repository.Repository, name: str, now: datetime, soon: datetime) -> RoleStatus:
    role = repo.root.roles[name]
    keys = tuple((signers.name_of(repo.root.keys[keyid]), keyid) for keyid in role.keyids)
    parts = (repo.chain.targets, repo.chain.snapshot, repo.chain.timestamp) if repo.chain is not None else ()
    signed: Signed | None = next((part for part in (repo.root, *parts) if part.type == name), None)
    if signed is None:
        return RoleStatus(name, 0, None, role.threshold, keys, (), False, False)
    all_files = {**repo.root_files, **(repo.chain.files if repo.chain else {})}
    data = all_files[_FILES[name].format(signed.version)]
    metadata: Metadata[Any] = Metadata.from_bytes(data)
    result = repo.root.get_verification_result(name, metadata.signed_bytes, metadata.signatures)
    signed_by = tuple(signers.name_of(key) for key in result.signed.values())
    expired = signed.expires <= now
    return RoleStatus(
        name, signed.version, signed.expires, role.threshold, keys, signed_by, signed.expires <= soon, expired
    )
