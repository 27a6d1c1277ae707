"""The banned apps that the log has of a phone and no reading has shown to be gone: from this visit, or from its last
one before that ended without a handing back.

Red is a record: what lives in memory alone is lost with a cable. Only a serial number that one phone alone can have
finds an earlier visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core import describe
from core.describe.visits import RecordedVisit
from core.ledger.reader import LedgerReader
from core.ledger.records import Entry, Kind, SeenBan
from core.model import App, AppState, Finding, Inventory, Match, Phone, Policy, Rule, Strength
from core.policy.matching import match
from core.policy.wording import why
from core.same_phone import is_same, names_one_phone
from core.visit.greeting import LOOK_BACK

#: Records of the phone itself of one kind that are looked through for the last visit before.
_OF_THE_PHONE = 50


def visit_before(ledger: LedgerReader, phone: Phone, visit: str) -> Sequence[Entry]:
    """The records of the last visit but `visit` in which this phone was read or shown to have banned apps; none where
    it was handed back. Raises LedgerProblem."""
    mine = phone.maker, phone.model, phone.serial
    if not names_one_phone(phone.serial):
        return ()
    kinds = (Kind.BANS_SEEN, Kind.CHECK_ENDED)
    entries = [entry for kind in kinds for entry in ledger.of_phone(mine, kind, LOOK_BACK, _OF_THE_PHONE)]
    for entry in sorted(entries, key=lambda entry: entry.seq, reverse=True):
        device = entry.device
        if device is None or not entry.visit or entry.visit == visit:
            continue  # Nothing is lost: what is of no visit but this one was read already
        if is_same(mine, (device.maker, device.model, describe.serial(entry))):
            visit_entries = ledger.of_visit(entry.visit)
            return () if any(e.kind == Kind.HANDED_BACK for e in visit_entries) else visit_entries
    return ()


def seen_before(entries: Sequence[Entry], policy: Policy, inventory: Inventory) -> Iterator[Finding]:
    """The banned apps of a visit that its records do not show to be gone, as the policy names them now."""
    if not entries:
        return
    visit = RecordedVisit(tuple(entries))
    for app in visit.bans_left:
        rule = policy.rule(app.rule)
        if rule is not None and rule.strength is Strength.BAN and app.profile is not None:
            kind = app.match if isinstance(app.match, Match) else Match.NAMED
            listed = inventory.app(app.package) or App(app.package, label=app.label, system=app.system)
            yield replace(_finding(policy, rule, listed, app.profile, kind, inventory), evidence=app.evidence)
    for ban in visit.bans_seen:
        rule = next((rule for rule in policy.rules if _is_of(rule, ban)), None)
        if rule is not None and ban.profile is not None:
            kind = Match.NAMED if ban.package in {id.id for id in rule.ids} else Match.SAME_CODE
            listed = inventory.app(ban.package) or App(ban.package)
            yield _finding(policy, rule, listed, ban.profile, kind, inventory)


def _is_of(rule: Rule, ban: SeenBan) -> bool:
    return rule.strength is Strength.BAN and ban.product in (rule.product, *(id.product for id in rule.ids))


def _finding(policy: Policy, rule: Rule, app: App, profile: int, kind: Match, inventory: Inventory) -> Finding:
    """That the app was seen in the profile, whether or not the phone lists it there now."""
    state = app.state(profile)
    if state is None or not state.present:
        other_states = tuple(state for state in app.states if state.profile != profile)
        app = replace(app, states=(*other_states, AppState(profile, installed=True)), confirmed=False)
    product = next((id.product for id in rule.ids if id.id == app.package), rule.product)
    reason = why(policy, rule, product, app, kind)
    return Finding(rule.id, product, rule.strength, app, match.profile_of(inventory, profile), (), reason, kind)
