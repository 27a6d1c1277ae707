"""The root of trust that the computer's administrator has pinned, and what it means for a desk's policies.

It is loaded only where the settings name a root file: the libraries of signed policies (TUF) take a while.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from core.ledger import records
from core.policy.trust import trust
from core.policy.trust.accepted import Accepted
from core.policy.trust.trust import SignedPolicy

if TYPE_CHECKING:  # a log is handed in: who has none does without its libraries
    from core.ledger.reader import LedgerReader

#: What a policy that was announced as accepted and could not be stored is refused with.
NOT_STORED: Final = "policy-not-stored"
#: Records of accepted policies that are looked through.
_LOOK_BACK: Final = 200


@dataclass(frozen=True, slots=True)
class PinnedRoot:
    """A root file, as it was read once for whatever is decided by it."""

    content: bytes

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises TrustProblem where there is none."""
        return cls(trust.pinned_root(file))

    def load(self, store: Path, now: datetime, floor: Accepted | None) -> SignedPolicy | None:
        """As :func:`core.policy.trust.trust.load`."""
        return trust.load(store, self.content, now=now, floor=floor)

    def record_of(self, accepted: Accepted) -> records.PolicyAccepted:
        """Make the log's record of a policy that this root accepted: the next one must not be older."""
        return records.PolicyAccepted(
            id=accepted.policy_id,
            version=accepted.policy_version,
            sha256=accepted.sha256,
            versions=records.Versions(
                root=accepted.root_version,
                targets=accepted.targets_version,
                snapshot=accepted.snapshot_version,
                timestamp=accepted.timestamp_version,
            ),
            expires=accepted.expires.isoformat(),
            keys=accepted.root_keys,
            online_keys=accepted.online_keys,
            pinned=self._digest,
        )

    def last_accepted(self, ledger: LedgerReader) -> Accepted | None:
        """The signed policy that was accepted last from the team that this root trusts, by the log.

        What another team signed before, under another root file and with none of the same keys, says nothing of this
        one. Nor does what was announced and could not be stored. Raises LedgerProblem.
        """
        refused = [
            entry.seq
            for entry in ledger.decided(records.Kind.POLICY_REFUSED, limit=_LOOK_BACK)
            if isinstance(entry.record, records.PolicyRefused) and entry.record.code == NOT_STORED
        ]
        # The newest first: a refusal between an acceptance and the next one says that the former was not stored.
        later = 2**62
        for entry in ledger.decided(records.Kind.POLICY_ACCEPTED, limit=_LOOK_BACK):
            record, failed = entry.record, any(entry.seq < seq < later for seq in refused)
            later = entry.seq
            if failed or not isinstance(record, records.PolicyAccepted):
                continue
            if record.pinned != self._digest and not trust.keys_of(self.content) & set(record.keys):
                return None
            return Accepted(
                sha256=record.sha256,
                policy_id=record.id,
                policy_version=record.version,
                root_version=record.versions.root,
                targets_version=record.versions.targets,
                snapshot_version=record.versions.snapshot,
                timestamp_version=record.versions.timestamp,
                expires=datetime.fromisoformat(record.expires),
                root_keys=record.keys,
                online_keys=record.online_keys,
            )
        return None

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()
