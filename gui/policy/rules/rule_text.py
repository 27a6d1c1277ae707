"""What a rule says, in full: what it is about, since when, why, and on whose word."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from core import value_names
from core.policy.wording import long_date
from core.text import Bilingual, T, Text
from gui.policy.rules.rule_model import ORIGINS, STATUSES, RuleOrigin, RuleRow
from gui.toolkit.layouts import Part, ScrollArea, column, row
from gui.toolkit.lists.pills import Pills
from gui.toolkit.lists.rows_table import bounded
from gui.toolkit.lists.tables import Flag
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, colours, mark
from gui.toolkit.widgets import ElidedLabel, StatusIcon, WrappedLabel

#: Characters that one text of a rule shows. The longest of the built-in policy has about a thousand.
_PROSE: Final = 4_000


class RuleText(QFrame):
    """A rule in full: its words, dates, and authority."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, "card")
        self.product = _prose(TextSize.TITLE)
        self.strength = Pills()
        self.since = ElidedLabel()
        self.owner = ElidedLabel(TextSize.STRONG)
        self._whose_glyph = StatusIcon(16)
        self._owner_line = QWidget()
        row(self._whose_glyph, (self.owner, 1), inside=self._owner_line)
        self.dates, self.scope, self.maker, self.reason, self.note = (_prose() for _ in range(5))
        self._note = self._part(T("What to know before acting on it"), self.note, above=0)
        self._dates = self._part(T("Dates"), self.dates)
        self._scope = self._part(T("For which devices"), self.scope)
        self._maker = self._part(T("Publisher"), self.maker)
        by = self._authority()
        #: Shows and hides what only who looks into the rule itself reads; it stays so from rule to rule.
        self.sources = self.say.button(T("Sources and doubts"), icon="chevron-down", kind="chip", folds=True)
        self._sources_part = QWidget()
        column(self._note, self._source, inside=self._sources_part)
        self._sources_part.hide()
        self.sources.toggled.connect(self._fold)
        fold = row(self.sources, None)
        below = (self.reason, by, self._dates, self._scope, self._maker, fold, self._sources_part)
        self._lay_out(self.product, row(self.strength, (self.since, 1)), self._owner_line, *below)

    def _authority(self) -> QWidget:
        """Who has decided the rule: name, decision, its words, and where they can be read."""
        self.by, self.instrument, self.quote = _prose(TextSize.STRONG), _prose(), _prose()
        mark(self.instrument, "muted")
        self._quoted = QWidget()
        row(_Rail(), (self.quote, 1), spacing=STEP * 3 // 2, inside=self._quoted)
        self._unofficial = QWidget()
        self.unofficial = self.say.line(T("The French words are not an official text."), TextSize.SMALL, "muted")
        row(StatusIcon(14, Status.INFO), (self.unofficial, 1), inside=self._unofficial)
        self.address = QLineEdit(readOnly=True)
        self.say(self.address.setAccessibleName, T("Address where the words can be read"))
        self._source = self._part(T("Where the words can be read; Fanion opens no address"), self.address, above=0)
        return self._part(T("Authority"), self.by, self.instrument, self._quoted, self._unofficial)

    def _part(self, caption: Text, *widgets: QWidget, above: int = STEP // 2) -> QWidget:
        """Widgets under a heading, with so many logical pixels above it."""
        part = QWidget()
        heading = self.say.line(caption, TextSize.SMALL, "muted", heading=True)
        column(heading, *widgets, spacing=STEP // 2, inside=part, margins=(0, above, 0, 0))
        return part

    def _lay_out(self, *parts: Part) -> None:
        inner = QWidget()
        column(*parts, None, inside=inner, margins=(STEP * 2, STEP, STEP * 2, STEP))
        self.area = ScrollArea(inner)
        self.say(self.area.setAccessibleName, T("The chosen rule"))
        column(self.area, inside=self, margins=(1, STEP // 2, STEP // 2, STEP // 2))

    def show_entry(self, entry: RuleRow) -> None:
        """Show a rule, from its beginning."""
        rule, by = entry.rule, entry.rule.authority
        self._say(self.product, rule.product)
        self._status = STATUSES[rule.strength]
        self.say(self._say_strength, value_names.STRENGTHS[rule.strength])
        self.say(self.since.setText, T("since {date}", date=long_date(rule.effective)))
        self._owner_line.setVisible(entry.origin is not RuleOrigin.POLICY)
        self._whose_glyph.show_status(Status.NEUTRAL, "desk" if entry.origin.own else "eye-off")
        self.say(self.owner.setText, ORIGINS[entry.origin])
        self._say(self.reason, rule.reason)
        self._say(self.by, T("By {authority}", authority=by.name))
        self._say(self.instrument, by.instrument)
        self._say(self.quote, T("“{quote}”", quote=by.quote))
        self._quoted.setVisible(by.quote != rule.reason)  # a desk's own rule has no quotation of its own
        self._unofficial.setVisible(not by.official_fr)
        self.address.setText(bounded(by.url, _PROSE))
        self.address.setCursorPosition(0)
        self._source.setVisible(bool(by.url))
        days = (
            (T("Announced on {date}.", date=long_date(rule.announced)) if rule.announced else None),
            T("In effect since {date}.", date=long_date(rule.effective)),
            (T("To be carried out by {date}.", date=long_date(rule.deadline)) if rule.deadline else None),
        )
        self.say(self.dates.setText, lambda: " ".join(str(day) for day in days if day is not None))
        self._dates.setVisible(rule.announced is not None or rule.deadline is not None)
        for part, label, text in (
            (self._note, self.note, rule.note),
            (self._scope, self.scope, rule.scope),
            (self._maker, self.maker, rule.publisher),
        ):
            self._say(label, text or "")
            part.setVisible(bool(text))
        self.sources.setVisible(bool(rule.note or by.url))
        self._fold()
        self.area.verticalScrollBar().setValue(0)

    def _say_strength(self, word: str) -> None:
        self.strength.show_flags([Flag(self._status, word)])
        self.strength.setAccessibleName(word)

    def _fold(self) -> None:
        self._sources_part.setVisible(self.sources.isChecked() and not self.sources.isHidden())

    def _say(self, label: WrappedLabel, text: Text | Bilingual | str) -> None:
        self.say(label.setText, lambda: bounded(str(text), _PROSE))


class _Rail(QWidget):
    """The upright line beside a quotation."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(3)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(colours(self.palette()).control))


def _prose(size: TextSize = TextSize.BODY) -> WrappedLabel:
    label = WrappedLabel(size, selectable=True)
    # A single endless word must not push the others out of sight.
    label.setMinimumWidth(1)
    return label
