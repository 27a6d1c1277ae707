"""How long a receipt takes out of a log of a million records, against what an officer should have to wait for it."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from core.ledger.records import CheckEnded, PolicyLoaded, ProgramStart
from core.ledger.writer import Ledger
from core.model import Phone, Verdict
from core.policy.format import policy_file
from core.reports.receipt.receipt import make_receipt
from tests.bench.log import make_ledger

RECORDS = 1_000_000
#: Seconds.
TARGET = 0.3


def receipt(records: int = RECORDS) -> None:
    """The first receipt of a program's run, and those after it, each of another check."""
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    policy = policy_file.load_built_in("canada")
    red = CheckEnded(verdict=Verdict.RED, profiles=1, apps=312, findings=0, bans=2, products=2, gaps=(), took_ms=900)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "ledger.db")
        make_ledger(path, records)
        with Ledger(path, desk="Desk 4", officer="A. Roy", app_version="0") as ledger:
            ledger.append_all([ProgramStart("Linux", -300), PolicyLoaded.of(policy)], policy=policy)
            checks = []
            for n in range(20):
                phone = Phone("android", "samsung", "SM-S901W", "14", f"R58N{n}")
                checks.append(ledger.append(red, visit=f"bench-{n}", policy=policy, phone=phone, seal=True).seq)
            taken = []
            for seq in checks:
                start = time.perf_counter()
                make_receipt(ledger, seq, ("en", "fr"))
                taken.append(time.perf_counter() - start)
    warm = statistics.median(taken[1:])
    print(
        f"receipt: out of {records:,} records: {warm * 1e3:.0f} ms, {warm / TARGET:.2f} of what it may take; "
        f"at most {max(taken[1:]) * 1e3:.0f} ms, the first {taken[0] * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    receipt()
