"""How much memory the window has after an hour of walk-ups, with every page and window opened."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.rig import ServedPhone, practice_phones
from tests.bench.window import ROOT, wait, window

#: One phone a minute.
PHONES = 60
#: Seconds between two of them: what is freed then is freed within a quarter of a second.
QUIET = 0.4

#: Served by another process, so that their memory is not the window's.
SCENARIOS = ("walk-up", "clean", "secure-folder", "work-profile")


def resident() -> float:
    """Megabytes that this process has in memory, as the system counts them."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def walk() -> None:
    """In a process of its own, which has loaded nothing for other benches."""
    subprocess.run([sys.executable, "-m", "tests.bench.walk"], cwd=ROOT, check=True)


def measure() -> None:
    """Sixty phones of another process, one after the other, checked and put away; every page opened now and then."""
    with (
        practice_phones(*SCENARIOS, pace=0.0) as ports,
        tempfile.TemporaryDirectory() as folder,
        window(Path(folder)) as (app, fanion),
    ):
        main = fanion.window

        def begin(number: int) -> Any:
            """Plug a phone in, and have it checked."""
            source = ServedPhone(fanion.desk, ports[number % len(ports)])
            session = fanion.phones.add(f"walk-{number}", f"Phone {number}", source)
            main.desk_page.choose(session)
            wait(app, lambda: session.check is not None and not session.busy)
            return session

        def open_everything() -> None:
            for page in ("log", "policy", "round", "settings", "desk"):
                main.open_page(page)
                wait(app, lambda: fanion.runner.idle)
            main.beside.show_manual()
            main.switches.switch_language()
            main.switches.switch_scheme()
            wait(app, lambda: fanion.runner.idle)

        def end(session: Any) -> None:
            """Unplug a phone, take it off the list, and rest a moment."""
            fanion.phones.put_away(session)
            wait(app, lambda: fanion.runner.idle)
            fanion.phones.put_away(session)
            quiet = time.monotonic() + QUIET
            wait(app, lambda: time.monotonic() > quiet)

        told = [f"{resident():.0f} MB at the start"]
        for number in range(PHONES):
            session = begin(number)
            if number in (0, 11, 29):
                open_everything()
            end(session)
            if number in (0, 11, 29, PHONES - 1):
                told.append(f"{resident():.0f} MB after {number + 1}")
    print(f"memory of a walk of {PHONES} phones: {', '.join(told)}")


if __name__ == "__main__":
    measure()
