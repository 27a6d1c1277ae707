"""The words for the nouns' values: how a verdict, a strength or a profile is called in front of people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from core.model import (
    Afterwards,
    Attested,
    EvidenceKind,
    Finding,
    HashedBy,
    Light,
    Match,
    Paper,
    Phone,
    Profile,
    ProfileKind,
    Return,
    ReturnReason,
    Strength,
    Trust,
    Verdict,
    platforms,
)
from core.model.signals import SIGNALS
from core.text import Language, N, T, Text, Value

VERDICTS: Final = {Verdict.RED: T("Red"), Verdict.AMBER: T("Amber"), Verdict.GREEN: T("Green")}

STRENGTHS: Final = {
    Strength.BAN: T("Banned"),
    Strength.RECOMMENDATION: T("Recommended to restrict"),
    Strength.NOTICE: T("Related, not banned"),
    Strength.REVIEW: T("For review"),
}

PROFILES: Final = {
    ProfileKind.PERSONAL: T("Personal"),
    ProfileKind.WORK: T("Work"),
    ProfileKind.SECURE_FOLDER: T("Secure Folder"),
    ProfileKind.DUAL_APPS: T("Dual apps"),
    ProfileKind.PRIVATE_SPACE: T("Private space"),
    ProfileKind.GUEST: T("Guest"),
    ProfileKind.HIDDEN_APPS: T("Hidden apps"),
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
    ProfileKind.HIDDEN_APPS: T("hidden apps"),
}


def apps_read(listed: int, read: int | None) -> Text:
    """How many apps a phone listed, and how many of them were read where that is known to be fewer."""
    if read is None or read >= listed:
        return N("{count} app", "{count} apps", listed)
    return N("{count} app listed, {read} read", "{count} apps listed, {read} read", listed, read=read)


#: What is done to an app on a phone, by the driver's word for it.
ACTS: Final = {
    "uninstall": T("remove"),
    "uninstall-archived": T("remove the archived app"),
    "uninstall-updates": T("take back to the factory version"),
    "disable": T("switch off"),
    "suspend": T("suspend"),
    "install-existing": T("put back"),
    "enable": T("switch on"),
    "unsuspend": T("lift the suspension"),
    "open-app-settings": T("open its settings"),
    "open-admin-settings": T("open the security settings"),
}

#: How well a policy's id is known, by its word in the policy file; or that the phone says it.
CONFIDENCES: Final = {
    "several sources": T("several sources"),
    "one source": T("one source"),
    "the phone": T("the phone itself"),
}

#: How surely an app is what a rule names.
MATCHES: Final = {
    Match.NAMED_AND_SIGNED: T("app ID and signature match"),
    Match.NAMED: T("app ID matches; signature not checked"),
    Match.LOOK_ALIKE: T("app ID matches; signature does not"),
    Match.SAME_SIGNER: T("different name, same signature"),
    Match.SAME_CODE: T("different name, same code"),
    Match.SUSPECTED_SIGNER: T("suspected: different name, similar signature"),
    Match.SUSPECTED_CODE: T("suspected: different name, similar code"),
    Match.LABEL: T("only the name on the screen matches"),
    Match.WEB_PAGE: T("a page of its service, as an app"),
    Match.PAST_THE_STORE: T("named by no rule"),
}

#: What an app was recognised by.
EVIDENCE: Final = {
    EvidenceKind.PACKAGE_ID: T("app ID"),
    EvidenceKind.CERTIFICATE: T("signing certificate (SHA-256)"),
    EvidenceKind.SIGNER_HASH: T("short code of the signer"),
    EvidenceKind.OTHER_SIGNER: T("another signer"),
    EvidenceKind.CODE: T("class of the app"),
    EvidenceKind.FILE: T("file in the app"),
    EvidenceKind.LABEL: T("name on the screen"),
    EvidenceKind.TEAM_ID: T("Apple developer team"),
    EvidenceKind.SIGNER_NAME: T("signed by"),
    EvidenceKind.START_ADDRESS: T("opens a page of"),
}

#: What stands in a record in place of a rule, where none names the app.
NO_RULES: Final = {"past-the-store": T("no rule")}

#: From where an iPhone's app came, by what stands in a record in place of an installer.
ORIGINS: Final = {
    "com.apple.AppStore": Text("App Store"),
    "com.apple.TestFlight": Text("TestFlight"),
    "signed-outside-the-store": T("no store"),
}

#: Who computed the hash of a file of an app.
HASHED_BY: Final = {HashedBy.HERE: T("computed on this computer"), HashedBy.PHONE: T("as the phone says")}

#: What an officer saw on the phone itself.
ATTESTED: Final = {
    Attested.NOTHING_SEEN: T("no banned app was seen"),
    Attested.APP_SEEN: T("a banned app was seen"),
    Attested.DECLINED: T("the holder declined"),
}

#: What became of the owner's page.
PAPERS: Final = {
    Paper.PRINTED: T("given to the holder"),
    Paper.DECLINED: T("declined by the holder"),
    Paper.NOT_OFFERED: T("not offered"),
}

#: What was seen or said of a phone after it had been handed back.
AFTERWARDS: Final = {
    Afterwards.DEBUGGING_GONE: T("seen: USB debugging is gone, and the phone is still plugged in"),
    Afterwards.UNPLUGGED: T("seen: the phone was unplugged"),
    Afterwards.AUTO_BLOCKER_ON: T("reported: Auto Blocker is on again"),
    Afterwards.AUTHORISATIONS_REVOKED: T("reported: the USB debugging authorizations are revoked"),
}

#: What a signal of a phone's own protection is about.
HEALTH: Final = {row.id: row.title for row in SIGNALS.values()}

#: How a signal is judged.
LIGHTS: Final = {
    Light.RED: T("Red"),
    Light.AMBER: T("Amber"),
    Light.NOT_KNOWN: T("Unknown"),
    Light.INFORMATION: T("For information"),
    Light.GREEN: T("Green"),
}

#: Whether a banned app can be installed again.
RETURNS: Final = {
    Return.POSSIBLE: T("can be reinstalled"),
    Return.UNKNOWN: T("not known"),
    Return.BLOCKED: T("blocked"),
}

#: Why, in the middle of a sentence.
RETURN_REASONS: Final = {
    ReturnReason.NOT_MANAGED: T("phone not managed"),
    ReturnReason.INSTALLS_FREE: T("a part of the phone is not managed, and apps can be installed there"),
    ReturnReason.UNKNOWN_SOURCES: T("apps from unknown sources may be installed"),
    ReturnReason.NOT_ASKED: T("the phone was not asked how it is managed"),
    ReturnReason.NO_ANSWER: T("the phone does not say what its management restricts"),
    ReturnReason.CONTRADICTION: T("what the phone says of its management is not clear"),
    ReturnReason.NOT_ALL_READ: T("not all of the phone was seen"),
    ReturnReason.SYSTEM_ALTERED: T("the phone’s system may have been altered"),
    ReturnReason.OTHER_OWNER: T("the phone is not managed by the app that the policy expects"),
    ReturnReason.NOT_BY_OWNER: T("installing apps is restricted, but not by the phone’s management"),
    ReturnReason.NEW_PROFILES: T("installing apps is forbidden, but another profile may be added"),
    ReturnReason.STORE_NOT_TOLD: T("the phone does not say which apps its store offers"),
    ReturnReason.STORES_OFF: T("every known store is switched off, but a computer can install apps"),
    ReturnReason.SUPERVISED: T("the phone is supervised, and does not say what that restricts"),
    ReturnReason.PROFILE_CONTENTS: T("the phone does not say what its configuration profiles restrict"),
    ReturnReason.INSTALLS_FORBIDDEN: T("installing apps is forbidden"),
}

#: Why a policy is believed.
TRUST: Final = {
    Trust.BUILT_IN: T("comes with Fanion"),
    Trust.SIGNED: T("signed by your organisation"),
    Trust.MACHINE: T("set for this computer by your organisation"),
    Trust.UNSIGNED: T("not signed"),
}


def system(phone: Phone) -> Text | str:
    """The words for a phone's system, with its version; empty where the phone did not tell it."""
    return platforms.of(phone.platform).version(phone.os) if phone.os else ""


def strength(finding: Finding) -> Text:
    """The words for a finding's strength: also that an exception allows it, or that it could not be made sure."""
    until = finding.excepted.until.isoformat() if finding.excepted is not None else ""
    return strength_of(finding.strength, finding.match, until)


def strength_of(strength: Strength, match: Match, excepted_until: str = "") -> Text:
    """The words of :func:`strength` for the parts of a finding; `excepted_until` is a day (ISO 8601), or empty."""
    if excepted_until:
        return T("Banned, excepted until {date}", date=excepted_until)
    if match is Match.LABEL:
        return T("A hint")
    if match.suspected and strength is Strength.BAN:
        return T("Suspected")
    return STRENGTHS[strength]


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


def on_one_line(parts: Iterable[Value]) -> Text:
    """`parts` beside each other, a dot between them. ValueError if there are none."""
    line: Text | None = None
    for part in parts:
        line = T("{line} · {part}", line=line, part=part) if line is not None else T("{part}", part=part)
    if line is None:
        raise ValueError("there is nothing to say")
    return line


def listed(parts: Iterable[Value], *, either: bool = False) -> Text:
    """`parts` as a sentence counts them up: "A", "A and B", "A, B and C"; `either`: with "or" for "and".
    ValueError if there are none."""
    *others, last = parts
    line: Text | None = None
    for part in others:
        line = T("{line}, {part}", line=line, part=part) if line is not None else T("{part}", part=part)
    if line is None:
        return T("{part}", part=last)
    return T("{line} or {part}", line=line, part=last) if either else T("{line} and {part}", line=line, part=last)


def sentences(parts: Iterable[Value]) -> Text | str:
    """Whole sentences, one after the other; "" where there are none."""
    text: Text | None = None
    for part in parts:
        text = T("{part}", part=part) if text is None else T("{sentences} {sentence}", sentences=text, sentence=part)
    return text or ""


class _Inside(Text):
    __slots__ = ()

    def in_language(self, language: Language) -> str:
        text = super().in_language(language)
        return text[:1].lower() + text[1:]


def inside(sentence: Text) -> Text:
    """`sentence` as it stands in the middle of another, after a colon: it begins with a small letter."""
    return _Inside(sentence.message, sentence.values, sentence.plural, sentence.count)
