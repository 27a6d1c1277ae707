"""A chapter of the manual, as it is read. Its Markdown is Fanion's own, from a guide; no phone's text is ever in it.

Qt reads the Markdown; how it looks is put on here, since Qt takes neither the window's colours nor its sizes. HTML in
it is only words, a link leads within the manual or nowhere, and a picture is one of the manual's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QImage,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTable,
)
from PySide6.QtWidgets import QApplication, QTextBrowser, QTextEdit

from core.manual import TESTS, Manual, folded
from core.text import T
from gui.toolkit.layouts import FocusRing
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Colours, TextSize, colours, font

#: The sizes of headings, by level: of a guide, a chapter, a part of one.
_SIZES: Final = {1: TextSize.TITLE, 2: TextSize.TITLE, 3: TextSize.HEAD}
#: Percent of a line's own height from line to line; characters in a line, beyond which the text grows no wider.
_LEADING: Final = 130.0
_WIDTH: Final = 92
_READER: Final = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML


class ChapterView(QTextBrowser):
    """Shows one chapter at a time."""

    #: A link to another place of the manual was followed: its anchor.
    link_activated = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        self.say.name(self, T("Chapter"))
        FocusRing(self)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.anchorClicked.connect(lambda url: self.link_activated.emit(url.toString()))
        self._on_screen: tuple[Manual, str, str] | None = None
        #: Where each section begins, by its anchor.
        self._places: dict[str, int] = {}
        self._dressing = False
        #: The section that was scrolled to last, and how far that was.
        self._scrolled = "", 0
        #: Fits the text into another width once Qt has laid it out: to change it meanwhile would break that off.
        self._settled = QTimer(self, singleShot=True, interval=0)
        self._settled.timeout.connect(self._settle)

    def show_section(self, manual: Manual, anchor: str, searched: str = "") -> None:
        """Show the chapter of a section, from that section on; what was searched for is marked in it."""
        chapter = manual.sections[anchor].chapter
        if self._on_screen is None or self._on_screen[:2] != (manual, chapter):
            self._build(manual, chapter)
        self._on_screen = manual, chapter, searched
        self._mark(searched)
        self.setTextCursor(QTextCursor(self.document().findBlock(self._places.get(anchor, 0))))
        self._scroll_to(anchor)
        self._settled.start()

    def _scroll_to(self, anchor: str) -> None:
        """Scroll a section to the top; it stays there when the text is laid out anew, until the reader scrolls."""
        self.document().size()  # has Qt lay out the rest, which it puts off, so that the bar reaches as far
        bar = self.verticalScrollBar()
        place = self._places.get(anchor, 0)
        top = self.cursorRect(QTextCursor(self.document().findBlock(place))).top()
        bar.setValue(bar.value() + top - STEP * 2 if place else 0)
        self._scrolled = anchor, bar.value()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """A picture of the manual; nothing else is ever loaded."""
        return _picture(QUrl(name).fileName()) if kind == QTextDocument.ResourceType.ImageResource.value else None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._rebuild()

    def resizeEvent(self, event: QResizeEvent) -> None:
        anchor, place = self._scrolled
        if self.verticalScrollBar().value() != place:
            anchor = ""  # the reader has scrolled on
        super().resizeEvent(event)
        self._scrolled = anchor, self.verticalScrollBar().value()
        self._settled.start()

    def _settle(self) -> None:
        self._fit()
        if self._scrolled[0] in self._places:
            self._scroll_to(self._scrolled[0])

    def _rebuild(self) -> None:
        """Make the chapter anew in the colours and sizes of the moment, and scroll to where it stood."""
        if self._on_screen is None or self._dressing:
            return
        bar = self.verticalScrollBar()
        place = bar.value() / max(bar.maximum(), 1)
        self._build(*self._on_screen[:2])
        self._mark(self._on_screen[2])
        bar.setValue(round(place * bar.maximum()))

    def _build(self, manual: Manual, chapter: str) -> None:
        self._dressing = True
        try:
            document = self.document()
            # The names of tests are longer than a line; elsewhere a column is as wide as its longest word.
            wrap = QTextOption.WrapMode
            self.setWordWrapMode(wrap.WrapAtWordBoundaryOrAnywhere if chapter.endswith(TESTS) else wrap.WordWrap)
            document.setDefaultFont(font(TextSize.BODY))
            document.setMarkdown(manual.markdown(chapter), _READER)
            document.setDocumentMargin(STEP * 2)
            headings = [block for block in _blocks(document) if block.blockFormat().headingLevel()]
            parts = manual.parts(chapter)
            self._places = {part.anchor: block.position() for part, block in zip(parts, headings, strict=True)}
            _dress(document, colours(QApplication.palette()))
            self._fit()
        finally:
            self._dressing = False

    def _fit(self) -> None:
        """Keep lines short enough to be read, and pictures within them."""
        wide = self.fontMetrics().averageCharWidth() * _WIDTH
        self.setViewportMargins(0, 0, max(self.width() - wide - STEP * 6, 0), 0)
        room = min(self.width() - self.verticalScrollBar().sizeHint().width() - STEP, wide) - STEP * 4
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        kind = QTextDocument.ResourceType.ImageResource
        for start, length, shape in [*_fragments(self.document())]:
            if not shape.isImageFormat():
                continue
            image = shape.toImageFormat()
            natural = _picture(QUrl(image.name()).fileName())
            if natural is None or round(image.width()) == (width := min(room, natural.width())) or room <= 0:
                continue
            # Made small here: Qt would leave out lines of it.
            sharp = self.devicePixelRatioF()
            small = natural.scaledToWidth(round(width * sharp), Qt.TransformationMode.SmoothTransformation)
            self.document().addResource(kind.value, QUrl(image.name()), small)
            image.setWidth(width)
            image.setHeight(small.height() / sharp)
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(image)
        cursor.endEditBlock()
        # Without this Qt forgets the lines of the texts between pictures that have changed.
        self.document().markContentsDirty(0, self.document().characterCount())

    def _mark(self, searched: str) -> None:
        """Have the words of a search stand out."""
        chosen = []
        words = folded(self.document().toPlainText())
        shape = QTextCharFormat()
        c = colours(QApplication.palette())
        shape.setBackground(QColor(c.selected))
        shape.setForeground(QColor(c.selected_text))
        for word in set(folded(searched).split()):
            at = words.find(word)
            while at >= 0:
                selection = QTextEdit.ExtraSelection()
                cursor = QTextCursor(self.document())
                cursor.setPosition(at)
                cursor.setPosition(at + len(word), QTextCursor.MoveMode.KeepAnchor)
                selection.cursor, selection.format = cursor, shape
                chosen.append(selection)
                at = words.find(word, at + len(word))
        self.setExtraSelections(chosen)


@lru_cache(maxsize=16)
def _picture(name: str) -> QImage | None:
    """The manual's picture of this name; None where it has none."""
    file = resources.files("resources") / "guides" / "pictures" / name
    return QImage.fromData(file.read_bytes()) if name and file.is_file() else None


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _tables(document: QTextDocument) -> list[QTextTable]:
    """All tables, in order. Asked by block: of the frames that `QTextDocument.rootFrame` leads to, PySide keeps each
    for as long as the document is there, also when its text is another."""
    tables: dict[int, QTextTable] = {}
    for block in _blocks(document):
        if (table := QTextCursor(block).currentTable()) is not None:
            tables[table.firstPosition()] = table
    return list(tables.values())


def _fragments(document: QTextDocument) -> Iterator[tuple[int, int, QTextCharFormat]]:
    """Start, length and look of each stretch that looks the same."""
    for block in _blocks(document):
        part = block.begin()
        while not part.atEnd():
            fragment = part.fragment()
            yield fragment.position(), fragment.length(), fragment.charFormat()
            part += 1


def _dress(document: QTextDocument, c: Colours) -> None:
    """Put the window's colours, sizes and distances on the whole document."""
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    machine = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families()
    for start, length, shape in [*_fragments(document)]:
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        level = cursor.blockFormat().headingLevel()
        if level:
            chosen = font(_SIZES.get(level, TextSize.HEAD))
            shape.clearProperty(QTextFormat.Property.FontSizeAdjustment.value)  # it would be a factor of its own
            shape.setFontPointSize(chosen.pointSizeF())
            shape.setFontWeight(QFont.Weight.DemiBold)
        if shape.fontFixedPitch():
            shape.setFontFamilies(machine)
            shape.setBackground(QColor(c.nested))
        if shape.isAnchor():
            shape.setForeground(QColor(c.focus))
            shape.setFontUnderline(True)
            if cursor.selectedText().isdecimal():  # the number of a claim
                shape.setFontUnderline(False)
                shape.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        cursor.setCharFormat(shape)
    for block in _blocks(document):
        _dress_block(block, c)
    cursor.endEditBlock()
    for table in _tables(document):
        _dress_table(table, c)


def _dress_block(block: QTextBlock, c: Colours) -> None:
    cursor = QTextCursor(block)
    shape = QTextBlockFormat()
    in_table = cursor.currentTable() is not None
    level = block.blockFormat().headingLevel()
    of_code = (QTextFormat.Property.BlockCodeFence, QTextFormat.Property.BlockCodeLanguage)
    code = any(block.blockFormat().hasProperty(name.value) for name in of_code)
    if level:
        shape.setTopMargin(STEP * 2 if block.position() else 0)
        shape.setBottomMargin(STEP)
    elif code:
        shape.setBackground(QColor(c.nested))
        shape.setTopMargin(0)
        shape.setBottomMargin(0)
        shape.setNonBreakableLines(False)
    else:
        shape.setTopMargin(0)
        shape.setBottomMargin(0 if in_table else STEP)
        if not block.begin().atEnd() and block.begin().fragment().charFormat().isImageFormat():
            shape.setBottomMargin(STEP * 2)
        else:
            shape.setLineHeight(_LEADING, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    QTextCursor(block).mergeBlockFormat(shape)


def _dress_table(table: QTextTable, c: Colours) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QBrush(QColor(c.line)))
    shape.setBorderCollapse(True)
    shape.setCellPadding(STEP * 0.75)
    shape.setCellSpacing(0)
    shape.setTopMargin(STEP / 2)
    shape.setBottomMargin(STEP * 2)
    shape.setHeaderRowCount(1)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.DemiBold)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        ground = cell.format()
        ground.setBackground(QColor(c.nested))
        cell.setFormat(ground)
        cursor = cell.firstCursorPosition()
        cursor.setPosition(cell.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(bold)
