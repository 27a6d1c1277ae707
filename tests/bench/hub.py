"""How much memory the window has with 32 phones at once, served by another process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.rig import ServedPhone, met, practice_phones
from tests.bench.walk import resident
from tests.bench.window import ROOT, wait, window

PHONES = 32
#: What each of them is: with banned apps, clean, with several profiles.
SCENARIOS = ("walk-up", "clean", "secure-folder", "work-profile")
#: Megabytes that the process may have in memory at any time.
MOST = 260


def hub() -> None:
    """In a process of its own, which has loaded nothing for other benches."""
    subprocess.run([sys.executable, "-m", "tests.bench.hub"], cwd=ROOT, check=True)


def measure() -> None:
    """A hub with 32 phones is plugged in; all are checked at once, and stay."""
    scenarios = [SCENARIOS[number % len(SCENARIOS)] for number in range(PHONES)]
    with (
        practice_phones(*scenarios, pace=0.0) as ports,
        tempfile.TemporaryDirectory() as folder,
        window(Path(folder)) as (app, fanion),
    ):
        before = most = resident()
        sessions = []
        for port in ports:
            sessions.append(fanion.phones.add(f"hub-{port}", f"Phone {port}", ServedPhone(fanion.desk, port)))
            app.processEvents()
        begun = sum(os.times()[:2])

        def checked() -> bool:
            nonlocal most
            most = max(most, resident())
            return all(session.check is not None and not session.busy for session in sessions)

        wait(app, checked, seconds=600)
        taken, after = sum(os.times()[:2]) - begun, resident()
    print(
        f"memory with {PHONES} phones at once: {before:.0f} MB before, at most {most:.0f} MB, {after:.0f} MB with all "
        f"checked  ({taken:.1f} s of the processor; at most {MOST} MB: {met(most <= MOST)})"
    )


if __name__ == "__main__":
    measure()
