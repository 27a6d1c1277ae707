"""How Fanion looks: palettes of its own on Qt's Fusion style, one type scale, an 8-pixel grid.

There is a light and a dark palette, and each in high contrast, for those who have asked their system for that.

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
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

#: Not through importlib.resources, which a window that is to be seen soon would have to load.
_RESOURCES: Final = Path(__file__).resolve().parents[2] / "resources"
_STYLE: Final = _RESOURCES / "style.qss"
#: Inter (rsms.me/inter, OFL 1.1), cut down to Latin letters: resources/fonts/README.md says how.
_FONTS: Final = _RESOURCES / "fonts"
_FAMILY: Final = "Inter"
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

    SMALL = (0.86, QFont.Weight.Normal)
    SMALL_STRONG = (0.86, QFont.Weight.DemiBold)
    BODY = (1.0, QFont.Weight.Normal)
    STRONG = (1.0, QFont.Weight.DemiBold)
    HEAD = (1.14, QFont.Weight.DemiBold)
    TITLE = (1.43, QFont.Weight.DemiBold)
    DISPLAY = (2.29, QFont.Weight.Bold)


class ColourScheme(StrEnum):
    """What the officer wants: what the system says, or one of the two."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class StatusColours(NamedTuple):
    """A status on its grounds: at least 7:1 between `text` and `back`, and `text` and `soft`.

    `back` is for small things (pills, discs), `soft` for large grounds, `line` for a frame around it.
    """

    text: str
    back: str
    line: str
    soft: str


class Colours(NamedTuple):
    """One palette."""

    dark: bool
    window: str
    base: str
    raised: str
    #: A card inside a card, and the lines in it.
    nested: str
    hair: str
    side: str
    #: The ground of an app's letter.
    tile: str
    tile_text: str
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
    nested="#ffffff",
    hair="#e8ebef",
    side="#fafbfc",
    tile="#eef1f5",
    tile_text="#25364f",
    text="#1d2129",
    muted="#545c68",
    line="#d8dce2",
    control="#828a96",
    accent="#25364f",
    accent_text="#ffffff",
    selected="#dfeaf8",
    selected_text="#10243c",
    focus="#2f6db3",
    status={
        Status.RED: StatusColours("#8c1d18", "#ffdad6", "#e8a9a2", "#fff3f1"),
        Status.AMBER: StatusColours("#5c4700", "#fff0c2", "#dcc272", "#fff9e8"),
        Status.GREEN: StatusColours("#0f5223", "#d7f5dd", "#96cfa4", "#f1fbf3"),
        Status.NEUTRAL: StatusColours("#39424f", "#e6e9ee", "#c6ccd5", "#f7f8fa"),
        Status.INFO: StatusColours("#15426f", "#dcebfc", "#a3c4e8", "#f2f8ff"),
    },
)

DARK: Final = Colours(
    dark=True,
    window="#202124",
    base="#1b1c1f",
    raised="#25272b",
    nested="#2b2d32",
    hair="#383b42",
    side="#1d1e21",
    tile="#32353b",
    tile_text="#e8eaed",
    text="#e8eaed",
    muted="#a9b0ba",
    line="#3b3e44",
    control="#7d838e",
    accent="#cfd8e6",
    accent_text="#18202b",
    selected="#273a52",
    selected_text="#ffffff",
    focus="#7fb1ea",
    status={
        Status.RED: StatusColours("#ffb4ab", "#4a1512", "#7d3029", "#2c1c1b"),
        Status.AMBER: StatusColours("#e0c66c", "#3a3000", "#66560f", "#26231a"),
        Status.GREEN: StatusColours("#7ddc8b", "#0f3319", "#285e36", "#19231c"),
        Status.NEUTRAL: StatusColours("#c6ccd6", "#32353b", "#4a4e56", "#26282c"),
        Status.INFO: StatusColours("#a5cdf7", "#16314d", "#2f5379", "#1c242e"),
    },
)


def _on(ground: str, *inks: str) -> Mapping[Status, StatusColours]:
    """The statuses in high contrast: the ink of each, which is also its frame, on the ground of everything."""
    return {status: StatusColours(ink, ground, ink, ground) for status, ink in zip(Status, inks, strict=True)}


LIGHT_CONTRAST: Final = Colours(
    dark=False,
    **dict.fromkeys(("window", "base", "raised", "nested", "side", "tile", "accent_text"), "#ffffff"),
    **dict.fromkeys(("tile_text", "text", "muted", "accent", "selected_text"), "#000000"),
    **dict.fromkeys(("hair", "line"), "#8a8a8a"),
    control="#595959",
    selected="#cfe5ff",
    focus="#0040a0",
    status=_on("#ffffff", "#7a0000", "#4a3600", "#004014", "#000000", "#00316b"),
)

DARK_CONTRAST: Final = Colours(
    dark=True,
    **dict.fromkeys(("window", "base", "raised", "nested", "side", "tile", "accent_text"), "#000000"),
    **dict.fromkeys(("tile_text", "text", "muted", "accent", "selected_text"), "#ffffff"),
    **dict.fromkeys(("hair", "line"), "#757575"),
    control="#a6a6a6",
    selected="#00386e",
    focus="#8fd0ff",
    status=_on("#000000", "#ffb3ab", "#ffe07a", "#8df29d", "#ffffff", "#b8dcff"),
)

_HIGH: Final = frozenset(QColor(c.window).rgb() for c in (LIGHT_CONTRAST, DARK_CONTRAST))


def colours(palette: QPalette) -> Colours:
    """The set that a palette belongs to: light or dark by its own window, in high contrast if the application is.

    The style sheet gives a widget's palette the ground that the widget has, which another set may have for a window.
    """
    window, whole = (p.color(QPalette.ColorRole.Window) for p in (palette, QApplication.palette()))
    if window.alpha() == 0:  # a style sheet has made the widget transparent
        window = whole
    light, dark = (LIGHT_CONTRAST, DARK_CONTRAST) if whole.rgb() in _HIGH else (LIGHT, DARK)
    return dark if window.lightness() < 128 else light


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
    for part in (widget, *widget.findChildren(QLabel)):
        part.style().unpolish(part)
        part.style().polish(part)


class Appearance(QObject):
    """Light or dark, for the whole application, as chosen or as the system has it; in high contrast, if it asks for it.

    The style sheet is each window's own: on the application, Qt lays every widget out by itself when the colours
    change, which takes six times as long. With `later`, nothing is put on before :meth:`choose`: a style sheet that is
    there first is looked through for every new widget.
    """

    changed = Signal()

    def __init__(self, app: QApplication, choice: ColourScheme = ColourScheme.SYSTEM, *, later: bool = False) -> None:
        super().__init__(app)
        self._app = app
        self._windows: list[QWidget] = []
        self._later = later
        app.setFont(_base_font(app.font()))
        self.choice = choice
        self._hints = app.styleHints()  # kept: with it PySide lets go of what it gives out
        self._hints.colorSchemeChanged.connect(self._put_on)
        self._contrast = False
        if hasattr(self._hints, "accessibility"):  # since Qt 6.10
            hints = self._hints.accessibility()
            self._contrast = hints.contrastPreference() is Qt.ContrastPreference.HighContrast
            hints.contrastPreferenceChanged.connect(self._contrast_wanted)
        if not later:
            self.choose(choice)

    def dress(self, window: QWidget) -> None:
        """Have a window, and all that is in it or opens from it, look as is chosen now and later."""
        self._windows.append(window)
        window.destroyed.connect(lambda: self._windows.remove(window))
        if not self._later:
            window.setStyleSheet(_style_sheet(self._colours))

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

    def raise_contrast(self, high: bool) -> None:
        """Be in high contrast from now on, or not: the system's wish."""
        self._contrast = high
        self._put_on()

    def _contrast_wanted(self, wish: Qt.ContrastPreference) -> None:
        self.raise_contrast(wish is Qt.ContrastPreference.HighContrast)

    @property
    def _colours(self) -> Colours:
        if self._contrast:
            return DARK_CONTRAST if self.dark else LIGHT_CONTRAST
        return DARK if self.dark else LIGHT

    def _put_on(self) -> None:
        self._later = False
        self._app.setPalette(_palette(self._colours))
        for window in self._windows:
            window.setStyleSheet(_style_sheet(self._colours))
        self.changed.emit()


#: Points. Some systems say 9, which is too small for a table that is read at arm's length.
_SMALLEST_TEXT: Final = 10.5


def _base_font(system: QFont) -> QFont:
    """The bundled font, as large as the system's, whose own fonts write what it has no letters for.

    The widths of texts are then the same on every system. Where the files are not there, the system's font is used.
    """
    chosen = QFont(system)
    if _FAMILY not in system.families():
        for weight in ("Regular", "SemiBold", "Bold"):
            QFontDatabase.addApplicationFont(str(_FONTS / f"Inter-{weight}.otf"))
        if QFontDatabase.hasFamily(_FAMILY):
            chosen.setFamilies([_FAMILY, *system.families()])
    chosen.setPointSizeF(max(system.pointSizeF(), _SMALLEST_TEXT))
    return chosen


def _palette(c: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for colour_role, colour in {
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
        palette.setColor(colour_role, QColor(colour))
    for colour_role in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, colour_role, QColor(c.control))
    return palette


def _style_sheet(c: Colours) -> str:
    red, info, green = c.status[Status.RED], c.status[Status.INFO], c.status[Status.GREEN]
    frames = "\n".join(
        f'QFrame[kind="{status.value}"] {{ background: {pair.back}; border: 1px solid {pair.line};'
        " border-radius: 8px; }\n"
        f'QFrame[kind="{status.value}"] QLabel {{ color: {pair.text}; background: transparent; border: none; }}'
        for status, pair in c.status.items()
    )
    frames += "\n".join(
        f'QFrame[kind="block-{status.value}"] {{ background: {c.raised}; border: 1px solid {pair.line};'
        " border-radius: 12px; }\n"
        f'QFrame[kind="head-{status.value}"] {{ background: {pair.soft}; border: none;'
        " border-top-left-radius: 12px; border-top-right-radius: 12px; }\n"
        f'QFrame[kind="head-{status.value}"] QLabel {{ color: {pair.text}; background: transparent; }}\n'
        f'QLabel[kind="pill-{status.value}"], QFrame[kind="pill-{status.value}"] {{ background: {pair.back};'
        f" color: {pair.text}; border: none; border-radius: 6px; padding: 3px 8px; }}\n"
        f'QLabel[kind="text-{status.value}"], QPushButton[kind="number-{status.value}"] {{ color: {pair.text}; }}\n'
        f'QFrame[kind="owner-{status.value}"] {{ background: {pair.soft}; border: none; }}\n'
        f'QFrame[kind="rule-{status.value}"] {{ background: {pair.line}; border: none; }}'
        for status, pair in c.status.items()
    )
    values = {"frames": frames, "red": red.text, "on_red": c.on_red, "info_text": info.text, "info_back": info.back}
    values |= {"green": green.text, "green_back": green.back}
    # In the colour of what is written on the accent: a style sheet cannot tint a picture.
    values["tick"] = (_RESOURCES / "marks" / ("tick-dark.svg" if c.dark else "tick-light.svg")).as_posix()
    return Template(_STYLE.read_text(encoding="utf-8")).substitute(c._asdict() | values)
