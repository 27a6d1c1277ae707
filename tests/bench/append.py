"""What sealing costs: one check with its seal against one bare row, both durable, in the same folder."""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from core.ledger.records import AppFound, CheckEnded, CheckStarted, PhoneSeen
from core.ledger.writer import Ledger
from core.model import (
    App,
    AppState,
    Evidence,
    EvidenceKind,
    Finding,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.text import Bilingual, T

ROUNDS = 300
_USB = T("over USB")
_PHONE = Phone("android", "samsung", "SM-S901W", "14", "R58N12ABCDE")
_POLICY = Policy("canada", "1", date(2026, 11, 1), Bilingual("Bans", "Interdits"), Bilingual("", ""), (), "ab" * 32)
_FINDING = Finding(
    "wechat",
    Bilingual("WeChat", "WeChat"),
    Strength.BAN,
    App("com.tencent.mm", 2840, "8.0.50", "com.android.vending", False, states=(AppState(0, True),)),
    Profile(0, "", ProfileKind.PERSONAL),
    (Evidence(EvidenceKind.PACKAGE_ID, "com.tencent.mm", "2+", "a list"),),
    T("{app} is banned.", app=Bilingual("WeChat", "WeChat")),
)
_ENDED = CheckEnded(verdict=Verdict.RED, profiles=1, apps=312, findings=1, bans=1, products=1, gaps=(), took_ms=900)
#: What a visit writes at the end of its first check of a phone that carries one banned app.
_CHECK = (PhoneSeen("ready", _USB), AppFound.of(_FINDING), _ENDED)


def run(rounds: int = ROUNDS) -> None:
    """Prints the ratios, and where the time of a sealed check goes."""
    # Not in memory, as /tmp may be: what is measured is the disk.
    with tempfile.TemporaryDirectory(dir=Path(__file__).parent) as name:
        folder = Path(name)
        bare = _bare(folder / "bare.db")
        with Ledger(folder / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="0") as ledger:
            row = bytes(600)

            def one_row() -> None:
                bare.execute("BEGIN IMMEDIATE")
                bare.execute("INSERT INTO entry (leaf) VALUES (?)", [row])
                bare.execute("COMMIT")

            def check(*, seal: bool) -> None:
                ledger.append_all((CheckStarted(_USB), *_CHECK), visit="v", policy=_POLICY, phone=_PHONE, seal=seal)

            taken: dict[str, list[float]] = {"row": [], "check": [], "sealed": []}
            for _ in range(rounds):
                # Now the one, now the other, so that whatever else the computer does is shared by all.
                for what, act in (
                    ("row", one_row),
                    ("check", lambda: check(seal=False)),
                    ("sealed", lambda: check(seal=True)),
                ):
                    start = time.perf_counter()
                    act()
                    taken[what].append(time.perf_counter() - start)
        bare.close()
    median = {what: statistics.median(times[rounds // 10 :]) for what, times in taken.items()}
    print(
        f"append: a sealed check of 4 records / a bare row: {median['sealed'] / median['row']:.2f}  "
        f"({median['sealed'] * 1e3:.2f} / {median['row'] * 1e3:.2f} ms)"
    )
    print(
        f"append: the same check without a seal / a bare row: {median['check'] / median['row']:.2f}  "
        f"({median['check'] * 1e3:.2f} ms)"
    )


def _bare(path: Path) -> sqlite3.Connection:
    """A database with one table, and the settings of the ledger."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=PERSIST", "synchronous=EXTRA", "fullfsync=ON", "secure_delete=ON", "foreign_keys=ON"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE entry (seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")
    return database


if __name__ == "__main__":
    run(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
