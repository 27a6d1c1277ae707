"""What is asked inside the virtual machine with practice iPhones on its USB bus, for test_usb_iphone.py."""

from __future__ import annotations

import os
import queue
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from core.jobs import Cancel, silent
from core.model import Problem
from core.phones.connect import Reach
from core.phones.iphone.connect import Iphones
from core.phones.iphone.mux import Mux
from core.phones.iphone.usb.records import PairRecords
from core.phones.states import PhoneState
from core.phones.usb import Bus
from core.phones.watch import Change, Sighting, Watch, look
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import IphoneScenario, PracticeIphone, load_iphone
from core.simulator.iphone.certificates import Computer, record_bytes, trusted_record
from core.simulator.iphone.scenario import UDID_START, Trust
from core.visit.check import check
from tests.kit.iphone.faults import Faults
from tests.real.iphone_gadget import Gadget
from tests.real.usb_answers import WAIT, Telling, until

tell = Telling("iphone")

#: Where Debian's usbmuxd keeps what it knows of phones; under the machine's overlay, so that it is thrown away.
RECORDS = Path("/var/lib/lockdown")
SOCKET = "/var/run/usbmuxd"
#: What Debian's package has udev do with iPhones.
UDEV_RULE = Path("/usr/lib/udev/rules.d/39-usbmuxd.rules")
BUS = Path("/sys/bus/usb/devices")


def scenario(number: int, trust: Trust = "trusted", name: str = "iphone-wechat", **further: Any) -> IphoneScenario:
    """That of a phone with its own numbers; one that will be *trusted* is so at the first request."""
    loaded = load_iphone(name)
    device = msgspec.structs.replace(loaded.device, udid=f"{UDID_START}{number:08}", serial=f"PRACTICE{number}")
    return msgspec.structs.replace(loaded, device=device, trust=trust, polls=0, **further)


_named = 0


@contextmanager
def plugged(described: IphoneScenario, *, known: bool = False, **options: Any) -> Iterator[Gadget]:
    """An iPhone on the bus. Its numbers are forgotten when it is unplugged. One that is `known` trusts usbmuxd already:
    to make keys takes long in the machine."""
    global _named
    _named += 1
    phone = PracticeIphone(described)
    phone.oldest_tls = True
    if known:
        RECORDS.mkdir(exist_ok=True)
        (RECORDS / f"{phone.udid}.plist").write_bytes(trust(phone, str(uuid.uuid4()).upper()))
    gadget = Gadget(f"iphone{_named}", phone, **options)
    try:
        yield gadget
    finally:
        gadget.unplug()


@contextmanager
def without_package() -> Iterator[None]:
    """As where usbmuxd is not installed: the kernel chooses a phone's configuration (the first). With the package, udev
    takes that away from most phones, and whether it comes too early for that is chance."""
    held = UDEV_RULE.with_suffix(".held")
    UDEV_RULE.rename(held)
    reload_rules()
    try:
        yield
    finally:
        held.rename(UDEV_RULE)
        reload_rules()


def reload_rules() -> None:
    """Have udev read its rules again; what it is busy with would go on with the old ones."""
    variables = os.environ | {"SYSTEMD_IGNORE_CHROOT": "1"}  # the machine's root is one
    for command in (["settle"], ["control", "--reload"], ["settle"]):
        subprocess.run(["udevadm", *command], env=variables, check=True)


def configuration(gadget: Gadget) -> str:
    """The number of the phone's configuration on the bus; empty where it has none, also before it gets one."""
    serial = gadget.phone.udid.replace("-", "")
    places = [one.parent for one in BUS.glob("*/serial") if one.read_text().strip() == serial]
    return (places[0] / "bConfigurationValue").read_text().strip() if places else ""


def first_configuration() -> None:
    """A phone of several configurations begins with the camera's, in which there is no mux."""
    with without_package(), plugged(scenario(5)) as gadget:
        until(lambda: configuration(gadget), "configured")
        tell("first configuration", configuration(gadget))


# With Debian's usbmuxd


@contextmanager
def usbmuxd(*options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Debian's usbmuxd. It has no records at first, and leaves none; its log is in /tmp."""
    log = Path("/tmp/usbmuxd.log")
    with log.open("wb") as told:
        command = ["usbmuxd", "--foreground", "--verbose", "--verbose", *options]
        running = subprocess.Popen(command, stdout=told, stderr=told)
        try:
            yield running
        finally:
            running.terminate()
            running.wait()
            for record in RECORDS.glob("*.plist"):
                record.unlink()


def listed() -> list[str]:
    """The numbers of the phones that usbmuxd lists."""
    status, numbers = run("idevice_id", "-l")
    return sorted(numbers.split()) if status == 0 else []


def until_listed(count: int) -> None:
    """Wait until usbmuxd lists so many phones. No program asks it: to start one takes a while here."""

    def are_listed() -> bool:
        try:
            with closing(Mux(SOCKET, Cancel())) as service:
                return len(service.phones(Cancel())) == count
        except Problem:  # it does not listen yet
            return False

    until(are_listed, f"usbmuxd lists {count}")


def run(*command: str) -> tuple[int, str]:
    """How a program ends, and what it writes."""
    variables = os.environ | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=WAIT
    )
    return done.returncode, done.stdout


def trust_and_apps_by_usbmuxd() -> None:
    """A phone that asks, and whose owner takes their time; then its apps, and one is removed."""
    described = scenario(1, "waits", filler=200)
    with usbmuxd(), plugged(described) as gadget:
        phone = gadget.phone
        until(lambda: phone.questions, "usbmuxd asks by itself")
        tell("listed", listed())
        tell("before", run("idevicepair", "pair"))
        phone.trust()
        tell("pair", run("idevicepair", "pair"))
        tell("validate", run("idevicepair", "validate"))
        tell("info", run("ideviceinfo", "-k", "SerialNumber"))
        status, apps = run("ideviceinstaller", "list")
        tell("apps", [status, len(apps.splitlines()), "com.tencent.xin" in apps])
        tell("uninstall", run("ideviceinstaller", "uninstall", "com.tencent.xin"))
        tell("installed", "com.tencent.xin" in phone.installed())
        tell("unpair", run("idevicepair", "unpair"))
        tell("trusted", len(phone.computers))
        tell("complaints", list(gadget.mux.complaints))


def unplugged_from_usbmuxd() -> None:
    """In the middle of an answer: usbmuxd ends the connection. It is Fanion that asks here, as ideviceinfo waits on."""
    with usbmuxd(), plugged(scenario(3), known=True) as gadget:
        phone = gadget.phone
        until_listed(1)
        tell("through usbmuxd", read_through(SOCKET))
        phone.faults = Faults(hang=frozenset({"installation_proxy.Lookup", "installation_proxy.Browse"}))
        before = len(asked_for_apps(phone))

        def pull() -> None:
            until(lambda: len(asked_for_apps(phone)) > before, "asked")
            gadget.unplug()

        hand = threading.Thread(target=pull)
        hand.start()
        tell("cut", read_through(SOCKET))
        hand.join()
        until_listed(0)
        phone.faults = Faults()
        gadget.plug()
        until_listed(1)
        tell("back", run("ideviceinfo", "-k", "UniqueDeviceID"))


def asked_for_apps(phone: PracticeIphone) -> list[str]:
    return [line for line in phone.log if line.startswith("installation_proxy")]


def read_through(service: str) -> str | int:
    """How many apps Fanion reads through this service, or the problem's code."""
    try:
        phone = Iphones(Path("/tmp/none"), "Desk 4").open_through(service, "", Cancel(), may_ask=False)
        return len(phone.read(silent, Cancel()).apps)
    except Problem as problem:
        return problem.code


def a_service_before_fanion() -> None:
    """Where Debian's usbmuxd runs, Fanion asks that; what it had trusted is opened by its record.

    usbmuxd greets a phone that it knows with TLS 1.0; where that fails, it throws the record away and lists no phone.
    """
    reach = alone()
    with usbmuxd(), plugged(described := scenario(4)) as gadget:
        phone, record = gadget.phone, RECORDS / f"{described.device.udid}.plist"
        until(lambda: phone.computers, "trusted")
        until_listed(1)
        tell("record", record.exists())
        sighting = sighted(reach)
        driver = reach.phone(sighting, Cancel())
        found = driver.read(silent, Cancel())
        tell(
            "served",
            [sighting.road, sighting.state, bool(sighting.port), len(found.gaps), driver.trust_off(Cancel()).asked],
        )
        gadget.unplug()
        until_listed(0)
        phone.oldest_tls = False
        gadget.plug()
        until(lambda: not record.exists(), "forgotten")
        tell("without TLS 1.0", listed())


def usbmuxd_ends_in_mid_answer() -> None:
    """What the phone had under way stays on the cable; the next program finds it there before its own answer."""
    with plugged(scenario(7, name="iphone-hostile"), known=True) as gadget:
        with usbmuxd() as running:
            until_listed(1)
            with subprocess.Popen(["ideviceinstaller", "list"], stdout=subprocess.DEVNULL) as reading:
                until(lambda: asked_for_apps(gadget.phone), "asked")
                running.kill()
                reading.kill()
        with usbmuxd():
            until_listed(1)
            tell("after another", run("ideviceinfo", "-s", "-k", "ProductType")[0])


def four_with_usbmuxd() -> None:
    answers: dict[str, tuple[int, str]] = {}
    with (
        usbmuxd(),
        plugged(scenario(11), known=True) as first,
        plugged(scenario(12), known=True),
        plugged(scenario(13), known=True, configurations=1),
        plugged(scenario(14), known=True, configurations=3),
    ):
        until_listed(4)

        def ask(udid: str) -> None:
            answers[udid] = run("ideviceinfo", "-u", udid, "-k", "UniqueDeviceID")

        threads = [threading.Thread(target=ask, args=(udid,)) for udid in listed()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell("four", sorted(answers.items()))
        first.unplug()
        until_listed(3)


# With Fanion alone


def alone() -> Reach:
    """A desk of its own: what a phone was trusted with at another one is not known here."""
    return Reach(Path(tempfile.mkdtemp()), "Desk 4")


def trust(phone: PracticeIphone, computer: str) -> bytes:
    """Have the phone trust the computer of that name. The record of it."""
    record = trusted_record(computer, "02:00:00:00:00:01")
    known = Computer.of(record)
    assert known is not None
    phone.computers[known.host_id] = known
    return record_bytes(record)


def trusting(reach: Reach, *gadgets: Gadget) -> None:
    """Have these phones trust the desk already: to make keys takes long in the machine."""
    records = PairRecords(reach.iphones.folder)
    for gadget in gadgets:
        records.save(gadget.phone.udid, trust(gadget.phone, records.computer()))


def sighted(reach: Reach) -> Sighting:
    """The only phone, once it is on the bus."""
    until(lambda: Bus().look(), "on the bus")
    (sighting,) = look(reach.iphones)
    return sighting


def trust_and_removal_by_fanion() -> None:
    """The phone's holder takes their time; in the end, the trust is taken back."""
    reach = alone()
    with plugged(scenario(21, "waits", filler=100)) as gadget:
        phone = gadget.phone
        sighting = sighted(reach)
        tell("unasked", [sighting.road, sighting.state, phone.questions])
        asked: list[str] = []

        def answer(shown: str) -> None:
            asked.append(shown)
            phone.trust()

        driver = reach.phone(sighting, Cancel(), answer)
        found = check(driver, load_built_in("canada"), silent, Cancel(), quick=False)
        tell("asked", [asked, phone.questions])
        tell("checked", [found.verdict, sorted(ban.app.package for ban in found.bans), len(found.inventory.apps)])
        wechat = next(ban for ban in found.bans if ban.app.package == "com.tencent.xin")
        step = driver.next_step(wechat, found.inventory, ())
        assert step is not None
        tell("removed", [driver.perform(step, Cancel()).outcome, driver.look_for([wechat], Cancel())[0]])
        tell("fanion installed", "com.tencent.xin" in phone.installed())
        tell("fanion complaints", list(gadget.mux.complaints))
        again = reach.phone(sighted(reach), Cancel())  # by the record that was kept
        tell("given", [len(phone.computers), again.read(silent, Cancel()).phone.os])
        tell("taken back", again.trust_off(Cancel()).seen)
        tell("left", [len(phone.computers), str(sighted(reach).state)])
        reach.iphones.close()


def change(told: queue.Queue[Change], *, plugged: bool) -> Change:
    """The next one of that kind."""
    while (next_one := told.get(timeout=WAIT)).plugged is not plugged:
        pass
    return next_one


def unplugged_from_fanion() -> None:
    """In the middle of the list of its apps; and back."""
    reach, told = alone(), queue.Queue[Change]()
    watch = Watch(told.put, reach.iphones)
    watch.start()
    with plugged(scenario(23)) as gadget:
        trusting(reach, gadget)
        sighting = change(told, plugged=True).sighting
        gadget.phone.faults = Faults(unplug=frozenset({"installation_proxy.Lookup"}))
        driver = reach.phone(sighting, Cancel())
        try:
            driver.read(silent, Cancel())
        except Problem as problem:
            tell("fanion cut", problem.code)
        change(told, plugged=False)
        gadget.phone.faults = Faults()
        gadget.plug()
        back = change(told, plugged=True)
        tell("fanion told", [back.sighting.state, back.sighting.key == sighting.key])
        read = reach.phone(back.sighting, Cancel()).read(silent, Cancel())
        tell("fanion back", ["com.tencent.xin" in {app.package for app in read.apps}, len(read.gaps)])
    watch.stop()
    reach.iphones.close()


def four_with_fanion() -> None:
    """At once, while another program wants one of them."""
    reach, answers = alone(), dict[str, list[int]]()
    with (
        plugged(scenario(31)) as first,
        plugged(scenario(32)) as second,
        plugged(scenario(33), configurations=1) as third,
        plugged(scenario(34), configurations=3) as fourth,
    ):
        trusting(reach, first, second, third, fourth)
        until(lambda: len(Bus().look()) == 4, "four")
        phones = look(reach.iphones)
        tell("fanion places", len({phone.port for phone in phones}))

        def read(sighting: Sighting) -> None:
            found = reach.phone(sighting, Cancel()).read(silent, Cancel())
            answers[sighting.serial] = [len(found.apps), len(found.gaps)]

        threads = [threading.Thread(target=read, args=(phone,)) for phone in phones]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell("fanion four", sorted(answers.items()))
        try:
            alone().iphones.open(phones[0].serial, PhoneState.NOT_TRUSTED, Cancel(), lambda: None, direct=True)
        except Problem as problem:
            tell("fanion busy", problem.code)
        reach.iphones.close()


def ask() -> None:
    """Everything, of the first with Debian's usbmuxd, of the others with Fanion alone."""
    trust_and_apps_by_usbmuxd()
    unplugged_from_usbmuxd()
    first_configuration()
    usbmuxd_ends_in_mid_answer()
    a_service_before_fanion()
    four_with_usbmuxd()
    trust_and_removal_by_fanion()
    unplugged_from_fanion()
    four_with_fanion()
