"""How Fanion looks: two palettes of its own on Qt's Fusion style, one type scale, an 8-pixel grid.

Colours are asked for by what they are for. A painting asks `colours(widget.palette())` each time, so that a change
between light and dark is seen at once. A status colour never stands alone: a glyph and a word go with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from pathlib import Path
from string import Template
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

#: Not through importlib.resources, which a window that is to be seen soon would have to load.
_STYLE: Final = Path(__file__).resolve().parents[2] / "resources" / "style.qss"
#: The grid: every distance is a multiple or a half of it (logical pixels).
STEP: Final = 8


class Status(Enum):
    """What a colour says."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    NEUTRAL = "neutral"
    INFO = "info"


#: The icon that goes with each status.
STATUS_ICONS: Final[Mapping[Status, str]] = {
    Status.RED: "cross",
    Status.AMBER: "question",
    Status.GREEN: "check",
    Status.NEUTRAL: "more",
    Status.INFO: "info",
}


class TextSize(Enum):
    """The type scale: how large, relative to the text of the system, and how heavy."""

    SMALL = (0.9, QFont.Weight.Normal)
    BODY = (1.0, QFont.Weight.Normal)
    STRONG = (1.0, QFont.Weight.DemiBold)
    TITLE = (1.35, QFont.Weight.DemiBold)
    DISPLAY = (2.2, QFont.Weight.Bold)


class ColourScheme(StrEnum):
    """What the officer wants: what the system says, or one of the two."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class StatusColours(NamedTuple):
    """A status on its ground: at least 7:1 between `text` and `back`. `line` is for a frame around it."""

    text: str
    back: str
    line: str


class Colours(NamedTuple):
    """One palette."""

    dark: bool
    window: str
    base: str
    raised: str
    side: str
    text: str
    muted: str
    line: str
    control: str
    accent: str
    accent_text: str
    selected: str
    selected_text: str
    focus: str
    status: Mapping[Status, StatusColours]

    @property
    def on_red(self) -> str:
        """What is written on a ground of the red of texts."""
        return self.status[Status.RED].back if self.dark else "#ffffff"


LIGHT: Final = Colours(
    dark=False,
    window="#f3f4f6",
    base="#ffffff",
    raised="#ffffff",
    side="#fafbfc",
    text="#1d2129",
    muted="#545c68",
    line="#d8dce2",
    control="#828a96",
    accent="#25364f",
    accent_text="#ffffff",
    selected="#d7e5f6",
    selected_text="#10243c",
    focus="#2f6db3",
    status={
        Status.RED: StatusColours("#8c1d18", "#ffdad6", "#e8a9a2"),
        Status.AMBER: StatusColours("#5c4700", "#fff0c2", "#dcc272"),
        Status.GREEN: StatusColours("#0f5223", "#d7f5dd", "#96cfa4"),
        Status.NEUTRAL: StatusColours("#39424f", "#e6e9ee", "#c6ccd5"),
        Status.INFO: StatusColours("#15426f", "#dcebfc", "#a3c4e8"),
    },
)

DARK: Final = Colours(
    dark=True,
    window="#202124",
    base="#1b1c1f",
    raised="#292b2f",
    side="#1d1e21",
    text="#e8eaed",
    muted="#a9b0ba",
    line="#3b3e44",
    control="#7d838e",
    accent="#cfd8e6",
    accent_text="#18202b",
    selected="#2c4868",
    selected_text="#ffffff",
    focus="#7fb1ea",
    status={
        Status.RED: StatusColours("#ffb4ab", "#4a1512", "#7d3029"),
        Status.AMBER: StatusColours("#e0c66c", "#3a3000", "#66560f"),
        Status.GREEN: StatusColours("#7ddc8b", "#0f3319", "#285e36"),
        Status.NEUTRAL: StatusColours("#c6ccd6", "#32353b", "#4a4e56"),
        Status.INFO: StatusColours("#a5cdf7", "#16314d", "#2f5379"),
    },
)


def colours(palette: QPalette) -> Colours:
    """The set that a palette belongs to."""
    window = palette.color(QPalette.ColorRole.Window)
    if window.alpha() == 0:  # a style sheet has made the widget transparent
        window = QApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if window.lightness() < 128 else LIGHT


def font(size: TextSize) -> QFont:
    """The application's font in a size of the scale."""
    factor, weight = size.value
    chosen = QFont(QApplication.font())
    chosen.setPointSizeF(chosen.pointSizeF() * factor)
    chosen.setWeight(weight)
    return chosen


def mark(widget: QWidget, kind: str) -> None:
    """Give a widget one of the looks that the style sheet knows; may change while it is shown."""
    if widget.property("kind") == kind:
        return
    widget.setProperty("kind", kind)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # it is styled when it is shown
    # What is inside may take its colour from the kind of what is around it.
    for one in (widget, *widget.findChildren(QLabel)):
        one.style().unpolish(one)
        one.style().polish(one)


class Appearance(QObject):
    """Light or dark, for the whole application, as chosen or as the system has it.

    With `later`, nothing is put on before :meth:`choose`: a style sheet that is there first is looked through for every
    new widget.
    """

    changed = Signal()

    def __init__(self, app: QApplication, choice: ColourScheme = ColourScheme.SYSTEM, *, later: bool = False) -> None:
        super().__init__(app)
        self._app = app
        base = app.font()
        if 0 < base.pointSizeF() < _SMALLEST_TEXT:
            base.setPointSizeF(_SMALLEST_TEXT)
            app.setFont(base)
        self.choice = choice
        app.styleHints().colorSchemeChanged.connect(self._put_on)
        if not later:
            self.choose(choice)

    @property
    def dark(self) -> bool:
        """Whether it is dark now."""
        if self.choice is ColourScheme.SYSTEM:
            return self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self.choice is ColourScheme.DARK

    def choose(self, choice: ColourScheme) -> None:
        """Look as `choice` says from now on."""
        self.choice = choice
        # Only a hint: it colours the title bar on Windows and macOS, and does nothing on a bare X11.
        if choice is ColourScheme.SYSTEM:
            self._app.styleHints().unsetColorScheme()
        else:
            dark = choice is ColourScheme.DARK
            self._app.styleHints().setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        self._put_on()

    def _put_on(self) -> None:
        wanted = DARK if self.dark else LIGHT
        self._app.setPalette(_palette(wanted))
        self._app.setStyleSheet(_style_sheet(wanted))
        self.changed.emit()


#: Points. Some systems say 9, which is too small for a table that is read at arm's length.
_SMALLEST_TEXT: Final = 10.0


def _palette(c: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in {
        role.Window: c.window,
        role.WindowText: c.text,
        role.Base: c.base,
        role.AlternateBase: c.window,
        role.Text: c.text,
        role.Button: c.raised,
        role.ButtonText: c.text,
        role.BrightText: c.status[Status.RED].text,
        role.Highlight: c.selected,
        role.HighlightedText: c.selected_text,
        role.ToolTipBase: c.raised,
        role.ToolTipText: c.text,
        role.PlaceholderText: c.muted,
        role.Link: c.focus,
        role.LinkVisited: c.focus,
        role.Accent: c.focus,
        role.Light: c.raised,
        role.Midlight: c.line,
        role.Mid: c.control,
        role.Dark: c.control,
        role.Shadow: "#000000",
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(c.control))
    return palette


def _style_sheet(c: Colours) -> str:
    red, info, green = c.status[Status.RED], c.status[Status.INFO], c.status[Status.GREEN]
    frames = "\n".join(
        f'QFrame[kind="{status.value}"] {{ background: {pair.back}; border: 1px solid {pair.line};'
        " border-radius: 8px; }\n"
        f'QFrame[kind="{status.value}"] QLabel {{ color: {pair.text}; background: transparent; border: none; }}'
        for status, pair in c.status.items()
    )
    named = {"frames": frames, "red": red.text, "on_red": c.on_red, "info_text": info.text, "info_back": info.back}
    named |= {"green": green.text, "green_back": green.back}
    return Template(_STYLE.read_text(encoding="utf-8")).substitute(c._asdict() | named)
