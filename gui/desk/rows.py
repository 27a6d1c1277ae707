"""The apps of a check as rows, findings first: what is shown of each, and by what it is found and sorted.

Made on the phone's lane, not on the page: a hostile phone may claim to have twenty thousand apps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from core import stores, words
from core.model import App, Check, Finding, Policy, Profile, Strength
from core.text import LANGUAGES, Bilingual, T, Text
from gui.theme import Status


class Kind(Enum):
    """What a row's flag says, in the order in which rows stand."""

    BANNED = 0
    CONTAINED = 1
    RECOMMENDATION = 2
    NOTICE = 3
    ALLOWED = 4


STATUS = {
    Kind.BANNED: Status.RED,
    Kind.CONTAINED: Status.AMBER,
    Kind.RECOMMENDATION: Status.AMBER,
    Kind.NOTICE: Status.INFO,
    Kind.ALLOWED: Status.GREEN,
}

FLAGS = {
    Kind.BANNED: words.STRENGTHS[Strength.BAN],
    Kind.CONTAINED: T("Switched off"),
    Kind.RECOMMENDATION: words.STRENGTHS[Strength.RECOMMENDATION],
    Kind.NOTICE: words.STRENGTHS[Strength.NOTICE],
    Kind.ALLOWED: T("Not banned"),
}

_KINDS = {Strength.BAN: Kind.BANNED, Strength.RECOMMENDATION: Kind.RECOMMENDATION, Strength.NOTICE: Kind.NOTICE}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a finding in one profile, or an app that no rule speaks of with all its profiles."""

    kind: Kind
    app: App
    product: Bilingual | None
    profiles: tuple[Text, ...]
    installer: Text | Bilingual | str
    why: Text | None
    off: bool
    from_store: bool
    #: Since when, and by whose decision.
    decided: Text | None = None
    finding: Finding | None = field(default=None, compare=False)
    #: Everything that can be searched for, in both languages, casefolded.
    haystack: str = field(default="", compare=False, repr=False)

    @property
    def name(self) -> str:
        """What the app is called; where that is not known, the last part of its package, which often says it."""
        return str(self.product) if self.product else self.app.package.rpartition(".")[2]

    @property
    def version(self) -> str:
        code = self.app.version_code
        return self.app.version_name or (str(code) if code is not None else "")

    @property
    def profile(self) -> str:
        return ", ".join(map(str, self.profiles))

    @property
    def since(self) -> str:
        """Why it has its flag, in so few words that they fit into a column."""
        if self.decided is None:
            return self.reason
        return str(T("{decided}. Switched off", decided=self.decided)) if self.off else str(self.decided)

    @property
    def reason(self) -> str:
        """Why it has its flag, and what is particular about it, in a sentence."""
        if self.why is not None:
            return str(T("{why} It is switched off.", why=self.why)) if self.off else str(self.why)
        return str(T("Switched off")) if self.off else ""


def rows_of(check: Check) -> tuple[Row, ...]:
    """A check's findings, in the order in which the policy ranks them, then all other installed apps by package."""
    profiles = {p.id: p for p in check.inventory.profiles}
    found = {f.app.package for f in check.findings}
    rows = [_finding(f, check.policy) for f in check.findings]
    rows.sort(key=lambda row: row.kind.value)
    rest = [_other(a, profiles) for a in check.inventory.apps if a.package not in found]
    rest = [row for row in rest if row.profiles]
    rest.sort(key=lambda row: row.app.package)
    return (*rows, *rest)


def _finding(finding: Finding, policy: Policy) -> Row:
    state = finding.app.state(finding.profile.id)
    kind = Kind.CONTAINED if finding.contained and finding.strength is Strength.BAN else _KINDS[finding.strength]
    off = state is not None and state.off
    rule = policy.rule(finding.rule)
    decided = None
    if rule is not None and finding.strength is not Strength.NOTICE:
        day = rule.effective.isoformat()
        decided = T("{date}, {authority}", date=day, authority=rule.authority.name)
    profiles = (words.profile(finding.profile),)
    return _row(kind, finding.app, finding.product, profiles, finding.why, off, finding, decided)


def _other(app: App, profiles: dict[int, Profile]) -> Row:
    there = [s for s in app.states if s.installed]
    names = tuple(_profile(s.profile, profiles) for s in there)
    return _row(Kind.ALLOWED, app, None, names, None, bool(there) and all(s.off for s in there), None)


def _profile(id: int, profiles: dict[int, Profile]) -> Text:
    known = profiles.get(id)
    return words.profile(known) if known else T("Other user ({id})", id=id)


def _row(
    kind: Kind,
    app: App,
    product: Bilingual | None,
    profiles: tuple[Text, ...],
    why: Text | None,
    off: bool,
    finding: Finding | None,
    decided: Text | None = None,
) -> Row:
    installer = stores.installer(app)
    said: list[str] = [app.package, app.version_name, app.installer]
    for language in LANGUAGES:
        said += [p.in_language(language) for p in profiles]
        said.append(FLAGS[kind].in_language(language))
        if isinstance(installer, Text | Bilingual):
            said.append(installer.in_language(language))
        if product:
            said.append(product.in_language(language))
        if why:
            said.append(why.in_language(language))
    haystack = "\n".join(said).casefold()
    return Row(kind, app, product, profiles, installer, why, off, stores.from_store(app), decided, finding, haystack)
