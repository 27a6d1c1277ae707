"""What ``fanion policy sign`` answers, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.cli.terminal import pick
from core.policy.signing.changes import Missing, Outcome
from core.policy.signing.signing import RepositoryStatus


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
            **pick(accepted, "sha256 expires"),
            "root": accepted.root_version,
            "targets": accepted.targets_version,
            "snapshot": accepted.snapshot_version,
            "timestamp": accepted.timestamp_version,
        },
    }


def _missing(missing: Sequence[Missing]) -> list[dict[str, Any]]:
    return [pick(one, "role have needed keys") for one in missing]


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
                **pick(role, "role version expires threshold"),
                "keys": [{"name": name, "id": id} for name, id in role.keys],
                **pick(role, "signed_by due expired"),
            }
            for role in found.roles
        ],
        "waiting": None if found.waiting is None else _missing(found.waiting),
    }
