"""Read a phone and judge it: phone + policy -> Check. Records nothing and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from core.jobs import Cancel, Progress, Report
from core.model import Check, Finding, Inventory, Policy
from core.phones import Driver
from core.policy import match
from core.text import T


def check(
    driver: Driver,
    policy: Policy,
    report: Report,
    cancel: Cancel,
    glimpse: Callable[[Inventory, tuple[Finding, ...]], None] | None = None,
) -> Check:
    """Everything that `driver` can see, judged against `policy`.

    `glimpse` is called early with what a quick look found: a red there is final, an empty one says nothing yet.
    Raises PhoneProblem, Cancelled.
    """
    started, clock = datetime.now(UTC), time.monotonic()

    def first_look(inventory: Inventory) -> None:
        if glimpse is not None:
            glimpse(inventory, match.judge(inventory, policy))

    inventory = driver.read(report, cancel, first_look)
    report(Progress(T("Comparing with the policy"), 0.98))
    findings = match.judge(inventory, policy)
    return Check(inventory, policy, findings, started, datetime.now(UTC), time.monotonic() - clock)
