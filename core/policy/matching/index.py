"""A policy made ready for matching: every way to recognise an app leads to its rules by one look-up.

So judging a phone costs as much as it has apps and the policy has rules, and never their product.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from core.model import (
    App,
    Certificate,
    Code,
    Identity,
    Label,
    Policy,
    Rule,
    RuleFile,
    RuleId,
    Signer,
    SoughtInFiles,
    Strength,
    Team,
    id_forms,
    id_key,
    platforms,
)
from core.policy.matching import parts
from core.policy.matching.per_policy import per_policy
from core.policy.matching.prefixes import Prefixes

#: Letters that the name of a product has at least, for another name to be like it that only begins with it.
_BEGINNING: Final = 5
#: The processors for which an app can have libraries (Android NDK, "Android ABIs", with those of earlier releases).
_PROCESSORS: Final = ("arm64-v8a", "armeabi-v7a", "armeabi", "x86", "x86_64", "riscv64", "mips", "mips64")


class Index:
    """The rules of a policy for the apps of one platform, by id, signer, code, label and team."""

    def __init__(self, policy: Policy, platform: str) -> None:
        self.platform = platform
        self.by_teams = platforms.of(platform).by_team
        self._clips = platforms.of(platform).clips
        #: More than one rule may name an app where policies were laid on each other: all of them count.
        self._ids: dict[str, list[tuple[Rule, RuleId]]] = defaultdict(list)
        self._digests: dict[str, list[tuple[Rule, Signer]]] = defaultdict(list)
        self._hashes: dict[str, list[tuple[Rule, Signer]]] = defaultdict(list)
        self._labels: dict[str, list[tuple[Rule, Label]]] = defaultdict(list)
        self._teams: dict[str, list[tuple[Rule, Team]]] = defaultdict(list)
        for rule in policy.rules:
            for id in rule.ids:
                if id.platform == platform:
                    self._ids[id_key(id.id, platform)].append((rule, id))
            for label in rule.labels:
                self._labels[folded(label.text)].append((rule, label))
            if self.by_teams:
                for team in rule.teams:
                    self._teams[team.id].append((rule, team))
            else:
                self._signers(rule)
        rules = () if self.by_teams else policy.rules
        #: The rules by the code of their apps.
        self.code: Prefixes[tuple[Rule, Code]] = Prefixes(
            (code.prefix, (rule, code)) for rule in rules for code in rule.code if not code.inside
        )
        #: The same, with the code that is told by its own classes alone.
        self.inside: Prefixes[tuple[Rule, Code]] = Prefixes(
            (code.prefix, (rule, code)) for rule in rules for code in rule.code
        )
        #: The rules by the files in their apps' archives.
        self.files: dict[str, list[tuple[Rule, RuleFile]]] = defaultdict(list)
        for owner in rules:
            for file in owner.files:
                for name in _places(file.name) if file.name not in parts.FILES else ():
                    self.files[name].append((owner, file))
        prefixes = dict.fromkeys(code.prefix for rule in rules for code in rule.code)
        self._sought = SoughtInFiles(tuple(self.files), tuple(prefixes), parts.CLASSES)
        self._no_digest = self._digests.keys().isdisjoint
        self._no_hash = self._hashes.keys().isdisjoint
        self._no_team = self._teams.keys().isdisjoint

    def _signers(self, rule: Rule) -> None:
        for signer in rule.signers:
            if signer.shared:
                continue
            for digest in (signer.sha256, signer.sha1, signer.md5):
                if digest:  # their lengths differ, so one table is enough
                    self._digests[digest].append((rule, signer))
            if signer.hash:
                self._hashes[signer.hash].append((rule, signer))

    def by_id(self, id: str) -> list[tuple[Rule, RuleId]]:
        """The rules that name an app of this id, as the platform compares ids, or the app of which it is a copy."""
        own, *copied = (self._ids.get(form, []) for form in id_forms(id, self.platform))
        named = {rule.id for rule, _ in own}
        return own + [(rule, of) for rules in copied for rule, of in rules if rule.id not in named]

    def by_parent(self, app: App) -> list[tuple[Rule, RuleId]]:
        """The rules that name the app that an App Clip is a part of. Its id begins with that app's id and a full stop
        (Apple, "Register an App ID for App Clips"). More than one may begin so: of each rule the longest id."""
        if not self._clips or not any(state.instant for state in app.states):
            return []
        words = app.package.split(".")
        parents = (".".join(words[:count]) for count in range(1, len(words)))
        rules = {rule.id: (rule, id) for parent in parents for rule, id in self.by_id(parent)}
        return list(rules.values())

    def by_digest(self, digest: str) -> list[tuple[Rule, Signer]]:
        """The rules with a certificate of this SHA-256, SHA-1 or MD5."""
        return self._digests.get(digest, [])

    def by_hash(self, hash: str) -> list[tuple[Rule, Signer]]:
        """The rules with a certificate of this 32-bit hash."""
        return self._hashes.get(hash, [])

    def by_label(self, label: str) -> list[tuple[Rule, Label]]:
        """The rules whose product has this name on the screen."""
        key = folded(label) if self._labels and label else ""
        return self._labels.get(key, []) if key else []

    def bans_called_like(self, app: App) -> tuple[Rule, ...]:
        """The bans whose product has this app's name, or one that begins it, as the further products of a maker do."""
        name = folded(app.label) if self.may_be_called(app) else ""
        named = (
            rule
            for label, labelled in self._labels.items()
            if label == name or (len(label) >= _BEGINNING and name.startswith(label))
            for rule, _ in labelled
            if rule.strength is Strength.BAN
        )
        return tuple(dict.fromkeys(named))

    def by_team(self, team: str, app: App) -> Iterator[tuple[Rule, Team]]:
        """The rules with apps that this team signs under a bundle id such as the app's. Under an id of Apple's none of
        these teams can sign anything but what hides."""
        id = id_key(app.package, self.platform)
        teams = self._teams.get(team, ())
        if app.of_maker(self.platform):
            return iter(teams)
        return (
            (rule, named_team) for rule, named_team in teams if id.startswith(id_key(named_team.prefix, self.platform))
        )

    def sought(self, outside: Iterable[str]) -> SoughtInFiles:
        """What is sought in the files of apps, and in the code of the apps `outside`, which no store installed."""
        return replace(self._sought, outside=frozenset(outside))

    def knows_signer(self, app: App) -> bool:
        """Whether the phone's listing names a signer of some rule."""
        return not (self._no_digest(app.certificates) and self._no_hash(app.signers))

    def knows(self, app: App) -> bool:
        """Whether anything that the phone's listing says of an app, besides its id, may be that of some rule."""
        return (
            self.knows_signer(app)
            or app.team in self._teams
            or (self.may_be_called(app) and app.label != "" and folded(app.label) in self._labels)
            or bool(self.code.of_interest(app.components))
        )

    def may_be_called(self, app: App) -> bool:
        """Whether what an app calls itself is a sign: not of one that came with the phone, whose maker names its own
        things as it likes. On an iPhone that is one under an id of Apple's: others can be installed as System."""
        return not app.of_maker(self.platform)

    def may_tell(self, app: App, identity: Identity) -> bool:
        """Whether what was read of an app, besides what its listing says, may be that of some rule."""
        return (
            bool(identity.certificates or identity.lineage or identity.components or identity.files or identity.code)
            or not self._no_team(identity.teams)
            or identity.label not in ("", app.label)
        )


#: The index of a policy for a platform.
index: Final = per_policy(Index)


def _places(name: str) -> list[str]:
    """Where a file of a rule can be in an archive."""
    head, star, rest = name.partition("/*/")
    return [f"{head}/{processor}/{rest}" for processor in _PROCESSORS] if star else [name]


def is_of(certificate: Certificate, signer: Signer) -> bool:
    """Whether a whole certificate is the one of a rule: by the strongest digest that the rule has."""
    for theirs, ours in (
        (signer.sha256, certificate.sha256),
        (signer.sha1, certificate.sha1),
        (signer.md5, certificate.md5),
    ):
        if theirs:
            return theirs == ours
    return signer.hash == certificate.hash


def folded(label: str) -> str:
    """A label as it is compared: its letters and digits alone, without regard to case, width and accents, and to the
    script of letters that look alike."""
    if label.isascii():
        return label.translate(_ASCII)
    return "".join(c for c in unicodedata.normalize("NFKD", label).casefold() if c.isalnum()).translate(_ALIKE)


#: Letters, as a case-folded text has them, that look like Latin ones, be it as capitals (Unicode's confusables.txt).
_ALIKE: Final = str.maketrans(
    "авсԁеһіјкӏмнорԛѕтѵԝхуүαβεηικμνορτυχγϲıɡɩʟ",
    "abcdehijklmhopqstvwxyyabehikmvoptyxycigil",
)
#: What :func:`folded` makes of ASCII, which most labels are.
_ASCII: Final = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}
