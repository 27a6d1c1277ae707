"""How long the log takes with a million records, against one with ten thousand."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.ledger.records import CheckEnded, CheckStarted, Kind, PhoneSeen, RemovalIntended, RemovalOutcome
from core.ledger.records.leaf import leaf_hash
from core.ledger.search.record_filter import Filter
from core.ledger.tlog.tree import Frontier
from core.ledger.writer import Ledger, ledger_file
from core.model import Verdict
from core.reports.summaries.month_summary import make_summary
from core.text import T
from tests.bench.rig import unguarded

#: How many records are few, and how many are many.
_FEW: Final = 10_000
_MANY: Final = 1_000_000
#: When the first record was written, and days between the last few records and those before.
_START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
_APART: Final = 40
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


#: What visits are looked for by, beside the time; whether that is the time of the last few; and what that is.
_VISITS_ASKED: Final = (
    (Filter(verdict=Verdict.RED), False, "banned"),
    (Filter(), True, "the last week"),
    (Filter(verdict=Verdict.RED), True, "banned in the last week"),
    (Filter("com.tencent"), False, "a text"),
    (Filter(officer="roy", verdict=Verdict.RED), False, "banned, by an officer"),
)


def make_ledger(path: Path, count: int) -> None:
    """A ledger of `count` records at `path`, made in a minute: past the ledger itself, which takes one at a time.

    The last ten thousand have a month of their own.
    """
    with unguarded(path) as database:
        leaves = database.conn.cursor()
        leaves.executemany("INSERT INTO entry (seq, leaf, leaf_hash) VALUES (?, ?, ?)", _leaves(count))
        leaves.executemany("INSERT INTO opening (commitment, seq, salt, value) VALUES (?, ?, ?, ?)", _openings(count))
        tree, hashes = Frontier(), database.execute("SELECT leaf_hash FROM entry ORDER BY seq")
        nodes = (node for (hashed,) in hashes for node in tree.append(hashed))
        database.conn.cursor().executemany("INSERT INTO node (level, position, hash) VALUES (?, ?, ?)", nodes)
        database.execute("UPDATE head SET size = ?, hashes = ?", [tree.size, tree.hashes])


def _leaves(count: int) -> Iterator[tuple[int, bytes, bytes]]:
    rounds = [(r.kind.value, json.dumps(r.body())) for r in _ROUND]
    for seq in range(1, count + 1):
        kind, body = rounds[seq % len(rounds)]
        body = body.replace('"intent": 1', f'"intent": {seq - 1}')
        serial = _sealed(seq)[0].hex()
        days = _APART if seq > count - _FEW else 0
        time_ = (_START + timedelta(days, seconds=seq * 7)).isoformat(timespec="milliseconds")
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
        small, large = _two_ledgers(Path(name))
        with _Page(small) as page:
            page.open()  # what is loaded once does not count
            few = statistics.median(page.open() for _ in range(7))
        with _Page(large) as page:
            took = page.until_read()
            print(f"log: all entries read once in {took:.1f} s; the longest pause was {page.late * 1e3:.0f} ms")
            many = statistics.median(page.open() for _ in range(7))
            print(f"log: opening 1,000,000 records / 10,000: {many / few:.2f}  ({many * 1e3:.0f} / {few * 1e3:.0f} ms)")
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


def visits() -> None:
    """The list of visits of ten thousand records and of a million, and the summary of one month."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as name:
        _measure_visits(*_two_ledgers(Path(name)))
    del app


def _two_ledgers(folder: Path) -> tuple[Path, Path]:
    """The folders of a ledger of few records and of one of many."""
    small, large = folder / "small", folder / "million"
    make_ledger(small / "ledger.db", _FEW)
    start = time.perf_counter()
    make_ledger(large / "ledger.db", _MANY)
    print(f"log: a ledger of 1,000,000 records made in {time.perf_counter() - start:.0f} s")
    for data in (small, large):  # as every ledger is that Fanion has written
        Ledger(data / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="0").close()
    return small, large


def _measure_visits(small: Path, large: Path) -> None:
    """Both ledgers in turn, so that what else the computer does falls on both."""

    def compare(one: Callable[[int], float], about: str, times: int = 9) -> None:
        took = [(one(_MANY), one(_FEW)) for _ in range(times)]
        many, few = (statistics.median(seconds) * 1e3 for seconds in zip(*took, strict=True))
        print(f"visits: {about}, 1,000,000 records / 10,000: {many / few:.2f}  ({many:.0f} / {few:.0f} ms)")

    with _Page(large) as many, _Page(small) as few:
        pages = {_MANY: many, _FEW: few}
        for page in pages.values():
            page.until_read()
            page.open_visits()
        compare(lambda count: pages[count].open_visits()[0], "opening, until the newest stand there")
        compare(lambda count: pages[count].open_visits()[1], "opening, until all are listed")
        for asked, recent, about in _VISITS_ASKED:

            def search(count: int, asked: Filter = asked, recent: bool = recent) -> float:
                since = _last_began(count) if recent else None
                return pages[count].search_visits(replace(asked, since=since))

            compare(search, f"those of {about}, until the newest stand there")
        row = {count: iter(range(40, 1_000, 40)) for count in pages}
        compare(lambda count: pages[count].jump_to_visit(next(row[count])), "a page further down")
    folders = {_MANY: large, _FEW: small}
    compare(lambda count: _sum_up(folders[count], count), "the summary of one month", 5)


def _last_began(count: int) -> datetime:
    """When the last few of so many records begin."""
    return _START + timedelta(_APART, seconds=(count - _FEW) * 7)


def _sum_up(data: Path, count: int) -> float:
    """Seconds until the summary of the month of the last few records is made."""
    month = _last_began(count).date()
    start = time.perf_counter()
    with Desk(data, Settings()).read_ledger(practice=False) as ledger:
        make_summary(ledger, month, ("en",), today=date(2027, 1, 1))
    return time.perf_counter() - start


class _Page:
    """A log page on a desk of its own, and a clock."""

    def __init__(self, data: Path) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        from core.desk.desk import Desk
        from core.desk.settings.settings_table import Settings
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

    def search_visits(self, asked: Filter) -> float:
        """Seconds until the newest visits that fit stand there."""
        source = self._page.visits.source
        self._until(lambda: source.look_for(Filter()), lambda: source.share is None)
        self._until(lambda: None, lambda: self._runner.idle)
        return self._until(
            lambda: source.look_for(asked),
            lambda: not source.waiting and source.rows.rowCount() > 0 and source.rows.item(0) is not None,
        )

    def jump_to_visit(self, row: int) -> float:
        """Seconds until the visit in this row stands there."""
        side = self._page.visits
        self._until(lambda: None, lambda: self._runner.idle)
        return self._until(lambda: side.table.go_to(row), lambda: side.source.rows.item(row) is not None)

    def jump(self, number: int) -> float:
        """Seconds until the record with this number stands there, with those around it."""
        rows = self._page.source.rows
        self._until(lambda: None, lambda: self._runner.idle)
        return self._until(lambda: self._page.table.go_to(rows.row(number)), lambda: self._is_there(rows.row(number)))

    def until_read(self) -> float:
        """Seconds until the log is open and all its visits are listed, for which every entry is read once."""
        taken = self._until(lambda: None, lambda: self._page.source.count > 0)
        self.forget()  # to load and to draw a page for the first time takes what it takes
        return taken + self.open_visits()[1]

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
        return self._until(
            lambda: self._page.something_recorded(practice=False), lambda: self._is_there(source.rows.row(number))
        )

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
