"""A change of the policy team's repository: signed, left to wait for signatures, or put in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.policy.signing import repository, signers
from core.policy.signing.repository import ChangeDraft, Repository, SigningProblem
from core.policy.signing.signers import KeyHolder
from core.policy.trust import chain, trust
from core.policy.trust.accepted import Accepted
from core.policy.trust.chain import TARGET, TIMESTAMP
from core.policy.trust.metadata import Metadata, MetaFile, Role, Snapshot, Timestamp
from core.policy.trust.refusals import TrustProblem
from core.text import T


@dataclass(frozen=True, slots=True)
class Lives:
    """For how many days what is signed now is believed. `online` is for snapshot and timestamp."""

    root: int = 730
    targets: int = 400
    online: int = 180

    def end(self, role: str, now: datetime) -> datetime:
        days = {"root": self.root, "targets": self.targets}.get(role, self.online)
        return (now.astimezone(UTC) + timedelta(days=days)).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Missing:
    """Signatures that a change still needs. `keys` are the names of those that can give them."""

    role: str
    have: int
    needed: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """`accepted` is what readers see from now on; None while the change waits, or before there is a policy.

    `missing` is what a waiting change needs; `due` are roles that end soon and could not be renewed with these keys.
    """

    complete: bool
    accepted: Accepted | None = None
    missing: tuple[Missing, ...] = ()
    due: tuple[str, ...] = ()


def any_of(holders: Iterable[KeyHolder], role: Role) -> bool:
    """Whether one of `holders` may sign for a role."""
    return any(holder.id in role.keyids for holder in holders)


def next_version(repo: Repository, role: str) -> int:
    """The number after all that were ever used, also by a change that was cut off before it counted."""
    if role == "timestamp":
        return repo.chain.timestamp.version + 1 if repo.chain else _first(repo)
    return max(repository.numbers(repo.folder, role), default=_first(repo) - 1) + 1


def missing(repo: Repository, draft: ChangeDraft, online: Sequence[KeyHolder] | None = None) -> tuple[Missing, ...]:
    """The signatures that a change needs beside those that it has. `online` are keys that could still sign."""
    lacking = []
    root = draft.root.signed if draft.root else repo.root
    if draft.root is not None:
        payload, signatures = draft.root.signed_bytes, draft.root.signatures
        for by in (repo.root, root):
            result = by.get_verification_result("root", payload, signatures)
            if not result:
                lacking.append(_lacks("root", result))
    if draft.targets is not None:
        result = root.get_verification_result("targets", draft.targets.signed_bytes, draft.targets.signatures)
        if not result:
            lacking.append(_lacks("targets", result))
    if (repo.chain is not None or draft.targets is not None) and online is not None:
        role = root.roles["timestamp"]
        if not any_of(online, role):
            names = tuple(signers.name_of(root.keys[keyid]) for keyid in role.keyids)
            lacking.append(Missing("online", 0, role.threshold, names))
    return tuple(dict.fromkeys(lacking))


def finish(
    repo: Repository,
    draft: ChangeDraft,
    holders: Sequence[KeyHolder],
    now: datetime,
    lives: Lives,
    stage: bool,
    *,
    waits: bool = False,
) -> ChangeOutcome:
    """Sign a change; put it in place, or let it wait. Raises SigningProblem if it may not wait and is not complete."""
    root = draft.root.signed if draft.root else repo.root
    _sign(draft.root, holders, {*repo.root.roles["root"].keyids, *root.roles["root"].keyids})
    _sign(draft.targets, holders, set(root.roles["targets"].keyids))
    needed = missing(repo, draft, holders)
    if stage or (needed and waits):
        if draft.root is None and draft.targets is None:
            raise SigningProblem(
                T("Only the online key is needed for this, so that nothing has to wait."),
                T("Give the online key, and leave out --stage."),
            )
        repository.stage(repo.folder, draft)
        return ChangeOutcome(complete=False, missing=needed)
    if needed:
        first = needed[0]
        raise SigningProblem(
            T(
                "The role “{role}” has {have} of the {needed} signatures that this needs.",
                role=first.role,
                have=first.have,
                needed=first.needed,
            ),
            T(
                "Give more of these keys: {names}; or let the change wait for them with --stage.",
                names=", ".join(first.keys),
            ),
        )
    accepted = _commit(repo, draft, holders, now, lives)
    repository.discard(repo.folder)
    return ChangeOutcome(complete=True, accepted=accepted)


def _commit(
    repo: Repository, draft: ChangeDraft, holders: Sequence[KeyHolder], now: datetime, lives: Lives
) -> Accepted | None:
    """Write a change that has all its signatures, below a new snapshot and timestamp, after readers' own check of it.
    Returns what readers accept from then on; None before there is a policy. Raises SigningProblem."""
    new: dict[str, bytes] = {}
    root = draft.root.signed if draft.root else repo.root
    root_files = {} if draft.root is None else {chain.root_path(root.version): draft.root.to_bytes()}
    if repo.chain is None and draft.targets is None:
        chain.follow_roots(_reader(repo, root_files), repo.pinned)
        repository.put(repo.folder, root_files)
        return None
    if draft.targets is not None:
        targets, data = draft.targets.signed, draft.targets.to_bytes()
        if draft.policy is not None:
            new[f"targets/{targets.targets[TARGET].hashes['sha256']}.{TARGET}"] = draft.policy
        new[f"metadata/{targets.version}.targets.json"] = data
    else:
        assert repo.chain is not None  # noqa: S101 - for the type checker: see above
        targets = repo.chain.targets
        data = repo.chain.files[f"metadata/{targets.version}.targets.json"]
    meta = {
        "targets.json": MetaFile.from_data(targets.version, data, ["sha256"]),
        "root.json": MetaFile(root.version),
    }
    snapshot = Metadata(Snapshot(version=next_version(repo, "snapshot"), expires=lives.end("snapshot", now), meta=meta))
    _sign(snapshot, holders, set(root.roles["snapshot"].keyids))
    path = f"metadata/{snapshot.signed.version}.snapshot.json"
    new[path] = snapshot.to_bytes()
    listed = MetaFile.from_data(snapshot.signed.version, new[path], ["sha256"])
    timestamp = Metadata(
        Timestamp(version=next_version(repo, "timestamp"), expires=lives.end("timestamp", now), snapshot_meta=listed)
    )
    _sign(timestamp, holders, set(root.roles["timestamp"].keyids))
    new.update(root_files)
    new[TIMESTAMP] = timestamp.to_bytes()
    try:
        _, _, accepted = trust.verified(_reader(repo, new), repo.pinned, now=now, before=repo.chain)
    except TrustProblem as problem:
        raise SigningProblem(
            T("Nothing was published, because computers would refuse it. {why}", why=problem.sentence),
            T("Correct that first, and make sure that this computer’s date is right."),
            f"{problem.reason}: {problem.sentence} {problem.detail}",
        ) from problem
    repository.put(repo.folder, new, repo.unfinished)
    return accepted


def _reader(repo: Repository, new: dict[str, bytes]) -> chain.Read:
    return lambda path, limit: new[path] if path in new else repo.read(path, limit)


def _sign(metadata: Metadata[Any] | None, holders: Iterable[KeyHolder], keyids: set[str]) -> None:
    for holder in holders:
        if metadata is not None and holder.id in keyids:
            metadata.sign(holder.signer, append=True)


def _first(repo: Repository) -> int:
    return min(repository.numbers(repo.folder, "root"))


def _lacks(role: str, result: Any) -> Missing:
    """The signatures that a role lacks, by `result`, a VerificationResult of TUF."""
    names = tuple(signers.name_of(key) for key in result.unsigned.values())
    return Missing(role, len(result.signed), result.threshold, names)
