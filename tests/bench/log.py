"""How long the log takes with a million records, against one with ten thousand."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.ledger.file.database import open_for_writing
from core.ledger.records import CheckEnded, CheckStarted, Kind, PhoneSeen, RemovalIntended, RemovalOutcome
from core.ledger.records.leaf import leaf_hash
from core.ledger.search.record_filter import Filter
from core.ledger.search.search_index import search_file
from core.ledger.tlog.tree import Frontier
from core.ledger.writer import Ledger, ledger_file
from core.model import Verdict
from core.text import T

_GREEN = CheckEnded(verdict=Verdict.GREEN, profiles=1, apps=312, findings=0, bans=0, products=0, gaps=(), took_ms=900)
_RED = CheckEnded(verdict=Verdict.RED, profiles=1, apps=312, findings=1, bans=1, products=1, gaps=(), took_ms=900)
_USB = T("over USB")
#: What is written again and again: two checks without a finding, and one with a removal.
_ROUND = (
    *(CheckStarted(_USB), PhoneSeen("ready", _USB), _GREEN) * 2,
    *(CheckStarted(_USB), _RED),
    *(
        RemovalIntended("uninstall", "com.tencent.mm", 0, 1),
        RemovalOutcome(intent=1, outcome="done", answer="Success", means=_USB),
    ),
)


_LEAF = (
    '{"app":{"version":"0.2.0"},"body":%s,"boot":"2e9a0b1c-5f0e-4c57-9f4b-1f6f6e0f3a77","desk":"Desk 4",'
    '"device":{"maker":"samsung","model":"SM-S9%02dW","os":"14","platform":"android","serial":{"sha256":"%s"}},'
    '"mono_ms":%d,"officer":"A. Roy","policy":{"id":"canada","sha256":"'
    + "ab"
    * 32
    + '","version":"2026-11-01"},"practice":false,"seq":%d,"session":"0123456789abcdef","time":"%s","type":"%s","v":1,'
    '"visit":"v%011d"}'
)


#: What is looked for, and what that is.
_ASKED = (
    (Filter("nothing has this in it"), "what is not there"),
    (Filter("v00000000777"), "a visit long ago"),
    (Filter("R58N000077K"), "a serial number"),
    (Filter("com.tencent"), "a tenth of all records"),
    (Filter("2026-01-16"), "a day long ago"),
    (Filter("roy", phone="SM-S945W"), "a name and a phone"),
    (Filter("usb", kind=Kind.PHONE_SEEN, since=datetime(2026, 2, 1, tzinfo=UTC)), "a kind, a time and a text"),
    (Filter("é"), "one letter with an accent, by Python"),
)


def make_ledger(path: Path, count: int) -> None:
    """A ledger of `count` records at `path`, made in a minute: past the ledger itself, which takes one at a time."""
    database = open_for_writing(path, practice=False)
    try:
        made = list(database.query("SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"))
        again = [row for row in made if row["sql"]]
        database.execute("BEGIN IMMEDIATE")
        for row in again:
            database.execute(f"DROP {row['type']} {row['name']}")
        leaves = database.conn.cursor()
        leaves.executemany("INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", _leaves(count))
        leaves.executemany("INSERT INTO opening (commitment, seq, salt, value) VALUES (?, ?, ?, ?)", _openings(count))
        tree, hashes = Frontier(), database.execute("SELECT leaf_hash FROM entry ORDER BY seq")
        nodes = (node for (hashed,) in hashes for node in tree.append(hashed))
        database.conn.cursor().executemany("INSERT INTO node (level, position, hash) VALUES (?, ?, ?)", nodes)
        database.execute("UPDATE head SET size = ?, hashes = ?", [tree.size, tree.hashes])
        for row in again:
            database.execute(row["sql"])
        database.execute("COMMIT")
    finally:
        database.close()


def _leaves(count: int) -> Iterator[tuple[int, bytes, bytes]]:
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    rounds = [(r.kind.value, json.dumps(r.body())) for r in _ROUND]
    for seq in range(1, count + 1):
        kind, body = rounds[seq % len(rounds)]
        body = body.replace('"intent": 1', f'"intent": {seq - 1}')
        serial = _sealed(seq)[0].hex()
        time_ = (start + timedelta(seconds=seq * 7)).isoformat(timespec="milliseconds")
        leaf = _LEAF % (body, seq % 97, serial, seq * 7000, seq, time_, kind, seq // len(rounds))
        exact = leaf.encode()
        yield seq, exact, leaf_hash(exact)


def _sealed(seq: int) -> tuple[bytes, bytes, bytes]:
    """A commitment, its salt and its value. Not random: the same ledger each time."""
    salt, value = seq.to_bytes(32, "big"), f"R58N{seq % 9973:06}K".encode()
    return hashlib.sha256(salt + value).digest(), salt, value


def _openings(count: int) -> Iterator[tuple[bytes, int, bytes, bytes]]:
    for seq in range(1, count + 1):
        commitment, salt, value = _sealed(seq)
        yield commitment, seq, salt, value


def log() -> None:
    """The page over ten thousand records and over a million: the time until an officer sees what was asked for."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as name:
        small, large = Path(name, "small"), Path(name, "million")
        make_ledger(small / "ledger.db", 10_000)
        start = time.perf_counter()
        make_ledger(large / "ledger.db", 1_000_000)
        print(f"log: a ledger of 1,000,000 records made in {time.perf_counter() - start:.0f} s")
        for folder in (small, large):  # as every ledger is that Fanion has written
            Ledger(folder / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="0").close()
        with _Page(small) as page:
            page.open()  # what is loaded once does not count
            few = statistics.median(page.open() for _ in range(7))
            page.open_visits()
            few_visits = statistics.median(page.open_visits()[0] for _ in range(7))
        with _Page(large) as page:
            took = page.until_indexed()
            size = search_file(large / "ledger.db").stat().st_size / 1e6
            print(f"log: the index made in {took:.0f} s, {size:.0f} MB; the longest pause was {page.late * 1e3:.0f} ms")
            many = statistics.median(page.open() for _ in range(7))
            print(f"log: opening 1,000,000 records / 10,000: {many / few:.2f}  ({many * 1e3:.0f} / {few * 1e3:.0f} ms)")
            visits = [page.open_visits() for _ in range(7)]
            newest, whole = (statistics.median(took) for took in zip(*visits, strict=True))
            print(
                f"log: opening its visits: {newest / few_visits:.2f} ({newest * 1e3:.0f} / {few_visits * 1e3:.0f} ms), "
                f"all listed after {whole * 1e3:.0f} ms"
            )
            page.open()
            jump = statistics.median(page.jump(number) for number in (500_000, 250_000, 750_000, 400_000, 600_000))
            print(f"log: a jump into the middle: {jump * 1e3:.0f} ms")
            for asked, about in _ASKED:
                page.forget()
                first, all_, found = page.search(asked)
                print(
                    f"log: a search for {about}: first {first * 1e3:.0f} ms, all {found} after {all_ * 1e3:.0f} ms, "
                    f"the longest pause {page.late * 1e3:.0f} ms"
                )
            grown = page.grow()
            print(
                f"log: a new record is seen after {grown * 1e3:.0f} ms; the longest pause was {page.late * 1e3:.0f} ms"
            )
    del app


class _Page:
    """A log page on a desk of its own, and a clock."""

    def __init__(self, data: Path) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        from core.desk.desk import Desk
        from core.desk.settings import Settings
        from gui.log.log_page import LogPage
        from gui.toolkit.jobs import JobRunner

        self._desk = Desk(data, Settings(officer="A. Roy", desk="Desk 4"))
        self._runner = JobRunner()
        self._page = LogPage(self._desk, self._runner)
        self._page.head.entries.setChecked(True)
        self._page.resize(1366, 640)
        self._page.show()
        self._loop = QEventLoop()
        #: Seconds by which the event loop was late at most, since it was last searched.
        self.late = 0.0
        self._last = time.perf_counter()
        self._pulse = QTimer(interval=5)
        self._pulse.timeout.connect(self._beat)
        self._pulse.start()

    def __enter__(self) -> _Page:
        return self

    def __exit__(self, *_: object) -> None:
        import shiboken6

        self._runner.close()
        self._pulse.stop()
        shiboken6.delete(self._page)  # here and now: a collection on another thread would do it there

    def open(self) -> float:
        """Seconds until the newest records stand there."""
        self._page.head.entries.setChecked(True)
        self._page.filters.show_all()
        self._until(lambda: None, lambda: self._runner.idle)
        return self._until(lambda: self._page.source.open(practice=False), lambda: self._is_there(0))

    def open_visits(self) -> tuple[float, float]:
        """Seconds until the newest visits stand there, and until all are listed."""
        self._page.head.visits.setChecked(True)
        self._page.filters.show_all()
        self._until(lambda: None, lambda: self._runner.idle)
        source = self._page.visits.source

        def there() -> bool:
            return source.rows.rowCount() > 0 and source.rows.item(0) is not None

        first = self._until(lambda: source.open(practice=False), there)
        return first, first + self._until(lambda: None, lambda: source.share is None)

    def jump(self, number: int) -> float:
        """Seconds until the record with this number stands there, with those around it."""
        rows = self._page.source.rows
        self._until(lambda: None, lambda: self._runner.idle)
        return self._until(lambda: self._page.table.go_to(rows.row(number)), lambda: self._is_there(rows.row(number)))

    def until_indexed(self) -> float:
        """Seconds until the log is open and the index knows everything."""
        taken = self._until(lambda: None, lambda: self._page.source.count > 0)
        self.forget()  # to load and to draw a page for the first time takes what it takes
        return taken + self._until(lambda: None, lambda: self._runner.idle)

    def search(self, asked: Filter) -> tuple[float, float, int]:
        """Seconds until something was found, and until all was; how many that is."""
        source, began = self._page.source, time.perf_counter()
        self._until(lambda: source.look_for(Filter()), lambda: source.share is None)
        first = self._until(
            lambda: source.look_for(asked),
            lambda: source.share is None or (not source.waiting and source.rows.rowCount() > 0),
        )
        began = time.perf_counter()
        self._until(lambda: None, lambda: source.share is None)
        return first, first + time.perf_counter() - began, source.rows.rowCount()

    def grow(self) -> float:
        """Seconds until a record that was just written stands there."""
        source = self._page.source
        self._until(lambda: source.look_for(Filter()), lambda: source.share is None)
        with Ledger(ledger_file(self._desk.data), desk="Desk 4", officer="A. Roy", app_version="0") as ledger:
            number = ledger.append(CheckStarted(_USB)).seq
        self.forget()
        # Not in the first row: closing the ledger has sealed it, which is on record too.
        return self._until(self._page.refresh, lambda: self._is_there(source.rows.row(number)))

    def _is_there(self, row: int) -> bool:
        rows = self._page.source.rows
        return 0 <= row < rows.rowCount() and rows.item(row) is not None

    def _until(self, act: Callable[[], object], there: Callable[[], bool]) -> float:
        from PySide6.QtCore import QEventLoop

        start = time.perf_counter()
        act()
        while not there():
            self._loop.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        return time.perf_counter() - start

    def forget(self) -> None:
        """How late the event loop was until now does not count."""
        self.late, self._last = 0.0, time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late, self._last = max(self.late, now - self._last - 0.005), now
