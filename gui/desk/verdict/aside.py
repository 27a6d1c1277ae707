"""What is said beside a verdict while the officer would otherwise wait, with the way to the next phone."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from core.text import T, Text
from gui.desk.acts import act_words
from gui.desk.acts.all_acts import NEXT
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.session.page_state import PageState
from gui.toolkit.buttons import button
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.widgets import StatusIcon


class Aside(QFrame):
    """A heading, a sentence, and the button to the next phone that needs somebody."""

    def __init__(self, actions: DeskActions) -> None:
        super().__init__()
        mark(self, "card")
        self.say = Parts(self)
        self.heading = self.say.label("", TextSize.STRONG)
        self.sentence = self.say.label("", kind="muted")
        go_on = T("Go to the next phone that needs you")
        self.next = actions.join(button(kind="primary"), NEXT, go_on, act_words.next_phone)
        self.next.hide()
        texts = column(self.heading, self.sentence, spacing=2)
        edges = (STEP * 3, STEP + 4, STEP * 3, STEP + 4)
        row(StatusIcon(16, Status.NEUTRAL, "info"), (texts, 1), self.next, spacing=STEP * 2, inside=self, margins=edges)

    def show_words(self, words: tuple[Text, Text | str] | None) -> None:
        """Show this heading and sentence; hidden where there is nothing to say."""
        self.setVisible(words is not None)
        if words is not None:
            self.say(self.heading.setText, words[0])
            self.say(self.sentence.setText, words[1])

    def show_state(self, state: PageState) -> None:
        """Offer the way to the next phone, where one waits."""
        self.next.setVisible(state.enabled(NEXT))
