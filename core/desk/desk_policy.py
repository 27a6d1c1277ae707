"""The policy by which a workplace judges, and what its log says of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.desk import active_policy
from core.desk.active_policy import ActivePolicy
from core.desk.desk_logs import DeskLogs
from core.desk.problems import NothingRecorded
from core.desk.workplace import Workplace
from core.ledger.problems import LedgerProblem
from core.ledger.records import PolicyRefused
from core.model import Policy
from core.policy.problems import PolicyProblem
from core.policy.trust.accepted import Accepted
from core.text import plain

if TYPE_CHECKING:
    from core.desk.pinned_root import PinnedRoot


class DeskPolicy:
    """Reads the policy of `workplace`; a refusal is put on record in `logs`."""

    def __init__(self, workplace: Workplace, logs: DeskLogs) -> None:
        self._workplace, self._logs = workplace, logs
        self._refused = ""
        self._newest: datetime | None = None

    def policy(self, file: str | Path | None, *, practice: bool = False) -> Policy:
        """As :meth:`core.desk.desk.Desk.policy`."""
        if file is None:
            return self.active_policy().policy
        return active_policy.load_named(str(file), self._workplace.settings, practice=practice)

    def active_policy(self) -> ActivePolicy:
        """As :meth:`core.desk.desk.Desk.active_policy`."""
        workplace = self._workplace
        try:
            root = active_policy.pinned(workplace.settings)
            floor = self._accepted(root) if root is not None else None
            return active_policy.load_active_policy(
                workplace.usable_folder(), workplace.settings, self.newest_time(), root, floor
            )
        except PolicyProblem as refused:
            self._record_refusal(refused)
            raise

    def accepted(self) -> Accepted | None:
        """As :meth:`core.desk.desk.Desk.accepted`."""
        try:
            root = active_policy.pinned(self._workplace.settings)
        except PolicyProblem:  # no team is trusted, which the policy in force says
            return None
        return self._accepted(root) if root is not None else None

    def newest_time(self) -> datetime:
        """The newest time that is known: a clock that was set back does not make young what has expired."""
        now = datetime.now(UTC)
        return max(now, self._newest) if self._newest is not None else now

    def _record_refusal(self, refused: PolicyProblem) -> None:
        """Write down, once, that nothing is judged here and why."""
        if str(refused) == self._refused:
            return
        self._refused = str(refused)
        settings = self._workplace.settings
        source = settings.policy or settings.policy_root
        with suppress(LedgerProblem), self._logs.custodian(False) as ledger:
            ledger.append(
                PolicyRefused(code=refused.code, source=plain(Path(source).name), sentence=refused.sentence), seal=True
            )

    def _accepted(self, root: PinnedRoot) -> Accepted | None:
        """Ask the log what `root` accepted last, and note the log's newest time along with it."""
        try:
            with self._logs.read(practice=False) as ledger:
                newest = ledger.newest(1)
                self._newest = newest[0].time if newest else None
                return root.last_accepted(ledger)
        except NothingRecorded:
            return None
