"""The first page of each guide: what stands before its first chapter. It leads one reader through a whole job, step by
step; all behind it is for looking something up. Its commands are run here as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from core.head_office.questions.questions import names
from core.manual import manual
from core.text import LANGUAGES, Language
from tests.unit.cli.conftest import Fanion

#: The steps of each reader's job, in their order.
STEPS: Final[dict[str, tuple[str, ...]]] = {
    "officer": (
        "Give your name",
        "Plug the phone in",
        "Compare, then allow",
        "Wait for the verdict",
        "Do what the verdict asks",
        "Remove",
        "Hand it back",
        "Leave proof outside",
    ),
    "lessons": (
        "Open the list",
        "Choose a lesson",
        "Do what the strip at the foot of the window says",
        "Go on with the next",
        "Print the record",
    ),
    "troubleshooting": (
        "Read the sentence",
        "Unlock the phone",
        "Change what is between",
        "Open the chapter",
        "Test the computer",
        "Never hand a phone back as checked",
    ),
    "administrator": (
        "Decide",
        "Check the download",
        "Install one desk",
        "Set what the department decides",
        "Practise",
        "Check real phones",
        "Enrol the desk",
        "Agree on outside copies",
        "Roll out",
        "Look after it",
    ),
    "auditor": (
        "Get what does not come from the computer",
        "Ask for an export",
        "Verify it without Fanion",
        "Verify it with Fanion",
        "Read the answer",
        "Read what was done",
        "Compare with the phones that should have been seen",
        "Say what remains open",
    ),
    "head-office": (
        "Set up a machine",
        "Make a key",
        "Enrol the desks",
        "Let the desks send",
        "Merge",
        "Sign the store",
        "Look",
        "Ask",
        "Hand on",
        "Repeat",
    ),
    "policy-signing": (
        "Name the key holders",
        "Hold the ceremony",
        "Have the root file installed",
        "Write the policy",
        "Sign and publish it",
        "Make USB keys",
        "Keep the calendar",
        "If a key is lost or stolen",
    ),
}
#: Words that a first page, and a whole guide, have at most in each language.
PAGE_WORDS: Final[dict[Language, int]] = {"en": 600, "fr": 750}
GUIDE_WORDS: Final[dict[str, tuple[int, int]]] = {
    "officer": (4300, 4500),
    "lessons": (1200, 1250),
    "troubleshooting": (1800, 1900),
    "administrator": (6500, 7000),
    "auditor": (600, 650),
    "head-office": (4250, 4450),
    "policy-signing": (1500, 1600),
}


def first_page(guide: str, language: Language) -> str:
    return manual(language).sections[guide].text


def steps(guide: str, language: Language) -> list[tuple[str, str]]:
    """The number and the name of each step."""
    found = re.findall(r"^(\d+)\. (?:\*\*(.+?)\*\*)?", first_page(guide, language), re.MULTILINE | re.DOTALL)
    return [(number, " ".join(name.split()).rstrip(".:\N{NO-BREAK SPACE}")) for number, name in found]


def count(words: str) -> int:
    """How many words there are to be read, commands and values included."""
    return sum(any(character.isalnum() for character in word) for word in words.split())


@pytest.mark.parametrize("guide", STEPS)
def test_a_first_page_names_each_step_in_its_order(guide: str) -> None:
    numbers = [str(number) for number in range(1, len(STEPS[guide]) + 1)]
    assert steps(guide, "en") == list(zip(numbers, STEPS[guide], strict=True))
    assert [number for number, name in steps(guide, "fr") if name] == numbers


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("guide", STEPS)
def test_a_first_page_and_its_guide_are_short(guide: str, language: Language) -> None:
    sections = manual(language).sections
    assert count(sections[guide].words) <= PAGE_WORDS[language]
    of_it = [section for anchor, section in sections.items() if anchor.partition("#")[0] == guide]
    assert len(of_it) > 2, "a first page, and a reference behind it"
    assert sum(count(section.words) for section in of_it) <= GUIDE_WORDS[guide][LANGUAGES.index(language)]


def commands(guide: str) -> list[str]:
    """What a first page has people type."""
    return [" ".join(code.split()) for code in re.findall(r"`((?:fanion|python3) [^`]+)`", first_page(guide, "en"))]


def test_what_head_office_merges_first_is_what_its_chapter_merges() -> None:
    (merge,) = [command for command in commands("head-office") if command.startswith("fanion merge /media")]
    assert f"\n{merge}\n" in manual("en").plain("head-office#from-the-desk-to-head-office")
    assert "eleven questions" in manual("en").sections["head-office"].words
    assert len(names()) == 11


@pytest.mark.slow
def test_an_administrator_and_an_auditor_get_from_their_first_pages_what_these_say(
    fanion: Fanion, tmp_path: Path
) -> None:
    check, sheet = "fanion check --practice walk-up", "fanion log enrolment --sheet --out FOLDER"
    assert {check, sheet, "fanion settings show"} <= set(commands("administrator"))
    assert fanion("settings", "show").code == 0
    assert fanion(*shlex.split(check)[1:]).code == 1
    assert fanion(*shlex.split(sheet.replace("FOLDER", str(tmp_path)))[1:], "--practice").code == 0
    (keys,) = tmp_path.glob("*enrolment.pdf")

    export, alone, whole, _ = commands("auditor")
    assert fanion("log", "receipt", "8", "--practice", "--out", tmp_path).code == 0
    (receipt,) = tmp_path.glob("*receipt*.pdf")
    assert fanion(*shlex.split(export.replace("FOLDER", str(tmp_path)))[1:], "--practice").code == 0
    (folder,) = tmp_path.glob("fanion-log-*")
    assert (folder / "records.csv").is_file()

    _, size, root, *_ = (folder / "checkpoint").read_text(encoding="utf-8").split("\n")
    command = [sys.executable, *shlex.split(alone.replace("SIZE", size).replace("ROOT", root))[1:]]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=True, text=True).stdout.startswith("OK")
    command[-2] = str(int(size) + 1)
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 1

    places = {"FOLDER": folder, "RECEIPT.pdf": receipt, "SHEET.pdf": keys}
    answer = fanion(*(places.get(word, word) for word in shlex.split(whole)[1:]))
    assert answer.code == 0, answer.out + answer.err
    assert "The log begins with the keys that are on the enrolment sheet." in answer.out
    assert "Everything on its page is what the entries say." in answer.out
