"""What the officer says aloud to the owner of a phone that is handed back, in either language."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QFrame, QWidget

from core import text
from core.describe import visit as describe_visit
from core.phones.driver import LeftToOwner
from core.text import LANGUAGES, Bilingual, T
from gui.desk.session.phone_session import PhoneSession
from gui.desk.stage_track import Stage, stage_of
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts, Segments
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon

#: Each language in its own words, in the order of LANGUAGES.
_LANGUAGES: Final = (("EN", "English"), ("FR", "Français"))


class SayAloud(QFrame):
    """A sentence or two, in the window's language, until the owner's is chosen for this phone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.say = Parts(self)
        self._words: Bilingual | None = None
        self._of: tuple[object, ...] = ()
        heading = self.say.label(T("Say to the holder"), TextSize.SMALL, "muted")
        self.sentence = self.say.label("", TextSize.HEAD, selectable=True, heading=False)  # large, to be read out
        self.languages = [self.say.button(short, kind="segment", name=name) for short, name in _LANGUAGES]
        self._group = self.say.group(*self.languages)
        self._group.idClicked.connect(lambda number: self._show())
        icon = StatusIcon(20, Status.NEUTRAL, "speech")
        texts = column(heading, self.sentence, spacing=2)
        edges = (STEP * 3, STEP + 4, STEP * 3, STEP + 4)
        row(icon, (texts, 1), Segments(*self.languages), spacing=STEP * 2, inside=self, margins=edges)

    def show_session(self, session: PhoneSession) -> None:
        """Show what is said of this phone; hidden until it is to be handed back."""
        applies = stage_of(session) >= Stage.HAND_BACK and session.check is not None and not session.busy
        self.setVisible(applies and not session.absent)
        if applies and session.check is not None:
            facts = session.handed_back.outcome if session.handed_back else None
            owner = LeftToOwner(facts.auto_blocker, facts.computers) if facts is not None else LeftToOwner()
            self._words = describe_visit.say_aloud(session.standing, session.check.inventory.phone, owner)
            if (of := (session, text.language())) != self._of:
                self._of = of
                self._group.button(LANGUAGES.index(text.language())).setChecked(True)
            self._show()

    def _show(self) -> None:
        if self._words is not None:
            language = LANGUAGES[max(self._group.checkedId(), 0)]
            words = self._words.in_language(language)
            self.say(self.sentence.setText, f"“{words}”" if language == "en" else f"« {words} »")
