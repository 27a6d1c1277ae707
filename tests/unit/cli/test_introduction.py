"""Who works here, on the command line: asked in a terminal, and never an account's name without a word."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli.visiting import introduce
from core.desk import officer_name
from core.desk.desk import Desk
from core.desk.settings.settings_table import Settings


class Terminal(io.StringIO):
    """Somebody who types these lines."""

    def isatty(self) -> bool:
        return True


Types = Callable[[io.StringIO], None]


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Has this be what is typed, or a script's nothing."""
    return lambda typed: monkeypatch.setattr(sys, "stdin", typed)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has the account be called so."""
    return lambda name: monkeypatch.setattr(officer_name, "account_name", lambda: name)


@pytest.fixture
def desk(tmp_path: Path, account: Callable[[str], None]) -> Desk:
    """A desk where nobody has said who they are, of the account root."""
    account("root")
    return Desk(tmp_path, Settings(language="en"))


def test_in_a_script_the_records_say_that_nobody_gave_a_name_and_so_does_fanion(
    desk: Desk, types: Types, capsys: pytest.CaptureFixture[str]
) -> None:
    types(io.StringIO())
    introduce(desk)
    said = capsys.readouterr().err
    assert "Officer: not named (account root)." in said
    assert "No name stands in these entries." in said
    assert not (desk.data / "settings.toml").exists()


def test_a_script_of_a_persons_account_goes_on_as_before(
    desk: Desk, account: Callable[[str], None], types: Types, capsys: pytest.CaptureFixture[str]
) -> None:
    account("aroy")
    types(io.StringIO())
    introduce(desk)
    said = capsys.readouterr().err
    assert "Officer: aroy." in said
    assert "No name" not in said


def test_in_a_terminal_the_account_is_not_proposed_and_not_taken(
    desk: Desk, types: Types, capsys: pytest.CaptureFixture[str]
) -> None:
    types(Terminal("\nroot\nA. Roy\nDesk 4\n"))
    introduce(desk)
    said = capsys.readouterr().err
    assert "[root]" not in said
    assert "The name is missing." in said
    assert "“root” is an account of the computer" in said
    assert (desk.officer, desk.name) == ("A. Roy", "Desk 4")


def test_who_says_nothing_three_times_is_not_named(
    desk: Desk, types: Types, capsys: pytest.CaptureFixture[str]
) -> None:
    types(Terminal(""))
    introduce(desk)
    assert desk.officer == "not named (account root)"
    assert "No name stands in these entries." in capsys.readouterr().err
