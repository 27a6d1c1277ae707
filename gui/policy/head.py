"""What a policy is, at the top of its page: its name, what it is about, and how it can be told from any other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.model import Policy, Strength
from core.policy.match import long_date
from core.text import N, T, Text, plain
from gui.parts import Button, Line, copy
from gui.policy.model import CELL, bounded
from gui.sayings import Saying, Sayings
from gui.theme import STEP, Size, mark

#: Milliseconds for which a button says that it did what it was asked to.
_THANKS: Final = 2_000
#: Characters of it that tell two versions of a policy apart at a glance.
_SHA: Final = 12


class Head(QFrame):
    """The policy in a few lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Sayings(self)
        self.title = Line(Size.TITLE)
        self.scope = Line()
        mark(self.scope, "muted")
        self.counts, self.version, self.issued, self.sha256 = _Fact(), _Fact(), _Fact(), _Fact()
        self.origin = _Fact(wish=28)
        self.copy_button = Button()
        mark(self.copy_button, "link")
        self.copy_button.clicked.connect(self._copy)
        self._thanks = QTimer(self, singleShot=True, interval=_THANKS)
        self._thanks.timeout.connect(self._offer_copy)
        self._policy: Policy | None = None

        facts = QHBoxLayout()
        facts.setSpacing(STEP * 3)
        for fact in (self.counts, self.version, self.issued, self.origin, self.sha256):
            facts.addWidget(fact)
        facts.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(STEP * 2, STEP * 3 // 2, STEP * 2, STEP * 3 // 2)
        column.setSpacing(STEP // 2)
        column.addWidget(self.title)
        column.addWidget(self.scope)
        column.addSpacing(STEP // 2)
        column.addLayout(facts)

        self.say(self.setAccessibleName, T("The policy in force"))
        self.say(self.counts.caption.setText, T("Rules"))
        self.say(self.version.caption.setText, T("Version"))
        self.say(self.issued.caption.setText, T("Issued"))
        self.say(self.origin.caption.setText, T("Where it is from"))
        self.say(self.sha256.caption.setText, "SHA-256")
        self.say(
            self.copy_button.setToolTip, T("Copy the SHA-256 of the file, to compare it with the one you were told")
        )
        self.say(self.copy_button.setAccessibleName, T("Copy the SHA-256"))
        self._offer_copy()

    def show_policy(self, policy: Policy, file: str) -> None:
        """Show `policy`. `file` is the path that the settings name, empty for the one that comes with Fanion."""
        self._policy = policy
        self.say(self.title.setText, lambda: bounded(str(policy.title)))
        self.say(self.scope.setText, lambda: bounded(str(T("In force for: {scope}", scope=policy.scope))))
        self.say(self.counts.value.setText, counted(policy))
        self.say(self.version.value.setText, bounded(f"{policy.id} {policy.version}"))
        self.say(self.issued.value.setText, long_date(policy.issued))
        self.say(self.origin.value.setText, _origin(file))
        self.sha256.value.setText(f"{policy.sha256[:_SHA]}…")
        self.sha256.value.setAccessibleName(policy.sha256)
        self.sha256.value.setToolTip(policy.sha256)

    def _copy(self) -> None:
        if self._policy is not None:
            copy(self._policy.sha256)
            self.say(self.copy_button.setText, T("Copied"))
            self._thanks.start()

    def _offer_copy(self) -> None:
        self.say(self.copy_button.setText, T("Copy"))


class _Fact(QWidget):
    """One thing with its name above it."""

    def __init__(self, wish: int = 48) -> None:
        super().__init__()
        self.caption = Line(Size.SMALL)
        mark(self.caption, "muted")
        self.value = _Value(wish)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.caption)
        column.addWidget(self.value)


class _Value(Line):
    """A line that asks for the room of `wish` characters at most: a file's long path leaves its neighbours theirs."""

    def __init__(self, wish: int) -> None:
        super().__init__()
        self._wish = wish

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width(), self.fontMetrics().averageCharWidth() * self._wish), hint.height())


def counted(policy: Policy) -> Text:
    """How many rules of each strength there are."""
    of = Counter(rule.strength for rule in policy.rules)
    return T(
        "{bans}, {recommendations}, {notices}",
        bans=N("{count} ban", "{count} bans", of[Strength.BAN]),
        recommendations=N("{count} recommendation", "{count} recommendations", of[Strength.RECOMMENDATION]),
        notices=N("{count} notice", "{count} notices", of[Strength.NOTICE]),
    )


def _origin(file: str) -> Saying:
    if not file:
        return T("Comes with Fanion")
    # The file's own name first: what is elided is the end.
    path = Path(file)
    return T("{file}, in {folder}", file=plain(path.name), folder=plain(str(path.parent), CELL))
