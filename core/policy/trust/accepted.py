"""A signed policy that was accepted, as it is put on record: what the next one is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted, for the record: which policy, under which numbers, and by whose keys.

    `sha256` is of the policy file's exact bytes. `expires` is when the first of the signed parts does. Keys are given
    by their TUF key ids: the SHA-256 of the public key's canonical JSON, in hex, sorted.
    """

    sha256: str
    policy_id: str
    policy_version: str
    root_version: int
    targets_version: int
    snapshot_version: int
    timestamp_version: int
    expires: datetime
    root_keys: tuple[str, ...]
    #: Those that sign snapshot and timestamp.
    online_keys: tuple[str, ...]
