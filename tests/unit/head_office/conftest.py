"""Desks with real logs, whose bundles go to a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest

from core.head_office.bundles import bundle, layout
from core.head_office.merging import compaction
from core.head_office.merging.merge import Merged, merge
from core.head_office.store.tables import read_table
from core.ledger.file.clock import Instant
from core.ledger.records import AppFound, CheckEnded, CheckStarted, RemovalIntended, RemovalOutcome, RoundBegun
from core.ledger.records.check import ReturnTold
from core.ledger.writer import Ledger, ledger_file
from core.model import (
    App,
    AppState,
    Evidence,
    EvidenceKind,
    Finding,
    Labels,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Return,
    ReturnReason,
    Strength,
    Verdict,
)
from core.text import Bilingual, T

#: When the bundles are merged, unless a test says otherwise.
#: On one day everywhere that tests are run in, from Hawaii to New Zealand.
NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
POLICY = Policy("ca-tbs", "3", date(2023, 10, 30), Bilingual("Bans", "Interdits"), Bilingual("", ""), (), "ab" * 32)

#: A check has not told whether banned products can come back.
NOT_RECORDED: Final[Mapping[str, Return | str]] = MappingProxyType({})


class Clock:
    """Each look at it is a second later."""

    def __init__(self, start: datetime) -> None:
        self.now = start
        self._start = start

    def __call__(self) -> Instant:
        self.now += timedelta(seconds=1)
        return Instant(self.now, int((self.now - self._start).total_seconds() * 1000), "boot-1")


@dataclass
class Desk:
    """A desk with its own log, and a stick that goes to head office."""

    name: str
    ledger: Ledger
    clock: Clock
    stick: Path
    after: int = 0
    made: list[Path] = field(default_factory=list)

    def check(
        self,
        serial: str,
        banned: bool = False,
        removed: bool = False,
        visit: str = "",
        tag: str = "",
        returns: Mapping[str, Return | str] = NOT_RECORDED,
        platform: str = "android",
    ) -> int:
        """A phone is checked; the number of the entry of the check's end."""
        visit = visit or f"{self.name}-{self.ledger.count()}"
        phone = Phone(platform, "samsung", "SM-A546B", "14", serial, practice=self.ledger.practice)
        about: dict[str, Any] = {
            "visit": visit,
            "policy": POLICY,
            "phone": phone,
            "labels": Labels(holder="J. Tremblay", tag=tag),
        }
        self.ledger.append(CheckStarted(T("over USB")), **about)
        finding = self.ledger.append(AppFound.of(wechat()), **about).seq if banned else 0
        verdict = Verdict.RED if banned else Verdict.GREEN
        ended = CheckEnded(
            verdict=verdict,
            products=int(banned),
            bans=int(banned),
            findings=int(banned),
            apps=90,
            profiles=1,
            took_ms=800,
            returns=tuple(return_told(rule, state) for rule, state in returns.items()),
        )
        entry = self.ledger.append(ended, **about, seal=True)
        if removed:
            step = {"act": "uninstall", "package": "com.tencent.mm", "profile": 0, "finding": finding}
            intent = self.ledger.append(RemovalIntended(**step), **about)
            outcome = RemovalOutcome(outcome="done", means=T("done"), answer="Success", intent=intent.seq)
            self.ledger.append(outcome, **about, seal=True)
        return entry.seq

    def bundle(self, after: int = 0, **more: Any) -> Path:
        """What a desk carries home; `more` are further fields of core.head_office.bundles.bundle.BundleContents."""
        made = bundle.write(self.ledger, self.stick, bundle.BundleContents(self.name, **more), after=after)
        self.made.append(made.folder)
        return made.folder


#: Why a product is said to be able to come back or not.
WHY: Final = {
    Return.POSSIBLE: ReturnReason.NOT_MANAGED,
    Return.UNKNOWN: ReturnReason.NO_ANSWER,
    Return.BLOCKED: ReturnReason.INSTALLS_FORBIDDEN,
}


def return_told(rule: str, state: Return | str) -> ReturnTold:
    """What a check has on record of one product."""
    name = rule.capitalize()
    reasons = (WHY[state],) if isinstance(state, Return) else ()
    return ReturnTold(rule, Bilingual(name, f"{name} (fr)"), state, reasons)


def wechat() -> Finding:
    return Finding(
        rule="wechat",
        product=Bilingual("WeChat", "WeChat (Weixin)"),
        strength=Strength.BAN,
        app=App(
            package="com.tencent.mm",
            version_code=2740,
            version_name="8.0.50",
            installer="com.android.vending",
            states=(AppState(0, installed=True),),
        ),
        profile=Profile(0, "", ProfileKind.PERSONAL),
        evidence=(Evidence(EvidenceKind.PACKAGE_ID, "com.tencent.mm", "2+", "a public list"),),
        why=T("{app} is banned.", app=Bilingual("WeChat", "WeChat (Weixin)")),
    )


OpenDesk = Callable[..., Desk]
BANNED, CLEAN, NEVER = "R58N12ABCDE", "R58N12FGHIJ", "R58N12ZZZZZ"


def asked_store(open_desk: OpenDesk, folder: Path) -> Path:
    """Two desks over three days: a phone with a banned app that comes back elsewhere, a clean one, one never seen."""
    office = Office(folder)
    first, second = open_desk("Desk 1"), open_desk("Desk 2")
    silent = open_desk("Desk 3", start=NOW - timedelta(days=100))
    silent.check("R58N12OLDER")
    begun = RoundBegun(round="r1", name="Autumn", first="2026-11-20", last="2026-11-30", policy="ca-tbs")
    first.ledger.append(begun, seal=True)
    seen = first.check(CLEAN, returns={"tiktok": Return.BLOCKED, "wechat": Return.BLOCKED})
    first.check(BANNED, banned=True, removed=True, visit="v1", tag="GC-1-23")
    first.check(BANNED, visit="v1", tag="GC-1-23")  # what was removed is read back
    first.check("unknown", banned=True)  # a serial number that many phones have
    second.clock.now += timedelta(days=2)
    second.check(BANNED, banned=True, returns={"tiktok": Return.POSSIBLE, "wechat": Return.UNKNOWN})
    second.check(CLEAN, tag="gc-1-23", returns={"tiktok": Return.BLOCKED})  # somebody gave it the tag of the other
    forgotten = silent.check("R58N12GONE1", banned=True)
    early = silent.bundle()
    silent.ledger.erase_records([forgotten], "asked for")
    erasing, after = silent.bundle(), silent.ledger.count()
    silent.check("R58N12NEVER")
    silent.bundle(after=after)  # which nobody brings
    after = silent.ledger.count()
    silent.check("R58N12LATER")
    lines = [{"round": "r1", "serial": serial, "unit": unit} for serial, unit in ((CLEAN, "Fleet"), (NEVER, "Legal"))]
    lines[0]["seen"] = seen  # type: ignore[assignment]
    coverage = b"".join(map(layout.json_line, lines))
    office.enrol(first, second, silent)
    brought = (first.bundle(extra={"coverage.jsonl": coverage}), second.bundle(), early)
    assert not office.merge(*brought).refused
    made = office.merge(erasing, silent.bundle(after=after))
    assert made.erased
    assert made.apart
    return office.store


@pytest.fixture(scope="module")
def a_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def open_one(a_folder: Path) -> Iterator[OpenDesk]:
    """As `open_desk`, for all tests of a module."""
    with desks_in(a_folder) as opener:
        yield opener


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[OpenDesk]:
    """Opens desks whose logs are closed at the end."""
    with desks_in(tmp_path) as opener:
        yield opener


@contextmanager
def desks_in(tmp_path: Path) -> Iterator[OpenDesk]:
    """Opens desks with their data and sticks in a folder."""
    with ExitStack() as opened:

        def one(
            name: str = "Desk 1",
            start: datetime = NOW - timedelta(days=3),
            data: Path | None = None,
            practice: bool = False,
        ) -> Desk:
            stick = tmp_path / "sticks" / name
            stick.mkdir(parents=True, exist_ok=True)
            clock = Clock(start)
            path = ledger_file(data or tmp_path / "desks" / name, practice=practice)
            who = {"desk": name, "officer": "A. Officer", "app_version": "0.1.0"}
            ledger = Ledger(path, **who, clock=clock, keyring=False, practice=practice)
            return Desk(name, opened.enter_context(ledger), clock, stick)

        yield one


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk()


class Office:
    """Head office: its store, and the desks that it has enrolled."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.enrolled = folder / "enrolled.txt"
        self.enrolled.write_text("")
        self.keys: list[Path] = []

    def enrol(self, *desks: Desk) -> None:
        with self.enrolled.open("a") as file:
            for one in desks:
                file.write(one.ledger.enrolment.text)

    def merge(self, *bundles: Path, now: datetime = NOW, **more: Any) -> Merged:
        enrolled = self.enrolled if self.enrolled.stat().st_size else None
        return merge(bundles, self.store, enrolled=enrolled, private_keys=self.keys, now=now, **more)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, by the files that lie in its folder, in the order of their logs and entries."""
        found: list[dict[str, Any]] = []
        for path in sorted((self.store / table).rglob("*.parquet")):
            found += read_table(path).to_pylist()
        return sorted(found, key=lambda row: [str(row.get(name)).rjust(12) for name in ("log", "seq", "size", "field")])

    def state(self) -> dict[str, bytes]:
        """Everything that is in the store."""
        return {str(p.relative_to(self.store)): p.read_bytes() for p in sorted(self.store.rglob("*")) if p.is_file()}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def compact_from(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has so many small files of a table be joined: ``compact_from(3)``."""
    return lambda few: monkeypatch.setattr(compaction, "FEW", few)
