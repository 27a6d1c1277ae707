"""Which of the policies that come with Fanion judges at this desk, chosen here where the organisation allows that.

The choice is on record before it counts: the record says who made it and when, as every record does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from core.desk import active_policy
from core.desk.active_policy import ActivePolicy
from core.desk.desk import Desk
from core.desk.policy.policy_changes import Locked
from core.desk.settings.settings import SettingsProblem
from core.ledger import records
from core.model import Policy
from core.policy.format import policy_file
from core.text import T


def choices() -> tuple[Policy, ...]:
    """The policies that come with Fanion, in the order of their names."""
    return tuple(policy_file.load_built_in(name) for name in policy_file.built_in())


def may_choose(desk: Desk) -> Locked | None:
    """None if one may be chosen here; else why not."""
    if desk.settings.policy_root:
        sentence = T("This computer judges by the signed policy of the policy team.")
        return Locked(sentence, T("To change it, import another signed policy."))
    if desk.settings.is_locked("policy"):
        sentence = T("Your organisation has set by which policy this computer judges.")
        return Locked(sentence, T("Ask your IT support to change it for this computer."))
    return None


def choose(desk: Desk, name: str) -> ActivePolicy:
    """Judge by the policy of that name, with the desk's own rules laid on it, from now on.

    Where the settings cannot be kept, what was in force stays so, and is on record again. Raises Locked,
    SettingsProblem, PolicyProblem, LedgerProblem; KeyError where no such policy comes with Fanion.
    """
    locked = may_choose(desk)
    if locked is not None:
        raise locked
    if name not in policy_file.built_in():
        raise KeyError(name)
    before = desk.active_policy().policy
    settings = replace(desk.settings, policy=name)
    after = active_policy.load_active_policy(desk.usable_folder(), settings, datetime.now(UTC)).policy
    with desk.custodian(False, make=True) as ledger:
        ledger.append(records.PolicyLoaded.of(after), policy=after, seal=True)
        try:
            desk.change(policy=name)
        except SettingsProblem:
            ledger.append(records.PolicyLoaded.of(before), policy=before, seal=True)
            raise
    return desk.active_policy()
