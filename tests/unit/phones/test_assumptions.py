"""The table of what Fanion assumes of real phones: its rows, what practice phones make of them, and that nothing that a
phone or its owner chose is in what leaves."""

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
from core.phones.assumptions import ANDROID, IPHONE, TIME_LIMIT, try_phone
from core.phones.assumptions.assumption import Trial, TrialAnswer, TrialResult, form, kinds, tally, tried
from core.phones.assumptions.iphone_facts import IphoneFacts
from core.phones.assumptions.recorder import KEPT_LIMIT, RAW_LIMIT, Recorder
from core.phones.driver import Driver, PhoneProblem, Unplugged
from core.phones.iphone.app_evidence import SIZE
from core.phones.iphone.entitlements import APPLICATION, ENTITLEMENTS, TEAM
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

PHONES = Path(__file__).resolve().parents[3] / "core" / "phones"
ROWS = (*ANDROID, *IPHONE)
ANDROIDS = tuple(name for name in scenario_list.names("android"))
IPHONES = tuple(name for name in scenario_list.names("ios"))

#: Modules without a row, and why they need none.
WITHOUT_ROW = {
    "android/apk/der.py": "reads a published standard (PKCS #7) inside of a file; what it refuses is in apk.signers",
    "android/apk/dex.py": "reads a published standard (dalvik/dex-format); what it refuses leaves an app unread",
    "android/apk/fields.py": "numbers out of bytes",
    "android/apk/memo.py": "keeps what was read, by its bytes",
    "android/files/file_reading.py": "keeps what one file said",
    "android/link/adb_errors.py": "gives names to failures of adb-shell",
    "android/link/adb_key.py": "this computer's own key, tried against the real adbd",
    "android/link/problems.py": "sentences",
    "android/link/recorded_link.py": "keeps what another link brings",
    "iphone/usb/records.py": "this computer's own files",
}


def rooms() -> list[str]:
    folders = [PHONES / "android" / room for room in ("listings", "files", "apk", "link")] + [PHONES / "iphone"]
    modules = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted(p.relative_to(PHONES).as_posix() for p in modules if len(p.read_text("utf-8").splitlines()) > 5)


# --- the table


@pytest.mark.parametrize("module", rooms())
def test_every_module_that_reads_a_phone_has_a_row_or_a_reason_for_none(module: str) -> None:
    has_row = any(module in row.modules for row in ROWS)
    assert has_row or module in WITHOUT_ROW, "add a row in core/phones/assumptions, or say why none is needed"


@pytest.mark.parametrize("table", [ANDROID, IPHONE], ids=["android", "iphone"])
def test_every_row_has_its_own_key_a_sentence_in_both_languages_and_a_source(table: Any) -> None:
    keys = [row.key for row in table]
    assert len(set(keys)) == len(keys)
    for row in table:
        assert re.fullmatch(r"[a-z-]+\.[a-z-]+", row.key)
        english, french = row.sentence.in_language("en"), row.sentence.in_language("fr")
        assert english.endswith(".")
        assert french.endswith(".")
        assert english != french, row.key
        assert row.source.where
        assert row.modules
        assert all((PHONES / module).is_file() for module in row.modules), row.modules


def test_a_detail_is_a_number_or_a_form_and_nothing_that_a_phone_can_say() -> None:
    for name, value in (("apps", "WeChat"), ("WeChat é", 1), ("form", "a" * 41), ("", 1), ("x" * 61, 1)):
        with pytest.raises(ValueError, match="neither a number nor a form"):
            TrialResult(TrialAnswer.HELD, ((name, value),))
    assert TrialResult(TrialAnswer.HELD, (("form", "9999-99-99 99:99:99"),)).detail


@given(st.text())
def test_the_form_of_a_text_has_none_of_its_letters(text: str) -> None:
    assert re.fullmatch(r"[a9 :.,/+-]{1,40}", form(text))


@given(st.lists(st.text()), st.sampled_from(list(Why)), st.text())
def test_what_is_counted_is_told_in_words_of_a_closed_list(words: list[str], why: Why, text: str) -> None:
    assert {name for name, _ in tally(words, ("user", "0"))} <= {"user", "value 0", "other"}
    TrialResult(TrialAnswer.FAILED, tuple(kinds([Left(why, "line", text, text)])))  # raises for anything else


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


def failed(trial: Trial) -> set[str]:
    return {row.key for row in trial.failed}


def answers(trial: Trial) -> dict[str, TrialResult]:
    return {row.key: row.result for row in trial.rows}


@pytest.mark.slow
@pytest.mark.parametrize("name", ANDROIDS)
def test_every_row_is_answered_on_every_practice_phone(name: str) -> None:
    trial = android(name)
    assert [row.key for row in trial.rows] == [row.key for row in ANDROID]
    for row in trial.rows:
        assert (row.result.untried is not None) is (row.result.answer is TrialAnswer.NOT_TRIED), row.key
    assert trial.problem is None
    assert trial.platform == "android"
    assert trial.model


@pytest.mark.parametrize("name", IPHONES)
def test_every_row_is_answered_on_every_practice_iphone(name: str) -> None:
    phone = PracticeIphone(load_iphone(name))
    phone.unlock()
    phone.trust()
    with MuxServer(phone, pace=0) as mux:
        trial = try_phone(opened(mux), silent, Cancel())
    assert [row.key for row in trial.rows] == [row.key for row in IPHONE]
    assert trial.problem is None
    if name == "iphone-clean":
        assert failed(trial) == set()
        assert sum(row.result.answer is TrialAnswer.HELD for row in trial.rows) > 24
    if name == "iphone-hostile":
        assert {"lists.first", "lists.second"} <= failed(trial)


@pytest.mark.parametrize("name", ["clean", "walk-up", "work-profile", "odd-answers", "secure-folder", "older"])
def test_everything_holds_on_a_phone_that_answers_as_expected(name: str) -> None:
    assert failed(android(name)) == set()


def test_what_holds_is_told_with_its_numbers() -> None:
    results = answers(android("work-profile"))
    assert dict(results["users.form"].detail) == {"users": 2, "left": 0}
    assert ("profile.managed", 1) in results["users.types"].detail
    assert dict(results["snapshot.form"].detail)["left"] == 0
    assert dict(results["apk.hashes"].detail)["apps"] > 3
    assert dict(results["snapshot.times"].detail)["form 1"] == "9999-99-99 99:99:99"
    assert dict(results["leaving.debugging"].detail) == {"value 1": 1}
    assert dict(results["times.trips"].detail)["trips"] >= 5


def test_what_does_not_hold_is_told_by_kinds_and_counts() -> None:
    results = answers(android("forged"))
    assert results["snapshot.form"].answer is TrialAnswer.FAILED
    detail = dict(results["snapshot.form"].detail)
    assert detail["left"] == sum(count for name, count in detail.items() if name not in ("blocks", "left"))
    assert results["apk.hashes"].answer is TrialAnswer.FAILED


def test_a_closed_profile_is_refused_in_the_known_words() -> None:
    results = answers(android("secure-folder"))
    assert dict(results["lists.refusal"].detail) == {"refused": 1, "in form": 1}
    assert results["users.numbers"].answer is TrialAnswer.HELD


def test_what_would_change_the_phone_is_not_tried() -> None:
    for key in ("removal.success", "removal.refusal", "leaving.leaves"):
        assert answers(android("clean"))[key].answer is TrialAnswer.NOT_TRIED


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


#: By the row that is to fail: the practice phone, and what it prints in another way than those that were seen.
ODD_ANSWERS = {
    "answer.parts": ("clean", "begin end\n", "begin over\n"),
    "identity.properties": ("clean", r"\[ro\.build\.fingerprint\]", "[ro.build.print]"),
    "identity.start": ("clean", r"(begin boot(?: again)?\n)\S+", r"\g<1>none"),
    "properties.form": ("clean", r"\]: \[", "] = ["),
    "users.form": ("clean", "UserInfo{0:", "UserInfo<0:"),
    "users.types": ("work-profile", "Type: android.os.usertype.profile.MANAGED", "Type: maker.usertype.WORK"),
    "lists.form": ("clean", "(?m)^package:/", "pkg:/"),
    "lists.versions": ("clean", " versionCode:", " longVersion:"),
    "lists.refusal": ("secure-folder", "permission to access user", "right to see user"),
    "lists.further": ("clean", *part("system 0", "package:", "pkg ")),
    "admins.form": ("device-admin", r"(?m)^(    [\w.]+/)[\w.$]+:$", r"\1(hidden):"),
    "management.owners": ("walk-up", "  Enabled Device Admins", "  Device Admins"),
    "management.restrictions": ("walk-up", "    Effective restrictions:", "    All restrictions:"),
    "again.uninstalled": ("clean", *part("known 0", "package:.*\n", "")),
    "snapshot.form": ("clean", "(?m)^    codePath=", "    codePath=/system\n    codePath="),
    "snapshot.fields": ("clean", "signatures=PackageSignatures", "signers=PackageSignatures"),
    "snapshot.factory": ("preinstalled", r"(Hidden system packages:\n(?:.*\n)+?    codePath=)/", r"\1/data/"),
    "snapshot.signers": ("clean", r"signatures:\[[0-9a-f]+", "signatures:[signer"),
    "snapshot.earlier-signers": ("clean", r"past signatures:\[\]", "past signatures:[earlier]"),
    "snapshot.splits": ("clean", r"    splits=\[base\]\n", ""),
    "snapshot.switched-off": ("clean", " enabled=0", " enabled=9"),
    "snapshot.system": ("clean", r"pkgFlags=\[ SYSTEM", "pkgFlags=[ MAKER"),
    "snapshot.times": ("clean", "firstInstallTime=2", "firstInstallTime=T2"),
    "snapshot.archived": ("archived", "archiveTime=", "archiveTime=at "),
    "screens.form": ("clean", "Provider Resolver Table:", "Providers:"),
    "links.form": ("walk-up", r"Signatures: \[", "Signers: ["),
    "own-system.image": ("clean", r"(\[ro\.secure\])", r"[ro.gsid.image_running]: [yes]\n\1"),
    "own-system.repair": ("clean", *part("health repair-mode", r"\S+", "perhaps")),
    "health.once": ("clean", r"(\[ro\.secure\]: )\[1\]", r"\1[1]\n\1[0]"),
    "health.boot": ("clean", r"\[green\]", "[blue]"),
    "health.build": ("clean", r"\[release-keys\]", "[house-keys]"),
    "health.storage": ("clean", r"(crypto\.state\]: )\[encrypted\]", r"\1[sealed]"),
    "health.patch": ("clean", r"(security_patch\]: )\[[0-9-]+\]", r"\1[October]"),
    "health.selinux": ("clean", "Enforcing", "enforced"),
    "health.root": ("clean", *part("health root", "", "one is here\n")),
    "health.switches": ("clean", *part("health development", r"\S+", "on")),
    "health.proxy": ("clean", *part("health proxy", r"\S+", "two words")),
    "health.usb-protection": ("clean", *part("health usb-protection", "", "perhaps\n")),
    "health.services": ("clean", *part("health keyboard 0", r"\S+", "no component")),
    "health.operations": ("clean", *part("health installing 0", ".+", "some app")),
    "health.locks": ("clean", "CredentialType: P", "CredentialType: G"),
    "health.no-lock": ("clean", *part("health lock-disabled 0", "", "perhaps\n")),
    "health.device-policy": ("clean", "Current Device Policy Manager state", "Device policy"),
    "health.encryption": ("clean", r"Encryption Status: \S+", "Encryption Status: good"),
    "evidence.sums": ("walk-up", r"(begin sums\n)([0-9a-f]{64})  /", r"\1SHA256(\2) = /"),
    "files.form": ("clean", r"(?m)^(\d+) (\d+) (\d+) /", r"\1;\2;\3 /"),
    "files.splits": ("clean", r"splits=\[base\]", "splits=[base, config.en]"),
    "files.ends": ("clean", "==> /", "--> /"),
    "apk.hashes": ("clean", r"signatures:\[[0-9a-f]+", "signatures:[962f5b7"),
    "leaving.computers": ("secure-folder", "QAAAA[A-Za-z0-9+/]+", "key"),
    "leaving.debugging": ("clean", *part("debugging", "1", "true")),
    "leaving.debugging-on": ("clean", *part("debugging", "1", "0")),
    "leaving.options": ("clean", *part("options", "1", "true")),
    "leaving.wireless": ("clean", *part("wireless", r"\S+", "true")),
    "leaving.auto-blocker": ("walk-up", *part("health auto-blocker", r"\S*", "perhaps")),
}


@pytest.mark.parametrize("key", ODD_ANSWERS)
def test_an_unknown_form_of_an_answer_is_seen_where_it_stands(key: str) -> None:
    name, old, new = ODD_ANSWERS[key]

    def changed(answer: bytes) -> bytes:
        """The answer, with what the phone prints in another way; bytes of files stay as they are."""
        return re.sub(old.encode(), new.encode(), answer) if b" begin " in answer or key == "files.ends" else answer

    link = PracticeLink(small(name))
    phone = AndroidPhone(link)
    phone.link(Cancel())  # which phone it is was asked before
    link.changed = changed
    assert key in failed(try_phone(phone, silent, Cancel()))


def test_files_of_which_too_little_comes_are_told() -> None:
    link = PracticeLink(small("clean"), lambda answer: answer if b" begin " in answer else answer[:200])
    assert {"files.readable", "link.raw"} <= failed(try_phone(AndroidPhone(link), silent, Cancel()))


def test_a_file_that_is_another_when_it_is_read_whole_is_told() -> None:
    results = answers(android("walk-up"))
    assert dict(results["evidence.whole"].detail)["same hash"] == 1
    assert dict(results["evidence.sums"].detail) == {"files": 1, "left": 0}
    assert results["evidence.last-used"].answer is TrialAnswer.NOT_TRIED
    for pulled in (lambda content: content[:-1], lambda content: content[:-1] + b"!"):
        link = PracticeLink(small("walk-up"))
        link.pulled = pulled
        assert failed(try_phone(AndroidPhone(link), silent, Cancel())) == {"evidence.whole"}


def test_an_answer_that_takes_long_is_told() -> None:
    link = PracticeLink(small("clean"))

    def clock() -> float:
        """The second look at the lists takes 80 seconds."""
        return 80.0 if any("begin known" in command for command in link.asked) else 0.0

    trial = try_phone(AndroidPhone(link), silent, Cancel(), clock)
    assert failed(trial) == {"times.trips"}
    assert dict(answers(trial)["times.trips"].detail)["trip 2 seconds"] == 80.0


#: By the row that is to fail: what an iPhone tells in another way than those that were seen.
ODD_IPHONES: dict[str, Callable[[IphoneFacts], object]] = {
    "values.version": lambda facts: facts.values.update(ProductVersion="twenty six"),
    "values.passcode": lambda facts: facts.values.update(PasswordProtected="yes"),
    "values.activation": lambda facts: facts.values.update(ActivationState="Sleeping"),
    "values.supervised": lambda facts: facts.values.update(DeviceIsChaperoned=1),
    "values.developer-mode": lambda facts: facts.values.update(DeveloperModeStatus="on"),
    "values.wifi": lambda facts: facts.values.update(EnableWifiConnections="on"),
    "management.cloud": lambda facts: facts.management.update(
        GetCloudConfiguration=Account({"CloudConfiguration": {"IsSupervised": "yes"}})
    ),
    "management.profiles": lambda facts: facts.management.update(GetProfileList=Account({"OrderedIdentifiers": {}})),
    "answers.plists": lambda facts: replaced(facts, left_of_values=(Left(Why.TWO_WAYS, "text"),)),
    "times.stages": lambda facts: facts.seconds.update(reading=61.0),
    "lists.first": lambda facts: replaced(facts, lookup=Account(facts.entries, (Left(Why.CUT, "list of apps"),))),
    "lists.second": lambda facts: replaced(facts, browse=Account(frozenset(), (Left(Why.CUT, "list of apps"),))),
    "lists.agree": lambda facts: replaced(facts, browse=Account(frozenset({"ca.example.new"}))),
    "lists.again": lambda facts: entries_of(facts).update({"ca.example.new": {}}),
    "apps.attributes": lambda facts: entries_of(facts).update({"ca.example.new": {"SignerIdentity": 7}}),
    "apps.kinds": lambda facts: entries_of(facts).update({"ca.example.new": {"ApplicationType": "Guest"}}),
    "apps.offloaded": lambda facts: entries_of(facts).update({"ca.example.new": {"IsDemotedApp": "yes"}}),
    "apps.room": lambda facts: replaced(facts, sizes=Account({"ca.example.new": {SIZE: "much"}})),
    "apps.ids": lambda facts: entries_of(facts).update({"ca.example.n w": {}}),
    "entitlements.installed": lambda facts: entitled(facts, {TEAM: 7}),
    "entitlements.id": lambda facts: entitled(facts, {APPLICATION: "another.app"}),
    "entitlements.store": lambda facts: entitled(facts, {}),
}


def replaced(facts: IphoneFacts, **values: object) -> None:
    vars(facts).update(values)


def entries_of(facts: IphoneFacts) -> dict[str, Any]:
    assert facts.lookup is not None
    return facts.lookup.value


def entitled(facts: IphoneFacts, signed: dict[str, object]) -> None:
    """Have an app of the store be signed for this."""
    facts.entitlements["User"].value["com.tencent.xin"] = {ENTITLEMENTS: signed}


@pytest.mark.parametrize("key", ODD_IPHONES)
def test_an_unknown_form_of_an_iphones_answer_is_seen_where_it_stands(key: str) -> None:
    facts = IphoneFacts()
    mux = MuxServer(PracticeIphone(load_iphone("iphone-wechat")), pace=0)
    with mux, closing(opened(mux).session(Cancel())) as lockdown:
        facts.read(lockdown, silent, Cancel())
    assert key not in {row.key for row in tried(IPHONE, facts) if row.result.answer is TrialAnswer.FAILED}
    ODD_IPHONES[key](facts)
    assert key in {row.key for row in tried(IPHONE, facts) if row.result.answer is TrialAnswer.FAILED}


def test_owners_that_only_one_answer_names_are_seen() -> None:
    phone = small("managed-blocks")
    assert answers(on_android(phone))["management.agree"].answer is TrialAnswer.HELD
    link = PracticeLink(phone, lambda answer: answer.replace(b"Device managed: true", b"Device managed: false"))
    assert "management.agree" in failed(try_phone(AndroidPhone(link), silent, Cancel()))


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
    assert failed(trial) == set(), [(row.key, row.result.detail) for row in trial.failed]
    held = {row.key for row in trial.rows if row.result.answer is TrialAnswer.HELD}
    assert {"properties.form", "snapshot.form", "snapshot.fields", "snapshot.times", "screens.form"} <= held


# --- time, cable and stop button


def test_what_does_not_come_in_time_could_not_be_tried() -> None:
    link = PracticeLink(small("clean"))

    def clock() -> float:
        """The second look at the lists takes all of the time."""
        return TIME_LIMIT if any("begin known" in command for command in link.asked) else 0.0

    trial = try_phone(AndroidPhone(link), silent, Cancel(), clock)
    results = answers(trial)
    assert trial.problem is None
    assert results["properties.form"].answer is TrialAnswer.HELD
    assert results["files.readable"].answer is TrialAnswer.NOT_TRIED
    assert failed(trial) == set()


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
    assert answers(trial)["snapshot.form"].answer is TrialAnswer.HELD
    assert answers(trial)["again.same"].answer is TrialAnswer.NOT_TRIED


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


def test_a_driver_without_a_table_is_refused() -> None:
    class Foreign(Driver):
        """A platform that has no table."""

    with pytest.raises(TypeError, match="no table"):
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
    assert {"health.boot", "health.switches"} <= failed(trial)
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
    trial = Trial("ios", "Apple", "iPhone", "26.1", False, tried(IPHONE, facts))
    assert PLANTED.lower() not in told(trial).lower()
