"""What each reader makes of phones' answers: of practice phones and of real ones, of odd answers, and that nothing that
a phone or its owner chose is in what leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cli.probes.phone_trial import as_json, report
from core.jobs import Cancel, Progress, silent
from core.phones.accounting import Account, Left, Why
from core.phones.android.link.transport import STREAM_LIMIT
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Driver, PhoneProblem, Unplugged
from core.phones.iphone.entitlements import ENTITLEMENTS, TEAM
from core.phones.trial import TIME_LIMIT, android_readers, iphone_readers, try_phone
from core.phones.trial.iphone_facts import IphoneFacts
from core.phones.trial.reader_result import ReaderResult, ReaderState, Trial, of, shape, tried
from core.phones.trial.recorder import KEPT_LIMIT, RAW_LIMIT, Recorder
from core.problem import Cancelled
from core.simulator import load, scenario_list
from core.simulator.commands.commands import Commands
from core.simulator.commands.streams import Io
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
from core.simulator.model.phone import PracticePhone
from core.simulator.model.scenario import AppData, Scenario, Version
from core.simulator.shell.shell import Shell
from core.text import T
from tests.examples import examples
from tests.unit.phones.iphone.conftest import opened

ANDROID, IPHONE = android_readers.READERS, iphone_readers.READERS
ANDROIDS = tuple(name for name in scenario_list.names("android"))
IPHONES = tuple(name for name in scenario_list.names("ios"))


def test_every_reader_has_its_own_key_and_a_sentence_in_both_languages() -> None:
    for table in (ANDROID, IPHONE):
        assert len({reader.key for reader in table}) == len(table)
        for reader in table:
            assert re.fullmatch("[a-z]+", reader.key)
            assert reader.sentence.in_language("en") != reader.sentence.in_language("fr"), reader.key


@given(st.text())
def test_the_shape_of_a_text_has_none_of_its_words_and_not_their_lengths(text: str) -> None:
    ReaderResult(example=shape(text))  # raises for anything else
    assert not re.search("[b-zA-Z0-8]|aa|99", shape(text))


@given(st.sampled_from(list(Why)), st.text(), st.text())
def test_what_is_left_is_told_in_words_of_a_closed_list(why: Why, kind: str, text: str) -> None:
    of([Left(why, kind, text, text)], 0)  # raises for anything else


# --- practice phones


class PracticeLink:
    """A practice phone's own shell, without ADB in between. `changed` may alter an answer; `asked` are the commands."""

    how = T("over USB")
    loopback = False
    lasting = True
    transport = ""

    def __init__(self, scenario: Scenario, changed: Callable[[bytes], bytes] = lambda answer: answer) -> None:
        self.phone = PracticePhone(scenario, pace=0)
        self.asked: list[str] = []
        self.changed = changed
        self.pulled: Callable[[bytes], bytes] = lambda content: content

    def run(self, command: str, feed: Any, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
        cancel.check()
        self.asked.append(command)
        answer = bytearray()
        Shell(Commands(self.phone).programs()).run(command, Io(answer.extend, answer.extend, cancel))
        feed(self.changed(bytes(answer)))

    def pull(self, path: str, take: Any, cancel: Cancel, size: int) -> None:
        content = bytearray()
        Shell(Commands(self.phone).programs()).run(f"cat '{path}'", Io(content.extend, content.extend, cancel))
        take(memoryview(self.pulled(bytes(content))))

    def close(self) -> None:
        """Nothing is held."""


def small(name: str) -> Scenario:
    return replace(load(name), filler=4, flood_megabytes=min(load(name).flood_megabytes, 1), faults=())


def on_android(scenario: Scenario) -> Trial:
    return try_phone(AndroidPhone(PracticeLink(scenario)), silent, Cancel())


@cache
def android(name: str) -> Trial:
    return on_android(small(name))


def left(trial: Trial) -> set[str]:
    """The readers that left something."""
    return {reader.key for reader in trial.with_leftovers}


def results(trial: Trial) -> dict[str, ReaderResult]:
    return {reader.key: reader.result for reader in trial.readers}


@pytest.mark.slow
@pytest.mark.parametrize("name", ANDROIDS)
def test_every_reader_is_told_of_every_practice_phone(name: str) -> None:
    trial = android(name)
    assert [reader.key for reader in trial.readers] == [reader.key for reader in ANDROID]
    assert trial.problem is None
    assert trial.platform == "android"
    assert trial.model


@pytest.mark.parametrize("name", IPHONES)
def test_every_reader_is_told_of_every_practice_iphone(name: str) -> None:
    phone = PracticeIphone(load_iphone(name))
    phone.unlock()
    phone.trust()
    with MuxServer(phone, pace=0) as mux:
        trial = try_phone(opened(mux), silent, Cancel())
    assert [reader.key for reader in trial.readers] == [reader.key for reader in IPHONE]
    assert trial.problem is None
    if name == "iphone-clean":
        assert left(trial) == set()
        assert sum(reader.result.state is ReaderState.UNDERSTOOD for reader in trial.readers) == len(IPHONE) - 2
    if name == "iphone-hostile":
        assert {"lookup", "browse"} <= left(trial)


@pytest.mark.parametrize("name", ["clean", "walk-up", "work-profile", "odd-answers", "secure-folder", "older"])
def test_everything_is_understood_of_a_phone_that_answers_as_expected(name: str) -> None:
    assert left(android(name)) == set(), [(r.key, r.result.left) for r in android(name).with_leftovers]


def test_what_is_understood_is_told_with_its_numbers() -> None:
    told = results(android("work-profile"))
    assert (told["users"].understood, told["users"].left) == (2, ())
    assert told["snapshot"].understood > 3
    assert told["snapshot"].size
    assert told["snapshot"].seconds is not None


def test_what_is_left_is_told_by_kinds_and_counts_with_the_shape_of_one() -> None:
    result = results(android("forged"))["snapshot"]
    assert result.state is ReaderState.LEFT
    assert dict(result.left)["twice field"] > 1
    assert result.example


def test_what_would_change_the_phone_is_not_tried() -> None:
    for key in ("removal", "leaving"):
        assert results(android("clean"))[key].state is ReaderState.NOT_TRIED


def test_what_no_phone_before_has_shown_is_told() -> None:
    assert android("clean").new == ()
    assert [str(sentence) for sentence in android("older").new] == ["No phone of this maker was seen before."]

    def changed(answer: bytes) -> bytes:
        answer = re.sub(rb"(version\.sdk\]: \[)\d+", rb"\g<1>99", answer)
        return re.sub(rb"(?m)^    codePath=", b"    makersOwn=1\n    codePath=", answer)

    link = PracticeLink(small("clean"), changed)
    assert [str(sentence) for sentence in try_phone(AndroidPhone(link), silent, Cancel()).new] == [
        "No phone with this version of Android was seen before.",
        "Its full list of apps has 1 field that was not seen before.",
    ]


def test_nothing_on_the_phone_is_changed() -> None:
    link = PracticeLink(small("walk-up"))
    before = link.phone.installed()
    try_phone(AndroidPhone(link), silent, Cancel())
    assert link.phone.installed() == before
    changing = re.compile(r"\b(?:uninstall|disable-user|suspend|enable|install-existing|clear|am start|settings put)\b")
    assert not [command for command in link.asked if changing.search(command)]


def part(name: str, old: str, new: str) -> tuple[str, str]:
    """What stands at the beginning of an answer's part, and what is put in its place."""
    return f"(begin {name}\n){old}", rf"\g<1>{new}"


#: By the reader that is to leave something: what a practice phone prints in another way than those that were seen.
ODD_ANSWERS = [
    ("start", "clean", r"(begin boot(?: again)?\n)\S+", r"\g<1>none"),
    ("properties", "clean", r"\]: \[", "] = ["),
    ("users", "clean", "UserInfo{0:", "UserInfo<0:"),
    ("lists", "clean", "(?m)^package:/", "pkg:/"),
    ("lists", "secure-folder", "permission to access user", "right to see user"),
    ("system", "clean", *part("system 0", "package:", "pkg ")),
    ("admins", "device-admin", r"(?m)^(    [\w.]+/)[\w.$]+:$", r"\1(hidden):"),
    ("profiles", "walk-up", "    Effective restrictions:", "    All restrictions:"),
    ("snapshot", "clean", "(?m)^    codePath=", "    codePath=/system\n    codePath="),
    ("snapshot", "clean", r"signatures:\[[0-9a-f]+", "signatures:[signer"),
    ("screens", "clean", "Provider Resolver Table:", "Providers:"),
    ("links", "walk-up", r"Signatures: \[", "Signers: ["),
    ("health", "clean", r"(\[ro\.secure\]: )\[1\]", r"\1[1]\n\1[0]"),
    ("sums", "walk-up", r"(begin sums\n)([0-9a-f]{64})  /", r"\1SHA256(\2) = /"),
    ("places", "clean", r"(?m)^(\d+) (\d+) (\d+) /", r"\1;\2;\3 /"),
    ("switches", "clean", *part("debugging", "1", "true")),
]


@pytest.mark.parametrize(("key", "name", "old", "new"), ODD_ANSWERS)
def test_an_unknown_form_of_an_answer_is_seen_where_it_stands(key: str, name: str, old: str, new: str) -> None:
    link = PracticeLink(small(name))
    phone = AndroidPhone(link)
    phone.link(Cancel())  # which phone it is was asked before
    # Bytes of files stay as they are.
    link.changed = lambda answer: re.sub(old.encode(), new.encode(), answer) if b" begin " in answer else answer
    assert key in left(try_phone(phone, silent, Cancel()))


def test_files_of_which_too_little_comes_are_told() -> None:
    link = PracticeLink(small("clean"), lambda answer: answer if b" begin " in answer else answer[:200])
    assert "files" in left(try_phone(AndroidPhone(link), silent, Cancel()))


def test_a_file_that_is_another_when_it_is_read_whole_is_told() -> None:
    assert results(android("walk-up"))["sums"].understood == 1
    for pulled in (lambda content: content[:-1], lambda content: content[:-1] + b"!"):
        link = PracticeLink(small("walk-up"))
        link.pulled = pulled
        assert left(try_phone(AndroidPhone(link), silent, Cancel())) == {"sums"}


#: By the reader that is to leave something: what an iPhone tells in another way than those that were seen.
ODD_IPHONES: list[tuple[str, Callable[[IphoneFacts], object]]] = [
    ("values", lambda facts: facts.values.update(DeveloperModeStatus=7)),
    ("values", lambda facts: replaced(facts, left_of_values=(Left(Why.TWO_WAYS, "text"),))),
    ("profiles", lambda facts: facts.garbled.add("GetProfileList") or facts.management.pop("GetProfileList")),
    ("lookup", lambda facts: replaced(facts, lookup=Account(facts.entries, (Left(Why.CUT, "list of apps"),)))),
    ("browse", lambda facts: replaced(facts, browse=Account(frozenset(), (Left(Why.CUT, "list of apps"),)))),
    ("browse", lambda facts: replaced(facts, browse=Account(frozenset({"ca.example.new"})))),
    ("browse", lambda facts: entries_of(facts).update({"ca.example.new": {}})),
    ("apps", lambda facts: entries_of(facts).update({"ca.example.new": {"SignerIdentity": 7}})),
    ("entitlements", lambda facts: entitled(facts, {TEAM: 7})),
]


def replaced(facts: IphoneFacts, **values: object) -> None:
    vars(facts).update(values)


def entries_of(facts: IphoneFacts) -> dict[str, Any]:
    assert facts.lookup is not None
    return facts.lookup.value


def entitled(facts: IphoneFacts, signed: dict[str, object]) -> None:
    """Have an app of the store be signed for this."""
    facts.entitlements["User"].value["com.tencent.xin"] = {ENTITLEMENTS: signed}


@pytest.mark.parametrize(("key", "change"), ODD_IPHONES)
def test_an_unknown_form_of_an_iphones_answer_is_seen_where_it_stands(
    key: str, change: Callable[[IphoneFacts], object]
) -> None:
    facts = IphoneFacts()
    mux = MuxServer(PracticeIphone(load_iphone("iphone-wechat")), pace=0)
    with mux, closing(opened(mux).session(Cancel())) as lockdown:
        facts.read(lockdown, silent, Cancel())
    assert not [reader.key for reader in tried(IPHONE, facts) if reader.result.state is ReaderState.LEFT]
    change(facts)
    assert key in {reader.key for reader in tried(IPHONE, facts) if reader.result.state is ReaderState.LEFT}


CAPTURES = (
    "emulator-sdk_gphone_x86-android9",
    "google-pixel-sailfish-aosp10-user11-secondary",
    "meizu-MX6-flyme6-android7.1.1",
    "htc-nexusone-miui1.8.12-android2.3",
)


@pytest.mark.parametrize("folder", CAPTURES)
def test_what_is_known_from_real_phones_holds_on_what_they_printed(folder: str, shared: Path) -> None:
    captures = shared / "captures" / folder
    if not captures.is_dir():
        pytest.skip(f"there is no {folder}")
    files = {
        "properties": "getprop",
        "profiles": "dumpsys_user",
        "snapshot": "dumpsys_package",
        "screens": "dumpsys_package",
        "admins": "dumpsys_device_policy",
    }

    class Captured(PracticeLink):
        """Answers the whole reading with what the real phone printed, and is gone then."""

        def run(self, command: str, feed: Any, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
            if "begin snapshot" not in command:
                super().run(command, feed, cancel, limit, raw=raw)
                return
            nonce = command.partition('echo "')[2].partition(" ")[0]
            feed(f"{nonce} same\n".encode())
            for part, name in files.items():
                if (file := captures / f"{name}.txt").is_file():
                    text = file.read_text("utf-8", "replace")
                    feed(f"{nonce} begin {part}\n{text}\n{nonce} end {part} 0\n".encode())
            raise Unplugged

    trial = try_phone(AndroidPhone(Captured(small("clean"))), silent, Cancel())
    assert left(trial) == set(), [(reader.key, reader.result) for reader in trial.with_leftovers]
    understood = {reader.key for reader in trial.readers if reader.result.state is ReaderState.UNDERSTOOD}
    assert {"properties", "snapshot", "screens"} <= understood
    assert trial.new == ()


# --- time, cable and stop button


def test_what_does_not_come_in_time_could_not_be_tried() -> None:
    link = PracticeLink(small("clean"))

    def clock() -> float:
        """The second look at the lists takes all of the time."""
        return TIME_LIMIT if any("begin known" in command for command in link.asked) else 0.0

    trial = try_phone(AndroidPhone(link), silent, Cancel(), clock)
    assert trial.problem is None
    assert results(trial)["properties"].state is ReaderState.UNDERSTOOD
    assert results(trial)["files"].state is ReaderState.NOT_TRIED
    assert left(trial) == set()


def test_the_stop_button_ends_it() -> None:
    cancel = Cancel()

    def report_progress(progress: Progress) -> None:
        cancel.press()

    with pytest.raises(Cancelled):
        try_phone(AndroidPhone(PracticeLink(small("clean"))), report_progress, cancel)


def test_what_came_before_the_cable_was_pulled_is_tried() -> None:
    class Pulled(PracticeLink):
        def run(self, command: str, feed: Any, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
            if "begin known" in command:
                raise Unplugged
            super().run(command, feed, cancel, limit, raw=raw)

    trial = try_phone(AndroidPhone(Pulled(small("clean"))), silent, Cancel())
    assert isinstance(trial.problem, Unplugged)
    assert results(trial)["snapshot"].state is ReaderState.UNDERSTOOD
    assert results(trial)["again"].state is ReaderState.NOT_TRIED


def test_a_phone_that_never_said_what_it_is_is_a_problem() -> None:
    class Silent(PracticeLink):
        def run(self, command: str, feed: Any, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
            if "begin snapshot" in command:
                raise Unplugged
            super().run(command, feed, cancel, limit, raw=raw)

    with pytest.raises(Unplugged):
        try_phone(AndroidPhone(Silent(small("clean"))), silent, Cancel())


@pytest.mark.parametrize(("raw", "most"), [(False, KEPT_LIMIT), (True, RAW_LIMIT)])
def test_a_recorder_keeps_only_so_much_of_an_answer(raw: bool, most: int) -> None:
    class Flood(PracticeLink):
        def run(self, command: str, feed: Any, cancel: Cancel, limit: int = STREAM_LIMIT, *, raw: bool = False) -> None:
            for _ in range(3):
                feed(b"x" * (STREAM_LIMIT // 2))

    recorder = Recorder(Flood(small("clean")))
    recorder.run("", lambda data: None, Cancel(), raw=raw)
    (run,) = recorder.runs
    assert (len(run.data), run.size) == (most, 3 * (STREAM_LIMIT // 2))


def test_a_driver_without_readers_is_refused() -> None:
    class Foreign(Driver):
        """A platform that has no readers."""

    with pytest.raises(TypeError, match="no readers"):
        try_phone(object.__new__(Foreign), silent, Cancel())


# --- no personal value

PLANTED = "Plnt7q"


def told(trial: Trial) -> str:
    """All that the command would print, in both forms."""
    return "\n".join((*map(str, report(trial)), json.dumps(as_json(trial))))


def with_planted_values() -> Scenario:
    """A phone on which everything that is its owner's has one word in it."""
    scenario, low = small("odd-answers"), PLANTED.lower()
    device = replace(
        scenario.device,
        serial=f"PRACTICE{PLANTED}",
        name=PLANTED,
        device=PLANTED,
        properties={
            **scenario.device.properties,
            "persist.sys.timezone": PLANTED,
            "net.hostname": PLANTED,
            "ro.lineage.device": PLANTED,
            "ro.boot.verifiedbootstate": PLANTED,
            "ro.build.type": PLANTED,
        },
        settings={
            "global http_proxy": f"{low}.example:8080",
            "secure always_on_vpn_app": f"ca.{low}.vpn",
            "secure default_input_method": f"ca.{low}.keys/.Keys",
            "secure enabled_accessibility_services": f"ca.{low}.help/.Help",
            "global development_settings_enabled": PLANTED,
            "global repair_mode_active": PLANTED,
        },
        lock=PLANTED,
    )
    app = AppData(
        f"ca.{low}.secret",
        Version(7, PLANTED),
        label=PLANTED,
        installer=f"ca.{low}.store",
        certificate=PLANTED,
        components=(f".{PLANTED}",),
        domains=(f"{low}.example",),
        start_url=f"https://{low}.example",
    )
    profiles = tuple(replace(profile, name=f"{PLANTED} {profile.id}") for profile in scenario.profiles)
    return replace(scenario, device=device, apps=(*scenario.apps, app), profiles=profiles, computers=(f"{PLANTED}@pc",))


def test_nothing_that_is_the_owners_is_in_what_leaves() -> None:
    scenario = with_planted_values()
    printed = bytearray()

    def note(answer: bytes) -> bytes:
        printed.extend(answer)
        return answer

    trial = try_phone(AndroidPhone(PracticeLink(scenario, note)), silent, Cancel())
    assert printed.lower().count(PLANTED.lower().encode()) > 30
    assert PLANTED.lower() not in told(trial).lower()
    assert not [app.package for app in scenario.apps if app.package in told(trial)]


@given(st.data())
@examples(40)
def test_no_text_that_is_put_anywhere_into_an_answer_is_in_what_leaves(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([PLANTED, f"\n{PLANTED}\n", f"\n    Type: {PLANTED}\n", f"={PLANTED} ", "."]))
    places = data.draw(st.lists(st.floats(0, 1), min_size=1, max_size=40))

    def plant(answer: bytes) -> bytes:
        """Put it into the answer, but not before the version of the phone's system has come, nor into that."""
        for place in places:
            lines = answer.split(b"\n")
            number = round(place * (len(lines) - 1))
            line = lines[number]
            if b"ro.product" not in line and b"ro.build.version" not in line:
                at = round(place * 7919) % (len(line) + 1)
                lines[number] = line[:at] + shape.encode() + line[at:]
            answer = b"\n".join(lines)
        return answer

    link = PracticeLink(small(data.draw(st.sampled_from(["work-profile", "archived", "device-admin"]))))
    phone = AndroidPhone(link)
    phone.link(Cancel())  # which phone it is was asked before
    link.changed = lambda answer: plant(answer) if b" begin " in answer else answer
    with suppress(PhoneProblem):  # a state of the phone, which is told in the words of the catalogue
        assert PLANTED.lower() not in told(try_phone(phone, silent, Cancel())).lower()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(PLANTED) | st.just(f"ca.{PLANTED}.app") | st.just(b"x"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.just(PLANTED) | st.just("CFBundleIdentifier"), inner)
    ),
    max_leaves=6,
)
ENTRIES = st.dictionaries(
    st.sampled_from(["SignerIdentity", "ApplicationType", "IsDemotedApp", "IsAppClip", "Entitlements", PLANTED]), VALUES
)
LISTINGS = st.dictionaries(st.sampled_from([PLANTED, f"ca.{PLANTED}.app", "ca.b c"]), st.none() | ENTRIES)


@given(st.dictionaries(st.sampled_from(["ProductVersion", "ActivationState", "PasswordProtected"]), VALUES), LISTINGS)
@examples(60)
def test_no_value_of_an_iphone_is_in_what_leaves(values: dict[str, object], listing: dict[str, Any]) -> None:
    facts = IphoneFacts()
    facts.values = values
    facts.lookup = Account(listing, (Left(Why.REFUSED, "app", PLANTED, PLANTED),))
    facts.browse = Account(frozenset(listing))
    facts.seconds = {"first list": 0.1, "second list": 0.1}
    facts.entitlements = {"User": Account(listing), "System": Account(listing)}
    facts.management = {
        "GetCloudConfiguration": Account({"CloudConfiguration": {"OrganizationName": PLANTED, **values}}),
        "GetProfileList": Account({"OrderedIdentifiers": [PLANTED]}),
    }
    trial = Trial("ios", "Apple", "iPhone", "26.1", False, (), tried(IPHONE, facts))
    assert PLANTED.lower() not in told(trial).lower()
