"""Log pages over real ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Protocol

import pytest
from pytestqt.qtbot import QtBot

from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings
from core.ledger import records
from core.ledger.writer import Ledger, ledger_file
from core.model import (
    App,
    AppState,
    Evidence,
    EvidenceKind,
    Finding,
    Gap,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Strength,
    Verdict,
)
from core.text import Bilingual, T
from gui.log.log_page import LogPage
from gui.log.record_source import SourceState
from gui.toolkit.jobs import JobRunner
from tests.inside import is_at_rest, is_fetching

SERIAL = "R58N12ABCDE"
PHONE = Phone("android", "samsung", "SM-S901W", "14", SERIAL)
POLICY = Policy("canada", "4", date(2026, 11, 1), Bilingual("Bans", "Interdits"), Bilingual("", ""), (), "ab" * 32)
STARTED = records.CheckStarted(T("over USB"))
GAP = Gap(T("The profile “{name}” could not be read.", name="<b>Work</b>"), T("Check it again."), 10)
WECHAT = Finding(
    "wechat",
    Bilingual("WeChat", "WeChat"),
    Strength.BAN,
    App("com.tencent.mm", 2740, "8.0.50", "com.android.vending", states=(AppState(0, installed=True),)),
    Profile(0, "", ProfileKind.PERSONAL),
    (Evidence(EvidenceKind.PACKAGE_ID, "com.tencent.mm", "several sources", "a list"),),
    T("It is banned."),
)


def ended(verdict: Verdict = Verdict.GREEN, gaps: tuple[Gap, ...] = (), bans: int = 0) -> records.CheckEnded:
    return records.CheckEnded(
        verdict=verdict, profiles=1, apps=312, findings=bans, bans=bans, products=bans, gaps=gaps, took_ms=900
    )


class Log:
    """A desk whose ledgers a test writes into."""

    def __init__(self, data: Path) -> None:
        self.desk = Desk(data, Settings(officer="A. Roy", desk="Desk 4"))

    def file(self, practice: bool = False) -> Path:
        return ledger_file(self.desk.data, practice=practice)

    @contextmanager
    def ledger(self, practice: bool = False, *, seal: bool = False) -> Iterator[Ledger]:
        """Open for writing. Nothing is sealed at its end, as where a program was ended, unless asked for."""
        with Ledger(
            self.file(practice), desk="Desk 4", officer="A. Roy", app_version="0.2.0", practice=practice
        ) as ledger:
            if not seal:
                ledger.seal = lambda: None  # type: ignore[method-assign]
            yield ledger

    def seal(self, practice: bool = False) -> None:
        """Seal everything: two more records the first time, then one."""
        with self.ledger(practice, seal=True):
            pass

    def write(self, *written: records.Record, practice: bool = False, visit: str = "v1", phone: bool = True) -> None:
        with self.ledger(practice) as ledger:
            about = replace(PHONE, practice=practice) if phone else None
            ledger.append_all(written, visit=visit, policy=POLICY, phone=about)

    def crash(self) -> None:
        """A program writes an intent and is gone."""
        with self.ledger() as ledger:
            finding = ledger.append(records.AppFound.of(WECHAT), visit="v2", phone=PHONE).seq
            ledger.append(
                records.RemovalIntended("uninstall", "com.tencent.mm", 0, finding),
                visit="v2",
                policy=POLICY,
                phone=PHONE,
            )


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "data")


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close()


class MakePage(Protocol):
    """Shows a page, and waits until it has read the log: all its entries, or its visits."""

    def __call__(self, *, visits: bool = False) -> LogPage: ...


@pytest.fixture
def make_page(qtbot: QtBot, runner: JobRunner, log: Log) -> MakePage:
    def make(*, visits: bool = False) -> LogPage:
        page = LogPage(log.desk, runner)
        qtbot.addWidget(page)
        (page.head.visits if visits else page.head.entries).setChecked(True)
        page.resize(1366, 640)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        settled(qtbot, page, runner)
        return page

    return make


def settled(qtbot: QtBot, page: LogPage, runner: JobRunner) -> None:
    """Wait until nothing is read or looked for any more."""

    def still() -> bool:
        source = page.side.source
        waiting = page.filters.pause.isActive() or is_fetching(source)
        return is_at_rest(runner) and not waiting and source.share is None and source.state is not SourceState.READING

    def twice() -> bool:
        first = still()
        qtbot.wait(1)
        return first and still()

    qtbot.waitUntil(twice)


def shown(page: LogPage, column: int) -> list[str]:
    """What stands in a column, from above."""
    rows = page.source.rows
    return [str(rows.index(row, column).data()) for row in range(rows.rowCount())]
