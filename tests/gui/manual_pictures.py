"""The pictures of the manual, made of the window as it is: `python -m tests.gui.manual_pictures [FOLDER]`.

They are scenes of :mod:`tests.gui.pictures`, in the light palette at 100 %, in both languages, with 256 colours by
pngquant. They go into ``resources/guides/pictures``, where the window of the manual and its PDFs find them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.gui import pictures  # first: it says on which screen Qt is to be started

from PySide6.QtTest import QTest  # isort: skip
from PySide6.QtWidgets import QApplication  # isort: skip

from core import text
from core.desk.settings.settings_table import Settings
from core.text import LANGUAGES, Language
from gui.toolkit.theme import ColourScheme

FOLDER: Final = pictures.ROOT / "resources" / "guides" / "pictures"
#: What a scene is called in the manual.
NAMES: Final = {
    "desk-debugging-off": "not-ready",
    "desk-reading": "reading",
    "desk-red": "red",
    "desk-amber": "amber",
    "desk-green": "green",
    "desk-hand-back": "hand-back",
    "policy-first": "policy",
    "round": "round",
    "lesson": "lesson",
}


def take(
    studio: pictures.Studio,
    scenes: Iterator[pictures.Scene],
    folder: Path,
    wanted: set[str],
    languages: Sequence[Language] = LANGUAGES,
) -> None:
    """Picture the scenes that are wanted, as far as they come; stop once none is."""
    studio.fanion.looks.choose(ColourScheme.LIGHT)
    for scene in scenes:
        if scene.name in wanted:
            for language in languages:
                studio.window.switches.use_language(language)
                studio.window.resize(*pictures.SMALL)
                shown = scene.show()
                for _ in range(4):  # texts of another length move what is around them
                    QTest.qWait(0)
                shown.grab().save(str(folder / f"{NAMES[scene.name]}-{language}.png"))
            wanted.discard(scene.name)
        if not wanted:
            return


def main(argv: list[str]) -> int:
    """Make them all, or say which scene there is none of."""
    out = Path(argv[0]) if argv else FOLDER
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        pictures.on_screen(folder / "screen.json", pictures.SMALL)
        app = QApplication([])
        text.use("en")
        known = Settings(officer="A. Roy", desk="Desk 4")
        wanted = set(NAMES) - {"round", "lesson"}
        with pictures.studio_of(app, known, pictures.write_log) as studio:
            take(studio, pictures.day(studio), folder, wanted)
        left = set(wanted)
        wanted = {"lesson"}
        with pictures.studio_of(app, known, lambda data: None) as studio:
            take(studio, pictures.lessons(studio), folder, wanted)
        left |= wanted
        for language in LANGUAGES:  # the roster of practice phones has the words of the language that it is made in
            text.use(language)
            wanted = {"round"}
            with pictures.studio_of(app, known, lambda data: None) as studio:
                take(studio, pictures.rounds(studio), folder, wanted, (language,))
            left |= wanted
        for file in sorted(folder.glob("*.png")):
            small = ["pngquant", "256", "--nofs", "--force", "--strip", "--output", str(out / file.name), str(file)]
            subprocess.run(small, check=True)
    print(*sorted(left), file=sys.stderr)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
