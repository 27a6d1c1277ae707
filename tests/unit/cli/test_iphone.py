"""``fanion`` with an iPhone that the computer's service lists: found, checked, cleaned, in the log for practice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.model import ProfileKind
from core.phones.iphone import mux
from core.policy.format import tables
from core.policy.format.policy_file import load_built_in
from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
from tests.kit.iphone.faults import Faults
from tests.unit.cli.conftest import Fanion


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[MuxServer]:
    with MuxServer(PracticeIphone(load_iphone("iphone-wechat")), pace=0) as server:
        monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
        yield server


def test_an_iphone_is_listed_with_what_to_do(fanion: Fanion, plugged: MuxServer) -> None:
    answer = fanion("phones", "--json")
    (phone,) = [one for one in answer.json["phones"] if one["platform"] == "ios"]
    assert (phone["serial"], phone["state"], phone["road"]) == (plugged.phones[0].udid, "ready", "usbmux")
    assert "service for iPhones" in fanion("phones").out


def test_it_is_checked_cleaned_and_recorded_as_practice(fanion: Fanion, plugged: MuxServer) -> None:
    udid = plugged.phones[0].udid
    answer = fanion("check", "--phone", udid, "--json")
    assert answer.code == 1
    assert answer.json["verdict"] == "red"
    assert answer.json["phone"]["platform"] == "ios"
    assert set(answer.json["health"]) >= {"ios", "passcode"}
    (place,) = answer.json["places"]
    assert place == {"id": 1, "kind": "hidden-apps", "why": "A computer may not see what is in there."}
    removed = fanion("remove", "--phone", udid, "--yes", "--json")
    assert removed.code == 1  # one of the two says that it is done, and stays
    assert "com.tencent.xin" not in plugged.phones[0].installed()
    assert fanion("log", "list").code == 5  # nothing is in the log of real phones
    assert fanion("log", "verify", "--practice").code == 0


@pytest.mark.slow
def test_an_app_that_came_past_the_store_is_listed_for_review(fanion: Fanion, tmp_path: Path) -> None:
    answer = fanion("check", "--practice", "iphone-untrusted", "--json")
    assert (answer.code, answer.json["verdict"]) == (0, "green")
    (found,) = answer.json["findings"]
    assert (found["strength"], found["match"], found["signed"]) == ("review", "past-the-store", "developer")
    assert (found["team"], found["signed_by"]) == (
        "PRACTICE00",
        "Apple Development: practice@example.invalid (PRACTICE01)",
    )
    shown = fanion("check", "--practice", "iphone-untrusted").out
    assert "For review: Homemade" in shown
    assert "not from the App Store, signed by Apple Development: practice@example.invalid (PRACTICE01)" in shown
    out = tmp_path / "out"
    for format in ("csv", "ocsf", "jsonl"):
        assert fanion("log", "export", "--practice", "--format", format, "--out", str(out)).code == 0
    exported = "".join(file.read_text("utf-8", "replace") for file in out.rglob("*") if file.is_file())
    assert "For review" in exported
    assert "practice@example.invalid" not in exported


def test_one_whose_hidden_apps_must_be_looked_at_is_amber(
    fanion: Fanion, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command line has no word for what an officer saw: the window takes it."""
    file = tmp_path / "policy.toml"
    demands = replace(load_built_in("canada"), demanded=(ProfileKind.HIDDEN_APPS,))
    file.write_text(tables.to_toml(demands), encoding="utf-8")
    with MuxServer(PracticeIphone(load_iphone("iphone-clean")), pace=0) as server:
        monkeypatch.setenv(mux.ADDRESS_VARIABLE, server.address)
        udid = server.phones[0].udid
        assert fanion("check", "--phone", udid, "--json").json["verdict"] == "green"
        answer = fanion("check", "--phone", udid, "--json", "--policy", file)
        assert (answer.json["verdict"], answer.json["coverage"]["complete"]) == ("amber", False)
        (missing,) = answer.json["coverage"]["missing"]
        assert missing["profile"] == 1
        assert "App Library › Hidden" in missing["how"]
        assert "Hidden apps: the policy requires" in fanion("check", "--phone", udid, "--policy", file).out


def test_one_that_answers_in_another_one_s_place_is_on_record(fanion: Fanion, plugged: MuxServer) -> None:
    plugged.faults = plugged.phones[0].faults = Faults(forged=True)
    answer = fanion("check", "--phone", plugged.phones[0].udid, "--json")
    assert (answer.code, answer.json["problem"]["code"]) == (4, "phone-other-certificate")
    (entry,) = (e for e in fanion("log", "list", "--json").json["entries"] if e["type"] == "problem")
    shown = fanion("log", "show", entry["seq"]).out
    assert "This is not the phone that trusted this computer before." in shown
    assert fanion("log", "verify").code == 0
