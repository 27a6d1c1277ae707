"""What has to be known beside everything that a store of head office shows: practice, what was never brought, and what
contradicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from core.text import N, T, Text
from gui.toolkit.layouts import row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, mark
from gui.toolkit.widgets import StatusIcon

if TYPE_CHECKING:  # loaded late
    from core.head_office.questions.remarks import Remarks

#: Remarks that are shown; the command line has all of them.
_MOST: Final = 8


class RemarksBar(QFrame):
    """The remarks about a store, a line each. Hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.say = Parts(self)
        mark(self, Status.AMBER.value)
        self.words = self.say.label("", selectable=True)
        row(
            (StatusIcon(20, Status.AMBER, "warning"), 0, Qt.AlignmentFlag.AlignTop),
            (self.words, 1),
            spacing=STEP * 2,
            inside=self,
            margins=(STEP * 2, STEP, STEP * 2, STEP),
        )
        self.hide()

    def show_remarks(self, remarks: Remarks | None) -> None:
        """Show the remarks about a store; hide the bar for None, and where there are none."""
        sentences: list[Text] = list(remarks.sentences) if remarks is not None else []
        if (hidden := len(sentences) - _MOST) > 0:
            sentences[_MOST:] = [
                N(
                    "There is {count} more remark: “fanion store show” has all of them.",
                    "There are {count} more remarks: “fanion store show” has all of them.",
                    hidden,
                )
            ]
        self.say(self.words.setText, lambda: "\n".join(map(str, sentences)))
        self.say.name(self, T("Remarks about this store"))
        self.setVisible(bool(sentences))
