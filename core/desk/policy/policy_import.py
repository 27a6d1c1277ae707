"""Accepting a signed policy from a folder, such as a USB stick; a refusal is on record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core.desk import active_policy
from core.desk.desk import Desk
from core.desk.settings.settings import MACHINE_FILE
from core.jobs import Cancel
from core.ledger import records
from core.policy.problems import PolicyProblem
from core.policy.trust import refusals, trust
from core.policy.trust.accepted import Accepted
from core.system.build_date import built
from core.text import plain


def import_policy(desk: Desk, folder: Path, cancel: Cancel) -> Accepted:
    """Accept the signed policy that is in `folder`, such as a USB stick. Nothing changes if it is refused.

    Raises TrustProblem (the refusal, which is on record), Cancelled, LedgerProblem, SettingsProblem.
    """
    with desk.custodian(False, make=True) as ledger:
        try:
            root = active_policy.pinned(desk.settings)
            if root is None:
                raise refusals.no_root_named(str(MACHINE_FILE))
            newest = ledger.newest(1)
            return trust.accept(
                folder,
                desk.log_folder / active_policy.STORE,
                root.content,
                now=max(datetime.now(UTC), built(), *(entry.time for entry in newest)),
                floor=root.last_accepted(ledger),
                cancel=cancel,
                # What comes into force is on record before it does.
                announce=lambda accepted: ledger.append(root.record_of(accepted), seal=True),
            )
        except PolicyProblem as refused:
            ledger.append(
                records.PolicyRefused(code=refused.code, source=plain(folder.name), sentence=refused.sentence),
                seal=True,
            )
            raise
