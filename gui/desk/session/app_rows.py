"""The apps of a check as rows, findings first: what is shown of each, and by what it is found and sorted.

Made on the phone's lane, not on the page: a hostile phone may claim to have twenty thousand apps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from core import value_names
from core.describe import installers
from core.model import App, Check, Finding, Match, Policy, Profile, Strength
from core.policy.wording import long_date
from core.text import LANGUAGES, Bilingual, T, Text
from core.visit.check import to_look_into
from gui.toolkit.theme import Status


class AppKind(Enum):
    """What a row's flag says, in the order in which rows stand."""

    BANNED = 0
    LOOK_ALIKE = 1
    EXCEPTED = 2
    CONTAINED = 3
    SUSPECTED = 4
    RECOMMENDATION = 5
    NOTICE = 6
    HINT = 7
    REVIEW = 8
    #: No rule speaks of it by what the listings say; its file was not looked into, or not yet.
    UNREAD = 9
    ALLOWED = 10

    @property
    def status(self) -> Status:
        """The colour of the flag."""
        return _FLAGS[self][0]

    @property
    def word(self) -> Text:
        """What the flag says, where no day is told with it."""
        return _FLAGS[self][1]


_FLAGS: Final[Mapping[AppKind, tuple[Status, Text]]] = {
    AppKind.BANNED: (Status.RED, value_names.STRENGTHS[Strength.BAN]),
    AppKind.LOOK_ALIKE: (Status.RED, T("Banned (look-alike)")),
    AppKind.EXCEPTED: (Status.RED, T("Excepted")),
    AppKind.CONTAINED: (Status.AMBER, T("Switched off")),
    AppKind.SUSPECTED: (Status.AMBER, T("Suspected")),
    AppKind.RECOMMENDATION: (Status.AMBER, value_names.STRENGTHS[Strength.RECOMMENDATION]),
    AppKind.NOTICE: (Status.INFO, value_names.STRENGTHS[Strength.NOTICE]),
    AppKind.HINT: (Status.NEUTRAL, T("A hint")),
    AppKind.REVIEW: (Status.INFO, value_names.STRENGTHS[Strength.REVIEW]),
    AppKind.UNREAD: (Status.NEUTRAL, T("Not looked into")),
    AppKind.ALLOWED: (Status.GREEN, T("Allowed")),
}


#: What is banned, also where there is more to say of it.
BANS = (AppKind.BANNED, AppKind.LOOK_ALIKE, AppKind.EXCEPTED, AppKind.CONTAINED)

_KINDS = {
    Strength.BAN: AppKind.BANNED,
    Strength.RECOMMENDATION: AppKind.RECOMMENDATION,
    Strength.NOTICE: AppKind.NOTICE,
    Strength.REVIEW: AppKind.REVIEW,
}

#: The sign of how surely an app is what a rule names; a word stands beside it.
MATCH_GLYPHS = {
    Match.NAMED_AND_SIGNED: "check",
    Match.NAMED: "tag",
    Match.LOOK_ALIKE: "warning",
    Match.SAME_SIGNER: "seal",
    Match.SAME_CODE: "seal",
    Match.SUSPECTED_SIGNER: "question",
    Match.SUSPECTED_CODE: "question",
    Match.LABEL: "info",
    Match.WEB_PAGE: "info",
    Match.PAST_THE_STORE: "search",
}


@dataclass(frozen=True, slots=True)
class AppRow:
    """One line of the table: a finding in one profile, or an app that no rule speaks of with all its profiles."""

    kind: AppKind
    flag: Text
    app: App
    profiles: tuple[Text, ...]
    installer: Text | Bilingual | str
    from_store: bool
    off: bool
    #: Since when, and by whose decision.
    decided: Text | None = None
    finding: Finding | None = field(default=None, compare=False)
    #: Everything that can be searched for, in both languages, casefolded.
    haystack: str = field(default="", compare=False, repr=False)

    @property
    def product(self) -> Bilingual | None:
        """What the policy calls the app, where a rule speaks of it."""
        return self.finding.product if self.finding is not None else None

    @property
    def name(self) -> str:
        """What the app is called: by the policy, else on the screen; where neither is known, its package.

        One that hides behind another name has both: the officer looks for the one on the phone, and means the other.
        One of which that is not sure is called what it calls itself.
        """
        if self.product is None or self.kind in (AppKind.SUSPECTED, AppKind.HINT):
            return self.app.label or self.app.package
        if self.finding is not None and self.finding.match.other_name and self.app.label:
            return str(T("{product}, called “{label}”", product=self.product, label=self.app.label))
        return str(self.product)

    @property
    def is_named(self) -> bool:
        """Whether it has a name that a person would know."""
        return self.product is not None or bool(self.app.label)

    def with_name(self, label: str) -> AppRow:
        """The row with the name that its app has on the phone's screen; itself, where that is not known or not new."""
        if label in ("", self.app.label):
            return self
        app = replace(self.app, label=label)
        finding = replace(self.finding, app=app) if self.finding is not None else None
        return replace(self, app=app, finding=finding, haystack=f"{self.haystack}\n{label.casefold()}")

    def looked_into(self) -> AppRow:
        """The row once its app's file was read whole: where no rule speaks of it, it is allowed."""
        if self.kind is not AppKind.UNREAD:
            return self
        word = AppKind.ALLOWED.word
        words = "\n".join(word.in_language(language).casefold() for language in LANGUAGES)
        return replace(self, kind=AppKind.ALLOWED, flag=word, haystack=f"{self.haystack}\n{words}")

    @property
    def version(self) -> str:
        code = self.app.version_code
        return self.app.version_name or (str(code) if code is not None else "")

    @property
    def profile(self) -> str:
        return ", ".join(map(str, self.profiles))

    @property
    def since(self) -> str:
        """Why it has its flag, in so few words that they fit into a column: how sure that is, and who decided it."""
        if self.finding is None:
            return self.reason
        parts: list[Text] = [value_names.MATCHES[self.finding.match]]
        if self.decided is not None:
            parts.append(self.decided)
        if self.off:
            parts.append(T("switched off"))
        return "; ".join(map(str, parts))

    @property
    def reason(self) -> str:
        """Why it has its flag, and what is particular about it, in a sentence."""
        if self.finding is not None:
            why = self.finding.why
            return str(T("{why} It is switched off.", why=why)) if self.off else str(why)
        return str(T("Switched off")) if self.off else ""


def rows_of(check: Check) -> tuple[AppRow, ...]:
    """A check's findings, in the order in which the policy ranks them, then all other installed apps by package: first
    those that did not come with the phone, which are of interest and have names."""
    profiles = {p.id: p for p in check.inventory.profiles}
    packages = {f.app.package for f in check.findings}
    rows = [_finding(f, check.policy) for f in check.findings]
    rows.sort(key=lambda row: row.kind.value)
    looked_into = {package for package, identity in check.identities.items() if identity.why is None}
    unread = {app.package for app in to_look_into(check)} - looked_into
    rest = [
        _without_finding(a, profiles, a.package in unread) for a in check.inventory.apps if a.package not in packages
    ]
    rest = [row for row in rest if row.profiles]
    rest.sort(key=lambda row: (row.app.system, row.app.package))
    return (*rows, *rest)


def _finding(finding: Finding, policy: Policy) -> AppRow:
    state = finding.app.state(finding.profile.id)
    off = state is not None and state.off
    rule = policy.rule(finding.rule)
    decided = None
    if rule is not None and finding.strength is not Strength.NOTICE:
        day = rule.effective.isoformat()
        decided = T("{date}, {authority}", date=day, authority=rule.authority.name)
    kind = _kind(finding)
    flag = kind.word
    if finding.excepted is not None:
        flag = T("Excepted until {date}", date=long_date(finding.excepted.until))
    return _row(kind, flag, finding.app, (value_names.profile(finding.profile),), off, decided, finding)


def _kind(finding: Finding) -> AppKind:
    if finding.match is Match.LABEL:
        return AppKind.HINT
    if finding.match.suspected:
        return AppKind.SUSPECTED
    if not finding.is_ban:
        return _KINDS[finding.strength]
    if finding.excepted is not None:
        return AppKind.EXCEPTED
    if finding.contained:
        return AppKind.CONTAINED
    return AppKind.LOOK_ALIKE if finding.match is Match.LOOK_ALIKE else AppKind.BANNED


def _without_finding(app: App, profiles: dict[int, Profile], unread: bool) -> AppRow:
    states = [s for s in app.states if s.present]
    names = tuple(_profile(s.profile, profiles) for s in states)
    kind = AppKind.UNREAD if unread else AppKind.ALLOWED
    return _row(kind, kind.word, app, names, bool(states) and all(s.off for s in states))


def _profile(id: int, profiles: dict[int, Profile]) -> Text:
    profile = profiles.get(id)
    return value_names.profile(profile) if profile else T("Other user ({id})", id=id)


def _row(
    kind: AppKind,
    flag: Text,
    app: App,
    profiles: tuple[Text, ...],
    off: bool,
    decided: Text | None = None,
    finding: Finding | None = None,
) -> AppRow:
    installer = installers.installer(app)
    words: list[Text | Bilingual | str] = [*profiles, flag, installer]
    if finding:
        words += [value_names.MATCHES[finding.match], finding.product, finding.why]
    texts = [app.package, app.label, app.version_name, app.installer]
    texts += [word.in_language(language) for language in LANGUAGES for word in words if not isinstance(word, str)]
    haystack = "\n".join(texts).casefold()
    from_store = installers.from_store(app)
    return AppRow(kind, flag, app, profiles, installer, from_store, off, decided, finding, haystack)
