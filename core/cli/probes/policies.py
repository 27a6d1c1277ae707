"""The policies that come with Fanion, and the libraries for others."""

from __future__ import annotations

import yaml

from core.desk.desk import Desk
from core.policy.format import policy_file
from core.policy.trust import trust
from core.text import N, Text


def policies(desk: Desk) -> Text:
    """All that come along can be read, and so can signed ones and others' lists: their libraries are there."""
    count = len([policy_file.load_built_in(name) for name in policy_file.built_in()])
    if not (callable(trust.accept) and callable(yaml.safe_load)):
        raise RuntimeError("a library is not whole")
    return N(
        "{count} comes along and is sound; signed ones can be read",
        "{count} come along and are sound; signed ones can be read",
        count,
    )
