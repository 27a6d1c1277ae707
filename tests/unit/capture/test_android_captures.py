"""A check of an Android phone as a capture: nothing of its holder's stays in it, and it is read as the phone was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.capture import app_files, capture_file, making
from core.capture.android_answers import AndroidAnswers
from core.capture.android_names import AndroidNames
from core.capture.android_recording import AndroidRecording
from core.capture.anonymous import anonymous_android
from core.capture.capture_file import Capture, CapturedAnswer, CapturedFile, CaptureHead, FileForm
from core.capture.playing import captured_server
from core.capture.pseudonyms import Pseudonyms
from core.capture.unchanged import Unchanged
from core.jobs import Cancel
from core.model import App, AppState, Check, Excepted, SoughtInFiles, Verdict
from core.phones.accounting import Account
from core.phones.android.files.identify import FORMS
from core.phones.android.link.shell import Lines, part
from core.phones.android.listings import short_answers
from core.phones.android.listings.dump import Dump
from core.phones.android.listings.health import Health
from core.phones.android.listings.screens import Links, Screens
from core.phones.connect import Reach
from core.policy.format import policy_file
from core.simulator import PracticeServer, load, scenarios
from core.simulator.apk.certificates import signer
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
    return anonymous_android(phone.recording, phone.check)[0]


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
        "apps": sorted(len(app.package) for app in check.inventory.apps),
        "profiles": [(p.id, p.kind, p.readable) for p in check.inventory.profiles],
    }


@pytest.mark.parametrize("scenario", [name for name in scenarios() if name != "hostile"])
def test_every_practice_phone_is_read_alike_from_its_capture(scenario: str, reach: Reach) -> None:
    phone = recorded(scenario, reach)
    content = capture_file.to_bytes(made(phone))
    with captured_server(capture_file.read(content)) as server:
        again = checked(server, reach)
        third = checked(server, reach)
    assert again.inventory.phone.practice
    assert summary(again) == summary(phone.check)
    assert summary(third) == summary(phone.check)


def test_a_phone_that_says_the_worst_is_read_alike_too(reach: Reach) -> None:
    recording = AndroidRecording()
    with PracticeServer(replace(load("hostile"), flood_megabytes=0), pace=0) as server:
        phone = Recorded(checked(server, reach, recording), recording)
    with captured_server(capture_file.read(capture_file.to_bytes(made(phone)))) as server:
        assert summary(checked(server, reach)) == summary(phone.check)


def test_of_an_answer_without_an_end_the_file_has_a_part_and_says_so() -> None:
    recording = AndroidRecording(room=4_000)
    nonce = "0" * 32
    feed = recording(part(nonce, "answer", "pm list packages --user 0"))
    feed(f"{nonce} begin answer\n".encode())
    for number in range(1_000):
        feed(f"package:com.example.app{number}\n".encode())
    (answer,) = recording.answers()
    assert (answer.command, answer.endless, answer.cut) == ("pm list packages --user 0", True, False)
    assert 100 < len(answer.lines) < 200


def test_a_connection_that_was_lost_is_lost_again() -> None:
    recording = AndroidRecording()
    feed = recording(part("0" * 32, "answer", "pm list packages --user 0"))
    feed(f"{'0' * 32} begin answer\npackage:com.example.one\npackage:com.exa".encode())
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
    names = [{file.package for file in capture.files} - listed for capture in (first, second)]
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
    if answer.command == "getprop":  # what the maker wrote of the phone is kept; a holder's words stand elsewhere
        planted = data.draw(
            st.sampled_from([f"[persist.a]: [{value}]", f"[{value}]: [1]", value, f"[gsm.a]: [{value}"])
        )
    else:
        planted = data.draw(st.sampled_from([value, f"{line[:at]}{separator}{value}{separator}{line[at:]}"]))
    lines = [*answer.lines[max(0, number - 3) : number], planted, *answer.lines[number + 1 : number + 4]]
    rewritten = rewriter().anonymous(answer.command, lines)
    assert len(rewritten) == len(lines)
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


def left(account: Account[object]) -> list[tuple[str, str, int, int]]:
    return [(item.why, item.kind, len(item.app), len(item.text)) for item in account.left]


def shape_of_app(app: App) -> tuple[object, ...]:
    lengths = (len(app.package), len(app.code_path), len(app.installer), len(app.version_name), len(app.first_install))
    states = tuple((s.profile, s.installed, s.hidden, s.suspended, s.enabled, s.archived) for s in app.states)
    splits = None if app.splits is None else len(app.splits)
    return (*lengths, app.system, app.updated_system, states, len(app.signers), splits, app.version_code is None)


def dump_shape(lines: list[str]) -> object:
    dump = Dump()
    dump.block("".join(f"{line}\n" for line in lines))
    account = dump.account()
    return (
        [shape_of_app(app) for app in account.value],
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
    counts = sorted((len(package), len(screens.of(package))) for package in screens.packages)
    return counts, left(screens.account())


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
    profiles = [(p.id, p.kind, len(p.name), p.running) for p in account.value]
    return profiles, left(account), left(alone)


def packages_shape(lines: list[str]) -> object:
    account = short_answers.packages(lines)
    apps = [(len(id), len(app.path), len(app.installer)) for id, app in account.value.apps.items()]
    return apps, account.value.malformed, bool(account.value.refusal), left(account)


def admins_shape(lines: list[str]) -> object:
    account = short_answers.admins(lines)
    health = Health()
    health.device_policy(lines, 0)
    admins = [(a.profile, len(a.component), a.owner, a.test_only) for a in account.value]
    return admins, left(account), dict(health.readings.answers)


def properties_shape(lines: list[str]) -> object:
    health = Health()
    account = short_answers.properties(lines)
    phone = short_answers.phone(account.value, practice=False)
    kept = {name: len(values) for name, values in health.properties(lines).value.items()}
    return len(account.value), left(account), kept, phone.maker, phone.model, phone.os, phone.sdk, phone.patch


SHAPES: Final[dict[str, tuple[str, Callable[[list[str]], object]]]] = {
    "dumpsys_package.": ("dumpsys -t 60 package packages", dump_shape),
    "dumpsys_package_": ("dumpsys -t 60 package packages", dump_shape),
    "dumpsys_user": ("dumpsys user", users_shape),
    "pm_list_users": ("pm list users", users_shape),
    "pm_list_packages": ("pm list packages -f --user 0", packages_shape),
    "dumpsys_device_policy": ("dumpsys device_policy", admins_shape),
    "getprop": ("getprop", properties_shape),
}
TABLES: Final = ("dumpsys -t 60 package r activity content", screens_shape)


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
            assert [len(line) for line in rewritten] == [len(line) for line in answer], file
            count += 1
    assert count > 40


def test_wrapped_lines_of_signers_stay_wrapped_where_they_were() -> None:
    digests = ", ".join(f"{number:02X}:" + ":".join(["AB"] * 31) for number in range(3))
    whole = f"    Signatures: [{digests}]"
    lines = ["  com.example.app:", whole[:120], *(f"    {whole[at : at + 116]}" for at in range(120, len(whole), 116))]
    rewritten = list(rewriter().anonymous("pm get-app-links", lines))
    assert [len(line) for line in rewritten] == [len(line) for line in lines]
    assert links_shape(rewritten) == links_shape(lines)
    assert "AB:AB" not in "".join(rewritten)


# --- files of apps


@pytest.mark.parametrize(("message", "form"), [(m, f) for m, f in FORMS.items() if f != "too-large"])
def test_an_app_s_files_are_not_known_for_the_same_reason(message: str, form: FileForm, reach: Reach) -> None:
    folder = "/data/app/~~a==/abc.def-b=="
    file = CapturedFile("abc.def", (f"{folder}/base.apk",), form, 7, "Label", ("made",), classes=("com.example.Main",))
    properties = ("[ro.build.version.sdk]: [34]", "[ro.product.model]: [Pixel 8]")
    capture = Capture(CaptureHead(1, "android"), (CapturedAnswer("getprop", lines=properties), file))
    splits = ("part",) if form.startswith("parts-") else ()
    app = App("abc.def", code_path=f"{folder}/base.apk", splits=splits, states=(AppState(0, installed=True),))
    with captured_server(capture) as server, closing(reach.address("127.0.0.1", server.port, Cancel())) as phone:
        outside = SoughtInFiles(outside=frozenset({"abc.def"}))
        identity = phone.identify([app], lambda progress: None, Cancel(), sought=outside)["abc.def"]
    assert identity.why is not None
    assert identity.why.message == message


def test_an_app_s_files_say_what_was_read_of_them(reach: Reach) -> None:
    folder = "/data/app/~~a==/abc.def-b=="
    paths = (f"{folder}/base.apk", f"{folder}/split_config.en.apk")
    url = "https://m.tiktok.com/xyz"
    code, inside = ("com.example.feed.A", "com.example.feed.B"), ("lib/x86/liba.so",)
    file = CapturedFile(
        "abc.def",
        paths,
        "whole",
        7,
        "Label",
        ("made",),
        classes=("com.example.Main",),
        code=code,
        files=inside,
        start_url=url,
    )
    capture = Capture(
        CaptureHead(1, "android"), (CapturedAnswer("getprop", lines=("[ro.build.version.sdk]: [34]",)), file)
    )
    app = App("abc.def", code_path=paths[0], splits=("config.en",), states=(AppState(0, installed=True),))
    with captured_server(capture) as server, closing(reach.address("127.0.0.1", server.port, Cancel())) as phone:
        sought = SoughtInFiles(inside, ("com.example.feed.",), outside=frozenset({"abc.def"}))
        identity = phone.identify([app], lambda progress: None, Cancel(), sought=sought)["abc.def"]
    assert identity.why is None
    assert (identity.code, identity.files) == (code, inside)
    assert (identity.label, identity.start_url, identity.components) == ("Label", url, ("com.example.Main",))
    assert [c.sha256 for c in identity.certificates] == [hashlib.sha256(signer("made").der).hexdigest()]


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
    with captured_server(capture) as server:
        assert server.phone.files.children("/data/app") == []
        assert isinstance(capture, Capture)


def test_a_file_that_names_paths_without_end_is_played_all_the_same(reach: Reach) -> None:
    deep = "/a" * 9_000
    files = [CapturedFile(f"app.a{number}", (f"/{number}{deep}", f"/data/app/{number}.apk")) for number in range(50)]
    properties = CapturedAnswer("getprop", lines=("[ro.build.version.sdk]: [34]",))
    capture = Capture(CaptureHead(1, "android"), (properties, *files))
    entries = app_files.entries(capture)
    assert len(entries) < 200
    assert "/data/app/49.apk" in entries
    assert max(map(len, entries)) < 1_100


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
    with captured_server(capture_file.read(capture_file.to_bytes(made(phone)))) as server:
        assert summary(checked(server, reach)) == summary(phone.check)
