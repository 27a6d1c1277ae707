"""What each reader of :mod:`core.phones` makes of one phone's answers, for ``fanion self-test --phone``.

A check's readers read what the phone answers, each by itself, and tell how much they understood and what they left.
Nothing on the phone is changed, and nothing that the phone or its owner chose leaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Final

from core.jobs import Cancel, Report
from core.model import Phone
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Driver, PhoneProblem
from core.phones.iphone.phone import IPhone
from core.phones.iphone.stream import Clock
from core.phones.trial import android_readers, iphone_readers
from core.phones.trial.android_facts import AndroidFacts, gather
from core.phones.trial.deadline import Deadline
from core.phones.trial.iphone_facts import IphoneFacts
from core.phones.trial.reader_result import Trial, TriedReader, tried
from core.phones.trial.recorder import Recorder
from core.problem import Cancelled
from core.text import Text, plain

#: Seconds that the reading may take altogether; what did not come by then could not be tried.
TIME_LIMIT: Final = 110.0


def try_phone(driver: Driver, report: Report, cancel: Cancel, clock: Clock = time.monotonic) -> Trial:
    """Read the phone, and have every reader of its platform read what it answered.

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
        new = tuple(iphone_readers.new_to_fanion(iphone))
        return _trial(phone, driver, problem, new, tried(iphone_readers.READERS, iphone))
    if not isinstance(driver, AndroidPhone):
        raise TypeError(f"no readers for {type(driver).__name__}")
    android = AndroidFacts(Recorder(driver.link(cancel), clock))
    problem = _as_far_as_it_comes(lambda: gather(android, report, deadline), cancel)
    new = tuple(android_readers.new_to_fanion(android))
    return _trial(android.phone, driver, problem, new, tried(android_readers.READERS, android))


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
    phone: Phone | None,
    driver: Driver,
    problem: PhoneProblem | None,
    new: tuple[Text, ...],
    readers: tuple[TriedReader, ...],
) -> Trial:
    """What the phone showed. Raises the problem where the phone did not even say what it is."""
    if phone is None:
        if problem is not None:
            raise problem
        phone = Phone("android" if isinstance(driver, AndroidPhone) else "ios", "", "", "", "")
    maker, model, os = (plain(word, 40) for word in (phone.maker, phone.model, phone.os))
    return Trial(phone.platform, maker, model, os, driver.practice, new, readers, problem)
