"""The words for the nouns' values: how a verdict, a strength or a profile is called in front of people."""

from __future__ import annotations

from typing import Final

from core.model import Profile, ProfileKind, Strength, Verdict
from core.text import T, Text, Value

VERDICTS: Final = {Verdict.RED: T("Red"), Verdict.AMBER: T("Amber"), Verdict.GREEN: T("Green")}

STRENGTHS: Final = {
    Strength.BAN: T("Banned"),
    Strength.RECOMMENDATION: T("Recommended to restrict"),
    Strength.NOTICE: T("Related, not banned"),
}

PROFILES: Final = {
    ProfileKind.PERSONAL: T("Personal"),
    ProfileKind.WORK: T("Work"),
    ProfileKind.SECURE_FOLDER: T("Secure Folder"),
    ProfileKind.DUAL_APPS: T("Dual apps"),
    ProfileKind.PRIVATE_SPACE: T("Private space"),
    ProfileKind.GUEST: T("Guest"),
    ProfileKind.OTHER: T("Other user"),
}

#: What is done to an app on a phone, by the driver's word for it.
ACTS: Final = {
    "uninstall": T("remove"),
    "uninstall-updates": T("take back to the factory version"),
    "disable": T("switch off"),
    "suspend": T("suspend"),
    "install-existing": T("put back"),
    "enable": T("switch on"),
    "unsuspend": T("lift the suspension"),
    "open-app-settings": T("open its settings"),
    "open-admin-settings": T("open the security settings"),
}

#: How well a policy's id is known, by its word in the policy file.
CONFIDENCES: Final = {"several sources": T("several sources"), "one source": T("one source")}


def pair(name: Value, text: Value) -> Text:
    """A name and what it stands for; French puts a no-break space before the colon."""
    return T("{name}: {text}", name=name, text=text)


def profile(profile: Profile) -> Text:
    """A profile as a person would call it. Its own name is free text of the phone's owner, so it is told by kind."""
    if profile.kind is ProfileKind.OTHER:
        return T("Other user ({id})", id=profile.id)
    return PROFILES[profile.kind]
