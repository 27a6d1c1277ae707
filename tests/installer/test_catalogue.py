"""The catalogue's tool: what a translator gets, and what it does not let pass."""

from __future__ import annotations

import gettext
import shutil
import subprocess
from pathlib import Path

import pytest

from installer import catalogue

FRENCH = {
    "Hello, {name}.": "Bonjour, {name}.",
    "{count} app": "{count} application",
    "{count} apps": "{count} applications",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two sentences."""
    source(tmp_path, 'T("Hello, {name}.", name=who)', 'text.N("{count} app", "{count} " "apps", 3)')
    (tmp_path / "gui").mkdir()
    return tmp_path


def source(root: Path, *lines: str) -> None:
    (root / "core").mkdir(exist_ok=True)
    (root / "core" / "a.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def po(root: Path) -> Path:
    return root / "resources/locale/fr/LC_MESSAGES/fanion.po"


def translate(root: Path) -> None:
    """What a translator does with a text editor."""
    text = po(root).read_text(encoding="utf-8")
    for english, key in (("Hello, {name}.", "msgstr"), ("{count} app", "msgstr[0]"), ("{count} apps", "msgstr[1]")):
        head, sentence, tail = text.partition(f'"{english}"\n')
        text = head + sentence + tail.replace(f'{key} ""', f'{key} "{FRENCH[english]}"', 1)
    po(root).write_text(text, encoding="utf-8")


def test_a_new_sentence_is_reported_until_it_is_translated_and_compiled(root: Path) -> None:
    assert len(catalogue.check(root)) == 4  # no .po, no .mo, two sentences
    assert len(catalogue.update(root)) == 2
    translate(root)
    assert catalogue.check(root) == [
        "resources/locale/fr/LC_MESSAGES/fanion.po: the .mo file beside it is not compiled from it; "
        "run installer/catalogue.py update"
    ]
    assert catalogue.update(root) == []
    assert catalogue.check(root) == []


def test_the_compiled_catalogue_speaks_french(root: Path) -> None:
    catalogue.update(root)
    translate(root)
    catalogue.update(root)
    with po(root).with_suffix(".mo").open("rb") as file:
        french = gettext.GNUTranslations(file)
    assert french.gettext("Hello, {name}.") == "Bonjour, {name}."
    assert french.ngettext("{count} app", "{count} apps", 0) == "{count} application"
    assert french.ngettext("{count} app", "{count} apps", 2) == "{count} applications"


def test_an_update_without_news_changes_no_byte(root: Path) -> None:
    catalogue.update(root)
    translate(root)
    catalogue.update(root)
    before = po(root).read_bytes(), po(root).with_suffix(".mo").read_bytes()
    catalogue.update(root)
    assert (po(root).read_bytes(), po(root).with_suffix(".mo").read_bytes()) == before


def test_lines_that_move_change_nothing(root: Path) -> None:
    catalogue.update(root)
    translate(root)
    catalogue.update(root)
    path = root / "core" / "a.py"
    path.write_text("\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert catalogue.check(root) == []


def test_a_sentence_that_went_is_dropped_and_the_others_keep_their_translation(root: Path) -> None:
    catalogue.update(root)
    translate(root)
    source(root, 'T("Hello, {name}.", name=who)')
    assert any("not what the source asks for" in fault for fault in catalogue.check(root))
    assert catalogue.update(root) == []
    text = po(root).read_text(encoding="utf-8")
    assert "Bonjour" in text
    assert "{count}" not in text


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("T(sentence)", "core/a.py:1: the sentence has to be a literal"),
        ('T(f"Hello, {name}.")', "core/a.py:1: the sentence has to be a literal"),
        ('N("One", more, 2)', "core/a.py:1: the sentence has to be a literal"),
        ("T()", "core/a.py:1: the sentence has to be a literal"),
        ('T("Hello, {name}.")', "no value for name: 'Hello, {name}.'"),
        ('T("Hello, {name}.", nmae=1)', "no value for name"),
        ('T("50 {%")', "'50 {%'"),
        ('T("{a.b}", a=1)', "{a.b} is not the plain name of a value"),
        ('T("{a!r}", a=1)', "{a} is not the plain name of a value"),
        ('T("{}", a=1)', "{} is not the plain name of a value"),
    ],
)
def test_a_call_that_cannot_be_shown_or_translated_is_named(root: Path, line: str, fault: str) -> None:
    source(root, line)
    assert any(fault in found for found in catalogue.check(root)), catalogue.check(root)


@pytest.mark.parametrize(
    "line", ['T("Hello, {name}.", **values)', 'N("{count} a", "{count} b", n)', 'Text("x")', "f.t(x)"]
)
def test_a_call_that_is_fine_is_not_named(root: Path, line: str) -> None:
    source(root, line)
    assert not [fault for fault in catalogue.check(root) if fault.startswith("core/")]


@pytest.mark.parametrize(
    ("french", "fault"),
    [
        ("Bonjour.", "other values than in 'Hello, {name}.': 'Bonjour.'"),
        ("Bonjour, {nom}.", "other values than in"),
        ("Bonjour, {name.", "'Bonjour, {name.'"),
    ],
)
def test_a_translation_with_other_values_is_named(root: Path, french: str, fault: str) -> None:
    catalogue.update(root)
    translate(root)
    text = po(root).read_text(encoding="utf-8").replace("Bonjour, {name}.", french)
    po(root).write_text(text, encoding="utf-8")
    assert any(fault in found for found in catalogue.update(root)), catalogue.update(root)


def test_a_translation_that_is_only_a_guess_is_named(root: Path) -> None:
    catalogue.update(root)
    translate(root)
    text = po(root).read_text(encoding="utf-8").replace('msgid "Hello', '#, fuzzy\nmsgid "Hello')
    po(root).write_text(text, encoding="utf-8")
    assert catalogue.update(root) == ["resources/locale/fr/LC_MESSAGES/fanion.po: marked as fuzzy: 'Hello, {name}.'"]


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="msgfmt is not here")
def test_gettext_finds_no_fault_in_what_translators_are_given() -> None:
    command = ["msgfmt", "--check", "--output-file=/dev/null", str(catalogue.path_of(catalogue.ROOT, "fr"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
