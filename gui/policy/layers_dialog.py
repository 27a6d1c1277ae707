"""The files that a policy was made of: which, in which version, why each is believed, and its digest to compare."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QWidget

from core import value_names
from core.model import Layer, Policy
from core.policy.layers import layers
from core.text import T, plain
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.widgets import ElidedLabel, copy

_WIDE = 640


class PolicyLayersDialog(QDialog):
    """A card for each file, the lowest first."""

    def __init__(self, policy: Policy, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = Parts(self)
        self.say(self.setWindowTitle, T("What the policy was made of"))
        told = self.say.label(T("Each stands on the one before: it adds rules, replaces some, or switches some off."))
        cards = [self._card(number, layer) for number, layer in enumerate(layers(policy), 1)]
        shut = self.say.button(T("Close"), self.accept)
        shut.setDefault(True)
        edges = (STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        last = (shut, 0, Qt.AlignmentFlag.AlignRight)
        column(told, *cards, None, last, spacing=STEP * 3 // 2, inside=self, margins=edges)
        self.resize(_WIDE, 0)

    def _card(self, number: int, layer: Layer) -> QWidget:
        card = QFrame()
        mark(card, "card")
        id, version, source = plain(layer.id), plain(layer.version), plain(layer.source, 200)
        name = T("{number}. {id}, version {version}", number=number, id=id, version=version)
        digest = ElidedLabel(TextSize.SMALL, elide=Qt.TextElideMode.ElideMiddle)
        self.say(digest.setText, T("SHA-256 {digest}", digest=layer.sha256))
        take = self.say.button(
            T("Copy"),
            lambda: copy(layer.sha256),
            icon="copy",
            kind="link",
            name=T("Copy the SHA-256 of {id}", id=id),
        )
        column(
            self.say.line(name, TextSize.STRONG),
            self.say.line(T("{why}: {file}", why=value_names.TRUST[layer.trust], file=source), kind="muted"),
            row((digest, 1), take, spacing=-1),
            spacing=STEP // 2,
            inside=card,
            margins=(STEP * 2, STEP, STEP * 2, STEP),
        )
        return card
