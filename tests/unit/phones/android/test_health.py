"""What a phone answers about its own protection is kept within bounds, and captures of real phones are judged right."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import HealthRules, HealthSignal, Inventory, Light, Profile, ProfileKind
from core.phones.android import inventory
from core.phones.android.link.shell import PART_LIMIT, Lines, Sorter
from core.phones.android.listings import health as reading
from core.phones.android.listings import short_answers
from core.phones.android.listings.health import Health
from core.policy import health
from tests.examples import examples

GREEN, AMBER, RED, OPEN = Light.GREEN, Light.AMBER, Light.RED, Light.NOT_KNOWN
NONCE = "0" * 32
OWNER = Profile(0, "Owner", ProfileKind.PERSONAL)

LOCKS = """\
Current lock settings service state:

User State:
  User 0
    SP Handle: 57a1
    Quality: 0
    CredentialType: Pin
    SeparateChallenge: false
  User 10
    CredentialType: PASSWORD
    SeparateChallenge: true

Keys in namespace:
    synthetic_password_1

Storage:
  User 0 [/data/system_de/0]:
    CredentialType: None
"""


def answered(name: str, text: str, code: int = 0) -> Health:
    """What is kept of one part of the answer."""
    found = Health()
    sorter = Sorter(NONCE, lambda part: found.begin(part.removeprefix("health ")))
    lines = Lines(sorter.block)
    lines.feed(f"\n{NONCE} begin health {name}\n{text}\n{NONCE} end health {name} {code}\n".encode("utf-8", "replace"))
    lines.end()
    return found


def lines_of(file: Path) -> list[str]:
    blocks: list[str] = []
    reader = Lines(blocks.append)
    reader.feed(file.read_bytes())
    reader.end()
    return "".join(blocks).split("\n")[:-1]


def of_capture(folder: Path) -> dict[str, HealthSignal]:
    found, properties = Health(), lines_of(next(folder.glob("getprop*")))
    found.properties(properties)
    if (policy := folder / "dumpsys_device_policy.txt").exists():
        found.device_policy(lines_of(policy), 0)
    phone = short_answers.phone(short_answers.properties(properties).value, practice=False)
    judged = health.judge(
        Inventory(phone, (OWNER,), (), health=found.readings), HealthRules(), (), date(2026, 6, 20), ()
    )
    return {signal.signal: signal for signal in judged}


@pytest.mark.parametrize(
    ("folder", "lights"),
    [
        ("emulator-sdk_gphone_x86-android9", {"boot": RED, "bootloader": OPEN, "encryption": AMBER, "patch": RED}),
        (
            "google-pixel-sailfish-aosp10-user11-secondary",
            {"boot": RED, "bootloader": RED, "build": RED, "unlocking": AMBER, "encryption": GREEN},
        ),
        (
            "google-pixel8pro-husky-android16",
            {"boot": GREEN, "bootloader": GREEN, "build": OPEN, "encryption": GREEN, "patch": AMBER},
        ),
        ("meizu-MX6-flyme6-android7.1.1", {"boot": GREEN, "bootloader": GREEN, "encryption": RED, "unlocking": GREEN}),
        ("htc-nexusone-miui1.8.12-android2.3", {"boot": OPEN, "bootloader": OPEN, "build": RED, "patch": OPEN}),
        (
            "samsung-S936B-s25plus-oneui8.5-android16",
            {"boot": GREEN, "bootloader": GREEN, "encryption": GREEN, "knox": GREEN, "patch": GREEN, "lock": OPEN},
        ),
    ],
)
def test_captures_of_real_phones(shared: Path, folder: str, lights: dict[str, Light]) -> None:
    found = of_capture(shared / "captures" / folder)
    assert {name: found[name].light for name in lights} == lights


def test_each_profile_has_its_own_lock_and_a_storage_listing_is_none() -> None:
    found = answered("locks", LOCKS).readings.of_profiles
    assert found["lock", 0].lines == ("CredentialType: Pin", "SeparateChallenge: false")
    assert found["lock", 10].lines == ("CredentialType: PASSWORD", "SeparateChallenge: true")


def test_computers_are_counted_by_their_keys_and_not_named() -> None:
    one, other = "QAAAA" + "a" * 695, "QAAAA" + "b" * 691 + "=="
    text = (
        "ADB MANAGER STATE (dumpsys adb):\n{\n  debugging_manager={\n    connected_to_adb=true\n"
        f"    user_keys={one} roy@desk-4\n{other} someone@home\n\n"
        f'    keystore=<adbKey key="{one}" lastConnection="1" />\n  }}\n}}\n'
    )
    answer = answered("computers", text).readings.answers["computers"]
    assert (len(answer.lines), answer.code) == (2, 0)
    assert not any("desk" in line or "home" in line or "a" * 20 in line for line in answer.lines)
    assert answered("computers", "Can't find service: adb").readings.answers["computers"].code == -1


def test_a_property_that_is_told_twice_has_both_values() -> None:
    found = Health()
    found.properties(["[ro.boot.flash.locked]: [1]", "[persist.x]: [a", "[ro.boot.flash.locked]: [0]", "b]"])
    assert found.readings.properties == {"ro.boot.flash.locked": ("1", "0")}
    found.properties([f"[ro.boot.flash.locked]: [{n}]" for n in range(100)])
    assert len(found.readings.properties["ro.boot.flash.locked"]) == 5
    found = Health()
    found.properties(["[ro.crypto.state]: [encrypted", "and more]"])
    assert found.readings.properties == {"ro.crypto.state": ("…",)}


def test_an_answer_that_comes_twice_is_no_answer() -> None:
    found = Health()
    for word in ("1", "1"):
        part = found.begin("verifier")
        part.block(f"{word}\n")
        part.end(0)
    assert found.readings.answers["verifier"].code == -1


@examples(150)
@given(
    name=st.sampled_from(["locks", "computers", "verifier", "root", "accessibility 0", "keyboard 7", "no such", "x 1"]),
    text=st.one_of(st.text(max_size=200), st.text(max_size=3).map(lambda one: (one + "\n") * 3_000)),
    code=st.integers(-5, 300),
)
def test_what_is_kept_is_bounded_and_nothing_makes_the_reading_fail(name: str, text: str, code: int) -> None:
    kept = answered(name, text, code).readings
    lines = [line for a in (*kept.answers.values(), *kept.of_profiles.values()) for line in a.lines]
    assert len(lines) <= 1_000
    assert all(len(line) <= 4_096 and line.strip() and "\n" not in line for line in lines)


def test_a_list_that_is_too_long_is_not_whole() -> None:
    kept = answered("installing 0", "\n".join(f"com.example.app{n}" for n in range(600))).readings
    assert kept.of_profiles["installing", 0].code == -1
    assert answered("accessibility 0", "a/b:" * 2_000).readings.of_profiles["accessibility", 0].code == -1


def test_no_question_asks_for_a_whole_list_of_settings_and_each_fits_into_the_markers() -> None:
    script = inventory.script(NONCE)
    assert "settings list" not in script
    assert script.count("begin") + 100 * (reading.script_of_profile(NONCE).count("begin") + 3) < PART_LIMIT + 100
