"""How the policy team's repository stands: what is published, who signed it, when it ends, and what is due."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.policy.format.policy_file import parse
from core.policy.signing import changes, repository, signers
from core.policy.signing.changes import Missing
from core.policy.signing.signing import WITHIN
from core.policy.trust import chain
from core.policy.trust.metadata import Metadata, Signed


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
    """Raises SigningProblem if the repository is not sound."""
    here = repository.open_repository(folder)
    draft = repository.staged(here.folder)
    policy = parse(here.chain.policy, chain.TARGET) if here.chain else None
    return RepositoryStatus(
        folder=here.folder,
        root_file=here.folder / next(iter(here.root_files)),
        root_sha256=hashlib.sha256(here.pinned).hexdigest(),
        policy_id=policy.id if policy else "",
        policy_version=policy.version if policy else "",
        policy_sha256=here.chain.sha256 if here.chain else "",
        roles=tuple(_role(here, role, now, now + timedelta(days=within)) for role in _FILES),
        waiting=None if draft is None else changes.missing(here, draft),
    )


_FILES: Final = {
    "root": "metadata/{}.root.json",
    "targets": "metadata/{}.targets.json",
    "snapshot": "metadata/{}.snapshot.json",
    "timestamp": chain.TIMESTAMP,
}


def _role(here: repository.Repository, name: str, now: datetime, soon: datetime) -> RoleStatus:
    role = here.root.roles[name]
    keys = tuple((signers.name_of(here.root.keys[keyid]), keyid) for keyid in role.keyids)
    published: dict[str, Signed] = {"root": here.root}
    if here.chain is not None:
        published |= {one.type: one for one in (here.chain.targets, here.chain.snapshot, here.chain.timestamp)}
    signed = published.get(name)
    if signed is None:
        return RoleStatus(name, 0, None, role.threshold, keys, (), False, False)
    all_files = {**here.root_files, **(here.chain.files if here.chain else {})}
    data = all_files[_FILES[name].format(signed.version)]
    metadata: Metadata[Any] = Metadata.from_bytes(data)
    result = here.root.get_verification_result(name, metadata.signed_bytes, metadata.signatures)
    signed_by = tuple(signers.name_of(key) for key in result.signed.values())
    expired = signed.expires <= now
    return RoleStatus(
        name, signed.version, signed.expires, role.threshold, keys, signed_by, signed.expires <= soon, expired
    )
