"""The whole road over Debian's real adbd: check red, remove, verify, undo; and each way in which it is cut short."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.jobs import Cancel, Progress
from core.ledger.records import CheckEnded, Kind
from core.ledger.writer import Ledger
from core.model import Cancelled, HandBack, Light, Paper, Return, Verdict
from core.model.can_return import overall
from core.phones.android import leaving
from core.phones.android.apk.signing import java_hash
from core.phones.android.link.link import connect_tcp
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Answer, Outcome, Step, Unplugged
from core.phones.removal_plan import Result
from core.policy.format import policy_file
from core.text import T
from core.visit.events import Event, Glimpse, StepBegins
from core.visit.journal import OutcomeNotRecorded
from core.visit.undo import LeftThePhone
from core.visit.visit import Visit
from tests.kit.opened_phone import OpenedPhone
from tests.unit.phones.android import apks

from .conftest import Adbd
from .scripted import PROPERTIES, ScriptedPhone

POLICY = policy_file.load_built_in("canada")
#: How the apps of a profile are asked for.
LIST = "pm list packages -f -U -i --show-versioncode"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as ledger:
        yield ledger


def open_ledger(folder: Path) -> Ledger:
    return Ledger(folder / "data/ledger.db", desk="Desk 4", officer="A. Roy", app_version="test")


def fill(phone: ScriptedPhone, apps: int = 3) -> None:
    """Ordinary apps, for each of which a program is started on the phone when it is checked."""
    for i in range(apps):
        phone.install(f"com.example.app{i}")
    phone.install("com.android.settings", system=True)


@contextmanager
def visiting(phone: Adbd, signer: Any, ledger: Ledger, listen: Callable[[Event], None] = print) -> Iterator[Visit]:
    driver = AndroidPhone(connect_tcp("127.0.0.1", phone.port, signer, Cancel()))
    visit = Visit(OpenedPhone(driver, POLICY, ledger), listen)
    try:
        yield visit
    finally:
        visit.close()


def kinds(ledger: Ledger) -> list[str]:
    own = ("log-begun", "key-next")  # what the ledger writes about its keys
    return [e.kind for e in reversed(ledger.newest(100)) if e.kind not in own]


def test_a_clean_phone_is_green(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    fill(phone.phone, 10)
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
    assert check.verdict is Verdict.GREEN
    assert len(check.inventory.apps) == 12
    assert check.inventory.phone.name == "Samsung Galaxy S22"
    assert kinds(ledger) == ["check-started", "phone-seen", "check-ended"]


def test_the_phones_own_health_is_read_and_on_record_and_changes_no_verdict(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.install("com.android.vending", system=True)
    told = {"ro.crypto.state": "unencrypted", "ro.boot.verifiedbootstate": "green", "ro.boot.flash.locked": "0"}
    phone.phone.change(properties={**PROPERTIES, **told}, lock="None")
    phone.phone.set("package_verifier_user_consent", "-1")
    phone.phone.set("enabled_accessibility_services", "com.example.app1/.Reader:com.example.app2/.Braille")
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
        assert visit.entry is not None
        record = visit.entry.record
    lights = {s.signal: s.light for s in check.health}
    assert {name for name, light in lights.items() if light is Light.RED} >= {
        "encryption",
        "boot",
        "bootloader",
        "lock",
        "play-protect",
    }
    assert lights["accessibility"] is Light.AMBER
    assert check.verdict is Verdict.GREEN
    assert isinstance(record, CheckEnded)
    assert [h.signal for h in record.health] == [n for n, light in lights.items() if light is not Light.INFORMATION]
    assert b"com.example.app1" not in visit.entry.exact


RESTRICTIONS = """  UserInfo{0:Owner:4c13} serialNo=0 isPrimary=true
    Has profile owner: false
    Restrictions:
      no_add_user
      no_add_managed_profile
      no_add_clone_profile
    Device policy restrictions:
      no_install_apps
    Effective restrictions:
      no_add_user
      no_add_managed_profile
      no_add_clone_profile
      no_install_apps

  Device managed: true""".splitlines()
OWNERS = """  Device Owner:\x20
    admin=ComponentInfo{com.example.dpc/com.example.dpc.Receiver}
    package=com.example.dpc
    isOrganizationOwnedDevice=true
    User ID: 0""".splitlines()


def test_whether_a_banned_app_can_come_back_is_read_and_on_record(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    fill(phone.phone)
    told = {"ro.boot.verifiedbootstate": "green", "ro.boot.flash.locked": "1", "ro.build.type": "user"}
    phone.phone.change(properties={**PROPERTIES, **told}, restrictions=RESTRICTIONS, owners=OWNERS)
    with visiting(phone, signer, ledger) as visit:
        blocked = visit.check(Cancel())
        assert visit.entry is not None
        record = visit.entry.record
        phone.phone.change(owners=(), restrictions=[line for line in RESTRICTIONS if "managed: true" not in line])
        altered = visit.check(Cancel())
    assert {product.state for product in blocked.returns} == {Return.BLOCKED}
    assert isinstance(record, CheckEnded)
    assert overall(record.returns) is Return.BLOCKED
    assert overall(altered.returns) is Return.UNKNOWN  # nobody is there who could have forbidden it
    assert (blocked.verdict, altered.verdict) == (Verdict.GREEN, Verdict.GREEN)


def test_red_removed_verified_and_undone(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.change(users={"0": ["Owner", "4c13"], "10": ["Work profile", "1030"]})
    phone.phone.install("com.tencent.mm", 0, 10, version="8.0.50")
    phone.phone.install("com.deepseek.chat")
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
        assert check.verdict is Verdict.RED
        assert [(f.app.package, f.profile.id) for f in check.bans] == [("com.tencent.mm", 0), ("com.tencent.mm", 10)]
        wechat = check.bans[0]
        assert wechat.app.version_name == "8.0.50"
        assert wechat.app.installer == "com.android.vending"
        assert wechat.app.signers == (java_hash(apks.encoded("anybody")),)

        removal = visit.remove(visit.plan(), Cancel())
        assert [d.result for d in removal.items] == [Result.REMOVED, Result.REMOVED]
        assert removal.check.verdict is Verdict.GREEN
        assert not phone.phone.is_installed("com.tencent.mm", 0)
        assert phone.phone.is_installed("com.deepseek.chat")  # only recommended against, and not ticked

    assert kinds(ledger).count(Kind.REMOVAL_INTENDED) == kinds(ledger).count(Kind.REMOVAL_OUTCOME) == 2


def test_an_app_of_the_system_can_be_put_back_in_a_later_visit(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    phone.phone.change(users={"0": ["Owner", "4c13"], "10": ["Work profile", "1030"]})
    phone.phone.install("com.kmsjp", 0, 10, system=True)
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        assert visit.remove(visit.plan(), Cancel()).check.verdict is Verdict.GREEN
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        assert visit.undoable("no such app") == ()
        undoable = visit.undoable("com.kmsjp")
        assert [(u.step.act, u.step.profile) for u in undoable] == [("install-existing", 10), ("install-existing", 0)]
        undone = visit.undo(undoable, Cancel())
        assert [a.outcome for _, a in undone.answers] == [Outcome.DONE, Outcome.DONE]
        assert undone.check.verdict is Verdict.RED
        assert visit.undoable() == ()
    assert phone.phone.is_installed("com.kmsjp", 10)


def test_an_app_that_left_the_phone_cannot_be_put_back_and_that_is_said(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        visit.remove(visit.plan(), Cancel())
        with pytest.raises(LeftThePhone, match="WeChat has left the phone"):
            visit.undo(visit.undoable(), Cancel())
    assert phone.phone.log == ["pm uninstall --user 0 com.tencent.mm"]


def test_a_red_shows_before_the_full_reading_ends(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.install("com.tencent.mm")
    events: list[Event] = []
    with visiting(phone, signer, ledger, events.append) as visit:
        visit.check(Cancel())
    glimpse = next(e for e in events if isinstance(e, Glimpse))
    assert [f.app.package for f in glimpse.findings] == ["com.tencent.mm"]
    shares = [e.share for e in events if isinstance(e, Progress)]
    assert shares == sorted(shares)
    assert events.index(glimpse) < len(events) - 1


def test_a_closed_profile_makes_amber_and_says_how_to_see_it(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.change(users={"0": ["Owner", "4c13"], "150": ["Secure Folder", "61030"]}, closed=[150])
    phone.phone.install("com.samsung.android.notes", 0, 150)
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
    assert check.verdict is Verdict.AMBER
    (gap,) = check.gaps
    assert gap.profile == 150
    assert "Secure Folder" in str(gap.what)
    assert "holder" in str(gap.how)


def test_a_profile_of_which_nothing_is_told_makes_amber(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.change(answers={"pm list users": ["Users:\n\tUserInfo{0:Owner:4c13}\n\tUserInfo{10:Work:1030}", 0]})
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
    assert check.verdict is Verdict.AMBER
    assert check.gaps[0].profile == 10


def test_an_empty_phone_is_no_green(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    phone.phone.change(answers={"pm list packages": ["", 0], "dumpsys package": ["Packages:\n\nQueries:", 0]})
    with visiting(phone, signer, ledger) as visit:
        assert visit.check(Cancel()).verdict is Verdict.AMBER


def test_a_list_of_a_profile_that_was_not_announced_is_judged_all_the_same(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    fill(phone.phone)
    users = "Users:\n\tUserInfo{0:Owner:4c13}\n\tUserInfo{10:A\n:1030} running"
    phone.phone.change(answers={"pm list users": [users, 0], f"{LIST} --user 10": ["package:com.tencent.mm", 0]})
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
    assert [(f.app.package, f.profile.id) for f in check.bans] == [("com.tencent.mm", 10)]


def test_what_nobody_knows_can_be_undone_where_the_phone_shows_that_it_happened(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    phone.phone.install("com.kmsjp", system=True)
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
        intent = visit.journal.record_intent(check.bans[0], visit.plan().items[0].steps[0])
        visit.journal.record_outcome(intent, Answer(Outcome.UNKNOWN, "", T("Nobody knows.")))
        assert visit.undoable() == ()  # it is still there
        gone = {"0": {"installed": False, "enabled": 0}}
        phone.phone.change(apps={"com.kmsjp": {"version": "1", "system": True, "users": gone}})
        visit.check(Cancel())
        assert [u.step.act for u in visit.undoable()] == ["install-existing"]


def test_another_phone_with_the_same_serial_number_is_another_phone(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    first, second = adbd(), adbd()
    for phone in (first, second):
        phone.phone.install("com.kmsjp", system=True)
    second.phone.change(properties={**second.phone.state["properties"], "ro.product.model": "Other"})
    with visiting(first, signer, ledger) as visit:
        visit.check(Cancel())
        visit.remove(visit.plan(), Cancel())
    with visiting(second, signer, ledger) as visit:
        visit.check(Cancel())
        assert visit.undoable() == ()


def test_an_outcome_that_cannot_be_recorded_says_that_the_step_was_sent(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.ledger.problems import NoSpace

    phone = adbd()
    phone.phone.install("com.tencent.mm")
    write = Ledger.append_all

    def fills_up(self: Ledger, records: Any, **values: Any) -> Any:
        records = list(records)
        if records[0].kind == Kind.REMOVAL_OUTCOME:
            raise NoSpace(self.path)
        return write(self, records, **values)

    monkeypatch.setattr(Ledger, "append_all", fills_up)
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        with pytest.raises(OutcomeNotRecorded, match="was sent to the phone"):
            visit.remove(visit.plan(), Cancel())
    assert not phone.phone.is_installed("com.tencent.mm")


@pytest.mark.parametrize("readable", [True, False])
def test_an_app_that_the_full_list_does_not_have_is_a_gap_also_where_its_file_was_read(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger, *, readable: bool
) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.install("com.example.unseen", signer="maker")
    everything = [f"package:{p}" for p in phone.phone.state["apps"]]
    apps = phone.phone.state["apps"]
    hidden = apps.pop("com.example.unseen")
    phone.phone.change(apps=apps)
    answers = {f"{LIST} --user 0": ["\n".join(everything), 0]}
    if readable:
        answers["pm path --user 0 com.example.unseen"] = [f"package:{hidden['path']}", 0]
    phone.phone.change(answers=answers)
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
    assert check.verdict is Verdict.AMBER
    said = " ".join(str(gap.what) for gap in check.gaps)
    assert "breaks off in the middle" in said  # what else it lacks, as an archived app, no other list has
    assert ("Not looked into: com.example.unseen." in said) is not readable


def test_a_banned_app_that_only_one_list_has_is_red(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    fill(phone.phone)
    everything = "\n".join(f"package:{p}" for p in [*phone.phone.state["apps"], "com.tencent.mm"])
    phone.phone.change(answers={f"{LIST} --user 0": [everything, 0]})
    with visiting(phone, signer, ledger) as visit:
        assert visit.check(Cancel()).verdict is Verdict.RED


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("dumpsys package", ["Can't find service: package", 0]),
        ("dumpsys package", ["Packages:\n  Package [com.example.app0] (1):\n    versionCode=4", 0]),
        ("dumpsys package", ["", 1]),
        ("pm list users", ["Error: java.lang.SecurityException", 255]),
        ("pm list packages", ["Error: java.lang.SecurityException", 255]),
        ("pm list packages", ["package:com.example.app0; reboot", 0]),
    ],
)
def test_what_cannot_be_read_is_never_green(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger, command: str, answer: list[Any]
) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.change(answers={command: answer})
    with visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
    assert check.verdict is Verdict.AMBER
    assert all(str(g.what) and str(g.how) for g in check.gaps)


def test_a_device_administrator_is_switched_off_and_then_removed(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    phone.phone.install("com.kms.free")
    phone.phone.change(admins=["com.kms.free/.Admin"])
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        removal = visit.remove(visit.plan(), Cancel())
    assert removal.items[0].result is Result.REMOVED
    assert [s.act for s, _ in removal.items[0].history] == ["disable", "uninstall"]


def test_success_that_was_none_stays_red_and_says_what_to_do(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    phone.phone.change(
        answers={
            "pm uninstall": ["Success", 0],
            "pm disable-user": ["SecurityException: Cannot disable system packages.", 255],
            "pm suspend": ["Package com.tencent.mm new suspended state: false", 0],
        }
    )
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        removal = visit.remove(visit.plan(), Cancel())
    (done,) = removal.items
    assert done.result is Result.STILL_THERE
    assert [a.outcome for _, a in done.history] == [Outcome.CAME_BACK, Outcome.PROTECTED, Outcome.REFUSED]
    assert removal.check.verdict is Verdict.RED
    assert "tap Uninstall" in str(done.by_hand)
    assert done.screen_open
    assert "am start" in phone.phone.log[-1]


def test_an_unknown_answer_is_not_success(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    odd = ["Nice try", 0]
    phone.phone.change(answers={"pm uninstall": odd, "pm disable-user": odd, "pm suspend": odd})
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        removal = visit.remove(visit.plan(), Cancel())
    assert {a.outcome for _, a in removal.items[0].history} == {Outcome.UNKNOWN}
    outcome = ledger.newest(1, kind=Kind.REMOVAL_OUTCOME)[0]
    assert ledger.search("Nice try", 10)
    assert outcome.leaf["body"]["outcome"] in ("unknown", "done")


def test_unplugged_while_it_is_read(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    fill(phone.phone, 300)

    def pull(event: Event) -> None:
        if isinstance(event, Glimpse):
            phone.unplug()

    with visiting(phone, signer, ledger, pull) as visit, pytest.raises(Unplugged):
        visit.check(Cancel())
    assert kinds(ledger) == ["check-started", "problem"]


def test_unplugged_while_an_app_is_removed(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    phone.phone.change(sluggish={"pm uninstall": 30})

    def pull(event: Event) -> None:
        if isinstance(event, StepBegins):
            timer.start()

    timer = threading.Timer(0.3, phone.unplug)
    with visiting(phone, signer, ledger, pull) as visit:
        visit.check(Cancel())
        with pytest.raises(Unplugged):
            visit.remove(visit.plan(), Cancel())
    timer.join()
    outcome = ledger.newest(1, kind=Kind.REMOVAL_OUTCOME)[0]
    assert outcome.leaf["body"]["outcome"] == "unknown"
    assert ledger.open_intents() == ()


def test_cancelled_while_an_app_is_removed(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    phone.phone.change(sluggish={"pm uninstall": 30})
    cancel = Cancel()

    def press(event: Event) -> None:
        if isinstance(event, StepBegins):
            cancel.press()

    with visiting(phone, signer, ledger, press) as visit:
        visit.check(Cancel())
        with pytest.raises(Cancelled):
            visit.remove(visit.plan(), cancel)
    assert ledger.newest(1, kind=Kind.REMOVAL_OUTCOME)[0].leaf["body"]["outcome"] == "unknown"


def test_every_step_is_on_record_before_the_phone_hears_of_it(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    heard: list[tuple[list[str], list[str]]] = []

    def look(event: Event) -> None:
        if isinstance(event, StepBegins):
            heard.append((kinds(ledger), phone.phone.log))

    with visiting(phone, signer, ledger, look) as visit:
        visit.check(Cancel())
        visit.remove(visit.plan(), Cancel())
    for recorded, log in heard:
        assert recorded[-1] == Kind.REMOVAL_INTENDED
        assert log == []


def test_what_cannot_be_recorded_is_not_done(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.ledger.problems import NoSpace

    phone = adbd()
    phone.phone.install("com.tencent.mm")
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        plan = visit.plan()

        def full(*args: object, **values: object) -> None:
            raise NoSpace(ledger.path)

        monkeypatch.setattr(Ledger, "append_all", full)
        with pytest.raises(NoSpace):
            visit.remove(plan, Cancel())
    assert phone.phone.log == []
    assert phone.phone.is_installed("com.tencent.mm")


def test_a_crash_in_mid_step_is_settled_by_the_next_check(
    adbd: Callable[..., Adbd], signer: Any, tmp_path: Path
) -> None:
    phone = adbd()
    phone.phone.install("com.tencent.mm")
    with open_ledger(tmp_path) as ledger, visiting(phone, signer, ledger) as visit:
        check = visit.check(Cancel())
        step: Step = visit.plan().items[0].steps[0]
        visit.journal.record_intent(check.bans[0], step)  # and here Fanion ends
    with open_ledger(tmp_path) as ledger:
        (intent,) = ledger.open_intents()
        assert intent.leaf["body"]["package"] == "com.tencent.mm"
        with visiting(phone, signer, ledger) as visit:
            visit.check(Cancel())
        assert ledger.open_intents() == ()
        assert "still there" in ledger.newest(1)[0].leaf["body"]["means"]["en"]


def test_two_phones_at_once_each_with_its_own_result(adbd: Callable[..., Adbd], signer: Any, ledger: Ledger) -> None:
    clean, red = adbd(), adbd()
    fill(clean.phone)
    fill(red.phone)
    red.phone.install("com.tencent.mm")
    red.phone.change(properties={**red.phone.state["properties"], "ro.serialno": "R5CT2"})
    verdicts: dict[int, Verdict] = {}

    def check(phone: Adbd) -> None:
        with visiting(phone, signer, ledger) as visit:
            verdicts[phone.port] = visit.check(Cancel()).verdict

    threads = [threading.Thread(target=check, args=(p,)) for p in (clean, red)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == {clean.port: Verdict.GREEN, red.port: Verdict.RED}


OPTIONS = "settings put global development_settings_enabled 0"
WIRELESS = "settings put global adb_wifi_enabled 0"
DEBUGGING = "settings put global adb_enabled 0"


def test_a_phone_that_is_handed_back_switches_debugging_off_and_is_seen_leaving(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.change(runner=phone.process.pid)
    phone.phone.set("adb_wifi_enabled", "1")
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        back = visit.hand_back(HandBack(Paper.PRINTED), Cancel())
    known = back.outcome
    assert (known.options_asked, known.options_off, known.debugging_asked, known.left) == (True, True, True, True)
    assert (known.wireless_asked, known.wireless_off) == (True, True)
    assert phone.phone.log[-3:] == [OPTIONS, WIRELESS, DEBUGGING]
    assert sum(line.startswith("settings put") for line in phone.phone.log) == 3
    assert kinds(ledger)[-2:] == [Kind.HAND_BACK_INTENDED, Kind.HANDED_BACK]


def test_a_phone_that_stays_is_not_said_to_have_left(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "LEAVING_TIME", 1)
    phone = adbd()
    fill(phone.phone)
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        back = visit.hand_back(HandBack(Paper.PRINTED), Cancel())
    assert (back.outcome.options_off, back.outcome.debugging_asked, back.outcome.left) == (True, True, False)


def test_a_phone_that_is_pulled_while_it_is_handed_back_was_asked_for_what_is_on_record(
    adbd: Callable[..., Adbd], signer: Any, ledger: Ledger
) -> None:
    phone = adbd()
    fill(phone.phone)
    phone.phone.change(runner=phone.process.pid, pulled=OPTIONS)
    with visiting(phone, signer, ledger) as visit:
        visit.check(Cancel())
        back = visit.hand_back(HandBack(Paper.PRINTED), Cancel())
    known = back.outcome
    assert (known.options_asked, known.options_off, known.debugging_asked, known.left) == (True, None, False, None)
    assert DEBUGGING not in phone.phone.log
