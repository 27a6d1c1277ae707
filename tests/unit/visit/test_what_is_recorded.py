"""What a visit asks of a phone, and what of it is on record: nothing of its holder, and no app without a reason."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import Final, get_args, get_type_hints

import pytest

from core.jobs import Cancel
from core.ledger.records import CheckEnded, Kind
from core.ledger.records.entry import CLASSES, Device
from core.ledger.records.leaf import Personal, encode
from core.ledger.writer import Ledger
from core.model import HandBack, Paper, Verdict
from core.simulator import load
from core.simulator.model.scenario import AppData, Scenario, Version
from core.visit.undo import LeftThePhone
from tests.unit.visit import test_check as readings
from tests.unit.visit.conftest import Checked

#: In everything that a holder, or an app that no rule names, chose.
PLANTED: Final = "Plnt7q"
OTHER: Final = f"ca.{PLANTED.lower()}.secret"
#: What a check may run on a phone: which apps it has, how it is set up, and parts of its apps' files.
ASKED: Final = re.compile(
    r"getprop( ro\.[\w.]+)?|getenforce|which -a [\w ]+"
    r"|pm (list (users|packages [-\w ]+)|path (--user \d+ )?[\w.]+|get-app-links)"
    r"|dumpsys (user|(-t 60 )?package [\w ]+|device_policy|lock_settings|adb)"
    r"|settings (--user \d+ )?get (global|secure) \w+|cmd appops query-op --user \d+ \w+ allow"
    r"|cmd advanced_protection is-[a-z-]+"
    r"|(ls -l|stat -c [^/]+)( ?/(data/app|system|product)/\S+\.apk)+"
    r"|dd if=/(data/app|system|product)/\S+\.apk bs=4096 skip=\d+ count=\d+"
)


def of_a_person(scenario: Scenario) -> Scenario:
    """The same phone with a word of its holder wherever one can stand."""
    low = PLANTED.lower()
    settings = {
        **scenario.device.settings,
        "global http_proxy": f"{low}.example:8080",
        "secure always_on_vpn_app": f"ca.{low}.vpn",
        "secure default_input_method": f"ca.{low}.keys/.Keys",
        "secure enabled_accessibility_services": f"ca.{low}.help/.Help",
    }
    app = AppData(OTHER, Version(7, PLANTED), label=PLANTED, installer="com.android.vending", certificate=PLANTED)
    return replace(
        scenario,
        device=replace(scenario.device, name=PLANTED, settings=settings),
        apps=(*scenario.apps, app),
        profiles=tuple(replace(profile, name=f"{PLANTED} {profile.id}") for profile in scenario.profiles),
        computers=(f"{PLANTED}@pc",),
    )


@pytest.mark.parametrize("name", ["walk-up", "work-profile"])
def test_nothing_that_a_holder_wrote_is_in_any_record(checked: Checked, practice_ledger: Ledger, name: str) -> None:
    """Neither in the entries nor beside them: names of profiles, services, computers, a proxy, a VPN, other apps."""
    visit, _ = checked(of_a_person(load(name)))
    check = visit.last_check
    assert check is not None
    assert OTHER in {app.package for app in check.inventory.apps}
    assert PLANTED in {profile.name.partition(" ")[0] for profile in check.inventory.profiles}
    assert check.bans
    visit.remove(visit.plan(), Cancel())
    visit.hand_back(HandBack(Paper.PRINTED, "In a hurry"), Cancel())
    kept = practice_ledger.path.read_bytes()
    assert kept.count(check.bans[0].app.package.encode()) > 2
    assert PLANTED.lower().encode() not in kept.lower()


def test_an_app_that_keeps_a_phone_amber_is_named_in_its_record() -> None:
    """Beside those of rules no other is: without its name nobody would know why the phone is amber."""
    bank = "org.example.bank"
    phone = readings.Phones(readings.app(OTHER), readings.app(bank), files=[readings.identity(bank)])
    found = readings.checked(phone)
    assert found.verdict is Verdict.AMBER
    leaf, _ = encode(CheckEnded.of(found).body())
    assert OTHER in leaf.decode()
    assert bank not in leaf.decode()


def test_what_can_be_erased_is_what_the_privacy_assessment_lists() -> None:
    """Each value that stands beside an entry; all else is in the entry and stays."""
    beside = {
        (kind, name)
        for kind, record in {**CLASSES, "every entry about a phone": Device}.items()
        for name, hint in get_type_hints(record).items()
        if hint is Personal or Personal in get_args(hint)
    }
    assert beside == {
        *(("every entry about a phone", name) for name in ("serial", "tag", "holder", "imei")),
        (Kind.FINDING, "signed_by"),
        (Kind.APP_EVIDENCE, "last_used"),
        (Kind.LOOKED, "note"),
        (Kind.HAND_BACK_INTENDED, "reason"),
        (Kind.EXCEPTION_GRANTED, "serial"),
        (Kind.EXCEPTION_GRANTED, "tag"),
        (Kind.ROSTER_BROUGHT, "file"),
        (Kind.PROBLEM, "detail"),
    }


@pytest.mark.parametrize("name", ["walk-up", "work-profile", "secure-folder", "preinstalled"])
def test_a_check_asks_a_phone_for_its_apps_and_settings_and_for_nothing_else(checked: Checked, name: str) -> None:
    """No command of a check reads messages, contacts, photos, calls, places, accounts or files, or changes anything."""
    _, server = checked(name)
    asked = [line for line in server.phone.log if line != "getprop ro.fanion.practice"]
    assert len(asked) > 30
    assert [line for line in asked if not ASKED.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["walk-up", "preinstalled", "stubborn", "device-admin"])
def test_a_whole_visit_installs_nothing_on_the_phone(checked: Checked, name: str) -> None:
    visit, server = checked(name)
    before = set(server.phone.installed())
    visit.remove(visit.plan(), Cancel())
    with contextlib.suppress(LeftThePhone):  # what a store has to bring back
        visit.undo(visit.undoable(), Cancel())
    visit.hand_back(HandBack(Paper.PRINTED, "In a hurry"), Cancel())
    assert set(server.phone.installed()) <= before
    assert not [line for line in server.phone.log if re.search(r"\b(?:install(?!-existing)|push|sync:)", line)]
