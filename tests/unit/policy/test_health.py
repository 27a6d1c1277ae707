"""A phone's own protection: green only by the exact words that are known to be good, and one bad word beats them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import (
    SIGNALS,
    Admin,
    App,
    AppState,
    Check,
    Gap,
    HealthAnswer,
    HealthReadings,
    HealthRules,
    HealthSignal,
    Inventory,
    Light,
    Phone,
    Profile,
    ProfileKind,
    Verdict,
)
from core.model.signals import of_platform
from core.policy import health
from core.policy.format.policy_file import load_built_in
from core.policy.matching import match
from core.text import T
from tests.examples import examples

CANADA = load_built_in("canada")
TODAY = date(2026, 11, 27)
GREEN, AMBER, RED, OPEN, INFO = Light.GREEN, Light.AMBER, Light.RED, Light.NOT_KNOWN, Light.INFORMATION

OWNER = Profile(0, "Owner", ProfileKind.PERSONAL)
WORK = Profile(10, "Work", ProfileKind.WORK)
FOLDER = Profile(150, "Secure Folder", ProfileKind.SECURE_FOLDER)
STATES = (AppState(0, installed=True),)
KEYBOARD = App("com.android.inputmethod.latin", system=True, states=STATES)
STORE = App("com.android.vending", system=True, states=STATES)
MAPS = App("org.example.maps", installer="com.android.vending", states=STATES)

PROPERTIES = {
    "ro.build.version.security_patch": "2026-11-05",
    "ro.vendor.build.security_patch": "2026-11-05",
    "ro.crypto.state": "encrypted",
    "ro.boot.verifiedbootstate": "green",
    "ro.boot.flash.locked": "1",
    "ro.boot.vbmeta.device_state": "locked",
    "sys.oem_unlock_allowed": "0",
    "ro.build.tags": "release-keys",
    "ro.build.type": "user",
    "ro.debuggable": "0",
    "ro.secure": "1",
    "ro.adb.secure": "1",
    "ro.boot.warranty_bit": "0",
}
ANSWERS = {
    "device-policy": "",
    "encryption": "per-user",
    "enforcing": "Enforcing",
    "root": "",
    "development": "1",
    "verifier": "null",
    "verifier-consent": "1",
    "verifier-adb": "1",
    "wireless": "0",
    "key-time": "604800000",
    "computers": "",
    "proxy": "null",
    "vpn": "null",
    "advanced-protection": "1",
    "usb-protection": "false",
    "auto-blocker": "0",
}
OF_PROFILE = {
    "lock": "CredentialType: Pin\nSeparateChallenge: false",
    "lock-disabled": "",
    "accessibility": "null",
    "listeners": "",
    "keyboard": "com.android.inputmethod.latin/.LatinIME",
    "installing": "No operations.",
    "mock-location": "",
}


def said(text: str, code: int = 0) -> HealthAnswer:
    return HealthAnswer(tuple(line for line in text.split("\n") if line), code)


class Told:
    """A healthy phone, of which a test changes what it is about."""

    def __init__(self, *profiles: Profile, sdk: int = 36, maker: str = "samsung") -> None:
        self.phone = Phone("android", maker, "SM-S901W", "16", "S", sdk)
        self.profiles = profiles or (OWNER,)
        self.apps: list[App] = [KEYBOARD, STORE, MAPS]
        self.admins: list[Admin] = []
        self.gaps: tuple[Gap, ...] = ()
        self.rules = HealthRules(min_sdk=30)
        self.properties = {name: (value,) for name, value in PROPERTIES.items()}
        self.answers = {name: said(text) for name, text in ANSWERS.items()}
        self.of_profiles = {(name, p.id): said(text) for name, text in OF_PROFILE.items() for p in self.profiles}

    def set(self, **properties: str) -> Told:
        """Properties by their names, with `__` for a full stop; empty for one that the phone does not have."""
        for name, value in properties.items():
            self.properties[name.replace("__", ".")] = (value,) if value else ()
        return self

    def say(self, question: str, text: str, code: int = 0, profile: int | None = None) -> Told:
        if profile is None:
            self.answers[question] = said(text, code)
        else:
            self.of_profiles[question, profile] = said(text, code)
        return self

    @property
    def inventory(self) -> Inventory:
        readings = HealthReadings(self.properties, self.answers, self.of_profiles)
        apps, admins = tuple(self.apps), tuple(self.admins)
        return Inventory(self.phone, self.profiles, apps, admins, self.gaps, health=readings)

    def signals(self, today: date = TODAY) -> dict[str, HealthSignal]:
        findings = match.judge(self.inventory, CANADA)
        judged = health.judge(self.inventory, self.rules, findings, today, {"com.android.vending"})
        assert [s.signal for s in judged] == [name for name in SIGNALS if name in {s.signal for s in judged}]
        return {s.signal: s for s in judged}

    def light(self, signal: str) -> Light:
        return self.signals()[signal].light

    def check(self, **rules: Any) -> Check:
        policy = replace(CANADA, health=HealthRules(**rules))
        time = datetime(2026, 11, 27, 12, 0)
        return Check(self.inventory, policy, (), time, time, health=tuple(self.signals().values()))


def test_a_healthy_phone_is_green_but_for_what_is_neither_good_nor_bad() -> None:
    signals = Told().signals()
    assert set(signals) == {row.id for row in of_platform("android")}
    neither = {"computers", "proxy", "vpn", "usb-protection", "auto-blocker", "debugging"}
    assert {name for name, s in signals.items() if s.light is INFO} == neither
    assert {s.light for name, s in signals.items() if name not in neither} == {GREEN}
    shown = [str(signals[name].value) for name in HealthRules().strip_signals("android")]
    assert shown == ["3 weeks old", "encrypted", "PIN", "locked", "on"]


def test_a_phone_that_says_nothing_has_no_green_light() -> None:
    phone = Told()
    phone.properties, phone.answers, phone.of_profiles, phone.apps, phone.rules = {}, {}, {}, [], HealthRules()
    lights = {s.light for s in phone.signals().values()}
    assert lights == {OPEN, INFO}


@pytest.mark.parametrize("patch", ["", "2026-11-01", "2020-01-01"])
def test_a_phone_that_was_gone_before_it_was_asked_is_not_said_to_have_kept_silent(patch: str) -> None:
    """Only its quick lists came: that it did not tell, or has no Play Protect, would not be true."""
    phone = Phone("android", "samsung", "SM-S901W", "14", "R5", sdk=34, patch=patch)
    gap = Gap(T("Not all of the phone was read."), T("Again."))
    apps = (App("com.a", 1, installer="com.android.vending", states=(AppState(0, installed=True),)),)
    seen = Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), apps, gaps=(gap,), names_only=True)
    signals = {s.signal: s for s in health.judge(seen, HealthRules(), (), date(2026, 11, 29), ("com.android.vending",))}
    known = {name for name, signal in signals.items() if signal.says != health.NOT_READ}
    assert known == {"system"} | ({"patch"} if patch.startswith("2020") else set())  # what is bad stays bad
    assert all(signals[name].light is Light.NOT_KNOWN for name in set(signals) - known)
    # One that was asked, and had nothing to say, kept silent.
    silent = replace(seen, health=HealthReadings(answers={"root": HealthAnswer(code=1)}), names_only=False)
    assert health.NOT_READ not in {s.says for s in health.judge(silent, HealthRules(), (), date(2026, 11, 29), ())}


@pytest.mark.parametrize(
    ("patch", "vendor", "light", "value"),
    [
        ("2026-08-27", "2026-08-27", GREEN, "3 months old"),
        ("2026-08-26", "2026-11-05", AMBER, "3 months old"),
        ("2026-11-05", "2026-06-05", AMBER, "5 months old"),
        ("2026-05-25", "", AMBER, "6 months old"),
        ("2026-05-24", "2026-11-05", RED, "6 months old"),
        ("2023-01-05", "", RED, "3 years old"),
        ("2026-11-26", "", GREEN, "1 day old"),
        ("2026-12-05", "", GREEN, "0 days old"),
        ("2026-12-29", "", AMBER, "in the future"),
        ("9999-12-31", "2026-11-05", AMBER, "in the future"),
        ("", "2026-11-05", OPEN, "not known"),
        ("2026-11", "2026-11-05", OPEN, "not known"),
        ("2026-11-05", "soon", OPEN, "not known"),
        ("2026-02-30", "", OPEN, "not known"),
        ("２０２６-11-05", "", OPEN, "not known"),
    ],
)
def test_the_older_patch_counts_by_the_computers_clock(patch: str, vendor: str, light: Light, value: str) -> None:
    phone = Told().set(ro__build__version__security_patch=patch, ro__vendor__build__security_patch=vendor)
    found = phone.signals()["patch"]
    assert (found.light, str(found.value)) == (light, value)


def test_the_policy_sets_the_days() -> None:
    phone = Told().set(ro__build__version__security_patch="2026-10-01", ro__vendor__build__security_patch="")
    assert phone.light("patch") is GREEN
    phone.rules = HealthRules(patch_amber_days=30)
    assert phone.light("patch") is AMBER
    phone.rules = HealthRules(patch_red_days=40)
    assert phone.light("patch") is RED
    phone.rules = HealthRules(patch_amber_days=400)
    assert phone.light("patch") is GREEN


@pytest.mark.parametrize(
    ("state", "policy", "light"),
    [
        ("encrypted", "", GREEN),
        ("encrypted", "inactive", RED),
        ("encrypted", "block default key", AMBER),
        ("encrypted", "something new", OPEN),
        ("unencrypted", "per-user", RED),
        ("unsupported", "", RED),
        ("", "per-user", OPEN),
        ("Encrypted", "", OPEN),
    ],
)
def test_storage_is_encrypted_where_nothing_contradicts(state: str, policy: str, light: Light) -> None:
    assert Told().set(ro__crypto__state=state).say("encryption", policy).light("encryption") is light


@pytest.mark.parametrize(
    ("state", "flash", "vbmeta", "boot", "bootloader"),
    [
        ("green", "1", "", GREEN, GREEN),
        ("green", "", "", GREEN, OPEN),  # an emulator has it empty, and a rooted phone may: neither red nor green
        ("yellow", "1", "locked", AMBER, GREEN),
        ("green", "1", "unlocked", RED, RED),
        ("green", "0", "", RED, RED),
        ("orange", "1", "locked", RED, RED),
        ("orange", "0", "unlocked", RED, RED),
        ("orange", "", "", RED, OPEN),
        ("", "1", "locked", OPEN, GREEN),
        ("blue", "true", "", OPEN, OPEN),
    ],
)
def test_boot_and_bootloader(state: str, flash: str, vbmeta: str, boot: Light, bootloader: Light) -> None:
    phone = Told().set(ro__boot__verifiedbootstate=state, ro__boot__flash__locked=flash)
    phone.set(ro__boot__vbmeta__device_state=vbmeta)
    assert (phone.light("boot"), phone.light("bootloader")) == (boot, bootloader)


def test_root_on_a_green_boot_is_still_seen() -> None:
    found = Told().say("root", "/system/bin/su\n/sbin/magisk", 3).signals()
    assert (found["boot"].light, found["root"].light) == (GREEN, RED)
    phone = Told()
    phone.apps.append(App("io.github.vvb2060.magisk", installer="com.android.vending", states=STATES))
    assert (phone.light("boot"), phone.light("root")) == (GREEN, AMBER)
    assert Told().say("root", "", 127).light("root") is OPEN
    assert Told().say("root", "sh: which: not found", 1).light("root") is OPEN


@pytest.mark.parametrize(
    ("lock", "disabled", "light", "value"),
    [
        ("CredentialType: Pattern", "", GREEN, "pattern"),
        ("CredentialType: PASSWORD_OR_PIN", "", GREEN, "password or PIN"),
        ("CredentialType: None", "", RED, "none"),
        ("CredentialType: None\nCredentialType: Pin", "", RED, "none"),
        ("CredentialType: Pin\nCredentialType: Pattern", "", OPEN, "not known"),
        ("CredentialType: Wink", "", OPEN, "not known"),
        ("", "false", OPEN, "not known"),  # Android 10: no word of a kind, and false is no lock
        ("", "null", OPEN, "not known"),
        ("", "true", RED, "none"),
        ("CredentialType: Pin", "true", RED, "none"),
    ],
)
def test_the_lock(lock: str, disabled: str, light: Light, value: str) -> None:
    phone = Told().say("lock", lock, profile=0).say("lock-disabled", disabled, profile=0)
    found = phone.signals()["lock"]
    assert (found.light, str(found.value)) == (light, value)


def test_a_profile_behind_the_owners_lock_needs_none_and_one_that_does_not_answer_is_not_known() -> None:
    work = Told(OWNER, WORK).say("lock", "CredentialType: None\nSeparateChallenge: false", profile=10)
    assert work.light("lock") is GREEN
    assert work.say("lock", "CredentialType: None\nSeparateChallenge: true", profile=10).light("lock") is RED
    closed = Told(OWNER, FOLDER)
    for question in OF_PROFILE:
        closed.of_profiles.pop((question, 150))
    for signal in ("lock", "unknown-sources", "accessibility", "notifications", "keyboard", "mock-location"):
        assert closed.light(signal) is OPEN


@pytest.mark.parametrize(
    ("consent", "enabled", "over_cable", "light"),
    [
        ("1", "1", "1", GREEN),
        ("null", "1", "1", OPEN),
        ("-1", "1", "1", RED),
        ("1", "0", "1", RED),
        ("1", "null", "0", AMBER),
        ("2", "1", "1", OPEN),
    ],
)
def test_play_protect(consent: str, enabled: str, over_cable: str, light: Light) -> None:
    phone = Told().say("verifier-consent", consent).say("verifier", enabled).say("verifier-adb", over_cable)
    assert phone.light("play-protect") is light
    phone.apps.remove(STORE)
    assert phone.light("play-protect") is INFO


def test_the_old_switch_for_unknown_sources_means_nothing_since_android_8() -> None:
    assert Told(sdk=28).say("unknown-sources", "1").light("unknown-sources") is GREEN
    assert Told(sdk=28).say("unknown-sources", "0").say("installing", "", 1, profile=0).light("unknown-sources") is OPEN
    for word, light in {"0": GREEN, "1": RED, "null": OPEN, "": OPEN}.items():
        assert Told(sdk=25).say("unknown-sources", word).light("unknown-sources") is light
    assert Told().say("installing", "com.android.vending", profile=0).light("unknown-sources") is GREEN
    assert Told().say("installing", "org.example.maps", profile=0).light("unknown-sources") is AMBER
    refused = "Security exception: Shell does not have permission to access user 0"
    assert Told().say("installing", refused, profile=0).light("unknown-sources") is OPEN


def test_a_service_is_counted_and_never_named() -> None:
    phone = Told().say("accessibility", "org.example.reader/.Aloud:org.example.braille/.Line", profile=0)
    found = phone.signals()["accessibility"]
    assert (found.light, str(found.value)) == (AMBER, "2 apps")
    assert "example" not in f"{found.value} {found.says}"
    assert Told().say("accessibility", "com.android.vending/.Service", profile=0).light("accessibility") is GREEN


def test_a_banned_keyboard_is_changed_before_it_is_removed() -> None:
    phone = Told().say("keyboard", "com.tencent.mm/.Keys", profile=0)
    assert phone.light("keyboard") is AMBER
    phone.apps.append(App("com.tencent.mm", installer="com.android.vending", states=STATES))
    assert phone.light("keyboard") is RED
    assert Told().say("keyboard", "null", profile=0).light("keyboard") is OPEN


def test_who_manages_the_phone() -> None:
    phone = Told()
    assert phone.light("owner") is GREEN
    phone.admins = [Admin(0, "com.google.android.gms/.Admin"), Admin(0, "com.example.mdm/.Admin", owner=True)]
    assert phone.light("owner") is INFO
    phone.rules = HealthRules(expected_owner="com.example.mdm")
    assert phone.light("owner") is GREEN
    phone.admins.append(Admin(0, "org.example.torch/.Admin"))
    assert phone.light("owner") is AMBER
    phone.rules = HealthRules(expected_owner="com.example.other")
    assert phone.light("owner") is RED
    assert Told().say("device-policy", "", -1).light("owner") is OPEN


def test_other_switches() -> None:
    assert Told().say("wireless", "1").light("wireless") is AMBER
    assert Told(sdk=29).signals().keys() & {"wireless", "computers", "advanced-protection"} == set()
    assert Told().say("computers", "a\nb").light("computers") is AMBER
    assert Told().say("key-time", "0").light("computers") is AMBER
    assert Told().say("proxy", "10.0.0.1:8080").light("proxy") is AMBER
    assert Told().set(sys__oem_unlock_allowed="1").light("unlocking") is AMBER
    assert Told().set(sys__oem_unlock_allowed="").light("unlocking") is INFO
    assert Told().set(ro__build__tags="test-keys").light("build") is RED
    assert Told().say("enforcing", "", 1).light("build") is OPEN
    assert Told().set(ro__boot__warranty_bit="1").light("knox") is RED
    assert "knox" not in Told(maker="Google").set(ro__boot__warranty_bit="").signals()
    phone = Told()
    phone.rules = HealthRules(min_sdk=37)
    assert phone.light("system") is RED
    phone.apps.append(App("org.example.aside", states=STATES))
    assert phone.light("sources") is AMBER


# No text makes it better

_EXACT = ["", "1", "0", "-1", "null", "true", "false", "Enforcing", "locked", "unlocked", "green", "orange", "user"]
_EXACT += ["encrypted", "unencrypted", "per-user", "inactive", "release-keys", "test-keys", "No operations."]
_EXACT += ["CredentialType: Pin", "CredentialType: None", "2026-11-05", "2024-01-05", "9999-01-01", "/system/bin/su"]
_EXACT += ["com.android.vending/.A", "com.android.inputmethod.latin/.LatinIME", "org.example.maps", "8.8.8.8:80"]
WORDS = st.one_of(st.sampled_from(_EXACT), st.text(st.characters(exclude_characters="\n"), max_size=12))
PLACES = [
    *(("property", name) for name in PROPERTIES),
    *(("answer", name) for name in ANSWERS),
    *(("profile", name) for name in OF_PROFILE),
]
_RANK = {RED: 0, AMBER: 1, OPEN: 2, INFO: 3, GREEN: 4}


def put(phone: Told, place: tuple[str, str], words: list[str], code: int = 0) -> None:
    kind, name = place
    lines = tuple(word for word in words if word.strip())
    match kind:
        case "property":
            phone.properties[name] = lines
        case "answer":
            phone.answers[name] = HealthAnswer(lines, code)
        case _:
            phone.of_profiles[name, 0] = HealthAnswer(lines, code)


@examples(200)
@given(
    place=st.sampled_from(PLACES),
    before=st.lists(WORDS, min_size=1, max_size=2),
    more=st.lists(WORDS, min_size=1, max_size=3),
)
def test_what_a_phone_adds_makes_no_light_better(place: tuple[str, str], before: list[str], more: list[str]) -> None:
    """A light that is red or amber stays so, whatever comes after."""
    phone = Told()
    put(phone, place, before)
    first = phone.signals()
    put(phone, place, [*before, *more])
    for name, later in phone.signals().items():
        if first[name].light in (RED, AMBER):
            assert _RANK[later.light] <= _RANK[first[name].light], name


_STRANGE = st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=30).filter(
    lambda text: text.strip() and text.strip() not in _EXACT and ":" not in text and "-" not in text
)


@examples(200)
@given(
    place=st.sampled_from([p for p in PLACES if p[1] not in ("development", "key-time", "device-policy")]),
    strange=_STRANGE,
)
def test_no_word_that_is_not_known_is_green(place: tuple[str, str], strange: str) -> None:
    """Of a phone that answers all else well: whatever depends on this one answer is not green any more."""
    phone, silent = Told(), Told()
    put(phone, place, [strange])
    put(silent, place, [], -1)
    good, found = Told().signals(), phone.signals()
    for name, without in silent.signals().items():
        assert without == good[name] or found[name].light is not GREEN, name


@pytest.mark.parametrize("code", [-1, 1, 127, 255])
def test_a_command_that_failed_is_no_good_word(code: int) -> None:
    good = Told().signals()
    for kind, name in PLACES:
        if kind == "property" or name in ("root", "development", "key-time", "encryption", "lock", "lock-disabled"):
            continue
        phone = Told()
        put(phone, (kind, name), [(ANSWERS | OF_PROFILE)[name]], code)
        changed = [s for n, s in phone.signals().items() if s != good[n]]
        assert changed or name in ("auto-blocker", "usb-protection"), name
        assert all(s.light is not GREEN for s in changed), name


# The verdict


def test_health_changes_no_verdict_unless_the_policy_says_so() -> None:
    sick = Told().set(ro__crypto__state="unencrypted", ro__build__version__security_patch="2020-01-01")
    assert sick.check().verdict is Verdict.GREEN
    assert sick.check().unhealthy == ()


def test_the_policy_lets_signals_decide() -> None:
    sick = Told().set(ro__crypto__state="unencrypted").say("lock", "", profile=0)
    assert sick.check(red=("encryption",)).verdict is Verdict.RED
    assert sick.check(red=("lock",)).verdict is Verdict.GREEN  # not known is not red
    assert sick.check(amber=("lock",)).verdict is Verdict.AMBER
    assert sick.check(amber=("vpn", "patch")).verdict is Verdict.GREEN
    found = sick.check(red=("encryption",), amber=("lock",))
    assert [s.signal for s in found.unhealthy] == ["encryption", "lock"]


def test_rules_laid_on_others() -> None:
    lower = HealthRules(patch_amber_days=60, red=("lock",), show=("boot",))
    upper = HealthRules(patch_amber_days=120, red=("encryption",), expected_owner="com.example.mdm")
    laid = upper.over(lower)
    assert (laid.patch_amber_days, laid.red, laid.strip_signals("android")) == (120, ("lock", "encryption"), ("boot",))
    assert laid.expected_owner == "com.example.mdm"
    assert HealthRules(patch_red_days=30).amber_days == 30
    assert HealthRules(patch_amber_days=300).red_days == 300


#: What a POCO F6 with crDroid told, beside that its boot was verified and its bootloader locked.
CUSTOM = {
    "ro.build.flavor": "lineage_peridot-userdebug",
    "ro.build.fingerprint": "POCO/peridot_global/peridot:14/UKQ1.240116.001/V816.0.9.0.UNPMIXM:user/release-keys",
    "ro.system_dlkm.build.type": "userdebug",
    "ro.product.system.name": "lineage_peridot",
    "ro.boot.warranty_bit": "0",
    "oplusboot.verifiedbootstate": "green",
    "ro.lineage.version": "22.2-20250601",
    "ro.crdroid.build.version": "11.4",
}
#: Cousins that were not seen there.
COUSINS = {
    "ro.build.flavor": "peridot-eng",
    "ro.build.fingerprint": "POCO/peridot/peridot:15/UKQ1/1:userdebug/test-keys",
    "ro.vendor.build.type": "eng",
    "ro.product.name": "crdroid_peridot",
    "ro.vendor.warranty_bit": "1",
    "oplusboot.mode": "normal",
    "ro.pa.version": "1",
    "org.pixelexperience.version": "twelve",
}


def stock(maker: str = "Xiaomi") -> Told:
    """A phone that says nothing that only another maker's phone has."""
    told = Told(maker=maker).set(
        ro__build__flavor="missi_phone_global-user",
        ro__build__version__release="15",
        ro__build__fingerprint="POCO/peridot_global/peridot:15/AQ3A.240627.003/OS2.0.5.0:user/release-keys",
    )
    if maker != "samsung":
        told.set(ro__boot__warranty_bit="")
    return told


@pytest.mark.parametrize(("name", "value"), [*CUSTOM.items(), *COUSINS.items()])
def test_one_contradiction_is_enough_for_a_system_that_is_not_the_maker_s(name: str, value: str) -> None:
    assert stock().signals()["boot"].light is GREEN
    told = stock()
    told.properties[name] = (value,)
    boot = told.signals()["boot"]
    assert (boot.light, str(boot.value)) == (RED, "not the maker’s")
    assert f"{name}={value}"[:80] in str(boot.says)
    # Its light is the policy's: by itself it decides nothing.
    assert told.check().verdict is Verdict.GREEN
    assert told.check(red=("boot",)).verdict is Verdict.RED


def test_what_the_phones_of_their_makers_say_is_no_contradiction() -> None:
    for maker, properties in {
        "samsung": {"ro.boot.warranty_bit": "0", "ro.vendor.build.type": "user", "ro.product.system.name": "pa2qxxx"},
        "OnePlus": {"oplusboot.verifiedbootstate": "green", "ro.build.flavor": "qssi-user"},
        "realme": {"oplusboot.mode": "normal"},
        "Google": {
            "ro.product.system.name": "generic_system_google",
            "ro.build.fingerprint": "google/husky_beta/husky:Baklava/BP21/1:user/release-keys",
            "ro.build.version.release_or_codename": "Baklava",
        },
        "": {"ro.boot.warranty_bit": "0"},
    }.items():
        told = stock(maker)
        told.properties |= {name: (value,) for name, value in properties.items()}
        assert told.signals()["boot"].light is GREEN, maker


def test_a_boot_that_is_not_verified_stays_what_it_is() -> None:
    boot = stock().set(ro__boot__verifiedbootstate="orange", ro__boot__flash__locked="0", ro__lineage__version="1")
    assert str(boot.signals()["boot"].value) == "not verified"


def test_knox_is_said_of_a_samsung_and_of_no_other_phone() -> None:
    assert "knox" in Told(maker="Samsung").signals()
    assert "knox" not in Told(maker="Xiaomi").signals()
    assert "knox" not in Told(maker="").set(ro__warranty_bit="1").signals()


def test_a_secure_folder_is_no_management() -> None:
    folder = "com.samsung.knox.securefolder"
    told = Told(OWNER, FOLDER)
    told.admins = [Admin(150, f"{folder}/.Admin", owner=True)]
    assert str(told.signals()["owner"].value) == "not managed"
    told.admins.append(Admin(0, "com.example.mdm/.Admin", owner=True))
    assert str(told.signals()["owner"].value) == "managed"
    told.admins = [Admin(0, f"{folder}/.Admin", owner=True)]
    assert str(told.signals()["owner"].value) == "managed"
    told = Told(OWNER, FOLDER, maker="Xiaomi")
    told.admins = [Admin(150, f"{folder}/.Admin", owner=True)]
    assert str(told.signals()["owner"].value) == "managed"
    told = Told(OWNER, FOLDER)
    told.admins = [Admin(150, f"{folder}/.Admin", owner=True)]
    told.rules = replace(told.rules, expected_owner=folder)
    assert told.light("owner") is RED
