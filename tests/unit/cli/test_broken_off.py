"""A removal that breaks off: what is not known is said as such, also in JSON, and nothing is taken for done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.simulator import PracticeServer
from tests.unit.cli.conftest import Fanion, Serve


@pytest.fixture
def leaving(phone: Serve) -> Callable[[int], PracticeServer]:
    """A phone with two banned apps that is unplugged in the middle of the removal with this number, from 0."""

    def serve(after: int) -> PracticeServer:
        server = phone("walk-up")
        uninstall, left = server.phone.uninstall, [after]

        def cut_short(*arguments: object) -> None:
            if not left[0]:
                server.unplug()
            left[0] -= 1
            uninstall(*arguments)  # type: ignore[arg-type]

        server.phone.uninstall = cut_short  # type: ignore[method-assign]
        return server

    return serve


def test_a_result_that_is_not_known_is_told_as_such(fanion: Fanion, leaving: Callable[[int], PracticeServer]) -> None:
    done = fanion("remove", "--yes", "--json", "--connect", leaving(0).address)
    assert done.code == 4
    assert done.json["problem"]["code"].startswith("phone-")
    results = [item["result"] for item in done.json["removal"]]
    assert results == ["not-known", "not-tried"]
    assert done.json["removal"][0]["steps"][-1]["outcome"] == "unknown"
    assert done.json["removal"][1]["steps"] == []


def test_what_the_phone_has_said_is_not_known_either_before_it_is_read_again(
    fanion: Fanion, leaving: Callable[[int], PracticeServer]
) -> None:
    done = fanion("remove", "--yes", "--json", "--connect", leaving(1).address)
    assert done.code == 4
    first, second = done.json["removal"]
    assert (first["result"], second["result"]) == ("not-known", "not-known")
    assert (first["steps"][-1]["outcome"], second["steps"][-1]["outcome"]) == ("done", "unknown")


def test_people_are_told_too_and_the_log_has_it(fanion: Fanion, leaving: Callable[[int], PracticeServer]) -> None:
    done = fanion("remove", "--yes", "--connect", leaving(0).address)
    assert done.code == 4
    assert done.out.count("not known whether it is removed") == 1
    assert done.out.count("nothing was sent to the phone for it") == 1
    entries = fanion("log", "list", "--practice", "--json").json["entries"]
    assert [entry["body"]["outcome"] for entry in entries if entry["type"] == "removal-outcome"] == ["unknown"]


def test_a_phone_that_is_gone_before_anything_was_sent_has_no_results(fanion: Fanion, phone: Serve) -> None:
    server = phone("walk-up")
    server.unplug()
    done = fanion("remove", "--yes", "--json", "--connect", server.address)
    assert (done.code, list(done.json)) == (4, ["problem"])
