"""The icons: every one can be told from the others, has the colour of the text beside it, and is sharp."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from importlib import resources
from itertools import combinations
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from gui.toolkit.images import icons
from gui.toolkit.theme import STATUS_ICONS, Appearance, ColourScheme, mark

FOLDER = resources.files("resources") / "icons"
NAMES = sorted(f.name.removesuffix(".svg") for f in FOLDER.iterdir() if f.name.endswith(".svg"))

#: What the window asks for.
WANTED = {
    *("desk", "log", "policy", "search", "clear", "cross", "check", "question", "info", "warning", "stop", "refresh"),
    *("undo", "remove", "phone", "cable", "lock", "practice", "language", "sun", "moon", "contrast", "help", "copy"),
    *("person", "eye-off", "hand", "chevron-down", "chevron-right", "filter", "close", "more", "pennant"),
}

COLOUR_ATTRIBUTES = ("fill", "stroke")
TEXT, FAINT, PICKED = QColor("#102030"), QColor("#a0a8b0"), QColor("#305070")


@pytest.fixture
def palette(qapp: QApplication) -> QPalette:
    """The application in three colours that can be told apart."""
    made = qapp.palette()
    made.setColor(QPalette.ColorRole.Text, TEXT)
    made.setColor(QPalette.ColorRole.HighlightedText, PICKED)
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, FAINT)
    qapp.setPalette(made)
    return made


@pytest.fixture(params=[ColourScheme.LIGHT, ColourScheme.DARK])
def looks(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Appearance]:
    """The application as the window has it, light and dark."""
    looks = Appearance(qapp, request.param)
    yield looks
    looks.deleteLater()


def painted(drawn: QPixmap | QImage) -> dict[tuple[int, int], QColor]:
    """The pixels that are not empty."""
    image = drawn.toImage() if isinstance(drawn, QPixmap) else drawn
    points = ((x, y) for y in range(image.height()) for x in range(image.width()))
    return {at: image.pixelColor(*at) for at in points if image.pixelColor(*at).alpha()}


def colour_of(drawn: QPixmap) -> QColor:
    """The one colour that its solid pixels have."""
    solid = {c.rgb() for c in painted(drawn).values() if c.alpha() == 255}
    assert len(solid) == 1, solid
    return QColor(solid.pop())


def shows(widget: QPushButton | QToolButton, colour: str | QColor) -> bool:
    """Whether `colour` can be seen anywhere in the widget."""
    wanted = QColor(colour).rgb()
    return any(c.rgb() == wanted for c in painted(widget.grab()).values())


def test_every_icon_that_the_window_asks_for_is_there() -> None:
    assert set(NAMES) >= WANTED
    assert set(STATUS_ICONS.values()) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_has_the_common_grid_and_no_colour_of_its_own(name: str) -> None:
    root = ElementTree.fromstring((FOLDER / f"{name}.svg").read_bytes())

    assert root.get("viewBox") == "0 0 24 24"
    assert {part.tag.partition("}")[2] for part in root} <= {"path", "rect", "circle", "ellipse"}
    colours = {part.get(attribute) for part in root.iter() for attribute in COLOUR_ATTRIBUTES}
    assert colours <= {"currentColor", "none", None}
    assert not any(part.get("style") or part.get("class") for part in root.iter())


@pytest.mark.parametrize("size", [14, 16, 20, 24, 48])
def test_every_icon_can_be_told_from_every_other(qapp: QApplication, size: int) -> None:
    drawn = {name: icons.pixmap(name, QColor("black"), size, 1).toImage() for name in NAMES}

    for name, image in drawn.items():
        share = len(painted(image)) / size**2
        assert 0.06 < share < 0.9, f"{name} paints {share:.0%} of its square"
    for one, other in combinations(NAMES, 2):
        assert drawn[one] != drawn[other], f"{one} and {other} look the same"


@pytest.mark.parametrize("name", NAMES)
def test_no_icon_is_cut_off_by_its_edge(qapp: QApplication, name: str) -> None:
    """One free pixel on each side of 48."""
    inside = QRect(1, 1, 46, 46)

    assert all(inside.contains(QPoint(*at)) for at in painted(icons.pixmap(name, QColor("black"), 48, 1)))


def test_an_icon_has_the_colour_of_the_text_beside_it(palette: QPalette) -> None:
    lock = icons.icon("lock")

    assert colour_of(lock.pixmap(48)) == TEXT
    assert colour_of(lock.pixmap(48, QIcon.Mode.Active)) == TEXT
    assert colour_of(lock.pixmap(48, QIcon.Mode.Disabled)) == FAINT
    assert colour_of(lock.pixmap(48, QIcon.Mode.Selected)) == PICKED
    assert colour_of(lock.pixmap(48, QIcon.Mode.Normal, QIcon.State.On)) == PICKED
    assert colour_of(lock.pixmap(48, QIcon.Mode.Disabled, QIcon.State.On)) == FAINT


def test_a_button_that_is_already_shown_follows_the_palette(
    qapp: QApplication, qtbot: QtBot, palette: QPalette
) -> None:
    button = QPushButton(icons.icon("cross"), "")
    qtbot.addWidget(button)
    button.setIconSize(QSize(32, 32))
    assert shows(button, TEXT)

    palette.setColor(QPalette.ColorGroup.Active, QPalette.ColorRole.Text, QColor("#d02090"))
    qapp.setPalette(palette)
    assert shows(button, "#d02090")
    assert not shows(button, TEXT)

    button.setEnabled(False)
    assert shows(button, FAINT)


@pytest.mark.parametrize("kind", ["", "primary", "danger", "nav", "link"])
@pytest.mark.parametrize("checked", [False, True])
def test_an_icon_on_a_coloured_button_has_the_colour_of_its_words(
    qtbot: QtBot, looks: Appearance, kind: icons.Kind, checked: bool
) -> None:
    button = QPushButton(icons.icon("cross", kind), "")
    qtbot.addWidget(button)
    mark(button, kind or "chip")
    button.setIconSize(QSize(32, 32))
    button.setCheckable(True)
    button.setChecked(checked)
    words = QPushButton("H")
    large = words.font()
    large.setPixelSize(64)  # so that a stroke of it is several pixels wide, whatever the font
    words.setFont(large)
    qtbot.addWidget(words)
    mark(words, kind or "chip")
    words.setCheckable(True)
    words.setChecked(checked)
    looks.dress(button)
    looks.dress(words)

    drawn = colour_of(button.icon().pixmap(32, QIcon.Mode.Normal, QIcon.State.On if checked else QIcon.State.Off))
    assert shows(button, drawn)
    assert shows(words, drawn)


@pytest.mark.parametrize(("ratio", "pixels"), [(1.0, 16), (1.25, 20), (1.5, 24), (2.0, 32)])
def test_an_icon_has_as_many_pixels_as_the_screen(qapp: QApplication, ratio: float, pixels: int) -> None:
    for drawn in (icons.icon("check").pixmap(QSize(16, 16), ratio), icons.pixmap("check", TEXT, 16, ratio)):
        assert drawn.size() == QSize(pixels, pixels)
        assert drawn.devicePixelRatio() == ratio
        assert drawn.deviceIndependentSize().toSize() == QSize(16, 16)


def test_an_icon_is_drawn_for_a_sharp_screen_and_not_blown_up(palette: QPalette) -> None:
    """Painted on a ground of two pixels for one, it is the very drawing of twice the size."""
    ground = QPixmap(48, 48)
    ground.setDevicePixelRatio(2)
    ground.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ground)
    icons.icon("policy").paint(painter, QRect(0, 0, 24, 24))
    painter.end()

    assert painted(ground) == painted(icons.pixmap("policy", TEXT, 48, 1))


def test_straight_lines_are_crisp_at_their_own_size_and_at_twice_that(qapp: QApplication) -> None:
    """The line of a desk's neighbour, the log: no half-covered pixel along its left edge."""
    for size in (24, 48):
        drawn = icons.pixmap("log", QColor("black"), size, 1).toImage()
        middle = [drawn.pixelColor(x, size // 2).alpha() for x in range(size)]
        assert set(middle) == {0, 255}


def test_an_icon_keeps_to_the_left_of_a_place_that_is_wider_than_high(palette: QPalette) -> None:
    """What is left at its right keeps it off the text of its button."""
    ground = QPixmap(64, 24)
    ground.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ground)
    icons.icon("contrast").paint(painter, QRect(0, 0, 64, 24))
    icons.icon("contrast").paint(painter, QRect(0, 0, 0, 24))
    painter.end()

    across = [x for x, _ in painted(ground)]
    assert max(across) < 24


def test_a_colour_that_lets_the_ground_through_stays_so(qapp: QApplication) -> None:
    faint = icons.pixmap("cross", QColor(200, 0, 0, 128), 48, 1)

    # Where its two lines cross, nothing is painted twice.
    assert {c.alpha() for at, c in painted(faint).items() if at in ((24, 24), (14, 14), (33, 14))} == {128}


def test_the_same_drawing_is_made_once(qapp: QApplication) -> None:
    first = icons.pixmap("hand", QColor("#123456"), 72, 1)

    assert icons.pixmap("hand", QColor("#123456"), 72, 1).cacheKey() == first.cacheKey()
    assert icons.pixmap("hand", QColor("#123457"), 72, 1).cacheKey() != first.cacheKey()


@pytest.mark.parametrize("name", ["", "nothing", "app", "app/fanion", "../icons/desk", "desk.svg"])
def test_a_name_that_is_not_there_is_a_bug(qapp: QApplication, name: str) -> None:
    with pytest.raises(KeyError):
        icons.icon(name)
    with pytest.raises(KeyError):
        icons.pixmap(name, TEXT, 16, 1)


def test_a_kind_that_is_not_there_is_a_bug(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icons.icon("desk", "loud")  # type: ignore[arg-type]


def test_a_thousand_icons_outlive_everything_that_gave_them(palette: QPalette) -> None:
    """Also those that Qt had to clone, because somebody added a picture to a copy."""
    copies: list[QIcon] = []
    for i in range(1000):
        made = icons.icon(NAMES[i % len(NAMES)])
        if i % 10 == 0:
            made.addPixmap(QPixmap(4, 4))
        copies.append(QIcon(made))
    gc.collect()
    assert all(painted(copy.pixmap(16)) for copy in copies[::37] + copies[::10])

    there = [weakref.ref(copy) for copy in copies]
    del copies, made
    gc.collect()
    assert not any(ref() for ref in there)
    assert painted(icons.icon("desk").pixmap(16))


PROGRAM = """
import gc
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QPushButton
app = QApplication([])
from gui.toolkit.images.icons import app_icon, icon
app.setWindowIcon(app_icon())
buttons = [QPushButton(icon("stop"), "x") for _ in range(20)]
buttons[0].setIcon(QIcon(buttons[0].icon()))
cloned = QIcon(icon("stop"))
cloned.addPixmap(QPixmap(4, 4))
buttons[1].setIcon(cloned)
for button in buttons:
    button.show()
app.processEvents()
del buttons[5:], cloned
gc.collect()
print("shown")
"""


def test_a_program_that_still_shows_icons_ends_in_peace() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout.strip(), ended.stderr.replace(PROPAGATE, "").strip()) == (0, "shown", "")


#: What the offscreen platform says when a window is shown.
PROPAGATE = "This plugin does not support propagateSizeHints()\n"


def test_nothing_is_drawn_before_it_is_asked_for() -> None:
    """Importing the module needs no application, and reads no file."""
    code = (
        "import gui.toolkit.images.icons as i; print(i._drawing.cache_info().currsize, i._shared.cache_info().currsize)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout.split(), ended.stderr) == (0, ["0", "0"], "")


def test_the_applications_icon_is_there_at_every_size(qapp: QApplication) -> None:
    made = icons.app_icon()

    assert {(size.width(), size.height()) for size in made.availableSizes()} == {(n, n) for n in icons.APP_SIZES}
    for size in icons.APP_SIZES:
        drawn = made.pixmap(QSize(size, size), 1.0)
        assert drawn.size() == QSize(size, size)
        reds = [c for c in painted(drawn).values() if c.red() > 180 and c.green() < 80 and c.blue() < 80]
        darks = [c for c in painted(drawn).values() if c.lightness() < 80]
        assert len(reds) > size**2 * 0.12
        assert len(darks) > size**2 * 0.03
