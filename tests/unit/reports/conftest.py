"""Sealed ledgers with visits in them, to make pages of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest

from core.ledger.file.clock import Instant
from core.ledger.records import (
    AppFound,
    CheckEnded,
    CheckStarted,
    Entry,
    EvidenceTaken,
    HealthTold,
    PhoneLabelled,
    PhoneSeen,
    PolicyLoaded,
    ProgramStart,
    Record,
    RemovalIntended,
    RemovalOutcome,
    UndoIntended,
    UndoOutcome,
)
from core.ledger.records.check import ReturnTold
from core.ledger.writer import Ledger
from core.model import (
    App,
    AppEvidence,
    AppState,
    Enabled,
    Evidence,
    EvidenceKind,
    FileHash,
    Finding,
    Gap,
    Labels,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Return,
    ReturnReason,
    Strength,
    Trust,
    Verdict,
)
from core.phones.driver import Outcome
from core.reports.summaries.day_page import DayClose
from core.reports.summaries.month_summary import MonthSummary
from core.text import Bilingual, T

SERIAL = "R58N12ABCDE"
USB = T("over USB")
DONE = T("The phone says it is done.")
POLICY = Policy(
    "canada",
    "2026-11-01",
    date(2026, 11, 1),
    Bilingual(
        "Applications banned on Government of Canada mobile devices",
        "Applications interdites sur les appareils mobiles du gouvernement du Canada",
    ),
    Bilingual("", ""),
    (),
    "5f" * 32,
    trust=Trust.BUILT_IN,
)
PERSONAL = Profile(0, "Jeanne", ProfileKind.PERSONAL)
PHONE = Phone("android", "samsung", "SM-S901W", "14", SERIAL)
NO_LABELS = Labels()
GAP = Gap(
    T(
        "{name}: {text}",
        name=T("Secure Folder"),
        text=T("The phone does not let a computer list the apps of this profile."),
    ),
    T("Have the holder open Secure Folder on the phone and show its apps, or move them out of it."),
    profile=150,
)


class FakeClock:
    """Each look at it is a second later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 14, 32, tzinfo=UTC)

    def __call__(self) -> Instant:
        self.now += timedelta(seconds=1)
        return Instant(self.now, int(self.now.timestamp() * 1000) % 1_000_000_000, "boot-1")


def finding(
    name: str = "WeChat",
    package: str = "com.tencent.mm",
    *,
    strength: Strength = Strength.BAN,
    profile: Profile = PERSONAL,
    version: str = "8.0.50",
    contained: bool = False,
    system: bool = False,
    confidence: str = "several sources",
) -> Finding:
    """An app that a rule names."""
    state = AppState(profile.id, True, enabled=Enabled.DISABLED if contained else Enabled.DEFAULT)
    return Finding(
        name.casefold()[:60],
        Bilingual(name, name),
        strength,
        App(package, 2840, version, "com.android.vending", contained or system, states=(state,)),
        profile,
        (Evidence(EvidenceKind.PACKAGE_ID, package, confidence, "a list"),),
        T(
            "{app} has been banned on {scope} since {date} by decision of {authority}.",
            app=Bilingual(name, name),
            scope=Bilingual("government-issued mobile devices", "les appareils mobiles fournis par le gouvernement"),
            date="28 February 2023",
            authority=Bilingual("the Chief Information Officer", "la dirigeante principale de l’information"),
        ),
    )


#: What a check tells of two products: one can come back, and the other is blocked.
RETURNS = (
    ReturnTold("tiktok", Bilingual("TikTok", "TikTok"), Return.POSSIBLE, (ReturnReason.NOT_MANAGED,)),
    ReturnTold("wechat", Bilingual("WeChat", "WeChat"), Return.BLOCKED, (ReturnReason.INSTALLS_FORBIDDEN,)),
)


@dataclass
class Desk:
    """A ledger, and the short way to write a visit into it."""

    ledger: Ledger
    phone: Phone = PHONE
    policy: Policy = POLICY
    visits: int = 0
    labels: Labels = NO_LABELS
    found: dict[str, int] = field(default_factory=dict)

    def visit(self) -> Desk:
        self.visits += 1
        self.labels = NO_LABELS
        return self

    def label(self, labels: Labels) -> Entry:
        """From now on, what is written has these."""
        self.labels = labels
        return self.write(PhoneLabelled(), seal=True)

    def write(self, *records: Record, seal: bool = False) -> Entry:
        return self.ledger.append_all(
            records, visit=f"visit-{self.visits}", policy=self.policy, phone=self.phone, labels=self.labels, seal=seal
        )[-1]

    def check(
        self,
        *findings: Finding,
        gaps: tuple[Gap, ...] = (),
        health: tuple[HealthTold, ...] = (),
        returns: tuple[ReturnTold, ...] = (),
        seal: bool = True,
    ) -> Entry:
        """A check that found this; the number of its record."""
        bans = [f for f in findings if f.strength is Strength.BAN]
        verdict = (
            Verdict.RED if any(not f.contained for f in bans) else Verdict.AMBER if bans or gaps else Verdict.GREEN
        )
        products = len({f.product for f in bans})
        read = 2 - len({gap.profile for gap in gaps} - {None})
        ended = CheckEnded(
            verdict=verdict,
            profiles=2,
            apps=302,
            findings=len(findings),
            bans=len(bans),
            products=products,
            gaps=gaps,
            took_ms=756,
            profiles_read=read,
            health=health,
            returns=returns,
        )
        self.write(CheckStarted(USB))
        written = self.ledger.append_all(
            [PhoneSeen("ready", USB), *map(AppFound.of, findings), ended],
            visit=f"visit-{self.visits}",
            policy=self.policy,
            phone=self.phone,
            labels=self.labels,
            seal=seal,
        )
        self.found = {f.app.package: e.seq for f, e in zip(findings, written[1:], strict=False)}
        return written[len(findings) + 1]

    def evidence(self, package: str, *files: FileHash, **values: Any) -> Entry:
        """What was there of an app that the last check found."""
        told = AppEvidence(package, 0, files, ("0a" * 32,), "8.0.49 (2600)", "com.android.vending", "", "", **values)
        return self.write(EvidenceTaken.of(told, self.found[package]))

    def remove(self, package: str, act: str = "uninstall", outcome: Outcome | None = Outcome.DONE) -> Entry:
        """A step for an app that the last check found; without an outcome it stays open."""
        intent = self.write(RemovalIntended(act, package, 0, self.found[package]))
        if outcome is not None:
            self.write(RemovalOutcome(intent=intent.seq, outcome=outcome, answer="Success", means=DONE))
        return intent

    def undo(self, removal: Entry) -> Entry:
        intent = self.write(UndoIntended("install-existing", str(removal.leaf["body"]["package"]), 0, removal.seq))
        self.write(UndoOutcome(intent=intent.seq, outcome=Outcome.DONE, answer="", means=DONE))
        return intent


MakeDesk = Callable[..., Desk]


@contextmanager
def desks_in(folder: Path) -> Iterator[MakeDesk]:
    """Makes desks with their logs in a folder; the logs are closed at the end."""
    with ExitStack() as opened:

        def make(
            name: str = "ledger",
            *,
            practice: bool = False,
            offset: int = -300,
            place: str = "Desk 4, Gatineau",
            officer: str = "A. Roy",
        ) -> Desk:
            ledger = Ledger(
                folder / name / "ledger.db",
                desk=place,
                officer=officer,
                app_version="0.3.0",
                practice=practice,
                clock=FakeClock(),
                organisation="example.gc.ca",
            )
            opened.enter_context(ledger)
            ledger.append_all([ProgramStart("Linux", offset), PolicyLoaded.of(POLICY)], policy=POLICY)
            return Desk(ledger, replace(PHONE, practice=practice))

        yield make


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    with desks_in(tmp_path) as make:
        yield make


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


@pytest.fixture
def gatineau(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The local time of the desk, five hours behind UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's local time cannot be set for one program")
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def text_of(pdf: bytes) -> str:
    """What can be read on the pages of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage() for page in document]
        return "\n".join(page.get_text_range() for page in pages).replace("\r\n", "\n")
    finally:
        document.close()


def words(made: DayClose | MonthSummary) -> str:
    """What can be read on a page, in one line."""
    pdf = made.data if isinstance(made, MonthSummary) else made.pdf
    return " ".join(text_of(pdf).replace("\u200b", "").split())


def pages_of(pdf: bytes) -> int:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return len(document)
    finally:
        document.close()


def files_in(pdf: bytes) -> dict[str, bytes]:
    """What is attached to a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        attached = [document.get_attachment(i) for i in range(document.count_attachments())]
        return {a.get_name(): bytes(a.get_data()) for a in attached}
    finally:
        document.close()
