"""Reading and judging together: what is not sure is looked into, and what cannot be made sure is amber, never green."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.check import UNSURE_LIMIT, check, look_closer, nobody_knows, to_look_into
from core.jobs import Cancel, Report, silent
from core.model import App, AppState, Certificate, Identity, Inventory, Match, Phone, Profile, ProfileKind, Verdict
from core.phones import Unplugged
from core.policy.files import load_built_in
from core.text import T

CANADA = load_built_in("canada")
SHA256 = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c"
WECHAT = Certificate(SHA256, hash="962f5b7")
OTHER = Certificate("11" * 32, hash="962f5b7")
LAUNCHER = "com.tencent.mm.ui.LauncherUI"


def app(package: str = "com.pocket.notes", **values: Any) -> App:
    return replace(App(package, version_code=7, states=(AppState(0, installed=True),)), **values)


class Phones:
    """A phone at the edge: it lists `apps`, and its files say what `files` has."""

    def __init__(self, *apps: App, files: Sequence[Identity] = ()) -> None:
        self.apps = apps
        self.files = {i.package: i for i in files}
        self.asked: list[str] = []

    def read(self, report: Report, cancel: Cancel, glimpse: Callable[[Inventory], None] | None = None) -> Inventory:
        owner = Profile(0, "Owner", ProfileKind.PERSONAL)
        return Inventory(Phone("android", "google", "Pixel 9", "16", "S"), (owner,), self.apps)

    def identify(self, apps: Sequence[App], report: Report, cancel: Cancel, told: Any = None) -> dict[str, Identity]:
        self.asked += [a.package for a in apps]
        return {a.package: self.files.get(a.package, Identity(a.package, why=T("It is gone."))) for a in apps}


def checked(phone: Phones, names: Any = nobody_knows) -> Any:
    return check(phone, CANADA, silent, Cancel(), names=names)  # type: ignore[arg-type]


def test_an_ordinary_phone_is_not_asked_for_any_file() -> None:
    phone = Phones(app("org.mozilla.firefox"), app("android", system=True))
    assert checked(phone).verdict is Verdict.GREEN
    assert phone.asked == []


def test_a_suspect_is_looked_into_and_convicted() -> None:
    phone = Phones(app(signers=("962f5b7",)), files=[Identity("com.pocket.notes", 7, "Notes", (WECHAT,))])
    found = checked(phone)
    assert found.verdict is Verdict.RED
    assert [(f.match, f.app.label) for f in found.findings] == [(Match.SAME_SIGNER, "Notes")]
    assert found.gaps == ()


def test_a_suspect_is_looked_into_and_cleared() -> None:
    """Its short code was made to be the same."""
    phone = Phones(app(signers=("962f5b7",)), files=[Identity("com.pocket.notes", 7, "Notes", (OTHER,))])
    found = checked(phone)
    assert (found.verdict, found.findings) == (Verdict.GREEN, ())


@pytest.mark.parametrize("signs", [{"signers": ("962f5b7",)}, {"components": (LAUNCHER,)}])
def test_a_suspect_whose_file_does_not_tell_is_amber_and_says_why(signs: dict[str, Any]) -> None:
    found = checked(Phones(app(**signs)))
    assert found.verdict is Verdict.AMBER
    (gap,) = found.gaps
    assert "com.pocket.notes may be WeChat under another name. It is gone." in str(gap.what)
    assert found.bans == ()
    assert len(found.suspected) == 1


def test_a_look_alike_is_looked_into_and_stays_red() -> None:
    phone = Phones(app("com.tencent.mm", signers=("7777777",)), files=[Identity("com.tencent.mm", 7, "", (OTHER,))])
    found = checked(phone)
    assert (found.verdict, found.findings[0].match) == (Verdict.RED, Match.LOOK_ALIKE)
    assert phone.asked == ["com.tencent.mm"]


def test_a_phone_full_of_suspects_is_not_read_for_ever() -> None:
    phone = Phones(*(app(f"a.b{n}", signers=("962f5b7",)) for n in range(UNSURE_LIMIT + 30)))
    found = checked(phone)
    assert len(phone.asked) == UNSURE_LIMIT
    assert found.verdict is Verdict.AMBER
    assert len(found.suspected) == UNSURE_LIMIT + 30


def test_a_name_that_is_remembered_is_shown_and_checked_before_it_hints_at_anything() -> None:
    phone = Phones(app(), files=[Identity("com.pocket.notes", 7, "Notes", (Certificate("22" * 32),))])
    found = checked(phone, lambda apps: {"com.pocket.notes": "WeChat"})
    assert found.findings == ()
    assert found.inventory.apps[0].label == "Notes"


def test_a_hint_changes_no_verdict() -> None:
    phone = Phones(app(label="WeChat"), files=[Identity("com.pocket.notes", 7, "WeChat", (Certificate("22" * 32),))])
    found = checked(phone)
    assert [f.match for f in found.findings] == [Match.LABEL]
    assert found.verdict is Verdict.GREEN


def test_a_closer_look_reads_what_somebody_installed_and_can_turn_green_to_red() -> None:
    phone = Phones(
        app(),
        app("org.mozilla.firefox"),
        app("android", system=True),
        files=[
            Identity("com.pocket.notes", 7, "Notes", (WECHAT,)),
            Identity("org.mozilla.firefox", 7, "Firefox", (Certificate("22" * 32),)),
        ],
    )
    before = checked(phone)
    assert before.verdict is Verdict.GREEN
    assert [a.package for a in to_look_into(before)] == ["com.pocket.notes", "org.mozilla.firefox"]
    after = look_closer(before, phone, silent, Cancel())  # type: ignore[arg-type]
    assert after.verdict is Verdict.RED
    assert {a.label for a in after.inventory.apps} == {"Notes", "Firefox", ""}
    assert to_look_into(after) == ()


def test_a_phone_that_leaves_in_the_middle_is_no_verdict() -> None:
    class Leaves(Phones):
        def identify(self, *_: Any, **__: Any) -> dict[str, Identity]:
            raise Unplugged

    with pytest.raises(Unplugged):
        checked(Leaves(app(signers=("962f5b7",))))
