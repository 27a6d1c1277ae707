"""The last look at a phone, over the practice phones: what is installed, updated or restarted while it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs import Cancel, silent
from core.ledger.records import Kind
from core.ledger.writer import Ledger
from core.model import Check, Verdict
from core.phones.android.link.server import ServerLink
from core.phones.android.phone import AndroidPhone
from core.phones.driver import OtherPhone
from core.policy.format import policy_file
from core.simulator import PracticePhone
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.phones.android.scripted_server import ScriptedServer
from tests.unit.visit.test_same_phone import SERIAL, WECHAT, phone

POLICY = policy_file.load_built_in("canada")
BOOT_ID = "/proc/sys/kernel/random/boot_id"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", desk="Desk 4", officer="A. Roy", app_version="test") as opened:
        yield opened


@pytest.fixture
def checked(ledger: Ledger) -> Iterator[Callable[..., Check]]:
    servers: list[ScriptedServer] = []

    def run(practice: PracticePhone, meanwhile: Callable[[str], None]) -> Check:
        servers.append(ScriptedServer(SERIAL, practice))
        servers[-1].before = meanwhile
        visit = Visit(OpenedPhone(AndroidPhone(ServerLink(SERIAL, servers[-1].port)), POLICY, ledger))
        visit.connect(Cancel())
        return visit.check(Cancel())

    yield run
    for server in servers:
        server.close()


Checked = Callable[..., Check]


def once(happens: Callable[[], None]) -> Callable[[str], None]:
    """Has something happen as soon as files are looked for, once."""
    waiting = [happens]

    def before(command: str) -> None:
        if waiting and "stat -c" in command:
            waiting.pop()()

    return before


def without(practice: PracticePhone, *names: str) -> Callable[[], None]:
    """Take apps off a phone; what comes back puts them on it again."""
    packages = [practice.packages[name] for name in names]
    states = [practice.state(name) for name in names]
    for package in packages:
        practice.uninstall(package, [0])

    def back() -> None:
        for package, state in zip(packages, states, strict=True):
            practice.packages[package.name] = package
            practice.change(package, 0, state)

    return back


def test_a_banned_app_that_comes_while_files_are_read_is_red_and_on_record(checked: Checked, ledger: Ledger) -> None:
    practice = phone("walk-up")
    back = without(practice, WECHAT, "com.kms.free")
    assert checked(practice, lambda command: None).verdict is not Verdict.RED
    check = checked(practice, once(back))
    assert check.verdict is Verdict.RED
    assert WECHAT in {finding.app.package for finding in check.red}
    assert {e.leaf["body"]["package"] for e in ledger.newest(10, kind=Kind.FINDING)} >= {WECHAT}


def test_an_innocent_app_that_comes_is_looked_into_and_the_phone_is_green(checked: Checked) -> None:
    practice = phone("clean")
    newcomer = next(name for name, package in practice.packages.items() if not package.system)
    check = checked(practice, once(without(practice, newcomer)))
    assert check.verdict is Verdict.GREEN
    assert check.identities[newcomer].why is None


def test_a_phone_that_was_restarted_while_it_was_checked_is_no_check(checked: Checked, ledger: Ledger) -> None:
    practice = phone("clean")

    def restart() -> None:
        entry = practice.files._entries[BOOT_ID]
        practice.files._entries[BOOT_ID] = replace(entry, inside=b"5f2a1f6c-1111-2222-3333-444444444444\n")

    with pytest.raises(OtherPhone):
        checked(practice, once(restart))
    assert ledger.newest(10, kind=Kind.CHECK_ENDED) == ()
    practice = phone("walk-up")
    check = checked(practice, once(restart))
    assert check.verdict is Verdict.RED
    assert isinstance(check.broken_off, OtherPhone)


def test_a_quiet_phone_is_asked_once_more_and_no_oftener(checked: Checked) -> None:
    asked: list[str] = []
    assert checked(phone("clean"), asked.append).verdict is Verdict.GREEN
    assert sum("pm list users" in command for command in asked) == 2
    assert sum("dumpsys package packages" in command or "package packages" in command for command in asked) == 1


def test_a_split_that_the_phone_names_and_does_not_give_makes_the_app_not_whole(ledger: Ledger) -> None:
    server = ScriptedServer(SERIAL, phone("clean"))
    try:
        driver = AndroidPhone(ServerLink(SERIAL, server.port))
        inventory = driver.read(silent, Cancel())
        app = next(app for app in inventory.apps if app.must_be_looked_into)
        assert driver.identify([app], silent, Cancel())[app.package].why is None
        named = replace(app, splits=("config.en",))
        assert driver.identify([named], silent, Cancel())[app.package].why is not None
    finally:
        server.close()
