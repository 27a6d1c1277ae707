"""``fanion capture`` saves what a phone answered, once it was read; ``fanion check --practice FILE`` plays it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Fanion


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "phone.fanion-capture"


@pytest.mark.slow
def test_a_capture_is_saved_and_plays_as_a_practice_phone_of_the_same_verdict(fanion: Fanion, target: Path) -> None:
    saved = fanion("capture", "--practice", "not-ready-asks", target, "--yes", "--json")
    assert saved.code == 0, saved.err
    assert (saved.json["verdict"], saved.json["differs"]) == ("green", [])
    assert "com.android.vending" in saved.json["unchanged"]["ids"]
    assert saved.json["lines"] == target.read_text(encoding="utf-8").count("\n")
    played = fanion("check", "--practice", target, "--json")
    assert (played.code, played.json["verdict"], played.json["coverage"]) == (
        0,
        "green",
        {"complete": True, "missing": []},
    )
    # Both are on record, and as practice.
    kinds = [entry["type"] for entry in fanion("log", "list", "--practice", "--json").json["entries"]]
    assert kinds.count("check-ended") == 2


@pytest.mark.slow
def test_what_is_kept_is_said_and_nothing_is_saved_unread(fanion: Fanion, data: Path, target: Path) -> None:
    refused = fanion("capture", "--practice", "not-ready-asks", target)
    assert refused.code == 1
    assert "Kept as the phone gave it:" in refused.out
    assert "ro.product.model=" in refused.out
    assert "give --yes" in refused.err
    assert not target.exists()
    assert not list(data.glob("*capture*"))


@pytest.mark.slow
@pytest.mark.parametrize("end", ["no", "killed", "terminal closed"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_what_is_read_before_nobody_agreed_to_save_it_stays_nowhere(tmp_path: Path, target: Path, end: str) -> None:
    """However the command ends: not in the data folder, not where temporary files are."""
    import fcntl  # which Windows does not have
    import termios

    ours, theirs = os.openpty()
    (temporary := tmp_path / "temporary").mkdir()
    words = [sys.executable, "-m", "gui", "--data", tmp_path / "data", "capture", "--practice", "walk-up", target]
    with subprocess.Popen(
        words,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        env=os.environ | {"TMPDIR": str(temporary)},
    ) as command:
        os.close(theirs)
        said = ""
        while "Save it as" not in said:
            said += os.read(ours, 65536).decode()
        (shown,) = re.findall(r"lines of it:\s+(\S+)", said)
        capture = Path(shown).read_bytes()
        assert capture.startswith(b'{"kind":"capture"')
        if end == "no":
            os.write(ours, b"n\n")
        elif end == "killed":
            command.kill()
        else:
            os.close(ours)
        command.wait()
    if end != "terminal closed":
        os.close(ours)
    assert not Path(shown).exists()
    assert not target.exists()
    line = capture.splitlines()[3]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if line in path.read_bytes()]


def test_no_file_is_replaced_and_no_phone_read_for_it(fanion: Fanion, target: Path) -> None:
    target.write_text("mine")
    refused = fanion("capture", "--practice", "walk-up", target, "--yes", "--json")
    assert (refused.code, refused.json["problem"]["code"]) == (5, "file-there")
    assert target.read_text() == "mine"


def test_a_file_that_is_no_capture_is_refused_in_one_sentence(fanion: Fanion, target: Path) -> None:
    target.write_text('{"kind":"capture","version":2,"platform":"android"}\nno json\n')
    refused = fanion("check", "--practice", target)
    assert refused.code == 2
    assert "Line 2: A line of the capture makes no sense." in refused.err
    assert "Traceback" not in refused.err


def test_a_capture_without_any_answer_is_amber_and_practice(fanion: Fanion, target: Path) -> None:
    target.write_text('{"kind":"capture","version":2,"platform":"android"}\n')
    checked = fanion("check", "--practice", target, "--json")
    assert (checked.code, checked.json["verdict"]) == (3, "amber")


def test_a_capture_of_another_hand_is_a_phone_like_any_other(fanion: Fanion, target: Path) -> None:
    """What stands in a file is believed as little as a phone: an empty one is amber, and is no verdict of its own."""
    expected = {"kind": "expected", "verdict": "green"}
    head = {"kind": "capture", "version": 2, "platform": "android"}
    answer = {"kind": "answer", "command": "properties", "script": "properties"}
    answers = [answer, "[ro.build.version.sdk]: [34]", "[ro.product.model]: [X]"]
    target.write_text("\n".join(json.dumps(item) for item in (head, expected, *answers)), encoding="utf-8")
    checked = fanion("check", "--practice", target, "--json")
    assert (checked.code, checked.json["verdict"]) == (3, "amber")


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["walk-up", "iphone-wechat"])
def test_nothing_is_removed_from_a_capture_and_that_is_said(fanion: Fanion, target: Path, scenario: str) -> None:
    assert fanion("capture", "--practice", scenario, target, "--yes").code == 0
    removed = fanion("remove", "--practice", target, "--yes", "--json")
    assert (removed.code, removed.json["verdict"]) == (1, "red")
    assert "A capture is only read" in fanion("remove", "--practice", target, "--yes").err
