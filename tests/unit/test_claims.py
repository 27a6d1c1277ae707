"""The guides that people decide by claim nothing that no test shows.

Each sentence of them ends with the number of its claim (``resources/guides/claims.toml`` names its tests), or stands
word by word in ``tests/data/not_claimed.toml``, with the kind of thing that it says instead.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from core.manual import claims, slug, with_tests
from core.text import Language

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDES: Final = ROOT / "resources" / "guides"
#: The guides in which every sentence is looked at.
READ: Final = ("security", "privacy-assessment", "threats", "conformance")
NOT_CLAIMED: Final = tomllib.loads((ROOT / "tests" / "data" / "not_claimed.toml").read_text(encoding="utf-8"))
#: Behind which a sentence has ended: a stop with what closes behind it, and its number, before what begins another.
_END: Final = re.compile(r"(?<=[.?!])([”»)]?(?:\[\^\d+\])?)\s+(?=[A-ZÀ-Ý“«`*☐])")
_NUMBER: Final = re.compile(r"\[\^(\d+)\]")
_CLAIMED: Final = re.compile(r"\[\^\d+\]$")
#: What is only a heading within its line, or only a blank to be filled in.
_STRONG: Final = re.compile(r"(?:☐ )?\*\*[^*]+\*\*")
#: How a row of the table of threats begins, which `unit/ledger/test_threats.py` does to a real log.
_THREAT: Final = re.compile(r"`[a-z-]+`")


def halves(topic: str) -> tuple[str, str]:
    """A guide in English and in French, as it is written."""
    if (GUIDES / f"{topic}.md").is_file():
        english, french = re.split(r"^---\n+(?=# )", (GUIDES / f"{topic}.md").read_text(encoding="utf-8"), flags=re.M)
        return english.replace("*Le français suit.*\n", ""), french
    return tuple((GUIDES / f"{topic}.{language}.md").read_text(encoding="utf-8") for language in ("en", "fr"))  # type: ignore[return-value]


def written(node: SyntaxTreeNode) -> str:
    """What stands in a paragraph or cell, with the marks of code and stress, on one line."""
    match node.type:
        case "softbreak" | "hardbreak":
            return " "
        case "code_inline":
            return f"`{node.content}`"
        case "strong":
            return f"**{''.join(map(written, node.children))}**"
        case "text":
            return node.content
    return "".join(map(written, node.children))


def tree(text: str) -> list[SyntaxTreeNode]:
    return SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)).children


def rows(table: SyntaxTreeNode) -> list[list[str]]:
    return [[written(cell) for cell in row.children] for part in table.children for row in part.children]


@cache
def blocks(topic: str, language: Language) -> list[str]:
    """Each paragraph, item and cell of a guide that may claim something: all, but headings, code, and the chapters and
    columns that `NOT_CLAIMED` names, by their English heads."""
    guide = tree(halves(topic)[language == "fr"])
    english = iter(node for node in tree(halves(topic)[0]) if node.type == "table")
    chapter, found = 0, list[str]()
    for node in guide:
        chapter += node.type == "heading" and node.tag == "h2"
        heads = rows(next(english))[0] if node.type == "table" else []
        if str(chapter) in NOT_CLAIMED["chapters"].get(topic, {}) or node.type in ("heading", "fence"):
            continue
        if node.type != "table":
            found += [written(part) for part in node.walk() if part.type == "inline"]
            continue
        silent = NOT_CLAIMED["columns"][topic]
        for row in rows(node)[1:]:
            if topic != "threats" or not _THREAT.fullmatch(row[0]):
                found += [cell for cell, head in zip(row, heads, strict=True) if head not in silent]
    return found


def sentences(block: str) -> list[str]:
    """What of a block is said: not what is a heading within its line, or a blank to be filled in."""
    return [part for part in _END.sub(r"\1\n", block).split("\n") if part and not _STRONG.fullmatch(part)]


def all_sentences(topic: str) -> list[str]:
    return [sentence for block in blocks(topic, "en") for sentence in sentences(block)]


def named_tests(topic: str, number: str) -> list[str]:
    """The tests of a claim, each with its file."""
    file, named = "", []
    for test in claims()[topic][number]:
        file = test.partition("::")[0] or file
        named.append(file + test[test.find("::") :] if "::" in test else test)
    return named


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    path = ROOT / "tests" / file
    if not name:  # a script, which is started as it is
        return path.is_file() and not path.name.startswith("test_")
    return path.is_file() and f"\ndef {name}(" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", READ)
def test_every_sentence_has_a_number_or_is_known_to_claim_nothing(topic: str) -> None:
    silent = {sentence for group in NOT_CLAIMED["sentences"] for sentence in group["these"]}
    found = [sentence for sentence in all_sentences(topic) if not _CLAIMED.search(sentence) and sentence not in silent]
    assert not found, "give it the number of tests that show it (resources/guides/claims.toml), or reword it"


@pytest.mark.parametrize("topic", READ)
def test_both_languages_have_the_same_numbers_in_the_same_places(topic: str) -> None:
    for english, french in zip(blocks(topic, "en"), blocks(topic, "fr"), strict=True):
        assert _NUMBER.findall(english) == _NUMBER.findall(french), french
        assert len(sentences(english)) == len(sentences(french)), french


@pytest.mark.parametrize("topic", READ)
def test_every_number_has_tests_that_are_there_and_every_row_a_number(topic: str) -> None:
    used = set(_NUMBER.findall(halves(topic)[0]))
    assert used == claims()[topic].keys()
    missing = [test for number in used for test in named_tests(topic, number) if not exists(test)]
    assert not missing
    assert all(claims()[topic].values())


def test_a_claim_without_a_test_is_noticed() -> None:
    """Wherever it stands: behind a number, in an item, in a cell, in one of the languages."""
    said = ["Fanion flies.[^1]", "It sings.", "**Head.** `x` is y.[^2]"]
    assert sentences(" ".join(said)) == [said[0], said[1], "**Head.** `x` is y.[^2]"]
    assert [bool(_CLAIMED.search(sentence)) for sentence in sentences(" ".join(said))] == [True, False, True]
    assert sentences("**[Department: name]**") == []
    assert not exists("unit/test_claims.py::test_that_nobody_wrote")
    assert not exists("unit/test_claims.py")


def test_what_claims_nothing_is_said_somewhere() -> None:
    said = {sentence for topic in READ for sentence in all_sentences(topic)}
    listed = [sentence for group in NOT_CLAIMED["sentences"] for sentence in group["these"]]
    assert [sentence for sentence in listed if sentence not in said] == []
    assert len(listed) == len(set(listed))
    assert not [sentence for sentence in listed if _NUMBER.search(sentence)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_guide_names_the_tests_of_its_numbers_at_its_end(language: Language) -> None:
    text = "# A\n\nFanion flies.[^7] It lands.[^12]\n"
    words = claims()[language]
    made = with_tests("security", text, language)
    assert f"Fanion flies.[7](#{slug(words['title'])}) It lands.[12](" in made
    after = made.split(f"## {words['title']}\n")[1]
    assert "[^" not in made
    rows = [line for line in after.splitlines() if line.startswith("| ")][1:]
    assert [row.split(" | ")[0] for row in rows] == ["| 7", "| 12"]
    assert all(f"`{test}`" in rows[0] for test in claims()["security"]["7"])
    assert with_tests("security", "# A\n\nNothing.\n", language) == "# A\n\nNothing.\n"
    with pytest.raises(KeyError):
        with_tests("security", "# A\n\nFanion flies.[^99999]\n", language)
