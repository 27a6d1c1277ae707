"""The two palettes: what is written in them can be read, and one is changed for the other while all is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication, QDialog, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.toolkit import theme
from gui.toolkit.buttons import button
from gui.toolkit.focus_marks import FocusMarks
from gui.toolkit.theme import (
    DARK,
    DARK_CONTRAST,
    LIGHT,
    LIGHT_CONTRAST,
    STATUS_ICONS,
    Appearance,
    Colours,
    ColourScheme,
    Status,
    TextSize,
    colours,
    font,
    mark,
)
from tests.gui.conftest import press_in

BOTH = pytest.mark.parametrize("c", [LIGHT, DARK], ids=["light", "dark"])
CONTRAST = (LIGHT_CONTRAST, DARK_CONTRAST)
ALL = pytest.mark.parametrize("c", [LIGHT, DARK, *CONTRAST], ids=["light", "dark", "light-contrast", "dark-contrast"])


@pytest.fixture
def app(qapp: QApplication) -> QApplication:
    """The application."""
    return qapp


@pytest.fixture
def looks(app: QApplication) -> Iterator[Appearance]:
    looks = Appearance(app, ColourScheme.LIGHT)
    yield looks
    looks.deleteLater()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the tests bring their fonts to fontconfig")
def test_the_tests_have_fonts_of_their_own(qapp: QApplication) -> None:
    qts_words = {"Monospace", "Sans Serif", "Serif"}
    assert set(QFontDatabase.families()) - qts_words - {"Inter", "Inter SemiBold"} == {
        "DejaVu Sans",
        "DejaVu Sans Mono",
    }


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    rgb = QColor(colour)
    parts = (rgb.redF(), rgb.greenF(), rgb.blueF())
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@ALL
def test_a_status_can_be_read_by_almost_everybody(c: Colours) -> None:
    assert set(c.status) == set(Status)
    for name in ("back", "soft"):
        ratios = {s.value: round(contrast(pair.text, getattr(pair, name)), 2) for s, pair in c.status.items()}
        assert min(ratios.values()) >= 7, (name, ratios)


@ALL
def test_a_status_can_be_read_in_a_card_and_in_the_list_of_phones(c: Colours) -> None:
    """Also in the row of the phone that is chosen."""
    grounds = {"raised": c.raised, "nested": c.nested, "side": c.side, "selected": c.selected, "window": c.window}
    ratios = {(s.value, g): contrast(p.text, grounds[g]) for s, p in c.status.items() for g in grounds}
    assert not {where: round(ratio, 2) for where, ratio in ratios.items() if ratio < 4.5}


@ALL
def test_texts_can_be_read_wherever_they_stand(c: Colours) -> None:
    grounds = {"window": c.window, "base": c.base, "raised": c.raised, "side": c.side, "nested": c.nested}
    grounds |= {f"the head of a {status.value} block": pair.soft for status, pair in c.status.items()}
    texts = {"text": c.text, "muted": c.muted, "link": c.focus}
    ratios = {(t, g): round(contrast(texts[t], grounds[g]), 2) for t in texts for g in grounds}
    assert not {where: ratio for where, ratio in ratios.items() if ratio < 4.5}
    # What is muted stands in the chosen row too; the text of two fingerprints in a box of their own.
    assert contrast(c.muted, c.selected) >= 4.5
    assert contrast(c.text, c.status[Status.INFO].back) >= 7


@ALL
def test_what_has_a_ground_of_its_own_can_be_read(c: Colours) -> None:
    pairs = {
        "an app's letter": (c.tile_text, c.tile),
        "the number of the step that is lit": (c.base, c.focus),
        "a filled button that cannot be pressed": (c.muted, c.line),
        "the key on the button that removes": (c.on_red, c.status[Status.RED].text),
    }
    ratios = {what: round(contrast(*pair), 2) for what, pair in pairs.items()}
    assert min(ratios.values()) >= 4.5, ratios


@ALL
def test_what_is_chosen_and_what_is_pressed_can_be_read(c: Colours) -> None:
    assert contrast(c.accent_text, c.accent) >= 4.5
    assert contrast(c.selected_text, c.selected) >= 4.5
    red = c.status[Status.RED]
    assert contrast(red.back if c.dark else "#ffffff", red.text) >= 4.5  # the button that removes


@ALL
def test_the_edge_of_what_can_be_used_is_seen(c: Colours) -> None:
    """WCAG 2.2, 1.4.11: a field or button is recognised by its edge, and the focus by its ring."""
    grounds = {"window": c.window, "base": c.base, "raised": c.raised, "side": c.side, "nested": c.nested}
    grounds |= {f"the head of a {status.value} block": pair.soft for status, pair in c.status.items()}
    edges = {"control": c.control, "focus": c.focus, "accent": c.accent}
    ratios = {(e, g): round(contrast(edges[e], grounds[g]), 2) for e in edges for g in grounds}
    assert not {where: ratio for where, ratio in ratios.items() if ratio < 3}


@pytest.mark.parametrize("c", CONTRAST, ids=["light", "dark"])
def test_in_high_contrast_every_text_and_every_edge_has_seven_to_one(c: Colours) -> None:
    grounds = {c.window, c.base, c.raised, c.side, c.nested, c.tile, *(p.back for p in c.status.values())}
    inks = {c.text, c.muted, c.tile_text, c.control, c.accent, c.focus, *(p.text for p in c.status.values())}
    assert min(contrast(ink, ground) for ink in inks for ground in grounds) >= 7
    assert contrast(c.selected_text, c.selected) >= 7


@BOTH
@pytest.mark.parametrize("kind", ["primary", "danger"])
def test_a_filled_button_shows_that_it_has_the_focus(
    qtbot: QtBot, looks: Appearance, focus_marks: FocusMarks, c: Colours, kind: str
) -> None:
    """It has two rings: one that is seen on what is around it, and one that is seen on its own ground."""
    looks.choose(ColourScheme.DARK if c.dark else ColourScheme.LIGHT)
    window = QWidget()
    looks.dress(window)
    qtbot.addWidget(window)
    other, one = button(), button(kind=kind)
    one.setText("press")
    column = QVBoxLayout(window)
    column.addWidget(other)
    column.addWidget(one)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    other.setFocus(Qt.FocusReason.TabFocusReason)
    ground = c.accent if kind == "primary" else c.status[Status.RED].text
    ring = {"primary": c.accent_text, "danger": c.on_red}[kind]
    middle = one.width() // 4
    before = [one.grab().toImage().pixelColor(middle, y).name() for y in range(5)]
    assert set(before) == {ground}
    press_in(window)
    one.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    after = [one.grab().toImage().pixelColor(middle, y).name() for y in range(5)]
    assert after[0] == c.focus
    assert ring in after
    assert contrast(ring, ground) >= 3
    assert contrast(c.focus, c.raised) >= 3


@BOTH
def test_the_palette_says_what_the_colours_say(c: Colours, app: QApplication) -> None:
    palette = theme._palette(c)
    assert colours(palette) is c
    assert palette.color(QPalette.ColorRole.PlaceholderText).name() == c.muted
    assert palette.color(QPalette.ColorRole.Text).name() == c.text
    placeholder = palette.color(QPalette.ColorRole.PlaceholderText)
    assert placeholder.alpha() == 255


def test_every_status_has_a_sign_of_its_own() -> None:
    assert set(STATUS_ICONS) == set(Status)
    assert len(set(STATUS_ICONS.values())) == len(Status)


def test_each_size_is_relative_to_the_font_of_the_application(app: QApplication) -> None:
    base = app.font()
    for points in (11.0, 16.0):
        base.setPointSizeF(points)
        app.setFont(base)
        sizes = [font(size).pointSizeF() for size in TextSize]
        assert sizes == sorted(sizes)
        assert font(TextSize.BODY).pointSizeF() == pytest.approx(points)
        assert font(TextSize.DISPLAY).pointSizeF() > 2 * points


def test_the_smallest_text_is_ten_and_a_half_points(app: QApplication) -> None:
    small = app.font()
    small.setPointSizeF(7)
    app.setFont(small)
    looks = Appearance(app, ColourScheme.LIGHT)
    assert app.font().pointSizeF() == 10.5
    looks.deleteLater()


def test_light_and_dark_are_changed_while_all_is_shown(qtbot: QtBot, app: QApplication, looks: Appearance) -> None:
    window = QWidget()
    looks.dress(window)
    qtbot.addWidget(window)
    label, button = QLabel("words"), QPushButton("press")
    column = QVBoxLayout(window)
    column.addWidget(label)
    column.addWidget(button)
    dialog = QDialog(window)
    QVBoxLayout(dialog).addWidget(inside := QPushButton("press"))
    later = QPushButton("press")
    qtbot.addWidget(later)
    with qtbot.waitExposed(window):
        window.show()
        dialog.show()
    changed = QSignalSpy(looks.changed)
    for choice, c in ((ColourScheme.DARK, DARK), (ColourScheme.LIGHT, LIGHT)):
        looks.choose(choice)
        QApplication.processEvents()
        assert looks.dark is c.dark
        assert window.grab().toImage().pixelColor(2, 2).name() == c.window
        assert colours(label.palette()) is c
        assert label.palette().color(QPalette.ColorRole.WindowText).name() == c.text
        for pressed in (button, inside):
            assert pressed.grab().toImage().pixelColor(pressed.width() // 2, 4).name() == c.raised
    looks.choose(ColourScheme.DARK)
    looks.dress(later)
    assert later.grab().toImage().pixelColor(later.width() // 2, 4).name() == DARK.raised
    later.deleteLater()
    QCoreApplication.sendPostedEvents(later, QEvent.Type.DeferredDelete)
    looks.choose(ColourScheme.LIGHT)  # what is gone is not dressed any more
    assert changed.count() == 4


def test_it_follows_the_system_until_something_is_chosen(qtbot: QtBot, app: QApplication) -> None:
    looks = Appearance(app)

    class Hints(QObject):
        scheme = Qt.ColorScheme.Dark

        def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802 - Qt's name
            return self.scheme

        def setColorScheme(self, scheme: Qt.ColorScheme) -> None:  # noqa: N802
            pass

        def unsetColorScheme(self) -> None:  # noqa: N802
            pass

    hints = Hints()

    class System:
        """The application, in a system that has a scheme."""

        def __getattr__(self, name: str) -> object:
            return (lambda: hints) if name == "styleHints" else getattr(app, name)

    looks._app = System()  # type: ignore[assignment]
    app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert looks.dark
    assert colours(app.palette()) is DARK
    hints.scheme = Qt.ColorScheme.Light
    app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert colours(app.palette()) is LIGHT
    looks.choose(ColourScheme.LIGHT)
    hints.scheme = Qt.ColorScheme.Dark
    app.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert colours(app.palette()) is LIGHT
    looks.choose(ColourScheme.SYSTEM)
    assert colours(app.palette()) is DARK
    looks.deleteLater()


def test_it_is_in_high_contrast_while_the_system_asks_for_that(app: QApplication, looks: Appearance) -> None:
    hints = app.styleHints()
    if not hasattr(hints, "accessibility"):
        pytest.skip("Qt tells of this since 6.10")
    accessibility = hints.accessibility()
    asks = accessibility.contrastPreferenceChanged
    asks.emit(Qt.ContrastPreference.HighContrast)
    assert colours(app.palette()) is LIGHT_CONTRAST
    looks.choose(ColourScheme.DARK)
    assert colours(app.palette()) is DARK_CONTRAST
    asks.emit(Qt.ContrastPreference.NoPreference)
    assert colours(app.palette()) is DARK


def test_a_system_that_says_nothing_is_light(app: QApplication) -> None:
    looks = Appearance(app)
    assert not looks.dark
    assert colours(app.palette()) is LIGHT
    looks.deleteLater()


@BOTH
def test_a_frame_takes_its_status_along_while_it_is_shown(qtbot: QtBot, looks: Appearance, c: Colours) -> None:
    looks.choose(ColourScheme.DARK if c.dark else ColourScheme.LIGHT)
    frame = QFrame()
    looks.dress(frame)
    qtbot.addWidget(frame)
    label = QLabel("words")
    QVBoxLayout(frame).addWidget(label)
    mark(frame, "red")
    with qtbot.waitExposed(frame):
        frame.show()
    frame.resize(200, 100)
    for status in (Status.RED, Status.AMBER, Status.GREEN):
        mark(frame, status.value)
        QApplication.processEvents()
        assert frame.grab().toImage().pixelColor(100, 95).name() == c.status[status].back
        assert label.palette().color(QPalette.ColorRole.WindowText).name() == c.status[status].text
