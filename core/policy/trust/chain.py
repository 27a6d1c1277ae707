"""From the pinned root to the policy: every signature, number and hash in between (The Update Framework, spec 1.0).

Pure: it is given a way to read and says what it read. It says nothing of expiry, which depends on who asks. Deciding
on a stick is ngclient's too (:mod:`core.policy.trust.trust`); this is what names the reason of a refusal, and what
verifies what a computer has accepted, offline and at any later time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from core.policy.format.policy_file import LIMIT as POLICY_LIMIT
from core.policy.trust import refusals
from core.policy.trust.metadata import Metadata, RepositoryError, Root, Snapshot, TargetFile, Targets, Timestamp

#: The one target of a repository.
TARGET: Final = "policy.toml"
TIMESTAMP: Final = "metadata/timestamp.json"
#: In bytes. A root with six keys and three signatures has 3 kB, the others less than 1 kB.
LIMITS: Final = {"root": 64_000, "timestamp": 16_000, "snapshot": 64_000, "targets": 64_000}
#: How many times the root may have changed since the one that is pinned.
ROTATIONS: Final = 256
#: Versions are below it, so that they fit everywhere they are recorded.
VERSION_LIMIT: Final = 2**31

_SHA256: Final = re.compile(r"[0-9a-f]{64}")

#: The bytes of a file by its path in the repository, at most so many; None if it is not there. Raises TrustProblem.
Read = Callable[[str, int], bytes | None]
_S = TypeVar("_S", "Root", "Timestamp", "Snapshot", "Targets")


@dataclass(frozen=True, slots=True)
class Chain:
    """A verified repository. `files` are all files that it took, by their paths, the policy under `policy_path`."""

    root: Root
    timestamp: Timestamp
    snapshot: Snapshot
    targets: Targets
    policy_path: str
    files: Mapping[str, bytes]

    @property
    def sha256(self) -> str:
        """The SHA-256 of the policy file, in hex."""
        return self.target.hashes["sha256"]

    @property
    def target(self) -> TargetFile:
        return self.targets.targets[TARGET]

    @property
    def policy(self) -> bytes:
        return self.files[self.policy_path]

    @property
    def expires(self) -> tuple[datetime, str]:
        """When the first of the four signed parts expires, and which one it is."""
        parts = (self.root, self.timestamp, self.snapshot, self.targets)
        return min((part.expires, str(part.type)) for part in parts)


def root_path(version: int) -> str:
    return f"metadata/{version}.root.json"


def follow(read: Read, pinned: bytes) -> Chain:
    """Verify all that leads from the root `pinned` to the policy. Raises TrustProblem for the first that is wrong."""
    root, files = follow_roots(read, pinned)
    if not root.consistent_snapshot:
        raise refusals.changed(_name(root_path(root.version)), "no consistent snapshots")

    files[TIMESTAMP] = _fetched(read, TIMESTAMP, LIMITS["timestamp"])
    timestamp = _delegated(Timestamp, TIMESTAMP, files[TIMESTAMP], root)

    path, meta = f"metadata/{timestamp.snapshot_meta.version}.snapshot.json", timestamp.snapshot_meta
    files[path] = _listed(read, path, LIMITS["snapshot"], meta)
    snapshot = _delegated(Snapshot, path, files[path], root, meta.version)

    # Not of the specification, but allowed by it: who withholds a new root is found out.
    newest = snapshot.meta.get("root.json")
    if newest is not None and newest.version > root.version:
        raise refusals.incomplete(_name(root_path(root.version + 1)))

    listed = snapshot.meta.get("targets.json")
    if listed is None:
        raise refusals.changed(_name(path), "no targets.json in it")
    path = f"metadata/{listed.version}.targets.json"
    files[path] = _listed(read, path, LIMITS["targets"], listed)
    targets = _delegated(Targets, path, files[path], root, listed.version)

    target = targets.targets.get(TARGET)
    if target is None or set(target.hashes) != {"sha256"} or not _SHA256.fullmatch(target.hashes["sha256"]):
        raise refusals.changed(_name(path), f"no {TARGET} in it")
    policy_path = f"targets/{target.hashes['sha256']}.{TARGET}"
    files[policy_path] = _listed(read, policy_path, POLICY_LIMIT, target)
    return Chain(root, timestamp, snapshot, targets, policy_path, files)


def follow_roots(read: Read, pinned: bytes) -> tuple[Root, dict[str, bytes]]:
    """The newest root that `pinned` leads to, and every root on the way, the pinned one first. Raises TrustProblem."""
    try:
        metadata = parsed(Root, "root.json", pinned)
        _require_signatures("root.json", metadata, metadata.signed)
    except refusals.TrustProblem as problem:
        raise refusals.bad_root(f"{problem.reason}: {problem.detail}") from problem
    root = metadata.signed
    files = {root_path(root.version): pinned}
    for _ in range(ROTATIONS):
        path = root_path(root.version + 1)
        data = read(path, LIMITS["root"])
        if data is None:
            break
        metadata = parsed(Root, path, data)
        _require_signatures(path, metadata, root)
        _require_signatures(path, metadata, metadata.signed)
        if metadata.signed.version != root.version + 1:
            raise refusals.changed(_name(path), f"it says that it is version {metadata.signed.version}")
        root, files[path] = metadata.signed, data
    return root, files


def parsed(role: type[_S], path: str, data: bytes) -> Metadata[_S]:
    """Read `data`; its signatures are not verified yet. Raises TrustProblem."""
    try:
        metadata: Metadata[Any] = Metadata.from_bytes(data)
        if metadata.signed.type != role.type:
            raise ValueError(f"it is a {metadata.signed.type}")
        if type(metadata.signed.version) is not int or metadata.signed.version >= VERSION_LIMIT:
            raise ValueError("its version is no version")
        if isinstance(metadata.signed, Root):  # the library takes whatever is listed there
            ids = [keyid for role_keys in metadata.signed.roles.values() for keyid in role_keys.keyids]
            if not all(isinstance(keyid, str) for keyid in ids):
                raise ValueError("the id of a key is no text")
    except Exception as error:  # whatever a hostile file makes of the library: it is not what was signed
        refuse = refusals.incomplete if _stops_early(data) else refusals.changed
        raise refuse(_name(path), str(error)[:500]) from error
    return metadata


def _delegated(role: type[_S], path: str, data: bytes, root: Root, version: int | None = None) -> _S:
    """Read `data`, and require the signatures of those whom `root` names. Raises TrustProblem."""
    metadata = parsed(role, path, data)
    _require_signatures(path, metadata, root)
    if version is not None and metadata.signed.version != version:
        raise refusals.changed(_name(path), f"it says that it is version {metadata.signed.version}")
    return metadata.signed


def _require_signatures(path: str, metadata: Metadata[Any], root: Root) -> None:
    """Raise TrustProblem unless enough of the keys that `root` names for it have signed."""
    try:
        payload = metadata.signed_bytes
        result = root.get_verification_result(metadata.signed.type, payload, metadata.signatures)
        enough = result.verified
    except Exception as error:
        raise refusals.changed(_name(path), str(error)[:500]) from error
    if enough:
        return
    if any(keyid in metadata.signatures for keyid in result.unsigned):
        raise refusals.changed(_name(path), "a signature does not fit it")
    if metadata.signatures and not result.signed:
        raise refusals.other_keys(_name(path))
    raise refusals.too_few_signatures(_name(path), len(result.signed), result.threshold)


def _fetched(read: Read, path: str, limit: int) -> bytes:
    data = read(path, limit)
    if data is None:
        raise refusals.incomplete(_name(path))
    return data


def _listed(read: Read, path: str, limit: int, meta: Any) -> bytes:
    """A file whose length and hash are (or may be) known from what is signed already. Raises TrustProblem."""
    if type(meta.version if hasattr(meta, "version") else 1) is not int:
        raise refusals.changed(_name(path), "its version is no version")
    if meta.length is not None and meta.length > limit:
        raise refusals.too_large(_name(path))
    data = _fetched(read, path, limit)
    try:
        meta.verify_length_and_hashes(data)
    except RepositoryError as error:
        cut = (meta.length is not None and len(data) < meta.length) or (path.endswith(".json") and _stops_early(data))
        refuse = refusals.incomplete if cut else refusals.changed
        raise refuse(_name(path), str(error)[:500]) from error
    return data


def _stops_early(data: bytes) -> bool:
    """Whether a JSON object ends before it is whole, as one does that was not copied to its end.

    Some file systems fill with zeros what was not written.
    """
    depth, in_string, escaped = 0, False, False
    for byte in data.rstrip(b"\0"):
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:  # a backslash
                escaped = True
            elif byte == 0x22:  # a quotation mark
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
        elif byte in b"]}":
            depth -= 1
    return in_string or depth > 0 or not data.rstrip(b"\0")


def _name(path: str) -> str:
    return path.rpartition("/")[2]
