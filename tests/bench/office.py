"""One day of five thousand desks, merged and verified by head office; and the questions to a hundred such days."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from core.head_office.merging.merge import merge
from core.head_office.questions.dashboard import dashboard
from core.head_office.questions.questions import ask, asking, names
from core.head_office.store.store import read
from core.head_office.store.tables import read_table
from tests.bench.desks import Faults, MadeDay, made_day

DAY: Final = date(2026, 11, 24)
#: Desks, and checks of each.
DESKS: Final = int(os.environ.get("FANION_BENCH_DESKS", "5000"))
CHECKS: Final = 50
FAULTS: Final = Faults(forked=0.002, cut=0.002, late=0.01, duplicated=0.01)
_NOW: Final = datetime(2026, 11, 25, 12, tzinfo=UTC)
_STRETCH: Final = 50


def day() -> None:
    """A day's merge: time, memory, size, and that nothing faulty came in; then the questions to many such days."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("FANION_BENCH_FOLDER")) as folder:
        place = Path(folder)
        made = make_day(place / "bundles", DESKS)
        (place / "enrolled.txt").write_text("".join(made.enrolments))
        carried = sum(file.stat().st_size for file in (place / "bundles").rglob("*") if file.is_file())
        # In a process of its own, so that its memory is that of the merge alone.
        program = f"from tests.bench import office; office.merge_there({str(place)!r}, {made.cut + made.forked})"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        print(f"office: {len(made.folders)} bundles of {DESKS} desks, {carried / 1e6:.0f} MB; {done.stdout.strip()}")
        questions(str(place / "store"))


def merge_there(folder: str, refused: int) -> None:
    """Merge the bundles below `folder`, and say how it went."""
    place = Path(folder)
    bundles = sorted(place.glob("bundles/*/*"))
    start = time.perf_counter()
    merged = merge(bundles, place / "store", enrolled=place / "enrolled.txt", now=_NOW)
    took = time.perf_counter() - start
    own, others = (resource.getrusage(which) for which in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    memory, worker = own.ru_maxrss / 1024, others.ru_maxrss / 1024
    used = sum(one.ru_utime + one.ru_stime for one in (own, others))
    assert len(merged.refused) == refused, (len(merged.refused), refused)
    checks, entries = sum(one.checks for one in merged.counted), sum(one.entries for one in merged.counted)
    sizes = {
        table.name: sum(f.stat().st_size for f in table.rglob("*.parquet")) / 1e6
        for table in sorted((place / "store").iterdir())
        if table.is_dir()
    }
    told = ", ".join(f"{name} {size:.1f}" for name, size in sizes.items())
    print(
        f"{checks} checks, {entries} entries in {took:.1f} s, {used:.1f} s of processor time; memory "
        f"{memory:.0f} MB, and {worker:.0f} MB in each of {os.cpu_count()} processes; "
        f"{len(merged.refused)} refused; store {sum(sizes.values()):.0f} MB ({told})"
    )


def make_day(folder: Path, desks: int, faults: Faults = FAULTS) -> MadeDay:
    """The bundles of a day, made by as many processes as there are."""
    whole = MadeDay()
    stretches = [range(at, min(at + _STRETCH, desks)) for at in range(0, desks, _STRETCH)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(made_day, folder, stretch, DAY, CHECKS, faults) for stretch in stretches]
        for future in futures:
            made = future.result()
            whole.folders += made.folders
            whole.enrolments += made.enrolments
            whole.forked, whole.cut, whole.checks = (
                whole.forked + made.forked,
                whole.cut + made.cut,
                whole.checks + made.checks,
            )
    return whole


#: Days that the questions are about.
DAYS: Final = int(os.environ.get("FANION_BENCH_DAYS", "100"))
#: Milliseconds between two looks at how late the event loop is.
_EACH: Final = 5
#: A day's tables with phones that are others each day, and times that many days later.
_ONE_DAY: Final = """
    COPY (
        SELECT one.* EXCLUDE (day, "group", phone, time), other.phone, one.time + to_days({later}) AS time,
            DATE '{day}' + {later} AS day, "group"
        FROM {table} AS one JOIN other ON other.was = one.phone
    ) TO '{folder}/{table}' (FORMAT parquet, PARTITION_BY (day, "group"), COMPRESSION zstd, APPEND)"""
#: Which phone stands for which on another day: the pool is gone through in another order.
_OTHERS: Final = """
    CREATE OR REPLACE TABLE other AS
    SELECT mine.phone AS was, pool.phone AS phone
    FROM (SELECT phone, (place * 7 + {later} * 7919) % {total} AS place FROM pool) AS mine
    JOIN pool USING (place)"""


def questions(merged: str) -> None:
    """Every question over a hundred days: the day of the store `merged`, and copies of it with other phones."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("FANION_BENCH_FOLDER")) as folder:
        hundred_days(Path(merged), Path(folder))
        first, last = DAY, DAY + timedelta(days=DAYS - 1)
        rows = sum(file.rows for file in read(Path(folder)).of_table("checks").values())
        for name in names():
            start, used = time.perf_counter(), time.process_time()
            answer = ask(Path(folder), name, first, last)
            took, used = time.perf_counter() - start, time.process_time() - used
            told = f"{took:.2f} s, {used:.2f} s of processor time"
            print(f"question {name}: {told}; {rows / 1e6:.1f} million checks, {len(answer)} rows")
        for days in (4, DAYS):
            start, used = time.perf_counter(), time.process_time()
            found = dashboard(Path(folder), days=days)
            took, used = time.perf_counter() - start, time.process_time() - used
            told = f"{took:.2f} s, {used:.2f} s of processor time"
            print(
                f"dashboard over {days} days: {told}; {found.checks / 1e6:.1f} million checks, "
                f"{found.whole.total} phones"
            )
        window_on(Path(folder))


def window_on(folder: Path) -> None:
    """How late the window's event loop gets while it asks the store about all its days."""
    from PySide6.QtCore import QTimer

    from gui.rounds.store_page import StorePage
    from tests.bench.window import window

    late: list[float] = []
    with tempfile.TemporaryDirectory() as data, window(Path(data)) as (app, fanion):
        page = StorePage(fanion.desk, fanion.runner)
        page.resize(1366, 700)
        page.show()
        last = [time.perf_counter()]

        def look() -> None:
            now = time.perf_counter()
            late.append((now - last[0]) * 1000 - _EACH)
            last[0] = now

        timer = QTimer(interval=_EACH)
        timer.timeout.connect(look)
        page._chosen = DAYS
        page.open(folder)
        timer.start()
        while not page.working.isHidden():
            app.processEvents()
            time.sleep(0.0005)
        page.grab()
        page.close()
    ordered = sorted(late)
    told = f"late by {ordered[len(ordered) // 2]:.1f} ms (median), {ordered[int(len(ordered) * 0.99)]:.1f} ms (99 %)"
    print(f"event loop while a store is asked: {told}, at most {ordered[-1]:.1f} ms, in {len(ordered)} looks")


def hundred_days(merged: Path, folder: Path) -> None:
    """A store of so many days in `folder`."""
    with asking(merged) as database:
        database.execute(
            "CREATE TABLE pool AS SELECT phone, row_number() OVER () - 1 AS place FROM checks GROUP BY phone"
        )
        ((total,),) = database.execute("SELECT count(*) FROM pool").fetchall()
        for later in range(DAYS):
            database.execute(_OTHERS.format(later=later, total=total))
            for table in ("checks", "findings", "steps"):
                database.execute(_ONE_DAY.format(day=DAY, later=later, folder=folder, table=table))
    shutil.copytree(merged / "desks", folder / "desks")
    state = msgspec.json.decode((merged / "store.json").read_bytes())
    paths = sorted(path for path in folder.rglob("*.parquet"))
    rows = {path: read_table(path, ["log"]).num_rows for path in paths}
    state["files"] = {str(path.relative_to(folder)): {"rows": rows[path]} for path in paths}
    (folder / "store.json").write_bytes(msgspec.json.encode(state))
