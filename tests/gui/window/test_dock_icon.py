"""The icon in macOS' Dock has a bar that grows with what is done, and is plain again afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage

from gui.toolkit.images.icons import app_icon, app_pixmap
from gui.toolkit.theme import LIGHT
from gui.window.alerts.dock_icon import SIZES, DockIcon, with_bar


@pytest.fixture(autouse=True)
def application_icon(qapp: QGuiApplication) -> Iterator[None]:
    """The application has its own icon, as after a start, and later what it had before."""
    before = QGuiApplication.windowIcon()
    QGuiApplication.setWindowIcon(app_icon())
    yield
    QGuiApplication.setWindowIcon(before)


def in_the_dock(size: int = 128) -> QImage:
    return QGuiApplication.windowIcon().pixmap(size, size).toImage()


def plain(size: int = 128) -> QImage:
    return app_pixmap(size, 1).toImage().convertToFormat(in_the_dock(size).format())


def filled(image: QImage) -> int:
    """How many pixels have the colour of what is done, which the icon itself has nowhere."""
    alike = image.convertToFormat(QImage.Format.Format_ARGB32)
    return memoryview(alike.constBits()).cast("B").cast("I").tolist().count(QColor(LIGHT.focus).rgba())


@pytest.mark.parametrize("size", SIZES)
def test_the_bar_grows_with_the_share(size: int) -> None:
    pixels = [filled(with_bar(size, share).toImage()) for share in (0, 10, 25, 50, 75, 90, 100)]
    assert pixels[0] == 0 == filled(app_pixmap(size, 1).toImage())
    assert pixels == sorted(set(pixels)), "each share has more than the one before"
    assert pixels[3] * 2 == pytest.approx(pixels[6], rel=0.1)


@pytest.mark.parametrize("size", SIZES)
def test_the_flag_stays_as_it_is_and_the_bar_is_within_the_icon(size: int) -> None:
    bare, barred = (made.toImage() for made in (app_pixmap(size, 1), with_bar(size, 60)))
    changed = [(x, y) for x in range(size) for y in range(size) if bare.pixelColor(x, y) != barred.pixelColor(x, y)]
    assert min(y for _, y in changed) > size * 0.7
    assert all(bare.pixelColor(x, y).alpha() == 255 == barred.pixelColor(x, y).alpha() for x, y in changed)
    # Beside the pole there is the icon's own ground, and so between it and the bar.
    beside = bare.pixelColor(size * 6 // 10, size * 7 // 10)
    pole = next(x for x in range(size) if bare.pixelColor(x, size // 2) == QColor(LIGHT.accent))
    assert beside in [barred.pixelColor(pole, y) for y in range(size * 7 // 10, size * 8 // 10)]


def test_the_dock_has_a_bar_while_something_is_under_way_and_then_its_plain_icon() -> None:
    dock = DockIcon()
    dock.show(20)
    little = filled(in_the_dock())
    dock.show(70)
    assert 0 < little < filled(in_the_dock())
    dock.show(None)
    assert in_the_dock() == plain()
    dock.show(None)
    assert in_the_dock() == plain()
    dock.show(0)
    assert in_the_dock() != plain()


def test_a_program_that_has_only_its_bundles_icon_has_that_again() -> None:
    QGuiApplication.setWindowIcon(QIcon())
    dock = DockIcon()
    dock.show(20)
    assert filled(in_the_dock())
    dock.show(None)
    assert QGuiApplication.windowIcon().isNull()
