"""How long a capture takes, made and played, against a check of the phone alone."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from core.capture import making
from core.capture.capture_file import to_bytes
from core.jobs import Cancel, silent
from core.phones.connect import Reach
from core.policy.format import policy_file
from core.simulator import PracticeServer, load
from core.visit.capturing import RecordedCheck
from core.visit.check import check
from tests.bench.rig import met

POLICY = policy_file.load_built_in("canada")
SCENARIOS = ("walk-up", "secure-folder")


def run() -> None:
    """A check alone, and one of which a capture is made; of phones that take their usual time."""
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory() as folder, PracticeServer(load(scenario)) as server:
            reach = Reach(Path(folder), "bench")
            taken = [(_once(reach, server.port, False), _once(reach, server.port, True)) for _ in range(5)]
        # The first does not count: a practice phone makes its files then.
        alone, whole = (statistics.median(times) for times in zip(*taken[1:], strict=True))
        print(f"capture: {whole / alone:.2f} of a check alone, {met(whole <= 2 * alone)}  ({scenario}: {whole:.2f} s)")


def _once(reach: Reach, port: int, captured: bool) -> float:
    """The seconds of one check over a connection of its own, and of its capture where one is made."""
    with closing(reach.address("127.0.0.1", port, Cancel())) as phone:
        recording = making.new_recording("android")
        start = time.perf_counter()
        phone.record(recording if captured else None)
        checked = check(phone, POLICY, silent, Cancel(), quick=False)
        if captured:
            compared = RecordedCheck(checked, recording).capture(silent, Cancel())
            assert not compared.differences
            to_bytes(compared.capture)
        return time.perf_counter() - start
