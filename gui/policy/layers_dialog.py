"""The files that a policy was made of: which, in which version, why each is believed, and its digest to compare."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core import value_names
from core.model import Layer, Policy
from core.policy.layers import layers
from core.text import T, plain
from gui.toolkit.theme import STEP, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import ElidedLabel, WrappedLabel, button, copy

_WIDE = 640


class LayersSheet(QDialog):
    """A card for each file, the lowest first."""

    def __init__(self, policy: Policy, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.say = TranslatedText(self)
        self.say(self.setWindowTitle, T("What the policy was made of"))
        told = WrappedLabel()
        self.say(
            told.setText,
            T("Each stands on the one before: it adds rules, replaces some, or switches some off."),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(STEP * 3, STEP * 2, STEP * 3, STEP * 2)
        column.setSpacing(STEP * 3 // 2)
        column.addWidget(told)
        for number, layer in enumerate(layers(policy), 1):
            column.addWidget(self._card(number, layer))
        shut = button()
        shut.setDefault(True)
        self.say(shut.setText, T("Close"))
        shut.clicked.connect(self.accept)
        column.addStretch(1)
        column.addWidget(shut, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(_WIDE, 0)

    def _card(self, number: int, layer: Layer) -> QWidget:
        card = QFrame()
        mark(card, "card")
        name, why = ElidedLabel(TextSize.STRONG), ElidedLabel()
        mark(why, "muted")
        source = plain(layer.source, 200)
        self.say(
            name.setText,
            T("{number}. {id}, version {version}", number=number, id=plain(layer.id), version=plain(layer.version)),
        )
        self.say(why.setText, T("{why}: {file}", why=value_names.TRUST[layer.trust], file=source))
        digest = ElidedLabel(TextSize.SMALL, elide=Qt.TextElideMode.ElideMiddle)
        self.say(digest.setText, T("SHA-256 {digest}", digest=layer.sha256))
        take = button("copy", "link")
        self.say(take.setText, T("Copy"))
        self.say(take.setAccessibleName, T("Copy the SHA-256 of {id}", id=plain(layer.id)))
        take.clicked.connect(partial(_copy, layer.sha256))
        row = QHBoxLayout()
        row.addWidget(digest, 1)
        row.addWidget(take)
        column = QVBoxLayout(card)
        column.setContentsMargins(STEP * 2, STEP, STEP * 2, STEP)
        column.setSpacing(STEP // 2)
        column.addWidget(name)
        column.addWidget(why)
        column.addLayout(row)
        return card


def _copy(digest: str, checked: bool = False) -> None:
    copy(digest)
