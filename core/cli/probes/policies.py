"""The policies that come with Fanion, and the libraries for others."""

from __future__ import annotations

import yaml

from core.desk.desk import Desk
from core.policy.format import policy_file
from core.policy.trust import trust
from core.text import N, Text


def policies(desk: Desk) -> Text:
    """Read all policies that come along, and see that the libraries for signed ones and others' lists are there."""
    count = len([policy_file.load_built_in(name) for name in policy_file.built_in()])
    if not (callable(trust.accept) and callable(yaml.safe_load)):
        raise RuntimeError("a library is not whole")
    return N(
        "{count} comes along and is sound; signed ones can be read",
        "{count} come along and are sound; signed ones can be read",
        count,
    )
