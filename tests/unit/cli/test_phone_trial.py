"""``fanion self-test --phone``: what it prints, how it ends, and that it leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path

import pytest

from core.phones.trial.android_readers import READERS as ANDROID
from core.phones.trial.iphone_readers import READERS as IPHONE
from tests.unit.cli.conftest import Fanion, Serve


@pytest.mark.slow
def test_a_line_for_each_reader_and_what_to_do_with_them(fanion: Fanion) -> None:
    answer = fanion("self-test", "--practice", "clean")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[1] == "PRACTICE: this is not a real phone."
    assert sum(line[0] in "✔✖–" for line in lines if line) == len(ANDROID)
    assert "✖" not in answer.out
    assert any(line.startswith("    users: understood 1, ") for line in lines)
    assert "    removal: trying it would change the phone" in lines
    assert lines[-1].endswith("the administrator’s guide says where, and what is in it.")
    assert "PRACTICE-" not in answer.out.upper().replace("PRACTICE: ", "")


def test_one_object_for_programs(fanion: Fanion) -> None:
    answer = fanion("self-test", "--practice", "iphone-clean", "--json", "--language", "fr")
    assert answer.code == 0
    report = answer.json
    assert report["ok"]
    assert report["problem"] is None
    assert report["phone"] == {
        "platform": "ios",
        "maker": "Apple",
        "model": "iPhone15,4",
        "os": report["phone"]["os"],
        "practice": True,
    }
    assert report["new"] == ["Aucun iPhone n’avait encore été lu."]
    assert [reader["key"] for reader in report["readers"]] == [reader.key for reader in IPHONE]
    (reader,) = [reader for reader in report["readers"] if reader["key"] == "lookup"]
    assert reader["state"] == "understood"
    assert reader["understood"] > 10
    assert reader["left"] == {}
    assert reader["reads"].startswith("La première liste")


@pytest.mark.slow
def test_what_was_left_ends_with_3_and_with_the_way_to_send_it(fanion: Fanion) -> None:
    answer = fanion("self-test", "--practice", "forged")
    assert answer.code == 3
    lines = answer.out.splitlines()
    at = lines.index("✖ The full list of apps in all profiles")
    assert "twice field" in lines[at + 1]
    assert "see ✖ above" in answer.out
    assert "fanion capture" in answer.out


def test_a_phone_that_cannot_be_reached(fanion: Fanion) -> None:
    answer = fanion("self-test", "--connect", "127.0.0.1:1")
    assert answer.code == 4
    assert answer.out == ""


@pytest.mark.slow
def test_a_phone_that_goes_away_is_told_with_what_came_until_then(fanion: Fanion) -> None:
    answer = fanion("self-test", "--practice", "unplugged", "--json")
    assert answer.code == 4
    report = answer.json
    assert not report["ok"]
    assert report["problem"]["code"] == "phone-unplugged"
    states = [reader["state"] for reader in report["readers"]]
    assert states.count("understood") > 5
    assert "left" not in states
    assert report["phone"]["model"]


def test_no_phone_at_all(fanion: Fanion, plug: object) -> None:
    plug([])  # type: ignore[operator]
    answer = fanion("self-test", "--phone")
    assert (answer.code, answer.out) == (4, "")
    assert "No phone is plugged in." in answer.err
    assert fanion("self-test", "--phone", "ABC").code == 4


def test_one_thing_is_tried_at_a_time(fanion: Fanion) -> None:
    assert fanion("self-test", "--phone", "--practice", "clean").code == 2
    assert fanion("self-test", "--bundle", "x.zip", "--practice", "clean").code == 2


def test_nothing_goes_into_a_log_and_the_phone_stays_as_it_is(fanion: Fanion, phone: Serve, data: Path) -> None:
    server = phone("walk-up")
    before = server.phone.installed()
    answer = fanion("self-test", "--connect", server.address)
    assert answer.code == 0, answer.out
    assert server.phone.installed() == before
    assert not list(data.rglob("*.db"))


def test_settings_that_cannot_be_used(fanion: Fanion, data: Path) -> None:
    data.mkdir()
    (data / "settings.toml").write_text("officer = 7\n", encoding="utf-8")
    assert fanion("self-test", "--practice", "clean").code == 5


def test_the_stop_button(fanion: Fanion) -> None:
    """Ctrl+C comes while the phone, which never says anything, is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as phone:
        connections: list[socket.socket] = []

        def press() -> None:
            connections.append(phone.accept()[0])
            signal.raise_signal(signal.SIGINT)

        presser = threading.Thread(target=press)
        presser.start()
        answer = fanion("self-test", "--connect", f"127.0.0.1:{phone.getsockname()[1]}")
        presser.join()
        connections[0].close()
    assert (answer.code, answer.out) == (4, "")
    assert "Stopped. Nothing on the phone was changed." in answer.err
