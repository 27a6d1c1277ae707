"""A state of a phone, a signal of its health and a platform are one row each: a new row is shown wherever such rows
are, and nobody asks for a platform by its name."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest

from core import guides, value_names
from core.cli import phones, rendering
from core.describe import verdicts
from core.describe import visit as describe_visit
from core.guide_files import Sign
from core.ledger import records
from core.model import (
    App,
    AppState,
    Check,
    HandBack,
    HealthAnswer,
    HealthRules,
    Inventory,
    Paper,
    Phone,
    Policy,
    Profile,
    ProfileKind,
    Verdict,
    id_key,
    platforms,
    signals,
)
from core.model.platforms import Leaving, Platform
from core.phones import states
from core.phones.driver import LeftToOwner
from core.phones.ready_page import ReadyPage
from core.phones.states import STATES, PhoneState, StateRow
from core.phones.watch import Road, Sighting
from core.policy.health.phone_reading import PhoneReading
from core.policy.health.signals import JUDGES
from core.text import Bilingual, Text
from core.visit import hand_back
from gui.desk import queue
from gui.desk.ready import ready_words
from gui.desk.ready.readiness import readiness_of
from gui.desk.session.phone_view import Phase, PhoneView
from gui.policy.edit import rule_draft
from tests.unit.conftest import Fanion

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


# --- a state of a phone


@pytest.fixture
def melting(monkeypatch: pytest.MonkeyPatch) -> PhoneState:
    """A state that no phone has."""
    state = str.__new__(PhoneState, "melting")
    state._name_, state._value_ = "MELTING", "melting"
    row = StateRow(
        state=state,
        sentence=Text("The phone melts."),
        next_step=Text("Cool it."),
        next_on={"ios": Text("Cool the iPhone.")},
        act=Text("Cool it down"),
        stays=True,
        page=ReadyPage(headline=Text("The phone is hot"), ask=Text("It is cold now"), sign=Sign.SILENT),
    )
    monkeypatch.setitem(STATES, state, row)
    return state


def sighting(state: PhoneState, platform: str = "android") -> Sighting:
    return Sighting("usb:1-1", "S1", "Pixel", state, Road.USB, platform=platform)


def test_each_state_has_one_row() -> None:
    assert list(STATES) == list(PhoneState)
    assert all(STATES[PhoneState(platform.question)].page for platform in platforms.PLATFORMS.values())


def test_a_new_state_is_listed_by_the_command_line(
    melting: PhoneState, monkeypatch: pytest.MonkeyPatch, fanion: Fanion
) -> None:
    monkeypatch.setattr(phones, "look", lambda iphones: [sighting(melting)])
    assert "The phone melts. Cool it." in fanion("phones").out
    (listed,) = fanion("phones", "--json").json["phones"]
    assert (listed["state"], listed["sentence"], listed["next"]) == ("melting", "The phone melts.", "Cool it.")


def test_a_new_state_has_its_page_and_its_row_at_the_desk(melting: PhoneState) -> None:
    phone = PhoneView("S1", "", practice=False)
    phone.sighting, phone.phase = sighting(melting, "ios"), Phase.WAITING
    view = readiness_of(phone)
    assert view is not None
    assert str(ready_words.headline(view, guides.guide(view.guide))) == "The phone is hot"
    assert (str(ready_words.sentence(view)), str(view.next_step)) == ("The phone melts.", "Cool the iPhone.")
    assert (view.signs, str(view.page.ask), view.may_be_asked) == ((Sign.SILENT,), "It is cold now", True)
    assert str(queue.row_of(phone, NOW).act) == "Cool it down"


def test_a_phone_that_cannot_be_opened_for_a_new_state_is_shown_in_it(melting: PhoneState) -> None:
    from core.phones.iphone.problems import IphoneNotReady

    phone = PhoneView("S1", "", practice=False)
    phone.problem = IphoneNotReady(melting)
    assert phone.problem.code == "phone-melting"
    assert str(phone.problem) == "The phone melts. Cool the iPhone."
    view = readiness_of(phone)
    assert view is not None
    assert view.state is melting
    assert str(queue.row_of(phone, NOW).act) == "Cool it down"


# --- a signal of a phone's health

HEAT = """
from core.model import HealthSignal, Light, signals
from core.text import Text
signals.SIGNALS["heat"] = signals.Signal("heat", Text("Heat"), "android", strip=True)
from core.policy.health.phone_reading import health_signal
from core.policy.health.signals import JUDGES, SignalJudge
JUDGES["heat"] = SignalJudge(lambda reading: health_signal("heat", Text("too hot"), Light.RED, Text("Cool it.")))
"""


def planted(rows: str, data: Path, *commands: tuple[object, ...]) -> list[str]:
    """What these commands print in a Fanion with these rows beside its own."""
    program = f"""{rows}
import json, sys
from core.cli import main
for words in json.loads(sys.argv[1]):
    main(words, ())
    print("\\f", end="", flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps([[*map(str, words)] for words in commands])],
        cwd=ROOT,
        env=os.environ | {"FANION_DATA": str(data / "data"), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )
    *printed, nothing = done.stdout.split("\f")
    assert (len(printed), nothing, done.returncode) == (len(commands), "", 0), done.stderr
    return printed


def test_each_signal_has_one_row_and_one_judge() -> None:
    assert set(signals.SIGNALS) == set(JUDGES)
    assert {row.platform for row in signals.SIGNALS.values()} == set(platforms.PLATFORMS)


@dataclass(frozen=True)
class Watched(PhoneReading):
    """A phone that remembers which of its answers are looked at."""

    looked_at: set[str] = field(default_factory=set)

    def property_values(self, *properties: str) -> tuple[str, ...]:
        self.looked_at.update(properties)
        return super().property_values(*properties)

    def answer(self, question: str, profile: Profile | None = None) -> HealthAnswer:
        self.looked_at.add(question)
        return super().answer(question, profile)


@pytest.mark.parametrize("name", JUDGES)
def test_a_judge_looks_at_nothing_that_its_row_does_not_name(name: str) -> None:
    app = App("org.example.a", states=(AppState(0, installed=True),))
    for maker, sdk in product(("samsung", "Google", "Apple"), (0, 25, 30, 36)):
        phone = Phone(signals.SIGNALS[name].platform, maker, "x", "9", "S1", sdk=sdk)
        inventory = Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), (app,))
        seen = Watched(inventory, HealthRules(), NOW.date(), frozenset(), frozenset())
        JUDGES[name].judge(seen)
        assert seen.looked_at <= set(JUDGES[name].reads)


def test_every_answer_that_a_judge_reads_is_asked_for() -> None:
    asking = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "core" / "phones").rglob("*.py"))
    assert [name for row in JUDGES.values() for name in row.reads if f'"{name}"' not in asking] == []


@pytest.mark.slow
def test_a_new_signal_is_judged_told_recorded_and_decides(tmp_path: Path) -> None:
    """By a practice phone: in the words and JSON of the command line, in its record, and where a policy names it."""
    canada = (ROOT / "resources" / "policies" / "canada.toml").read_text(encoding="utf-8")
    policy = tmp_path / "hot.toml"
    policy.write_text(canada.replace("\n[authority", '\n[health]\nred = ["heat"]\n\n[authority', 1), encoding="utf-8")
    check = ("check", "--practice", "clean", "--policy", policy)
    words, answer = planted(HEAT, tmp_path, check[:3], (*check, "--json"))
    assert "Heat: too hot" in words
    found = json.loads(answer)
    assert found["health"]["heat"] == {"value": "too hot", "light": "red", "says": "Cool it.", "decides": True}
    assert (found["verdict"], found["findings"]) == ("red", [])
    assert "Heat" in found["headline"]
    (record,) = planted(HEAT, tmp_path, ("log", "show", "--practice", found["entry"]))
    assert "Heat: too hot (red)" in record


# --- a platform


@pytest.fixture
def toaster(monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform that does not exist."""
    row = replace(
        platforms.of("ios"),
        id="toaster",
        system="ToastOS",
        phones=Text("Toaster"),
        ocsf=99,
        own_ids="org.toast.",
        guide="google",
        line=lambda **known: Text("{phone} toasts with {os}", tuple(sorted(known.items()))),
        about=lambda **known: Text("about {phone}", tuple(sorted(known.items()))),
        version=lambda os: Text("ToastOS {os}", (("os", os),)),
        green=Text("Nothing burnt is in it."),
        app_read=Text("Each slice."),
        queue=Text("We look at the slices."),
        tap=Text("Please let go of the lever."),
        leaving=Leaving(
            debugging=False,
            subject=Text("The lever"),
            doing=Text("It cools down"),
            note=Text("It cools down. Leave it plugged in."),
            button=Text("Lever up"),
            how=Text("The bread comes out."),
            remediation="lever up",
        ),
    )
    monkeypatch.setitem(platforms.PLATFORMS, row.id, row)
    return row


def a_check() -> Check:
    policy = Policy("p", "1", date(2026, 11, 1), Bilingual("Bans", "I"), Bilingual("", ""), (), "ab" * 32)
    phone = Phone("toaster", "Crumb", "T1", "7", "S1")
    inventory = Inventory(phone, (Profile(0, "", ProfileKind.PERSONAL),), (App("org.example.a", system=True),))
    return Check(inventory, policy, (), NOW, NOW)


def test_a_new_platform_is_in_the_command_lines_words(toaster: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    rendering.check(a_check())
    printed = capsys.readouterr().out
    assert "Crumb T1 toasts with 7" in printed
    assert "Nothing burnt is in it." in printed
    assert str(value_names.system(a_check().inventory.phone)) == "ToastOS 7"


TOASTER = """
from dataclasses import dataclass, field, replace
from core.model import platforms
from core.text import Text
row = replace(platforms.of("android"), id="toaster", system="ToastOS", ocsf=99, first=False,
              green=Text("Nothing burnt is in it."), app_read=Text("Each slice was looked at."))
platforms.PLATFORMS["toaster"] = row
from core.phones.android import inventory
inventory_init = inventory.Phone
inventory.Phone = lambda platform, *rest, **more: inventory_init("toaster", *rest, **more)
from core.phones.android.listings import short_answers
short_answers.Phone = lambda **said: inventory_init(**{**said, "platform": "toaster"})
"""


@pytest.mark.slow
def test_a_new_platform_is_checked_recorded_and_put_on_paper(tmp_path: Path) -> None:
    """A practice phone that says that it is a toaster: the command line, its record, the holder's page, and events."""
    from tests.unit.reports.conftest import text_of

    (answer,) = planted(TOASTER, tmp_path, ("check", "--practice", "clean", "--json"))
    found = json.loads(answer)
    assert (found["phone"]["platform"], found["verdict"]) == ("toaster", "green")
    assert found["headline"] == "Nothing burnt is in it."
    entry = found["entry"]
    record, *_ = planted(
        TOASTER,
        tmp_path,
        ("log", "show", "--practice", entry),
        ("log", "owner-page", "--practice", entry, "--out", tmp_path / "page.pdf"),
        ("log", "export", "--practice", "--format", "ocsf", "--out", tmp_path / "events"),
    )
    assert "ToastOS" in record
    assert "Each slice was looked at." in text_of((tmp_path / "page.pdf").read_bytes())
    events = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "events").rglob("*json*"))
    assert '"name":"ToastOS"' in events.replace('": "', '":"')


def test_a_new_platform_is_in_the_words_of_records_and_of_handing_back(toaster: Platform) -> None:
    check = a_check()
    assert str(verdicts.headline(check)) == "Nothing burnt is in it."
    announced = hand_back.intended(HandBack(Paper.PRINTED), check, 7, Verdict.GREEN)
    assert announced.platform == "toaster"
    first = describe_visit.hand_back_facts(records.HandedBack(intent=8), announced)[0]
    assert str(first.subject).startswith("Trust in this computer")
    assert describe_visit.for_the_owner("toaster", "Crumb", LeftToOwner()) == ()


def test_a_new_platform_compares_ids_and_signs_as_its_row_says(toaster: Platform) -> None:
    assert id_key("Org.Example.A", "toaster") == "org.example.a"
    assert App("org.toast.clock", system=True).of_maker("toaster")
    assert not App("org.example.a", system=True).of_maker("toaster")


def test_a_new_platform_is_made_ready_and_handed_back_at_the_desk(toaster: Platform) -> None:
    from gui.desk import phone_text
    from gui.desk.hand_back.owner_window import told_to_owner

    phone = PhoneView("S1", "", practice=False)
    phone.sighting, phone.phase = sighting(PhoneState.READY, "toaster"), Phase.ASKED
    view = readiness_of(phone)
    assert view is not None
    assert (view.state, view.guide, view.fingerprint) == (PhoneState.NOT_TRUSTED, "google", "")
    assert str(told_to_owner(phone)[2]) == "Please let go of the lever."
    phone.phone = a_check().inventory.phone
    phone.phase, phone._job = Phase.HANDING_BACK, cast(Any, object())
    assert str(queue.row_of(phone, NOW).act) == "It cools down"
    assert str(phone_text.about(phone)) == "about Crumb T1"


def test_a_new_platform_has_its_field_in_a_rule_of_the_desks_own(toaster: Platform) -> None:
    assert rule_draft.fields()[:4] == ("product", "android", "ios", "toaster")
    draft = rule_draft.of_app(App("org.example.a"), "toaster", NOW.date())
    (id,) = rule_draft.rule_of(draft, "x").ids
    assert (id.platform, id.id) == ("toaster", "org.example.a")


def test_states_of_a_new_platform_have_words(toaster: Platform) -> None:
    assert str(sighting(PhoneState.BUSY, "toaster").words.sentence) == str(STATES[PhoneState.BUSY].sentence)
    assert states.question("toaster").state is PhoneState.NOT_TRUSTED


# --- nobody asks for a platform by its name

NAMED = frozenset({"android", "ios", "iphone", "ipad"})
#: Where a platform's name is compared: what talks to phones, what plays them, and the formats of policies.
MAY = ("core/phones/", "core/simulator/", "core/policy/format/", "core/policy/convert/")
#: Tables of other things, in which a platform's name, or a word like it, is a key.
TABLES = {
    "core/ledger/records/check.py": "how a field of a record is called on another platform",
    "core/ledger/records/fields.py": "likewise",
    "core/ledger/records/removal.py": "likewise",
    "core/policy/health/signals.py": "a signal is called so, too",
}


def names_a_platform(node: ast.AST | None) -> bool:
    """Whether it is a platform's name, a constant that is called after one, or a collection with one in it."""
    match node:
        case ast.Constant(value=str(value)):
            return value.casefold() in NAMED
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper() and name.casefold() in NAMED
        case ast.Tuple(elts=inside) | ast.List(elts=inside) | ast.Set(elts=inside):
            return any(map(names_a_platform, inside))
    return False


def branches(tree: ast.AST, *, tables: bool = True) -> list[int]:
    """The lines on which it is decided by a platform's name: compared with it, matched, or looked up in a table."""
    found: list[int] = []
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others) if any(map(names_a_platform, (left, *others))):
                found.append(node.lineno)
            case ast.MatchValue(value=value) if names_a_platform(value):
                found.append(node.lineno)
            case ast.Dict(keys=keys) if tables and any(map(names_a_platform, keys)):
                found.append(node.lineno)
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith"), args=args) if any(
                isinstance(one, ast.Constant) and str(one.value) in NAMED for one in args
            ):
                found.append(node.lineno)
    return found


@pytest.mark.slow
def test_nobody_asks_for_a_platform_by_its_name() -> None:
    found = []
    for top in ("core", "gui"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(MAY):
                tree = ast.parse(path.read_text(encoding="utf-8"))
                found += [f"{name}:{line}" for line in branches(tree, tables=name not in TABLES)]
    assert not found, "ask the platform's row (core/model/platforms.py)"


def test_no_table_is_excused_that_has_no_platform_in_it() -> None:
    assert all(branches(ast.parse((ROOT / name).read_text(encoding="utf-8"))) for name in TABLES)


@pytest.mark.parametrize(
    "planted",
    [
        'if phone.platform == "ios": pass',
        'x = a if "android" != phone.platform else b',
        'assert kind in ("android", "other")',
        "if platform is Platform.IOS: pass",
        "if phone.platform == IPHONE: pass",
        'match platform:\n    case "android": pass',
        'match platform:\n    case "x" | "iphone": pass',
        'WORDS = {"android": 1, "ios": 2}[platform]',
        'if name.startswith("iphone"): pass',
    ],
)
def test_the_rule_about_platforms_finds_what_it_is_for(planted: str) -> None:
    assert branches(ast.parse(planted))


@pytest.mark.parametrize(
    "allowed",
    [
        "if sys.platform == 'win32': pass",
        "if a.platform == b.platform: pass",
        "names('ios')",
        "x = platforms.of('ios')",
    ],
)
def test_the_rule_about_platforms_leaves_alone_what_it_is_not_for(allowed: str) -> None:
    assert not branches(ast.parse(allowed))
