"""What a desk does with its policy: keep rules of its own, see what a change would mean, grant exceptions.

The window and the command line call this and nothing below. Every change is on record before it counts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from core.desk import active_policy
from core.desk.active_policy import ActivePolicy, own_file
from core.desk.desk import Desk
from core.desk.policy import granted_exceptions
from core.desk.problems import NothingRecorded
from core.desk.settings.time_zone import day_of, zone_of
from core.ledger import records
from core.ledger.problems import LedgerProblem
from core.model import (
    App,
    AppState,
    Check,
    Finding,
    Inventory,
    Phone,
    Policy,
    Problem,
    Profile,
    ProfileKind,
    Rule,
    Trust,
)
from core.policy import layers
from core.policy.exceptions import Grant, Request
from core.policy.format import policy_file
from core.policy.format.checks import FormatFault
from core.policy.format.schema import faults
from core.policy.format.tables import document, to_toml
from core.policy.matching import match
from core.policy.problems import PolicyProblem
from core.system.files.files import replacing_file
from core.text import Bilingual, T, Text, plain

#: Checks in the log of which a preview tells.
_LAST_CHECKS: Final = 50
#: Records that are looked through for them.
_LOOK_BACK: Final = 2_000
#: The id of a desk's own rules.
OWN: Final = "own-rules"


class Locked(Problem):
    """The organisation does not allow this on this computer."""

    code = "policy-locked"
    exit_code = 5


@dataclass(frozen=True, slots=True)
class OwnRules:
    """The rules that this desk has added to the policy in force, and those that it has switched off."""

    rules: tuple[Rule, ...] = ()
    off: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.off)


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """What would be different on one phone: its check now and as it would have been. `whole` tells whether all its apps
    are known; of a phone that this window has not seen, the log has only those that a rule spoke of."""

    before: Check
    after: Check
    whole: bool

    @property
    def new(self) -> tuple[Finding, ...]:
        """What would be found that was not."""
        return _only(self.after, self.before)

    @property
    def dropped(self) -> tuple[Finding, ...]:
        """What would not be found any more."""
        return _only(self.before, self.after)


@dataclass(frozen=True, slots=True)
class InForce:
    """Since when a policy has been in force here, as the log has it; None where no record says so yet.

    `first` tells that no policy was put on record before: it has been in force since Fanion was first started here.
    """

    since: datetime | None
    first: bool = False

    @property
    def words(self) -> Text:
        """Since when, where no record says so."""
        if self.first:
            return T("the first start; recorded at the first check")
        return T("its last change; recorded at the next check")


def in_force(desk: Desk, policy: Policy) -> InForce:
    """Since when `policy` has been in force here without a break."""
    start: datetime | None = None
    recorded = False
    with contextlib.suppress(LedgerProblem), desk.read_ledger(practice=False) as ledger:
        # Each start of the program wrote one: they are fetched as they are needed.
        for entry in ledger.paged(ledger.numbers_down(kind=records.Kind.POLICY_LOADED)):
            recorded = True
            if entry.policy is None or entry.policy.sha256 != policy.sha256:
                return InForce(start)
            start = entry.time
    return InForce(start, first=not recorded)


# The desk's own rules


def may_edit(desk: Desk) -> Locked | None:
    """None if this desk may put rules of its own in force; else why not."""
    if active_policy.may_have_own_rules(desk.settings):
        return None
    if any(desk.settings.is_locked(key) for key in ("own_rules", "unsigned_policy")):
        sentence = T("Your organisation does not allow rules of this desk’s own on this computer.")
    else:  # the department has decided nothing: then nothing unsigned counts
        sentence = T("This computer uses only what is signed, and a desk’s own rules are not.")
    return Locked(sentence, T("Tell the policy team: it adds rules by signing them."))


def own(desk: Desk) -> OwnRules:
    """The desk's own rules, whether they are in force or not. Raises PolicyProblem, LedgerProblem."""
    file = own_file(desk.usable_folder())
    if not file.exists():
        return OwnRules()
    policy = policy_file.load(file)
    return OwnRules(policy.rules, policy.off)


def as_policy(mine: OwnRules, base: Policy, now: datetime | None = None) -> Policy:
    """The desk's own rules as a policy that stands on `base`; without a digest, because it is no file yet."""
    moment = now or datetime.now(UTC)
    return Policy(
        id=OWN,
        version=moment.strftime("%Y-%m-%d.%H%M%S"),
        issued=moment.date(),
        title=Bilingual("This desk’s own rules", "Règles propres à ce poste"),
        scope=base.scope,
        rules=mine.rules,
        sha256="",
        off=mine.off,
        exception_days=base.exception_days,
    )


def wrong(mine: OwnRules, base: Policy) -> tuple[FormatFault, ...]:
    """What is wrong with own rules, each with its place, such as ``("rule", 0, "product", "en")``."""
    if not mine:
        return ()
    return tuple(faults(document(as_policy(mine, base))))


def text_of(mine: OwnRules, base: Policy) -> str:
    """The file that the desk's own rules are, also to be given to the policy team."""
    return to_toml(as_policy(mine, base))


def put_in_force(desk: Desk, mine: OwnRules) -> ActivePolicy:
    """Have these own rules instead of those until now; none at all ends them.

    Raises Locked, PolicyProblem, LedgerProblem.
    """
    locked = may_edit(desk)
    if locked is not None:
        raise locked
    file, base = own_file(desk.usable_folder()), desk.active_policy().base
    try:
        if not mine:
            _record(desk, base)
            file.unlink(missing_ok=True)
        else:
            _replace(file, text_of(mine, base).encode(), lambda own: _record(desk, layers.lay(base, own)))
    except OSError as error:
        raise PolicyProblem(
            T("The desk’s own rules could not be saved safely in {file}.", file=plain(str(file), 1_000)),
            T("Check that the disk has space and that you may write to the folder, then save again."),
            str(error),
        ) from error
    return desk.active_policy()


def _record(desk: Desk, policy: Policy) -> None:
    """Put the policy on record that judges from now on. Raises LedgerProblem: then it must not come into force."""
    with desk.custodian(False, make=True) as ledger:
        ledger.append(records.PolicyLoaded.of(policy), policy=policy, seal=True)


def _replace(file: Path, content: bytes, announce: Callable[[Policy], None]) -> None:
    """Put `content` in the place of `file`, checked and announced before; a reader never sees half of it.

    Raises OSError, PolicyProblem, LedgerProblem.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    policy = policy_file.parse(content, file.name)
    with replacing_file(file, content, shared=True):
        announce(replace(policy, trust=Trust.UNSIGNED))


# What a change would mean


def preview(checks: Iterable[Check], recorded: Iterable[Check], policy: Policy) -> tuple[VerdictChange, ...]:
    """The phones on which `policy` would find something else than was found.

    `checks` are those that are still known with all their apps, `recorded` what the log has of others.
    """
    changes = [VerdictChange(check, judged_by(check, policy), whole=True) for check in checks]
    changes += [VerdictChange(check, judged_by(check, policy), whole=False) for check in recorded]
    return tuple(change for change in changes if change.new or change.dropped)


def laid(mine: OwnRules, base: Policy) -> Policy:
    """The policy that would be in force with these own rules."""
    return layers.lay(base, as_policy(mine, base)) if mine else base


def last_checks(desk: Desk, policy: Policy) -> tuple[Check, ...]:
    """The last checks of real phones, as far as the log has them: with the apps that a rule spoke of, and no others."""
    try:
        with desk.read_ledger(practice=False) as ledger:
            ends = ledger.newest(_LOOK_BACK, kind=records.Kind.CHECK_ENDED)
            findings = ledger.newest(_LOOK_BACK, kind=records.Kind.FINDING)
    except NothingRecorded:
        return ()
    ended: dict[str, tuple[Phone, datetime]] = {}
    for entry in ends:
        device = entry.device
        if device is not None and entry.visit and len(ended) < _LAST_CHECKS:
            phone = Phone(device.platform, device.maker, device.model, device.os, "")
            ended.setdefault(entry.visit, (phone, entry.time))
    apps: dict[str, list[App]] = {}
    for entry in findings:
        if entry.visit in ended and isinstance(entry.record, records.AppFound):
            apps.setdefault(entry.visit, []).append(_app(entry.record))
    return tuple(_check(phone, apps.get(visit, ()), time, policy) for visit, (phone, time) in ended.items())


def _app(record: records.AppFound) -> App:
    """The app of a record of a finding."""
    return App(
        package=record.package,
        version_name=record.version_name,
        installer=record.installer,
        system=record.system,
        signers=record.signers,
        states=(AppState(record.profile or 0, installed=True),),
    )


def _check(phone: Phone, apps: Sequence[App], time: datetime, policy: Policy) -> Check:
    """The check of a phone of which these apps alone are known, as `policy` judges it."""
    profiles = {state.profile for app in apps for state in app.states} | {0}
    all_profiles = tuple(
        Profile(id, "", ProfileKind.PERSONAL if id == 0 else ProfileKind.OTHER) for id in sorted(profiles)
    )
    one_each = {(app.package, app.states[0].profile): app for app in apps}
    inventory = Inventory(phone, all_profiles, tuple(one_each.values()))
    return Check(inventory, policy, match.judge(inventory, policy), time, time)


def judged_by(check: Check, policy: Policy) -> Check:
    """A check as it would have been by this policy; exceptions are as they were."""
    # What is excepted on this phone stays so: exceptions belong to a rule, not to a version of the policy.
    excepted = {(f.rule, f.app.package): f.excepted for f in check.findings if f.excepted is not None}
    findings = tuple(
        replace(f, excepted=excepted.get((f.rule, f.app.package)) if f.is_ban else None)
        for f in match.judge(check.inventory, policy, check.identities)
    )
    return replace(check, policy=policy, findings=findings)


def _only(check: Check, baseline: Check) -> tuple[Finding, ...]:
    def key(f: Finding) -> tuple[object, ...]:
        return f.rule, f.app.package, f.profile.id, f.strength, f.match

    baseline_keys = set(map(key, baseline.findings))
    return tuple(f for f in check.findings if key(f) not in baseline_keys)


# Exceptions


def may_except(desk: Desk, policy: Policy) -> Locked | None:
    """None if exceptions may be granted here; else why not."""
    if not desk.settings.exceptions:
        return Locked(
            T("Your organisation does not allow exceptions to be granted on this computer."),
            T("Ask the policy team."),
        )
    if policy.exception_days == 0:
        return Locked(T("The policy in force allows no exceptions."), T("Ask the policy team."))
    return None


def today(desk: Desk, *, practice: bool = False) -> date:
    """The day by which exceptions count, in the department's time zone. Raises LedgerProblem."""
    try:
        with desk.read_ledger(practice) as ledger:
            return granted_exceptions.today(ledger, zone_of(desk.settings.time_zone))
    except NothingRecorded:
        return day_of(datetime.now(UTC), zone_of(desk.settings.time_zone))


def exceptions(desk: Desk, *, practice: bool = False) -> tuple[Grant, ...]:
    """The register of exceptions, the newest first. Raises LedgerProblem."""
    try:
        with desk.read_ledger(practice) as ledger:
            return granted_exceptions.grants(ledger, zone_of(desk.settings.time_zone))
    except NothingRecorded:
        return ()


def grant(desk: Desk, request: Request, policy: Policy, *, practice: bool = False) -> Grant:
    """Put an exception on record. Raises Locked, CannotGrant, LedgerProblem."""
    locked = may_except(desk, policy)
    if locked is not None:
        raise locked
    with desk.custodian(practice, make=True) as ledger:
        return granted_exceptions.grant(ledger, request, policy, zone_of(desk.settings.time_zone))


def revoke(desk: Desk, entry: int, reason: str, *, practice: bool = False) -> None:
    """Withdraw an exception. Raises CannotGrant, LedgerProblem."""
    with desk.custodian(practice) as ledger:
        granted_exceptions.revoke(ledger, entry, reason)
