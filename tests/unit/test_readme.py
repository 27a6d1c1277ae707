"""The README: short, the same in both languages, with pictures that are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from core.cli import parser

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.fr.md")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def links(name: str) -> list[str]:
    return [url for url in re.findall(r"\]\(([^)]+)\)", text_of(name)) if "://" not in url]


@pytest.mark.parametrize("name", READMES)
def test_it_is_short(name: str) -> None:
    assert len(text_of(name).splitlines()) <= 120


@pytest.mark.parametrize("name", READMES)
def test_every_link_leads_somewhere(name: str) -> None:
    assert [url for url in links(name) if not (ROOT / url.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_its_pictures_are_small(name: str) -> None:
    pictures = [ROOT / url for url in links(name) if url.endswith(".png")]
    assert len(pictures) == 2
    assert all(picture.stat().st_size < 150_000 for picture in pictures)


def test_both_languages_have_the_same_parts() -> None:
    def shape(name: str) -> list[str]:
        kinds = [re.match(r"#+|\||\d\.|!\[|    \S", line) for line in text_of(name).splitlines()]
        return [found[0].strip() or "code" for found in kinds if found]

    english, french = map(shape, READMES)
    assert [kind[:1] for kind in english] == [kind[:1] for kind in french]
    urls = [[re.sub(r"[.-](en|fr)(?=\.)", "", url) for url in links(name)] for name in READMES]
    assert urls[0] == urls[1]


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_one_that_fanion_takes(name: str) -> None:
    commands = re.findall(r"`fanion ([a-z][^`]*)`", text_of(name))
    for command in commands:
        parser().parse_args(shlex.split(command))
    assert commands
