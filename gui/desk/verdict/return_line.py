"""Whether a banned app that was found can be installed again: one line, and under it the lists that block it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtWidgets import QFrame, QWidget

from core import value_names
from core.describe import can_return
from core.model.can_return import ProductReturn, Return, overall
from core.text import LANGUAGES, Bilingual, T
from gui.desk.bullet_list import Bullet, BulletList
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

#: The sign of each state: its colour, and its icon, which alone tells it from the others.
_SIGNS: Final = {
    Return.POSSIBLE: (Status.AMBER, "warning"),
    Return.UNKNOWN: (Status.AMBER, "question"),
    Return.BLOCKED: (Status.GREEN, "lock"),
}
#: Before the reason.
_HEADS: Final = {
    Return.POSSIBLE: T("Can be reinstalled:"),
    Return.UNKNOWN: T("Reinstalling not known:"),
    Return.BLOCKED: T("Cannot be reinstalled:"),
}


class ReturnLine(QFrame):
    """The worst of all products' states with its reason; each product under "Details"."""

    #: A menu of the formats that the managements of phones of this platform read is wanted, with its right edge here.
    formats_wanted = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self._returns: tuple[ProductReturn, ...] = ()
        self._platform = ""
        self._glyph = StatusIcon(16)
        self.state = self.say.label("", TextSize.STRONG, heading=True)
        self.state.setWordWrap(False)
        self.reason = self.say.label("", TextSize.SMALL, "muted")
        self.export = self.say.button(
            T("Export block list…"),
            self._offer,
            icon="export",
            kind="link",
            name=T("Export block list for the phone’s management"),
            tip=T("Save the list of banned apps for Intune, Apple or Android management, which then blocks them"),
        )
        name = T("Whether each banned app can be reinstalled")
        self.details = self.say.button(T("Details"), self._toggled, kind="link", name=name, folds=True)
        self.bullets = BulletList()
        self.promise = self.say.label(can_return.EVIDENCE, TextSize.SMALL, "muted")
        self._unfolded = QWidget()
        mark(self._unfolded, "clear")
        column(self.bullets, row((self.promise, 1), self.export), spacing=STEP, inside=self._unfolded)
        self._unfolded.hide()
        column(
            row(
                (row(self._glyph, self.state, spacing=STEP), 0),
                (self.reason, 1),
                self.details,
                spacing=STEP * 2,
            ),
            self._unfolded,
            inside=self,
            margins=(STEP * 2, 6, STEP * 2, 6),
        )
        self.hide()

    def minimumSizeHint(self) -> QSize:
        return QSize(STEP * 30, super().minimumSizeHint().height())

    def show_returns(self, returns: Sequence[ProductReturn], platform: str) -> None:
        """Say of these products whether they can come back, and offer the lists for the managements of phones of this
        platform, where one is not blocked; hidden where there are none."""
        state = overall(returns)
        self.setVisible(state is not None)
        if state is None:
            return
        self.export.setVisible(state is not Return.BLOCKED)
        if (tuple(returns), platform) == (self._returns, self._platform):
            return
        self._returns, self._platform = tuple(returns), platform
        status, icon = _SIGNS[state]
        self._glyph.show_status(status, icon)
        mark(self.state, "" if status is Status.GREEN else f"text-{status.value}")
        self.say(self.state.setText, _HEADS[state])
        worst = [product for product in returns if product.state is state]
        self.say(self.reason.setText, can_return.weightiest(worst) or "")
        sentence = can_return.sentence(returns)
        self.say(self.setAccessibleName, can_return.line(returns))
        for label in (self.state, self.reason):
            self.say.long_tip(label, sentence)
        self._show_details()

    def _offer(self) -> None:
        self.formats_wanted.emit(self._platform, self.export.mapToGlobal(self.export.rect().bottomRight()))

    def _show_details(self) -> None:
        """Show each product where they are unfolded."""
        if self.details.isChecked():
            alike: dict[tuple[object, ...], list[ProductReturn]] = {}
            for product in self._returns:
                alike.setdefault((product.state, product.reasons, product.detail), []).append(product)
            self.bullets.show_bullets([_bullet(products) for products in alike.values()])

    def _toggled(self) -> None:
        is_open = self.details.isChecked()
        self._show_details()
        self._unfolded.setVisible(is_open)
        self.say(self.details.setText, T("Hide") if is_open else T("Details"))


def _bullet(products: Sequence[ProductReturn]) -> Bullet:
    """What is said of products of which the phone says the same."""
    first = products[0]
    status, icon = _SIGNS[first.state]
    lines = []
    if (why := can_return.reason_words(first.reasons)) is not None:
        lines.append(value_names.pair(T("Why"), why))
    if first.detail:
        lines.append(value_names.pair(T("In the phone’s words"), ", ".join(first.detail)))
    # One text, not one in another: a policy may ban hundreds.
    english, french = (", ".join(getattr(product.product, language) for product in products) for language in LANGUAGES)
    names = Bilingual(english, french)
    return Bullet(status, value_names.pair(names, value_names.RETURNS[first.state]), tuple(lines), icon)
