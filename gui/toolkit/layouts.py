"""Rows and columns of widgets, at the distances of the grid."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from gui.toolkit.theme import STEP

#: A widget or a layout, alone or with what `addWidget` takes after it (its stretch, its alignment); a number is a
#: distance in logical pixels, None is room.
Part = QWidget | QLayout | tuple[Any, ...] | int | None
Box = TypeVar("Box", bound=QBoxLayout)
Margins = tuple[int, int, int, int]


def row(
    *parts: Part, spacing: int = STEP, inside: QWidget | None = None, margins: Margins = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Put `parts` beside each other, as the layout of the widget `inside` where there is one."""
    return _filled(QHBoxLayout(), parts, spacing, inside, margins)


def column(
    *parts: Part, spacing: int = STEP, inside: QWidget | None = None, margins: Margins = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Put `parts` below each other, as the layout of the widget `inside` where there is one."""
    return _filled(QVBoxLayout(), parts, spacing, inside, margins)


def _filled(box: Box, parts: tuple[Part, ...], spacing: int, inside: QWidget | None, margins: Margins) -> Box:
    if inside is not None:
        inside.setLayout(box)
    box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            box.addSpacing(part)
            continue
        item, *how = part if isinstance(part, tuple) else (part,)
        if item is None:
            box.addStretch(*how)
        elif isinstance(item, QLayout):
            box.addLayout(item, *how)
        else:
            box.addWidget(item, *how)
    return box


class ScrollArea(QScrollArea):
    """Scrolls `inside` up and down, where it has to, without a frame and without a ground of its own."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
