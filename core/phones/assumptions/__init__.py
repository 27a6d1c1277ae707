"""Which of Fanion's assumptions about real phones hold on one phone, for ``fanion self-test --phone``.

Every assumption in :mod:`core.phones` about what a phone answers is a row of a table, with where it is known from and
a probe that tries it on what was read of the phone. Nothing on the phone is changed. A row whose detail may leave the
department has numbers and words of Fanion's own in it, and nothing that the phone or its owner chose.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

from core.jobs import Cancel, Report
from core.model import Phone
from core.phones.android.phone import AndroidPhone
from core.phones.assumptions import (
    android_evidence,
    android_files,
    android_leaving,
    android_listings,
    android_management,
    android_protection,
    android_snapshot,
    iphone_lists,
    iphone_values,
)
from core.phones.assumptions.android_facts import AndroidFacts, gather
from core.phones.assumptions.assumption import Assumption, Trial, TriedAssumption, tried
from core.phones.assumptions.deadline import Deadline
from core.phones.assumptions.iphone_facts import IphoneFacts
from core.phones.assumptions.recorder import Recorder
from core.phones.driver import Driver, PhoneProblem
from core.phones.iphone.phone import IPhone
from core.phones.iphone.stream import Clock
from core.problem import Cancelled
from core.text import plain

#: Seconds that the reading may take altogether; what did not come by then could not be tried.
TIME_LIMIT: Final = 110.0

ANDROID: Final[tuple[Assumption[AndroidFacts], ...]] = (
    *android_listings.ROWS,
    *android_snapshot.ROWS,
    *android_protection.ROWS,
    *android_management.ROWS,
    *android_files.ROWS,
    *android_evidence.ROWS,
    *android_leaving.ROWS,
)
IPHONE: Final[tuple[Assumption[IphoneFacts], ...]] = (*iphone_values.ROWS, *iphone_lists.ROWS)


def try_phone(driver: Driver, report: Report, cancel: Cancel, clock: Clock = time.monotonic) -> Trial:
    """Read the phone, and try every row of its platform's table on it.

    What keeps the phone from being read to its end is the trial's `problem`; what came until then is tried. Raises
    PhoneProblem where nothing came at all, Cancelled where the stop button was pressed.
    """
    deadline = Deadline(cancel, TIME_LIMIT, clock)
    if isinstance(driver, IPhone):
        iphone = IphoneFacts(clock)

        def read_iphone() -> None:
            with closing(driver.session(deadline)) as lockdown:
                iphone.read(lockdown, report, deadline)

        problem = _as_far_as_it_comes(read_iphone, cancel)
        phone = iphone.inventory.phone if iphone.inventory else None
        return _trial(phone, driver, problem, tried(IPHONE, iphone))
    if not isinstance(driver, AndroidPhone):
        raise TypeError(f"no table for {type(driver).__name__}")
    android = AndroidFacts(Recorder(driver.link(cancel), clock))
    problem = _as_far_as_it_comes(lambda: gather(android, report, deadline), cancel)
    return _trial(android.phone, driver, problem, tried(ANDROID, android))


def _as_far_as_it_comes(read: Callable[[], None], cancel: Cancel) -> PhoneProblem | None:
    """Read, and return what kept it from its end; None where nothing did but the time. Raises Cancelled."""
    try:
        read()
    except Cancelled:
        cancel.check()  # told: what did not come in time could not be tried
    except PhoneProblem as problem:
        return problem
    return None  # Nothing is lost: nothing kept it


def _trial(
    phone: Phone | None, driver: Driver, problem: PhoneProblem | None, rows: tuple[TriedAssumption, ...]
) -> Trial:
    """What the phone showed. Raises the problem where the phone did not even say what it is."""
    if phone is None:
        if problem is not None:
            raise problem
        phone = Phone("android" if isinstance(driver, AndroidPhone) else "ios", "", "", "", "")
    maker, model, os = (plain(word, 40) for word in (phone.maker, phone.model, phone.os))
    return Trial(phone.platform, maker, model, os, driver.practice, rows, problem)
