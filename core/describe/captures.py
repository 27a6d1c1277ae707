"""What was kept in a capture as the phone gave it, in words."""

from __future__ import annotations

from typing import Final

from core.text import T, Text

_GROUPS: Final = {
    "ids": T("App ids that a rule of the policy or Fanion itself names"),
    "versions": T("Versions of banned apps"),
    "labels": T("Names of apps that a rule of the policy names"),
    "signers": T("Signers that a rule of the policy or Fanion itself names"),
    "teams": T("Developer teams that a rule of the policy names"),
    "addresses": T("Web addresses that a rule of the policy names"),
    "properties": T("What the phone says of its model and system"),
    "organisations": T("The organisation that the policy expects"),
    "words": T("Words that every phone has"),
}


def group_words(group: str) -> Text | str:
    """What a group of values is called; the group itself where it is none that is known."""
    return _GROUPS.get(group, group)
