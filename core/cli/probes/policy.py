"""Whether the policy in force can be used."""

from __future__ import annotations

from pathlib import Path

from core.desk.desk import Desk
from core.policy.trust import chain, trust
from core.text import T, Text


def policy(desk: Desk) -> Text:
    """The one in force. A root file has to be one even before a signed policy was accepted: it would accept none."""
    if desk.settings.policy_root:
        chain.follow_roots(lambda path, limit: None, trust.pinned_root(Path(desk.settings.policy_root)))
    policy_in_force = desk.policy(None)
    return T(
        "{id} {version}, SHA-256 {sha256}",
        id=policy_in_force.id,
        version=policy_in_force.version,
        sha256=policy_in_force.sha256,
    )
