"""The log for support: nothing but its own words gets in, it never grows beyond its files, and it fails nobody."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.model import Verdict
from core.phones.driver import Unplugged
from core.problem import Problem
from core.system.support import support_log
from core.text import T, Text


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose log is begun and kept; afterwards it is let go of."""
    folder = tmp_path / "data"
    folder.mkdir()
    support_log.start(folder)
    support_log.keep()
    yield folder
    support_log.stop()


def lines(data: Path) -> list[str]:
    """What the newest file says, without the time and the number of the process."""
    return [line.split(" ", 2)[2] for line in kept(data).splitlines()]


def kept(data: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in reversed(support_log.log_files_in(data)))


def test_a_line_says_when_and_what(data: Path) -> None:
    support_log.info("check.end", verdict=Verdict.RED, seconds=1.5, findings=2)
    assert lines(data)[1:] == ["check.end verdict=red seconds=1.500 findings=2"]
    when, process, _ = kept(data).splitlines()[1].split(" ", 2)
    assert len(when) == len("2026-11-27T09:20:55")
    assert int(process) == os.getpid()


def test_a_gap_is_a_sentence_without_what_is_put_into_it(data: Path) -> None:
    unread = T("Not looked into: {apps}. {why}", apps="Secret diary", why=T("The check was stopped."))
    support_log.info("check.gap", gap=unread)
    assert lines(data)[-1] == 'check.gap gap="Not looked into: {apps}. {why} <The check was stopped.>"'


# --- the guard

PERSONAL = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF), min_size=4, max_size=30)


class Number(int):
    """Prints as something else."""

    def __new__(cls, said: str) -> Number:
        made = super().__new__(cls, 7)
        made.said = said
        return made

    said: str

    def __str__(self) -> str:
        return self.said

    __repr__ = __str__


def disguised(secret: str) -> list[Any]:
    """A text in every form in which it might be handed to the log."""
    forged = str.__new__(Verdict, secret)
    forged._value_ = secret
    return [
        secret,
        secret.encode(),
        [secret],
        {secret: secret},
        (secret,),
        Path(secret),
        Number(secret),
        forged,
        Text(secret),
        T("Not looked into: {apps}. {why}", apps=secret, why=Text(secret)),
        T("Not looked into: {apps}. {why}", apps=Text("{x}", (("x", secret),)), why=secret),
        type(f"E{secret}", (Exception,), {}),
        Problem(Text(secret), Text(secret), secret),
        ValueError(secret),
        object,
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=PERSONAL, name=PERSONAL)
def test_no_text_gets_in_by_any_door(data: Path, secret: str, name: str) -> None:
    secret, name = f"«{secret}»", f"«{name}»"  # what stands in no line by chance
    anything: Any = support_log.info
    for value in disguised(secret):
        anything("check.end", verdict=value)
        anything("check.gap", gap=value)
        anything("check.end", **{name: value})
        anything(secret, verdict=Verdict.RED)
    logging.getLogger("fanion").warning("%s", secret)
    logging.getLogger("fanion.below").error(secret, exc_info=ValueError(secret))
    with support_log.of_phone(secret):
        support_log.info("phone.read", seconds=1.0)
    support_log.problem(coded(secret))
    try:
        raise ValueError(secret)
    except ValueError as error:
        support_log.bug(error)
    said = kept(data)
    assert "«" not in said
    assert "»" not in said


def coded(code: str) -> Problem:
    problem = Problem(T("No phone is plugged in."), T("Add --yes."))
    problem.code = code
    return problem


@given(number=st.integers() | st.floats())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_number_that_is_no_count_is_withheld(data: Path, number: float) -> None:
    support_log.info("check.end", seconds=number)
    said = lines(data)[-1].removeprefix("check.end seconds=")
    assert (said == "?") == (not abs(number) < 2**34)


def test_an_imei_is_no_number_of_the_log(data: Path) -> None:
    support_log.info("check.end", apps=356938035643809)
    assert lines(data)[-1] == "check.end apps=?"


def test_what_an_enumeration_has_is_shown_and_nothing_else(data: Path) -> None:
    class Colour(StrEnum):
        BLUE = "blue"

    support_log.info("check.end", verdict=Colour.BLUE)
    assert lines(data)[-1] == "check.end verdict=blue"


def test_other_loggers_are_not_heard(data: Path) -> None:
    for name in ("", "adb_shell", "fanion"):
        logging.getLogger(name).error("serial %s", "R58M12ABCDE")
    assert "R58M12ABCDE" not in kept(data)


# --- problems and bugs


def test_a_problem_is_its_code_and_the_kinds_of_its_causes_once(data: Path) -> None:
    try:
        raise Unplugged("R58M12ABCDE") from OSError("R58M12ABCDE")
    except Unplugged as problem:
        support_log.problem(problem)
        support_log.problem(problem)
    assert lines(data)[1:] == ["problem code=phone-unplugged kinds=Unplugged,OSError"]


def test_a_bug_is_its_kind_and_our_own_frames(data: Path) -> None:
    try:
        T("{count} apps", counts="Secret diary").in_language("en")
    except KeyError as error:
        support_log.bug(error)
    said = lines(data)[-1]
    assert said.startswith("bug kind=KeyError through=core.text.in_language:")
    assert "diary" not in said
    assert "test_support_log" not in said


def test_a_step_says_how_long_and_how_much_and_what_ended_it(data: Path) -> None:
    @support_log.step("phone.read")
    def read() -> None:
        support_log.received(300)
        with support_log.step("phone.files"):
            support_log.received(20)
        raise Unplugged

    with support_log.of_phone("S1"), contextlib.suppress(Unplugged):
        read()
    inner, outer = lines(data)[1:]
    assert inner.startswith("phone.files phone=1 seconds=0.")
    assert inner.endswith(" bytes=20")
    assert outer.startswith("phone.read phone=1 seconds=0.")
    assert outer.endswith(" bytes=300 error=Unplugged")


def test_phones_are_numbered_in_each_run_anew(data: Path) -> None:
    assert [support_log.phone_number(key) for key in ("A", "B", "A")] == [1, 2, 1]
    support_log.start(data)
    assert support_log.phone_number("B") == 1


# --- its files


def test_what_only_reads_leaves_nothing(tmp_path: Path) -> None:
    support_log.start(tmp_path)
    support_log.info("window.open")
    support_log.stop()
    assert list(tmp_path.iterdir()) == []


def test_the_data_folder_is_not_made_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    support_log.start(folder)
    support_log.keep()
    support_log.info("window.open")
    assert not folder.exists()
    folder.mkdir()
    support_log.info("window.close")
    support_log.stop()
    assert [line.split()[0] for line in lines(folder)] == ["program.start", "window.open", "window.close"]


def test_it_never_grows_beyond_its_files(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support_log, "SIZE", 4096)
    support_log.start(data)
    support_log.keep()
    for count in range(1000):
        support_log.info("check.end", apps=count)
    files = sorted((data / support_log.FOLDER).iterdir())
    assert [file.name for file in files] == ["fanion.log", "fanion.log.1", "fanion.log.2"]
    assert all(file.stat().st_size <= 4096 for file in files)
    assert lines(data)[-1] == "check.end apps=999"
    assert [path.name for path in support_log.log_files_in(data)] == [file.name for file in files]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists")
def test_its_owner_alone_reads_it(data: Path) -> None:
    folder = data / support_log.FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / support_log.FILE_NAME).stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists")
def test_in_a_folder_for_several_all_of_them_write_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    support_log.start(tmp_path)
    support_log.keep()
    support_log.stop()
    folder = tmp_path / support_log.FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o2770
    assert stat.S_IMODE((folder / support_log.FILE_NAME).stat().st_mode) == 0o660


def unusable() -> list[Any]:
    def file(folder: Path) -> None:
        folder.write_text("here first")

    def link(folder: Path) -> None:
        (folder.parent / "elsewhere").mkdir()
        folder.symlink_to(folder.parent / "elsewhere")

    def pipe(folder: Path) -> None:
        folder.mkdir()
        os.mkfifo(folder / support_log.FILE_NAME)

    def linked_file(folder: Path) -> None:
        folder.mkdir()
        (folder.parent / "theirs").write_text("theirs")
        (folder / support_log.FILE_NAME).symlink_to(folder.parent / "theirs")

    return [file, link, pipe, linked_file]


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes, and no right to make links")
@pytest.mark.parametrize("make", unusable(), ids=lambda make: make.__name__)
def test_what_stands_in_its_place_fails_nobody_and_is_left_alone(
    tmp_path: Path, make: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / support_log.FOLDER)
    support_log.start(tmp_path)
    support_log.keep()
    support_log.info("window.open")
    support_log.stop()
    assert capfd.readouterr() == ("", "")
    assert support_log.log_files_in(tmp_path) == []
    assert not list(tmp_path.glob("elsewhere/*"))
    assert not (tmp_path / "theirs").exists() or (tmp_path / "theirs").read_text() == "theirs"


def test_a_folder_that_can_only_be_read_fails_nobody(
    data: Path, make_read_only: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    support_log.stop()
    before = kept(data)
    make_read_only(data)
    support_log.start(data)
    support_log.keep()
    support_log.info("window.open")
    support_log.stop()
    assert capfd.readouterr() == ("", "")
    assert kept(data) == before


def test_a_full_disk_fails_nobody(small_disk: Path, capfd: pytest.CaptureFixture[str]) -> None:
    support_log.start(small_disk)
    support_log.keep()
    room = os.statvfs(small_disk)
    (small_disk / "much").write_bytes(bytes(room.f_bavail * room.f_frsize))
    for count in range(1000):
        support_log.info("check.end", apps=count)
    support_log.stop()
    assert capfd.readouterr() == ("", "")
