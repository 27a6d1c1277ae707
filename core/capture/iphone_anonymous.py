"""What an iPhone answered, without what tells of its holder.

Only what stands in one of the lists below, and what a rule of the policy names, is kept as it is. All else is replaced,
in capitals or not, as iOS compares ids without regard to them. Ids, versions, names and teams are drawn for each app,
and lists are in the order of what stands in them then, so that nothing tells which apps they were.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from core.capture.pseudonyms import Pseudonyms
from core.model import Policy, id_key, platforms
from core.phones.iphone import apps, entitlements
from core.policy.health.iphone import JAILBREAK_APPS
from core.policy.matching.index import folded

#: Characters of a text that are kept: more than a reader of the phone's answers takes of any.
LONGEST: Final = 4_000
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"
_SIGN: Final = "•"
_WORD: Final = re.compile(r"[^\W_]+")
_TEAM: Final = re.compile(r"[A-Z0-9]{10}")
#: An id, or a version: no text that a person wrote.
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,255}")
#: The key of a message under which the apps are, by their ids.
LOOKED_UP: Final = "LookupResult"
#: A day that stands for every other one.
_DAY: Final = datetime(2001, 1, 1, tzinfo=UTC).replace(tzinfo=None)
#: Bytes that stand for others, at most.
_BYTES: Final = 64


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Names of values, as Apple gives them. Any other one may be an app's or a profile's.
KEYS: Final = _set_of(
    """
    Request Service Domain Key Value Error ErrorDescription Port EnableServiceSSL Status
    LookupResult CurrentList CurrentIndex CurrentAmount Total
    CFBundleIdentifier CFBundleDisplayName CFBundleName CFBundleShortVersionString CFBundleVersion ApplicationType
    SignerIdentity IsDemotedApp IsPlaceholder IsAppClip IsUpgradeable Path MinimumOSVersion ApplicationDSID Entitlements
    application-identifier com.apple.developer.team-identifier get-task-allow beta-reports-active aps-environment
    keychain-access-groups com.apple.security.application-groups com.apple.developer.associated-domains
    CloudConfiguration IsSupervised AllowPairing OrganizationName IsMandatory IsMDMUnremovable ConfigurationWasApplied
    PostSetupProfileWasInstalled CloudConfigurationUIComplete ConfigurationSource SkipSetup
    OrderedIdentifiers ProfileManifest ProfileMetadata Description IsActive
    PayloadDisplayName PayloadIdentifier PayloadType PayloadUUID PayloadVersion PayloadOrganization PayloadDescription
    PayloadRemovalDisallowed PayloadContent PayloadScope
    ErrorChain ErrorDomain ErrorCode LocalizedDescription USEnglishDescription
    allowAppInstallation allowUIAppInstallation allowAppRemoval allowListedAppBundleIDs whitelistedAppBundleIDs
    blockedAppBundleIDs blacklistedAppBundleIDs allowMarketplaceAppInstallation allowWebDistributionAppInstallation
    allowEnterpriseAppTrust allowHostPairing allowAppClips restrictedBool restrictedValue value
    """
)
#: Words that a phone has for the same thing on every phone.
WORDS: Final = _set_of(
    """
    User System Internal Any Complete BrowsingApplications Acknowledged Error Idle true false yes no
    Activated Unactivated FactoryActivated SoftActivated WildcardActivated MismatchedIMEI
    InvalidService MissingValue GetProhibited PasswordProtected EscrowLocked ServiceProhibited ServiceLimit
    InvalidHostID InvalidRequest InvalidPairRecord SessionInactive MCProtected MCChallengeRequired MissingKey
    UnknownCommand APIInternalError MCInstallationErrorDomain
    """
)
#: Numbers that count the parts of an answer.
_COUNTS: Final = frozenset({"CurrentIndex", "CurrentAmount", "Total", "ErrorCode"})
#: No list holds a larger number with its sign.
_LARGEST: Final = 2**63
#: Values of lockdownd that say which system a phone has, and what each looks like.
_SYSTEM: Final[Mapping[str, re.Pattern[str]]] = {
    "ProductVersion": re.compile(r"[0-9]{1,2}(\.[0-9]{1,2}){1,2}"),
    "BuildVersion": re.compile(r"[0-9]{2}[A-Z][0-9]{1,5}[a-z]?"),
    "ProductType": re.compile(r"iP(hone|ad|od)[0-9]{1,2},[0-9]{1,2}"),
}
#: What of an answer repeats the question.
_ECHOES: Final = frozenset({"Request", "Domain", "Key", "Service"})


class IphoneAnonymiser:
    """Makes the answers of one check anonymous, and keeps what it leaves as it was."""

    def __init__(self, policy: Policy, pseudonyms: Pseudonyms) -> None:
        platform = apps.PLATFORM
        named = [id.id for rule in policy.rules for id in rule.ids if id.platform == platform]
        named += [id.id for container in policy.containers for id in container.ids if id.platform == platform]
        self._pseudonyms = pseudonyms
        self._ids = {id_key(id, platform) for id in (*named, *JAILBREAK_APPS)}
        teams = [team for rule in policy.rules for team in rule.teams]
        own = platforms.of(platform).own_ids
        self._beginnings = {f"{id}." for id in self._ids} | {id_key(team.prefix, platform) for team in teams} | {own}
        self._teams = {team.id for team in teams}
        #: The spellings of each id, as iOS compares it, in the order in which they came.
        self._spellings: dict[str, list[str]] = {}
        #: The app that the values are of.
        self._app = ""
        self._labels = {folded(label.text) for rule in policy.rules for label in rule.labels}
        self._organisation = policy.health.expected_organisation
        #: What was kept, by what it is.
        self.kept: dict[str, dict[str, None]] = {}
        #: A text was so long that it was cut.
        self.has_cut = False
        self._rules: Mapping[str, Callable[[str], str]] = {
            "SignerIdentity": self._signer,
            entitlements.APPLICATION: self._application,
            entitlements.TEAM: lambda team: self.team(team, self._app),
            "CFBundleDisplayName": lambda label: self.label(label, self._app),
            "CFBundleName": lambda label: self.label(label, self._app),
            "CFBundleVersion": self._version,
            "CFBundleShortVersionString": self._version,
            "OrganizationName": self._organisation_name,
        }

    def answer(self, request: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
        """One message that came for a request."""
        as_it_was = {key: message[key] for key in _ECHOES & message.keys() if message[key] == request.get(key)}
        value, form = message.get("Value"), _SYSTEM.get(str(request.get("Key")))
        if isinstance(value, str) and form is not None and form.fullmatch(value):
            as_it_was["Value"] = self._keep("properties", value)
        return as_it_was | self._table({key: value for key, value in message.items() if key not in as_it_was})

    def id(self, id: str) -> str:
        """The id of an app or a profile, or any other text: what a rule names is kept, be it the beginning only."""
        id = self._clean(id)
        key = id_key(id, apps.PLATFORM)
        if key in self._ids:
            return self._keep("ids", id)
        if id in WORDS:
            return self._keep("words", id)
        ends = [at + 1 for at, character in enumerate(key) if character == "."] if len(key) == len(id) else []
        begin = max((end for end in ends if key[:end] in self._beginnings), default=0)
        if begin:
            self._keep("ids", id[:begin])
        if not _ID.fullmatch(id[begin:]):
            return id[:begin] + self._words(id[begin:])
        spellings = self._spellings.setdefault(key, [])
        if id not in spellings:
            spellings.append(id)
        at = begin + spellings.index(id)  # a second spelling has capitals, so that it is another one there, too
        drawn = self._pseudonyms.name(key, id[:begin])
        return drawn[:begin] + drawn[begin:at].upper() + drawn[at:]

    # --- what a value becomes

    def _table(self, table: Mapping[str, Any], *, of_apps: bool = False) -> dict[str, Any]:
        anonymous: dict[str, Any] = {}
        for key, value in table.items():
            self._app = key if of_apps else self._app
            name = key if key in KEYS else self.id(key)
            while name in anonymous:
                name += f"{_SIGN}{len(anonymous)}"  # signs alone would be as many as names
            anonymous[name] = self._value(key, value)
        return dict(sorted(anonymous.items()))

    def _value(self, key: str, value: object) -> object:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._rules.get(key, self.id)(value)
        if isinstance(value, int):
            return value if key in _COUNTS or value in (0, 1) else self._number(value)
        if isinstance(value, Mapping):
            self._app = str(value.get("CFBundleIdentifier", self._app))
            return self._table(value, of_apps=key == LOOKED_UP)
        if isinstance(value, list):
            return sorted((self._value(key, item) for item in value), key=str)
        if isinstance(value, bytes):
            return bytes(min(len(value), _BYTES))
        return 0.5 if isinstance(value, float) else _DAY if isinstance(value, datetime) else ""

    def _number(self, number: int) -> int:
        digits = int(self._pseudonyms.word(str(abs(number)))) % _LARGEST
        return -digits if number < 0 else digits

    def _signer(self, signer: str) -> str:
        signer = self._clean(signer)
        if signer in apps.APPLE_SIGNERS:
            return self._keep("signers", signer)
        for begin in apps.SIGNER_BEGINNINGS:
            if signer.startswith(begin):
                return self._keep("signers", begin) + self._drawn("signer", signer.removeprefix(begin), self._app)
        return self._words(signer)

    def team(self, team: str, app: str) -> str:
        """The id of a developer team, for each app another one; one that a rule names is kept."""
        if team in self._teams:
            return self._keep("teams", team)
        is_one = _TEAM.fullmatch(team)
        return self._pseudonyms.digest(team, app).upper() if is_one else self._words(self._clean(team))

    def _version(self, version: str) -> str:
        is_one = _ID.fullmatch(version)
        return self._pseudonyms.version(f"{self._app} {version}") if is_one else self._words(self._clean(version))

    def _drawn(self, kind: str, text: str, app: str) -> str:
        """Another text for one of an app's; one with signs that nobody sees keeps them."""
        if _REPLACED in text or not text:
            return self._words(text)
        return self._pseudonyms.name(f"{kind} of {app} {text}").replace(".", " ").capitalize()

    def _application(self, application: str) -> str:
        team, stop, id = application.partition(".")
        return f"{self.team(team, self._app)}{stop}{self.id(id)}" if _TEAM.fullmatch(team) else self.id(application)

    def label(self, label: str, app: str) -> str:
        """What an app is called; what a rule names is kept."""
        label = self._clean(label)
        if folded(label) in self._labels:
            return self._keep("labels", label)
        return self._drawn("label", label, app)

    def _organisation_name(self, name: str) -> str:
        return (
            self._keep("organisations", name) if name and name == self._organisation else self._words(self._clean(name))
        )

    # --- characters

    def _keep(self, what: str, text: str) -> str:
        self.kept.setdefault(what, {})[text] = None
        return text

    def _clean(self, text: str) -> str:
        """A text without what no list in XML can hold or no line can show, cut to :data:`LONGEST`."""
        if len(text) > LONGEST:
            self.has_cut = True
            text = text[:LONGEST]
        if text.isascii() and text.isprintable():
            return text
        return "".join(map(_shown, text))

    def _words(self, text: str) -> str:
        replaced = _WORD.sub(lambda match: self._word(match[0]), text)
        if replaced.isascii():
            return replaced
        return "".join(c if c.isascii() or c.isalnum() or c == _REPLACED else _SIGN for c in replaced)

    def _word(self, word: str) -> str:
        if not word.isascii():
            return self._pseudonyms.word(word)
        drawn = self._pseudonyms.word(word.lower())
        return drawn.upper() if word.isupper() else drawn.capitalize() if word[0].isupper() else drawn


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    return _REPLACED if category[0] in "CZ" else character
