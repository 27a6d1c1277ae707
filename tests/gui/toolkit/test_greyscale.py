"""Without colours: each status is told apart by the shape of its sign, on a screen or a printer that has only greys."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from core.model import Verdict
from core.text import LANGUAGES
from core.value_names import VERDICTS
from gui.toolkit.icons import pixmap
from gui.toolkit.theme import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, STATUS_ICONS, Colours

SIZE = 32
ALL = pytest.mark.parametrize("c", [LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST], ids=["light", "dark", "hl", "hd"])


def sign(name: str, colour: str) -> list[bool]:
    """Where a sign is inked, whatever its colour."""
    drawn = pixmap(name, QColor(colour), SIZE, 1.0).toImage().convertToFormat(QImage.Format.Format_ARGB32)
    return [drawn.pixelColor(x, y).alpha() > 128 for y in range(SIZE) for x in range(SIZE)]


@ALL
def test_the_signs_differ_in_shape_and_not_only_in_colour(qapp: QApplication, c: Colours) -> None:
    signs = {status: sign(STATUS_ICONS[status], c.status[status].text) for status in STATUS_ICONS}
    for one, other in combinations(signs, 2):
        inked = max(sum(signs[one]), sum(signs[other]))
        differ = sum(a != b for a, b in zip(signs[one], signs[other], strict=True))
        assert differ > inked / 2, f"{one.value} and {other.value} look alike"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_a_word_of_its_own(language: str) -> None:
    words = {VERDICTS[verdict].in_language(language) for verdict in Verdict}  # type: ignore[arg-type]
    assert len(words) == len(Verdict)
