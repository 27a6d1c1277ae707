"""A check of an Android phone as a capture: nothing of its holder's stays in it, and it is read as the phone was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capture import capture_file, making, playing
from core.capture.android_answers import AndroidAnswers
from core.capture.android_names import AndroidNames
from core.capture.capture_file import Capture, CapturedAnswer, CapturedIdentity, CaptureHead
from core.capture.pseudonyms import Pseudonyms
from core.capture.recording import AndroidRecording
from core.capture.unchanged import Unchanged
from core.jobs import Cancel
from core.model import App, AppState, Check, Excepted, Verdict
from core.phones.accounting import Account
from core.phones.android.files.identify import FORMS
from core.phones.android.link.shell import Lines, part
from core.phones.android.listings import short_answers
from core.phones.android.listings.dump import Dump
from core.phones.android.listings.health import Health
from core.phones.android.listings.screens import Links, Screens, java_hash
from core.phones.connect import Reach
from core.phones.driver import PhoneProblem
from core.policy.format import policy_file
from core.simulator import PracticeServer, load, scenarios
from core.visit.check import check
from tests.examples import examples

POLICY: Final = policy_file.load_built_in("canada")
#: What belongs to somebody, in the forms in which a phone's answers could have it.
PERSONAL: Final = (
    "R58N30ABCDE",
    "490154203237518",
    "jean.tremblay@exemple.gc.ca",
    "Maison Tremblay 5G",
    "514-555-0199",
    "a4:c3:f0:12:34:56",
    "192.168.17.42",
    "fe80::1c3f:ab12:9d",
    "Jean-Philippe Tremblay",
    "Téléphone d’Élise",
    "ca.tremblay.secret.journal",
    "ca.tremblay.secret/.JournalActivity",
    "/data/app/ca.tremblay.secret-journal/base.apk",
    "2025-11-03 14:22:07",
    "Journal intime de Jean",
    "com.tencent.mm.tremblay",
    "jtremblay@desk-4",
)


@dataclass(frozen=True)
class Recorded:
    """A practice phone's check, and what was recorded of it."""

    check: Check
    recording: AndroidRecording


def checked(server: PracticeServer, reach: Reach, recording: AndroidRecording | None = None) -> Check:
    with closing(reach.address("127.0.0.1", server.port, Cancel())) as phone:
        phone.record(recording)
        return check(phone, POLICY, lambda progress: None, Cancel(), quick=False)


@pytest.fixture(scope="module")
def reach(tmp_path_factory: pytest.TempPathFactory) -> Reach:
    return Reach(tmp_path_factory.mktemp("keys"), "Desk 4")


def recorded(scenario: str, reach: Reach) -> Recorded:
    recording = AndroidRecording()
    with PracticeServer(load(scenario), pace=0) as server:
        return Recorded(checked(server, reach, recording), recording)


@pytest.fixture(scope="module")
def of_work(reach: Reach) -> Recorded:
    """A phone with a work profile, a managing app and apps of its holder's."""
    return recorded("work-profile", reach)


def made(phone: Recorded) -> Capture:
    return making.make(phone.recording, phone.check).capture


def again_by(content: bytes) -> tuple[Check, Check]:
    """Two checks of the phone that a file plays, one after the other."""
    phone = playing.opened(capture_file.read(content))
    first, second = (check(phone, POLICY, lambda progress: None, Cancel(), quick=False) for _ in range(2))
    return first, second


def summary(check: Check) -> dict[str, object]:
    """What a check came to, but for names."""
    return {
        "verdict": check.verdict,
        "findings": sorted((f.rule, f.profile.id, f.match, f.contained, len(f.evidence)) for f in check.findings),
        "versions": sorted((f.app.version_name, f.app.version_code) for f in check.bans),
        "gaps": sorted((gap.what.message, str(gap.profile)) for gap in check.gaps),
        "health": [(s.signal, s.light, s.value.message, s.says.message) for s in check.health],
        "returns": [(r.rule, r.state, r.reasons) for r in check.returns],
        "unread": sorted(i.why.message for i in check.identities.values() if i.why is not None),
        "apps": sorted((len(app.states), app.system, app.confirmed) for app in check.inventory.apps),
        "profiles": [(p.id, p.kind, p.readable) for p in check.inventory.profiles],
    }


@pytest.mark.parametrize("scenario", [name for name in scenarios() if name != "hostile"])
def test_every_practice_phone_is_read_alike_from_its_capture(scenario: str, reach: Reach) -> None:
    phone = recorded(scenario, reach)
    again, third = again_by(capture_file.to_bytes(made(phone)))
    assert again.inventory.phone.practice
    assert summary(again) == summary(phone.check)
    assert summary(third) == summary(phone.check)


def test_a_phone_that_says_the_worst_is_read_alike_too(reach: Reach) -> None:
    recording = AndroidRecording()
    with PracticeServer(replace(load("hostile"), flood_megabytes=0), pace=0) as server:
        phone = Recorded(checked(server, reach, recording), recording)
    assert summary(again_by(capture_file.to_bytes(made(phone)))[0]) == summary(phone.check)


def test_of_an_answer_without_an_end_the_file_has_a_part_and_says_so() -> None:
    recording = AndroidRecording(room=4_000)
    nonce = "0" * 32
    feed = recording(part(nonce, "boot", "pm list packages --user 0"))
    feed(f"{nonce} begin boot\n".encode())
    for number in range(1_000):
        feed(f"package:com.example.app{number}\n".encode())
    (answer,) = recording.answers()
    assert (answer.script, answer.endless, answer.cut) == ("boot", True, False)
    assert 100 < len(answer.lines) < 200


def test_a_connection_that_was_lost_is_lost_again() -> None:
    recording = AndroidRecording()
    feed = recording(part("0" * 32, "boot", "pm list packages --user 0"))
    feed(f"{'0' * 32} begin boot\npackage:com.example.one\npackage:com.exa".encode())
    (answer,) = recording.answers()
    assert (answer.lines, answer.endless, answer.cut) == (("package:com.example.one", "package:com.exa"), False, True)


@pytest.mark.slow
def test_nothing_of_the_phone_s_apps_and_holder_is_in_its_capture(of_work: Recorded) -> None:
    capture = made(of_work)
    text = capture_file.to_bytes(capture).decode()
    named = Unchanged(POLICY).names
    inventory = of_work.check.inventory
    for app in inventory.apps:
        if app.package not in named and "." in app.package:
            assert f'{app.package}"' not in text
            assert f"={app.package} " not in text
        if app.label and app.label not in ("WeChat", "TikTok"):
            assert f'"{app.label}"' not in text
        if not Unchanged(POLICY).has_hash(app.signers[0]):
            assert f"[{app.signers[0]}]" not in text
    assert inventory.phone.serial not in text
    assert inventory.identity is not None
    assert inventory.identity.boot not in text
    assert not any(profile.name in text for profile in inventory.profiles if profile.name not in ("Owner",))
    # And what is kept is told.
    listed = {value for group in capture.unchanged for value in group.values}
    assert {"com.tencent.mm", "com.android.vending"} & listed
    assert f"ro.product.model={inventory.phone.model}" in listed


def test_an_exception_is_the_department_s_and_not_in_what_the_phone_answered(of_work: Recorded) -> None:
    excepted = Excepted(7, date(2027, 3, 31), "CIO", "1")
    findings = tuple(replace(finding, excepted=excepted) for finding in of_work.check.findings)
    allowed = replace(of_work.check, findings=findings)
    assert allowed.verdict is Verdict.AMBER
    assert making.make(of_work.recording, allowed).expected.verdict == "red"


def test_two_captures_of_one_phone_have_no_name_in_common(of_work: Recorded) -> None:
    first, second = (made(of_work) for _ in range(2))
    listed = {value for group in first.unchanged for value in group.values}
    names = [{app.package for app in capture.apps} - listed for capture in (first, second)]
    assert names[0]
    assert not names[0] & names[1]


def rewriter() -> AndroidAnswers:
    unchanged = Unchanged(POLICY)
    return AndroidAnswers(AndroidNames(Pseudonyms(unchanged), unchanged))


@pytest.fixture(scope="module")
def answers(of_work: Recorded) -> tuple[CapturedAnswer, ...]:
    return of_work.recording.answers()


@examples(200)
@given(st.data())
def test_a_personal_value_that_is_planted_in_any_answer_is_in_no_capture(
    answers: tuple[CapturedAnswer, ...], data: st.DataObject
) -> None:
    value = data.draw(st.sampled_from(PERSONAL))
    answer = data.draw(st.sampled_from(answers))
    number = data.draw(st.integers(0, len(answer.lines)))
    line = answer.lines[number] if number < len(answer.lines) else ""
    at = data.draw(st.integers(0, len(line)))
    separator = data.draw(st.sampled_from(["", " ", "=", "/", ":", '"', "["]))
    if answer.command == "properties":  # what the maker wrote of the phone is kept; a holder's words stand elsewhere
        planted = data.draw(
            st.sampled_from([f"[persist.a]: [{value}]", f"[{value}]: [1]", value, f"[gsm.a]: [{value}"])
        )
    else:
        planted = data.draw(st.sampled_from([value, f"{line[:at]}{separator}{value}{separator}{line[at:]}"]))
    lines = [*answer.lines[max(0, number - 3) : number], planted, *answer.lines[number + 1 : number + 4]]
    rewritten = rewriter().anonymous(answer.command, lines)
    assert value not in "\n".join(rewritten)
    for word in ("tremblay", "Tremblay", "490154203237518", "R58N30ABCDE", "secret", "514-555"):
        assert word not in value or word not in "\n".join(rewritten)


# --- answers of real phones, each alone


def lines_of(file: Path) -> list[str]:
    blocks: list[str] = []
    reader = Lines(blocks.append)
    reader.feed(file.read_bytes())
    reader.end()
    return "".join(blocks).split("\n")[:-1]


def left(account: Account[object]) -> Counter[tuple[str, str, bool]]:
    return Counter((item.why, item.kind, bool(item.app)) for item in account.left)


def shape_of_app(app: App) -> tuple[object, ...]:
    states = tuple((s.profile, s.installed, s.hidden, s.suspended, s.enabled.value, s.archived) for s in app.states)
    texts = (bool(app.code_path), bool(app.installer), bool(app.version_name), bool(app.first_install))
    parts = (len(app.signers), app.splits is None, app.version_code is None)
    return (*texts, app.system, app.updated_system, states, *parts)


def dump_shape(lines: list[str]) -> object:
    dump = Dump()
    dump.block("".join(f"{line}\n" for line in lines))
    account = dump.account()
    return (
        Counter(map(shape_of_app, account.value)),
        left(account),
        dump.began,
        dump.truncated,
        dump.profiles,
        len(dump.odd),
    )


def screens_shape(lines: list[str]) -> object:
    screens = Screens()
    screens.block("".join(f"{line}\n" for line in lines))
    screens.end(0)
    return len(screens.packages), left(screens.account())


def tables(lines: list[str]) -> list[str]:
    """The tables alone of a dump that has all else as well."""
    ends = [number for number, line in enumerate(lines) if line[:1].strip() and not line.endswith(" Resolver Table:")]
    return lines[: next(number for number in ends if number > lines.index("Provider Resolver Table:"))]


def links_shape(lines: list[str]) -> object:
    links = Links()
    links.block("".join(f"{line}\n" for line in lines))
    links.end(0)
    return sorted(len(signers) for signers in links.signers.values()), len(links.packages), left(links.account())


def users_shape(lines: list[str]) -> object:
    account = short_answers.users(lines, samsung=True)
    alone = short_answers.users(lines, alone=True)
    profiles = [(p.id, p.kind, bool(p.name), p.running) for p in account.value]
    return profiles, left(account), left(alone)


def packages_shape(lines: list[str]) -> object:
    account = short_answers.packages(lines)
    apps = Counter((bool(app.path), bool(app.installer)) for app in account.value.apps.values())
    return apps, account.value.malformed, bool(account.value.refusal), left(account)


def admins_shape(lines: list[str]) -> object:
    account = short_answers.admins(lines)
    health = Health()
    health.device_policy(lines, 0)
    admins = [(a.profile, a.owner, a.test_only) for a in account.value]
    return admins, left(account), dict(health.readings.answers)


def properties_shape(lines: list[str]) -> object:
    health = Health()
    account = short_answers.properties(lines)
    phone = short_answers.phone(account.value, practice=False)
    kept = {name: len(values) for name, values in health.properties(lines).value.items()}
    return len(account.value), left(account), kept, phone.maker, phone.model, phone.os, phone.sdk, phone.patch


SHAPES: Final[dict[str, tuple[str, Callable[[list[str]], object]]]] = {
    "dumpsys_package.": ("snapshot", dump_shape),
    "dumpsys_package_": ("snapshot", dump_shape),
    "dumpsys_user": ("profiles", users_shape),
    "pm_list_users": ("users", users_shape),
    "pm_list_packages": ("packages 0", packages_shape),
    "dumpsys_device_policy": ("admins", admins_shape),
    "getprop": ("properties", properties_shape),
}
TABLES: Final = ("screens", screens_shape)


@pytest.mark.slow
def test_every_answer_of_a_real_phone_is_read_alike_without_its_names(shared: Path) -> None:
    count = 0
    for file in sorted((shared / "captures").glob("*/*.txt")):
        kinds = [row for start, row in SHAPES.items() if file.name.startswith(start)]
        kinds += [TABLES] if file.name == "dumpsys_package.txt" else []
        lines = lines_of(file) if kinds else []
        for command, shape in kinds:
            answer = tables(lines) if (command, shape) == TABLES and "Provider Resolver Table:" in lines else lines
            rewritten = list(rewriter().anonymous(command, answer))
            assert shape(rewritten) == shape(answer), file
            count += 1
    assert count > 40


def test_wrapped_lines_of_signers_stay_wrapped_where_they_were() -> None:
    digests = ", ".join(f"{number:02X}:" + ":".join(["AB"] * 31) for number in range(3))
    whole = f"    Signatures: [{digests}]"
    lines = ["  com.example.app:", whole[:120], *(f"    {whole[at : at + 116]}" for at in range(120, len(whole), 116))]
    rewritten = list(rewriter().anonymous("links", lines))
    assert [len(line) for line in rewritten[1:]] == [len(line) for line in lines[1:]]
    assert links_shape(rewritten) == links_shape(lines)
    assert "AB:AB" not in "".join(rewritten)


@pytest.mark.parametrize("turned", [[], [3], [3, 9], [3, 4, 20]])
def test_as_many_texts_stay_out_of_their_turn(turned: list[int]) -> None:
    keys = sorted((f"com.example.app{number}.ACTION" for number in range(40)), key=java_hash)
    for at in turned:
        keys[at], keys[at + 1] = keys[at + 1], keys[at]
    groups = ([f"      {key}:", f"        1a com.example.a{number % 3}/.B"] for number, key in enumerate(keys))
    lines = ["Activity Resolver Table:", "  Non-Data Actions:", *(line for group in groups for line in group)]
    assert screens_shape(list(rewriter().anonymous("screens", lines))) == screens_shape(lines)


def test_a_field_that_nobody_knows_shows_once_it_is_on_most_apps() -> None:
    block = "  Package [com.example.a{}] (1a):", "    newVerdict=red", "    codePath=/data/app/a"
    lines = ["Packages:", *(line.format(n) for n in range(3) for line in block), "    secretOfOneApp=1"]
    text = "\n".join(rewriter().anonymous("snapshot", lines))
    assert text.count("    ") - text.count("    codePath=") == 1
    assert "secret" not in text


# --- what files of apps said


@pytest.mark.parametrize("message", FORMS)
def test_an_app_s_files_are_not_known_for_the_same_reason(message: str) -> None:
    app = App("abc.def", states=(AppState(0, installed=True),))
    capture = Capture(CaptureHead(2, "android"), (CapturedIdentity("abc.def", 7, "Label", because=message),))
    identity = playing.opened(capture).identify([app], lambda progress: None, Cancel())["abc.def"]
    assert identity.why is not None
    assert identity.why.message == message
    assert "{" not in str(identity.why)


def test_an_app_s_files_say_what_was_read_of_them(of_work: Recorded) -> None:
    apps = {app.package: app for app in made(of_work).apps}
    identity = of_work.check.identities["com.zhiliaoapp.musically"]
    app = apps["com.zhiliaoapp.musically"]
    assert (app.label, app.version_code is None) == (identity.label, identity.version_code is None)
    assert len(app.certificates) == len(identity.certificates)
    assert set(app.classes) <= set(identity.components)


# --- files that are altered, or made by hand


@examples(25)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=12)), min_size=1, max_size=3))
def test_an_altered_capture_is_data_and_no_more(small: bytes, reach: Reach, changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(small)
    for at, put in changes:
        at %= len(content)
        content[at : at + len(put)] = put
    try:
        capture = capture_file.read(bytes(content))
    except capture_file.CaptureProblem:
        return
    try:
        played = check(playing.opened(capture), POLICY, lambda progress: None, Cancel(), quick=False)
    except PhoneProblem:
        return
    assert played.inventory.phone.practice


@pytest.fixture(scope="module")
def small(reach: Reach) -> bytes:
    phone = recorded("unplugged", reach)
    return capture_file.to_bytes(made(phone))


def test_a_phone_that_kept_data_of_a_removed_app_is_read_alike_from_its_capture(reach: Reach) -> None:
    recording = AndroidRecording()
    with PracticeServer(load("preinstalled"), pace=0) as server:
        came_along = next(p for p in server.phone.packages.values() if p.system and p.name.startswith("com.android."))
        server.phone.change(came_along, 0, replace(came_along.states[0], installed=False))
        phone = Recorded(checked(server, reach, recording), recording)
        gone = [app for app in phone.check.inventory.apps if not any(state.present for state in app.states)]
    assert gone
    assert summary(again_by(capture_file.to_bytes(made(phone)))[0]) == summary(phone.check)
