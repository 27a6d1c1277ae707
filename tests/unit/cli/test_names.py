"""``fanion check`` looks into the apps' files: what apps are called, and what only their files tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.app_names import AppNames
from core.jobs import Cancel, Report
from core.model import NOTHING_SOUGHT, App, Cancelled, Identity, SoughtInFiles
from core.phones.android.phone import AndroidPhone
from core.phones.driver import Unplugged
from core.simulator import load
from core.simulator.model.scenario import AppData, Scenario, Version
from tests.unit.cli.conftest import Answer, Fanion, Serve

DISGUISE = AppData(
    "ca.maple.jottings",
    Version(3, "1.2"),
    installer="com.android.vending",
    label="Pocket Jotter",
    certificate="wechat",
    signer="1234567",
)


Check = Callable[..., Answer]


@pytest.fixture
def check(fanion: Fanion, phone: Serve) -> Check:
    """Checks a phone that goes on living between two commands."""
    return lambda scenario, *options: fanion("check", "--connect", phone(scenario).address, *options)


def disguised() -> Scenario:
    made = load("clean")
    return replace(made, apps=(*made.apps, DISGUISE))


def breaks(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    """The reading of files ends so after two of them."""
    real = AndroidPhone.identify

    def identify(
        phone: AndroidPhone,
        apps: Sequence[App],
        report: Report,
        cancel: Cancel,
        told: Callable[[Identity], None] | None = None,
        sought: SoughtInFiles = NOTHING_SOUGHT,
    ) -> dict[str, Identity]:
        if told is None:
            return real(phone, apps, report, cancel)
        heard = 0

        def tell(identity: Identity) -> None:
            nonlocal heard
            if heard == 2:
                raise problem
            heard += 1
            told(identity)

        return real(phone, apps, report, cancel, tell, sought)

    monkeypatch.setattr(AndroidPhone, "identify", identify)


@pytest.mark.usefixtures("all_apps")
def test_a_quick_check_reads_no_file_knows_no_name_and_is_never_green(check: Check, data: Path) -> None:
    ran = check("clean", "--quick", "--json")
    assert (ran.code, ran.json["verdict"], ran.json["coverage"]["complete"]) == (3, "amber", False)
    assert "A quick check leaves" in ran.json["coverage"]["missing"][0]["what"]
    assert ran.json["apps"]["named"] == 0
    assert ran.json["apps"]["seen"] > 100
    assert not (data / "app-names.db").exists()


@pytest.mark.usefixtures("all_apps")
def test_names_are_counted_remembered_and_known_to_the_next_check(check: Check, data: Path) -> None:
    ran = check("clean", "--json")
    assert ran.code == 0
    named = ran.json["apps"]["named"]
    assert named > 50
    assert (data / "app-names.db").exists()
    assert check("clean", "--quick", "--json").json["apps"]["named"] == named


def test_in_words_and_as_earlier_versions_were_asked(check: Check) -> None:
    ran = check("clean", "--names")
    assert ran.code == 0
    assert "apps have a known name." in ran.out


def test_what_only_the_file_tells_makes_it_red_and_is_on_record(check: Check) -> None:
    assert check(disguised(), "--quick", "--json").json["verdict"] == "amber"
    ran = check(disguised(), "--json")
    assert ran.code == 1
    assert ran.json["verdict"] == "red"
    (finding,) = ran.json["findings"]
    assert (finding["app"], finding["match"]) == ("ca.maple.jottings", "same-signer")
    assert finding["label"] == "Pocket Jotter"
    assert check("clean", "--json").json["entry"] > ran.json["entry"]


def test_a_known_name_does_not_keep_a_file_from_being_looked_into(check: Check) -> None:
    for _ in range(2):
        assert check(disguised(), "--json").json["verdict"] == "red"


def test_a_phone_that_goes_away_leaves_what_was_found(
    check: Check, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch, Unplugged("gone"))
    ran = check("walk-up", "--json")
    assert ran.code == 1
    assert (ran.json["verdict"], ran.json["coverage"]["complete"]) == ("red", False)
    assert ran.json["apps"]["named"] == 2
    assert len(AppNames(data).of([App(f["app"], f["version_code"]) for f in ran.json["findings"]])) <= 2


@pytest.mark.usefixtures("all_apps")
@pytest.mark.parametrize("stopped", [Cancelled(), Unplugged("gone")])
def test_a_look_that_ended_early_is_amber_in_words(
    check: Check, monkeypatch: pytest.MonkeyPatch, stopped: Exception
) -> None:
    breaks(monkeypatch, stopped)
    ran = check("clean")
    assert ran.code == 3
    assert "The files of 103 apps of 105 were not looked into." in ran.out
    assert "leave it plugged in until all files were read" in ran.out


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["canada", "file"])
def test_the_policy_may_be_a_built_in_one_or_a_file(fanion: Fanion, policy: str, tmp_path: Path) -> None:
    named = "canada"
    if policy == "file":
        from importlib import resources

        rules = (resources.files("resources") / "policies" / "canada.toml").read_text(encoding="utf-8")
        (tmp_path / "ours.toml").write_text(rules, encoding="utf-8")
        named = str(tmp_path / "ours.toml")
    assert fanion("check", "--practice", "walk-up", "--policy", named).code == 1
