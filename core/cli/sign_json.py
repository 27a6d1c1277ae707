"""What ``fanion policy sign`` answers, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.policy.signing.changes import Missing, Outcome
from core.policy.signing.status import RepositoryStatus


def outcome_json(done: Outcome) -> dict[str, Any]:
    accepted = done.accepted
    return {
        "complete": done.complete,
        "missing": _missing(done.missing),
        "due": list(done.due),
        "policy": None
        if accepted is None
        else {
            "id": accepted.policy_id,
            "version": accepted.policy_version,
            "sha256": accepted.sha256,
            "expires": accepted.expires.isoformat(),
            "root": accepted.root_version,
            "targets": accepted.targets_version,
            "snapshot": accepted.snapshot_version,
            "timestamp": accepted.timestamp_version,
        },
    }


def _missing(missing: Sequence[Missing]) -> list[dict[str, Any]]:
    return [{"role": m.role, "have": m.have, "needed": m.needed, "keys": list(m.keys)} for m in missing]


def status_json(found: RepositoryStatus) -> dict[str, Any]:
    return {
        "folder": str(found.folder),
        "root_file": str(found.root_file),
        "root_sha256": found.root_sha256,
        "policy": {"id": found.policy_id, "version": found.policy_version, "sha256": found.policy_sha256}
        if found.policy_sha256
        else None,
        "roles": [
            {
                "role": role.role,
                "version": role.version,
                "expires": role.expires.isoformat() if role.expires else None,
                "threshold": role.threshold,
                "keys": [{"name": name, "id": id} for name, id in role.keys],
                "signed_by": list(role.signed_by),
                "due": role.due,
                "expired": role.expired,
            }
            for role in found.roles
        ],
        "waiting": None if found.waiting is None else _missing(found.waiting),
    }
