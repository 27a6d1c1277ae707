"""A lighter bundle with the libraries that PySide6 and typst really bring: what Fanion asks them for is as it was."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import PySide6
import pytest
import typst

from installer.linux import elf, icu_data, lighter
from tests.real.conftest import made_once

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64", reason="of a bundle for Linux, as it is released"
    ),
    pytest.mark.slow,
]

QT_LIBRARIES: Final = Path(PySide6.__file__).parent / "Qt/lib"
#: What Qt asks ICU for, in the languages of Canada, and in others, where it must only come back.
QT: Final = """
import json
from PySide6.QtCore import QCollator, QDate, QDateTime, QLocale, QStringDecoder, QTime, QTimeZone

WORDS = "côte coté cote côté Élan elan élan zèbre Zoé oeuf œuf été a-b ab 10 9 ß ss Ä z".split()
ZONES = "America/Toronto", "America/Montreal", "America/St_Johns", "America/Regina", "Europe/Paris", "Asia/Tokyo", "UTC"


def asked(name):
    locale = QLocale(name)
    order = QCollator(locale)
    answers = [sorted(WORDS, key=order.sortKey), locale.toUpper("straße œuvre ıi ﬁ"), locale.toLower("ÉTÉ İI ΣΑΣ")]
    order.setNumericMode(True)
    answers.append([order.compare(one, other) for one in WORDS for other in WORDS])
    for zone in map(QTimeZone, map(str.encode, ZONES)):
        answers += [zone.displayName(kind, how, locale) for kind in QTimeZone.TimeType for how in QTimeZone.NameType]
        summer = QDateTime(QDate(2026, 6, 28), QTime(4, 5), zone)
        answers.append(locale.toString(summer, QLocale.FormatType.LongFormat))
    return answers


print(json.dumps({
    "icu": sorted({line.split()[-1] for line in open("/proc/self/maps") if "libicudata" in line}),
    "kept": {name: asked(name) for name in ("C", "en_CA", "en_US", "fr", "fr_CA", "fr_FR")},
    "encodings": [QStringDecoder(name).isValid() for name in ("UTF-8", "UTF-16", "UTF-32LE", "ISO-8859-1", "ASCII")],
    "others": [asked(name) for name in ("de", "ja_JP", "zh_TW", "ar", "tr", "th", "iu_Latn_CA", "nonsense")],
    "gone": [QStringDecoder(name).isValid() for name in ("windows-1252", "Shift_JIS", "nonsense")],
}))
"""
#: A page as Fanion's templates have it, with every letter that is let through to one; all that is printed of it.
TYPST: Final = """
import hashlib, json
from importlib.resources import files
import typst
from core.reports import page
plane = [chr(n) for n in range(0x10000) if not 0xD800 <= n < 0xE000]
letters = [letter for letter in plane if page.printable(letter, breaks=False) == letter]

def printed(look, words):
    source = (files("resources") / "reports" / "common.typ").read_bytes()
    start = b'#set document(title: "Fanion")\\n#set text(lang: "fr", ' + look + b")\\n"
    body = b"#for word in d.words [#word ]\\n"
    inputs = {"data": json.dumps({"languages": ["fr"], "words": words})}
    compiler = typst.Compiler(ignore_system_fonts=True)
    how = {"format": "pdf", "pdf_standards": page._STANDARDS, "timestamp": 1764000000}
    done = compiler.compile(input=source + start + body, sys_inputs=inputs, **how)
    return hashlib.sha256(done).hexdigest()

french = "Déjà vu : « l’application interdite » a été retirée, 100 % œuvre".split()
plain = [printed(look, french) for look in (
    b"font: serif", b'font: serif, weight: "bold"', b'font: serif, weight: "semibold"', b'font: serif, style: "italic"',
    b"font: mono", b'font: mono, weight: "bold"',
)]
rare = [printed(look, letters) for look in (b"font: serif", b"font: mono")]
for look in (b'font: serif, weight: "bold"', b'font: serif, style: "italic"', b'font: mono, weight: "bold"'):
    printed(look, letters)
print(json.dumps({"plain": plain, "rare": rare, "file": typst._typst.__file__}))
"""


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bundle with these libraries only, made lighter; the installed ones are as they were."""

    def build(folder: Path) -> None:
        for installed, place, pattern in (
            (QT_LIBRARIES, "PySide6/Qt/lib", "libQt6Core.so*"),
            (QT_LIBRARIES, "PySide6/Qt/lib", "libicu*.so*"),
            (Path(typst.__file__).parent, "typst", "*.py"),
            (Path(typst.__file__).parent, "typst", "*.so"),
        ):
            (folder / "lib" / place).mkdir(parents=True, exist_ok=True)
            for file in installed.glob(pattern):
                shutil.copy(file, folder / "lib" / place)
        subprocess.run(["strip", *folder.glob("lib/typst/*.so")], check=True)
        assert lighter.make_lighter(folder) == []

    if not shutil.which("strip"):
        pytest.skip("the builder needs binutils")
    return made_once(tmp_path_factory, "lighter", build) / "lib"


def answers(script: str, **variables: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_english_and_french_are_ordered_and_named_as_before(light: Path) -> None:
    whole = answers(QT)
    lighter_one = answers(QT, LD_LIBRARY_PATH=str(light / "PySide6/Qt/lib"))
    assert [Path(file).parent for file in lighter_one["icu"]] == [light / "PySide6/Qt/lib"], "else nothing was tried"
    assert lighter_one["kept"] == whole["kept"]
    assert lighter_one["encodings"] == whole["encodings"] == [True] * 5
    assert "heure avancée de l’Est" in str(whole["kept"]["fr_CA"])


def test_what_is_not_there_is_told_or_replaced_by_what_all_languages_have(light: Path) -> None:
    found = answers(QT, LD_LIBRARY_PATH=str(light / "PySide6/Qt/lib"))
    assert found["gone"] == [False] * 3
    (german, *_) = found["others"]
    assert german[0] == found["kept"]["en_CA"][0]
    assert "Eastern Standard Time" in german


def test_icus_own_tool_makes_the_same(light: Path, tmp_path: Path) -> None:
    if not shutil.which("icupkg", path=f"{os.environ['PATH']}:/usr/sbin"):
        pytest.skip("needs icu-devtools")
    (library,) = light.glob("PySide6/Qt/lib/libicudata.so.*")
    content = library.read_bytes()
    (installed,) = QT_LIBRARIES.glob("libicudata.so.*")
    place = elf.place_of(installed.read_bytes(), f"icudt{library.suffix[1:]}_dat")
    package = installed.read_bytes()[place.start : place.stop]
    ours = icu_data.trimmed(package)
    assert content[place.start : place.start + len(ours)] == ours
    name = f"icudt{library.suffix[1:]}l.dat"
    (tmp_path / name).write_bytes(package)
    out = sorted(icu_data.items(package).keys() - icu_data.items(ours).keys())
    (tmp_path / "out.txt").write_text("".join(f"{item.partition('/')[2]}\n" for item in out))
    (tmp_path / "new").mkdir()
    command = ["icupkg", "-r", "out.txt", name, f"new/{name}"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": f"{os.environ['PATH']}:/usr/sbin"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, ""), "it also looks for what an item needs of another"
    assert (tmp_path / "new" / name).read_bytes() == ours


def test_papers_are_printed_as_before_and_every_letter_has_a_font(light: Path) -> None:
    whole = answers(TYPST)
    lighter_one = answers(TYPST, PYTHONPATH=str(light))
    assert lighter_one.pop("file").startswith(str(light)), "else nothing was tried"
    assert whole.pop("file")
    assert lighter_one == whole
