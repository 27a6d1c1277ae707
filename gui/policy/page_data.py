"""What the policy page shows: read in one go, off the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.desk.active_policy import ActivePolicy
from core.desk.desk import Desk
from core.desk.policy import policy_changes, policy_choice
from core.desk.policy.policy_changes import InForce, Locked, OwnRules
from core.model import Check, Policy, Rule, Trust
from core.policy.format import policy_file
from core.policy.problems import PolicyProblem
from gui.policy.rules.rule_model import RuleOrigin, RuleRow, rule_row

#: Gives the checks that this window still knows whole.
Checks = Callable[[], tuple[Check, ...]]


@dataclass(frozen=True, slots=True)
class PageData:
    """What is in force, since when, with which rules; and what of it this desk may change.

    `locked` is why the desk can have no rules of its own, `unread` why those that it has cannot be read, and `given`
    why no other of the built-in policies can be chosen here.
    """

    force: ActivePolicy
    own: OwnRules
    since: InForce
    rules: tuple[RuleRow, ...]
    locked: Locked | None
    unread: PolicyProblem | None
    choice_locked: Locked | None = None

    @property
    def policy(self) -> Policy:
        """The policy that phones are judged by."""
        return self.force.policy

    @property
    def stands(self) -> bool:
        """Whether the desk's own rules are in force."""
        return self.force.policy is not self.force.base


def read(desk: Desk) -> PageData:
    """Read the policy in force and the desk's own rules. Raises PolicyProblem, LedgerProblem."""
    force = desk.active_policy()
    unread = None
    try:
        own = policy_changes.own(desk)
    except PolicyProblem as problem:  # they are not in force; else that would have been raised before
        own, unread = OwnRules(), problem
    since = policy_changes.in_force(desk, force.policy)
    locked, choice_locked = policy_changes.may_edit(desk), policy_choice.may_choose(desk)
    return PageData(force, own, since, tuple(_entries(force, own)), locked, unread, choice_locked)


def _entries(force: ActivePolicy, own: OwnRules) -> Iterator[RuleRow]:
    """This desk's rules first, then the policy's, then those that do not count."""
    stands = force.policy is not force.base
    mine = {rule.id for rule in own.rules} if stands else set()
    for rule in force.policy.rules:
        if rule.id in mine:
            yield rule_row(rule, RuleOrigin.INSTEAD if force.base.rule(rule.id) else RuleOrigin.OWN)
    yield from (rule_row(rule) for rule in force.policy.rules if rule.id not in mine)
    if stands:
        off = (force.base.rule(id) for id in own.off if id not in mine)
        yield from (rule_row(rule, RuleOrigin.OFF) for rule in off if rule is not None)
    yield from (rule_row(rule, RuleOrigin.OFF_BELOW) for rule in _off_below(force.base))
    if not stands:
        yield from (rule_row(rule, RuleOrigin.IDLE) for rule in own.rules)


def _off_below(base: Policy) -> Iterator[Rule]:
    """The rules of built-in policies that the one standing on them switches off."""
    for layer in base.layers:
        if layer.trust is Trust.BUILT_IN:
            lower = policy_file.load_built_in(layer.id)
            yield from (rule for rule in lower.rules if rule.id in base.off and base.rule(rule.id) is None)
