"""Which tests are run and how: what ``bootstrap.py test`` was asked for, and what it did not run.

The tests have two parts: those that need only Python (`PYTHON`), and the `REST`, which asks other programs. What a run
of the first part did is kept in build/tests.json by tests/conftest.py, so that the rest is all else. Only the standard
library is used.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installer import other_times
from installer.clone import Clone

#: The parts, as pytest's option ``--part`` has them. Without one, the tests that are named are run.
PYTHON: Final = "python"
REST: Final = "rest"
ALL: Final = "all"
NIGHTLY: Final = "nightly"
#: What a run of the first part has left for the second, and for whom it is.
RECORD: Final = "build/tests.json"
#: The command for all that was not run.
WHOLE: Final = "python3 installer/bootstrap.py test --all"
#: How the reason of a test begins that was skipped because the machine lacks something.
_NEEDS: Final = "needs "


@dataclass(frozen=True)
class RunOptions:
    """What was asked for: a part of the tests, or those that `selection` names to pytest; when and where they run."""

    part: str | None
    selection: Sequence[str]
    clock: str | None = None
    zone: str | None = None
    language: str | None = None
    workers: int | None = None
    shuffled: bool = False

    @property
    def asks_others(self) -> bool:
        """Whether other programs are needed, and installed where the system lacks them."""
        return self.part in (REST, ALL, NIGHTLY)

    @property
    def with_checks(self) -> bool:
        """Whether the static checks are run beside: in a second run of the same files they would say the same."""
        return self.part not in (REST, NIGHTLY) and not (self.clock or self.zone or self.language or self.shuffled)

    def pytest_arguments(self) -> list[str]:
        """What pytest is started with. Tests that are named are not shared among processes: they are watched."""
        # One process more than there are processors, as some tests only wait for a phone or another program; one that
        # has none left takes half of another's.
        workers = self.workers if self.workers is not None else min(4, (os.cpu_count() or 1) + 1)
        shared = ["-n", str(workers), "--dist", "worksteal"] if self.part or self.workers is not None else []
        part = ["--part", self.part, "--durations=20"] if self.part else []
        return [*shared, *part, *(["-p", "randomly"] if self.shuffled else []), *self.selection]

    def variables(self, clone: Clone) -> Mapping[str, str]:
        """The time, place and language of the run. Raises NoSuchTimeError, ClockFixedError."""
        return other_times.variables(clone, self.clock, self.zone, self.language)


def parse(arguments: Sequence[str]) -> RunOptions:
    """What was asked for. Ends the program where that is not understood, or help was asked for."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py test",
        description="Run the static checks and the tests that need only Python and little time. Other arguments go to "
        "pytest: then the tests that they name are run.",
        allow_abbrev=False,
    )
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--all", action="store_const", const=ALL, dest="part", help="all tests; installs what they need")
    part.add_argument(
        "--rest", action="store_const", const=REST, dest="part", help="all tests that the last `test` has not run"
    )
    part.add_argument(
        "--nightly", action="store_const", const=NIGHTLY, dest="part", help="the few tests that take minutes"
    )
    parser.add_argument("--clock", metavar="WHEN", help="at another time: +400d, +5y, 2028-02-29, 23:58, 12-31T23:58")
    parser.add_argument("--zone", help="in another time zone: Pacific/Auckland")
    parser.add_argument("--lang", metavar="LANGUAGE", help="in another language: fr_CA")
    parser.add_argument("--workers", metavar="N", type=int, help="shared among so many processes")
    parser.add_argument("--shuffle", action="store_true", help="in random order")
    options, selection = parser.parse_known_args(arguments)
    return RunOptions(
        options.part or (None if selection else PYTHON),
        selection,
        clock=options.clock,
        zone=options.zone,
        language=options.lang,
        workers=options.workers,
        shuffled=options.shuffle,
    )


def not_run(root: Path) -> str:
    """What the last run of a part left out, and why, in one line; empty if it left nothing out."""
    try:
        record = json.loads((root / RECORD).read_text(encoding="utf-8"))
        skipped: dict[str, int] = record["skipped"]
        part = record["part"]
    except (OSError, ValueError, KeyError):
        return ""
    lacking = {why: count for why, count in skipped.items() if why.startswith(_NEEDS)}
    reasons = ["tests/real, which asks other programs", "what is marked slow"] if part == PYTHON else []
    if lacking:
        programs = "; ".join(sorted({re.sub(r" on x86-64$", "", why.removeprefix(_NEEDS)) for why in lacking}))
        reasons.append(f"{sum(lacking.values())} that need what is not here ({programs})")
    if elsewhere := sum(skipped.values()) - sum(lacking.values()):
        reasons.append(f"{elsewhere} that do not fit this machine, as said above")
    command = f" To run them: {WHOLE}" if part == PYTHON else ""
    return f"Not run: {', '.join(reasons)}.{command}" if reasons else ""
