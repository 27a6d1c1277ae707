"""The words for the nouns' values: how a verdict, a strength or a profile is called in front of people."""

from __future__ import annotations

from typing import Final

from core.model import Profile, ProfileKind, Strength, Verdict
from core.text import Language, T, Text, Value

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

#: The same behind the name of an app.
_WHERE: Final = {
    ProfileKind.PERSONAL: T("personal profile"),
    ProfileKind.WORK: T("work profile"),
    ProfileKind.SECURE_FOLDER: T("Secure Folder"),
    ProfileKind.DUAL_APPS: T("dual apps"),
    ProfileKind.PRIVATE_SPACE: T("private space"),
    ProfileKind.GUEST: T("guest profile"),
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


def app_in(app: Value, profile: Profile) -> Text:
    """An app and the profile that it is in."""
    where = _WHERE.get(profile.kind) or T("profile of user {id}", id=profile.id)
    return T("{app} ({profile})", app=app, profile=where)


class _Inside(Text):
    __slots__ = ()

    def in_language(self, language: Language) -> str:
        told = super().in_language(language)
        return told[:1].lower() + told[1:]


def inside(sentence: Text) -> Text:
    """`sentence` as it stands in the middle of another, after a colon: it begins with a small letter."""
    return _Inside(sentence.message, sentence.values, sentence.plural, sentence.count)
