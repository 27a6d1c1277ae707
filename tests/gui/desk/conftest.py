"""What tests of the Desk page stand on: the reading of apps' files, held or broken off where a test wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.desk.policy import granted_exceptions
from core.jobs import Cancel, Report
from core.model import NOTHING_SOUGHT, App, Identity, SoughtInFiles
from core.phones.android.phone import AndroidPhone
from core.policy.exceptions import Request, signer_of
from core.simulator import load
from core.simulator.model.scenario import AppData, Scenario, Version
from core.system.local_zone import system_zone
from tests.gui.conftest import Office

WECHAT = "com.tencent.mm"
DISGUISE = "ca.maple.jottings"


class Files:
    """Stands before the apps' files: a closer look waits after some of them, or is broken off there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        #: How many are read before it waits; None never does.
        self.hold_after: int | None = None
        #: What happens after so many.
        self.break_after: int | None = None
        self.problem: BaseException | None = None
        #: How many apps each closer look was to look into.
        self.asked: list[int] = []
        self.waiting = threading.Event()
        self._open = threading.Event()
        real = AndroidPhone.identify

        def identify(
            phone: AndroidPhone,
            apps: Sequence[App],
            report: Report,
            cancel: Cancel,
            told: Callable[[Identity], None] | None = None,
            sought: SoughtInFiles = NOTHING_SOUGHT,
        ) -> dict[str, Identity]:
            if told is None:  # a check's own, of what it is not sure of
                return real(phone, apps, report, cancel)
            self.asked.append(len(apps))
            heard = 0

            def tell(identity: Identity) -> None:
                nonlocal heard
                if heard == self.hold_after:
                    self.waiting.set()
                    while heard == self.hold_after and not self._open.wait(0.01):
                        cancel.check()
                if heard == self.break_after and self.problem is not None:
                    raise self.problem
                heard += 1
                told(identity)

            return real(phone, apps, report, cancel, tell, sought)

        monkeypatch.setattr(AndroidPhone, "identify", identify)

    def hold(self, after: int) -> None:
        """Wait after so many, each time, until :meth:`let_go`."""
        self.hold_after = after
        self._open.clear()
        self.waiting.clear()

    def fail(self, after: int, problem: BaseException) -> None:
        self.break_after, self.problem = after, problem

    def let_go(self) -> None:
        self.hold_after = self.break_after = None
        self._open.set()


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    files = Files(monkeypatch)
    yield files
    files.let_go()


def with_apps(scenario: str, *apps: AppData) -> Scenario:
    """A phone of a scenario, with further apps."""
    made = load(scenario)
    return replace(made, apps=(*made.apps, *apps))


def disguised(certificate: str = "", signer: str = "", apk: str = "") -> AppData:
    """WeChat under another name."""
    return AppData(
        DISGUISE,
        Version(3, "1.2"),
        installer="com.android.vending",
        label="Pocket Jotter",
        certificate=certificate,
        signer=signer,
        apk=apk,
    )


def grant(office: Office, rule: str = "wechat", days: int = 30) -> date:
    """Grant an exception for the phone that is shown. Returns its last day."""
    session = office.page.session
    assert session is not None
    assert session.phone is not None
    policy = office.desk.policy(None)
    ledger = office.desk.hold_ledger(session.practice, policy)
    until = granted_exceptions.today(ledger, system_zone()) + timedelta(days=days)
    phone = session.phone
    app = {"wechat": "com.tencent.mm", "kaspersky": "com.kms.free"}[rule]
    assert session.check is not None
    signer = signer_of(next(f for f in session.check.findings if f.app.package == app), phone.platform)
    about = {"serial": phone.serial, "maker": phone.maker, "model": phone.model, "signer": signer}
    request = Request(rule, until, "The Chief", "EX-7", app, **about)
    granted_exceptions.grant(ledger, request, policy, system_zone())
    return until
