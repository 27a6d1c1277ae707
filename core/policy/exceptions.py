"""Exceptions: a phone may carry a banned app until a day, because an authority said so.

A grant changes no rule and no finding: the app stays banned, and is shown as banned but excepted. It holds for the one
phone that it names, by its serial number or by its department's asset tag, for as long as the policy in force allows,
and not a day longer than it says. Where both are named, the serial number decides.

An asset tag is what an officer types, and anybody can type it for any phone. So an exception by asset tag alone is for
a phone whose serial number is not known yet: at its first use it is bound to the phone that is there, and from then on
counts for no other. Where a department's list knows the tag, or the serial number, as another phone's, it counts for
none.

It excuses one app: that with its id *and* its signer. An id alone is anybody's: another app that is put under it would
be excused too. Who signs the app is known from the policy where that has the maker's certificate, or from the grant,
which names the one that was seen; and it must be known of the app that is there, by the certificate in its own file,
as what a listing says of a signer can be an app's own text. On iPhones
Apple gives an id to one developer, whose apps alone come from its store; of others the developer team must be known.
Where any of it is not known, the exception excuses nothing, and the finding says why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from core.model import (
    EvidenceKind,
    Excepted,
    Finding,
    Labels,
    Match,
    Phone,
    Policy,
    Rule,
    Signed,
    Strength,
    id_forms,
    id_key,
    platforms,
)
from core.policy.format.tables import PLATFORMS, is_app_id
from core.policy.wording import long_date
from core.same_phone import is_same, names_one_phone
from core.text import N, T, Text, plain


@dataclass(frozen=True, slots=True)
class Request:
    """A request that a phone may carry the app `package`, which the rule bans.

    `serial`, `maker` and `model` are those of a phone that was seen; `tag` what the department calls it. `signer` is
    who signed the app that was seen there: the SHA-256 of its certificate, or the developer team; empty where that was
    not known.
    """

    rule: str
    until: date
    authority: str
    reference: str
    package: str
    serial: str = ""
    maker: str = ""
    model: str = ""
    tag: str = ""
    signer: str = ""


@dataclass(frozen=True, slots=True)
class BoundPhone:
    """The phone to which an exception by asset tag was bound at its first use. `entry` is the record of that.

    Of a phone whose values were erased, `serial` is empty: it is not known any more which it was.
    """

    entry: int
    maker: str
    model: str
    serial: str


#: Why a phone has not the asset tag that was typed, by what a department's list says of that tag; None where no list
#: says so.
Listed = Callable[[str], Text | None]


@dataclass(frozen=True, slots=True)
class Grant:
    """An exception that was granted. `entry` is its record, `granted` the day on which it was written.

    Of a phone whose values were erased, `serial` and `tag` are empty: it is not known any more which it was. `bound` is
    the phone to which one by asset tag was bound; None before its first use.
    """

    entry: int
    request: Request
    granted: date
    revoked: date | None = None
    bound: BoundPhone | None = None

    def until(self, policy: Policy) -> date:
        """The last day of the exception: the one that it names, or the last that the policy in force allows."""
        return min(self.request.until, self.granted + timedelta(days=policy.exception_days))

    def holds(self, policy: Policy, today: date) -> bool:
        """Whether the exception counts today."""
        return self.revoked is None and policy.exception_days > 0 and self.granted <= today <= self.until(policy)

    @property
    def by_tag(self) -> bool:
        """Whether the exception names a phone by its asset tag alone."""
        return bool(self.request.tag) and not self.request.serial

    @property
    def names_a_phone(self) -> bool:
        """Whether the phone of the exception is still known."""
        request, bound = self.request, self.bound
        return bool(request.serial or request.tag) and (bound is None or bool(bound.serial))

    def is_for(self, phone: Phone, labels: Labels, *, alone: bool = True) -> bool:
        """Whether it names this phone: :meth:`objection` says whether it counts for it, too.

        Serial numbers are not unique, so maker and model must agree too; where the phone is not `alone` with its serial
        number, or has one that many phones have, the asset tag as well.
        """
        request, described = self.request, (phone.maker, phone.model, phone.serial)
        tagged = bool(request.tag) and request.tag.strip().casefold() == labels.tag.strip().casefold()
        if self.by_tag:
            return tagged or (self.bound is not None and is_same(_described(self.bound), described))
        if not names_one_phone(request.serial):
            return tagged and _described(request) == described
        return is_same(_described(request), described) and (alone or tagged)

    def objection(self, phone: Phone, listed: Listed, *, alone: bool = True) -> Text | None:
        """Why the exception does not count for a phone that it names by a typed asset tag; None where it does."""
        if not self.by_tag:
            return None
        if self.bound is not None and not self.bound.serial:
            return T("What tells the phone that it is bound to was erased.")
        if self.bound is not None and _described(self.bound) != (phone.maker, phone.model, phone.serial):
            return T("This exception is bound to another phone.")
        if not phone.serial:
            return T("The phone has no serial number to which an exception by asset tag could be bound.")
        if not alone:
            return T("Another phone at this desk has the same serial number.")
        return listed(self.request.tag)


def _described(phone: Request | BoundPhone) -> tuple[str, str, str]:
    return phone.maker, phone.model, phone.serial


def apply(
    findings: Sequence[Finding],
    phone: Phone,
    labels: Labels,
    grants: Iterable[Grant],
    policy: Policy,
    today: date,
    *,
    alone: bool = True,
    listed: Listed = lambda tag: None,
    read: Collection[str] | None,
) -> tuple[Finding, ...]:
    """`findings`, each ban that a grant allows on this phone marked so; by the grant that holds longest.

    `read` are the Android apps whose own files were read whole. It is None while a check goes on: who signed an app is
    not known yet, and the id is enough, as a red that is told early is final. At its end a ban that the grant does
    not excuse says why not. `listed` is asked about the asset tag of a grant that names the phone by it alone.
    """
    mine = [g for g in grants if g.holds(policy, today) and g.is_for(phone, labels, alone=alone)]
    mine.sort(key=lambda grant: (grant.until(policy), grant.entry), reverse=True)

    def objection(grant: Grant, finding: Finding) -> Text | None:
        why, entry = finding.why, grant.entry
        if (reason := grant.objection(phone, listed, alone=alone)) is not None:
            return T(
                "{why} The exception of entry {entry} does not count. {reason}", why=why, entry=entry, reason=reason
            )
        reason = _is_another(finding, grant.request.signer, phone.platform, read) if read is not None else None
        if reason is None:
            return None
        return T(
            "{why} The exception of entry {entry} does not count for it: {reason}", why=why, entry=entry, reason=reason
        )

    return tuple(
        _marked(finding, mine, policy, phone.platform, objection, tell=read is not None) for finding in findings
    )


def _marked(
    finding: Finding,
    grants: Iterable[Grant],
    policy: Policy,
    platform: str,
    objection: Callable[[Grant, Finding], Text | None],
    *,
    tell: bool,
) -> Finding:
    """The finding, excepted by the first grant to which there is no objection. Else, to `tell` it, the finding says the
    first objection."""
    # An app of that name with another signer is not what was allowed.
    if not finding.is_ban or finding.match is Match.LOOK_ALIKE:
        return finding
    against: Text | None = None
    for grant in grants:
        request = grant.request
        same = id_key(request.package, platform) == id_key(finding.app.package, platform)
        if not same or request.rule != finding.rule:
            continue  # Nothing is lost: it is the grant of another app
        why = objection(grant, finding)
        if why is None:
            return replace(
                finding, excepted=Excepted(grant.entry, grant.until(policy), request.authority, request.reference)
            )
        against = against or why
    return finding if against is None or not tell else replace(finding, why=against)


def signer_of(finding: Finding, platform: str) -> str:
    """Who signed the app of a finding, as a request names it: one whole certificate, or the developer team. Empty where
    that is not known, or where several signed it."""
    if platforms.of(platform).by_team:
        return finding.app.team
    certificates = set(finding.app.certificates)
    return next(iter(certificates)) if len(certificates) == 1 else ""


def needs_signer(rule: Rule, package: str) -> bool:
    """Whether an exception for an Android app must name its signer, as the rule does not know it."""
    return not any(package in signer.signs and signer.sha256 for signer in rule.signers)


_NOT_KNOWN: Final = T("who signed the app that is there is not known.")


def _is_another(finding: Finding, signer: str, platform: str, read: Collection[str]) -> Text | None:
    """Why the app of a finding may be another one than the one that was allowed, whose signer is `signer`; None where
    it is that one."""
    app = finding.app
    if platforms.of(platform).by_team:
        if app.signed in (Signed.STORE, Signed.TESTING) and (not signer or not app.team or app.team == signer):
            return None
    elif app.package not in read:
        return _NOT_KNOWN
    elif finding.match is Match.NAMED_AND_SIGNED and any(
        evidence.kind is EvidenceKind.CERTIFICATE for evidence in finding.evidence
    ):
        return None
    if not signer:
        return T("who signed the app was not known when it was granted.")
    signer_now = signer_of(finding, platform)
    if not signer_now:
        return _NOT_KNOWN
    return None if signer_now == signer else T("another signer signed the app that is there.")


def faults(request: Request, policy: Policy, today: date) -> tuple[tuple[str, Text], ...]:
    """What is wrong with a request, each with the name of its field: empty if it can be granted."""
    faults: list[tuple[str, Text]] = []
    rule = policy.rule(request.rule)
    if policy.exception_days == 0:
        faults.append(("rule", T("The policy in force allows no exceptions.")))
    if rule is None:
        faults.append(("rule", T("The policy in force has no rule “{rule}”.", rule=request.rule)))
    elif rule.strength is not Strength.BAN:
        faults.append(("rule", T("{product} is not banned: there is nothing to except.", product=rule.product)))
    elif not request.package:
        faults.append(("package", T("Say which app, such as {app}.", app=next(iter(_ids(rule)), "?"))))
    elif not _knows(rule, request.package):
        faults.append(("package", T("The rule names no app “{package}”.", package=plain(request.package))))
    if request.serial and not names_one_phone(request.serial) and not request.tag.strip():
        faults.append(("tag", T("Many phones have this serial number: give the asset tag too.")))
    elif not request.serial and not request.tag.strip():
        faults.append(("tag", T("Say which phone: plug it in and check it, or give its asset tag.")))
    if not request.authority.strip():
        faults.append(("authority", T("Say who granted it.")))
    if not request.reference.strip():
        faults.append(("reference", T("Give the reference of the decision, such as a file number.")))
    last = today + timedelta(days=policy.exception_days)
    if request.until < today:
        faults.append(("until", T("That day is over.")))
    elif request.until > last:
        faults.append(("until", longest_words(policy, last)))
    return tuple(faults)


def longest_words(policy: Policy, last: date) -> Text:
    """How long an exception may last: to the `last` day that the policy allows."""
    return N(
        "The policy allows one day at most: until {date}.",
        "The policy allows {count} days at most: until {date}.",
        policy.exception_days,
        date=long_date(last),
    )


def only_app(rule: Rule) -> str:
    """The app that is meant where a rule names a single Android app; nothing where there are several."""
    ids = _ids(rule)
    return ids[0] if len(ids) == 1 else ""


def _ids(rule: Rule) -> list[str]:
    return [id.id for id in rule.ids if not platforms.of(id.platform).by_team]


def _knows(rule: Rule, package: str) -> bool:
    """Whether the rule can find the app by this id: an app under another name may be excepted by its own."""
    if any(id_key(id.id, id.platform) in id_forms(package, id.platform) for id in rule.ids):
        return True
    return bool(rule.signers or rule.code or rule.teams) and any(is_app_id(package, p) for p in PLATFORMS)
