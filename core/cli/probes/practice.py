"""A whole check of a practice phone."""

from __future__ import annotations

from core import simulator
from core.desk.desk import Desk
from core.jobs import Cancel, silent
from core.model import Verdict
from core.phones.connect import Reach
from core.policy.format import policy_file
from core.system.files.momentary import momentary_folder
from core.text import T, Text
from core.visit.check import check


def practice(desk: Desk) -> Text:
    """A phone that is only simulated, from its connection to its verdict."""
    with (
        momentary_folder() as folder,
        simulator.PracticeServer(simulator.load("walk-up"), pace=0) as phone,
    ):
        driver = Reach(folder, "self-test").address("127.0.0.1", phone.port, Cancel())
        try:
            result = check(driver, policy_file.load_built_in("canada"), silent, Cancel(), quick=False)
        finally:
            driver.close()
    if result.verdict is not Verdict.RED:
        raise RuntimeError(f"the practice phone is {result.verdict}, not red")
    return T("red, as it should be, in {seconds} s", seconds=result.seconds)
