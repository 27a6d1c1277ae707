"""An hour with the monkey, by hand: `python -m tests.gui.monkey --minutes 60 --seed 7`, or `--replay FILE`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gui.monkey", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.0, help="as long as that, and not by steps")
    parser.add_argument("--steps", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="so many seeds, one after the other, from the first on")
    parser.add_argument("--memory", type=int, default=0, help="tell what is in memory after every so many steps")
    parser.add_argument("--replay", type=Path, help="a file with the steps that a failure has told")
    asked = parser.parse_args()
    os.environ["FANION_MONKEY_STEPS"] = str(asked.steps)
    if asked.minutes:
        os.environ["FANION_MONKEY_MINUTES"] = str(asked.minutes)
    if asked.memory:
        os.environ["FANION_MONKEY_MEMORY"] = str(asked.memory)
    if asked.replay is not None:
        os.environ["FANION_MONKEY_REPLAY"] = str(asked.replay.resolve())
    tests = str(Path(__file__).with_name("test_monkey.py"))
    for seed in range(asked.seed, asked.seed + asked.seeds):
        os.environ["FANION_MONKEY_SEED"] = str(seed)
        print(f"seed {seed}", flush=True)
        options = ["-q", "-k", "whatever", "-o", "faulthandler_timeout=0", "--tb=short", "--no-header"]
        done = subprocess.run([sys.executable, "-m", "pytest", tests, *options], check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
