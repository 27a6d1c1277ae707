"""The head of the verdict block: the verdict and why, or what is under way and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from core.text import T, Text
from gui.desk.acts.all_acts import CHECK, STOP
from gui.desk.acts.desk_actions import DeskActions
from gui.desk.phone_text import BlockText
from gui.desk.session.page_state import PageState
from gui.toolkit.images.progress_ring import ProgressRing
from gui.toolkit.layouts import column, row
from gui.toolkit.parts import Parts
from gui.toolkit.theme import STEP, Status, TextSize, font, mark
from gui.toolkit.widgets import ElidedLabel, WrappedLabel


class BlockHead(QFrame):
    """Says what is known of the phone in one headline."""

    def __init__(self, actions: DeskActions) -> None:
        super().__init__()
        self.say = Parts(self)
        self._compact = self._low = False
        self.ring = ProgressRing(56)
        self.headline = WrappedLabel(TextSize.DISPLAY)
        self.sentence = WrappedLabel(selectable=True)
        self.doing = ElidedLabel(TextSize.STRONG)
        why = T("How the apps were recognised, and why they are banned")
        self.details = self.say.button(T("Details"), kind="link", name=why, tip=why)
        again = self.say.button(self._again_words, icon="refresh", name=T("Check again"))
        self.again = actions.join(again, CHECK, T("Check again"))
        self.stop = actions.join(self.say.button(T("Stop"), icon="stop"), STOP, T("Stop what is under way"))
        texts = column(None, self.headline, self.doing, self.sentence, None, spacing=2)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._row = row(
            (self.ring, 0, middle),
            (texts, 1),
            (self.details, 0, middle),
            (self.stop, 0, middle),
            (self.again, 0, middle),
            spacing=STEP * 2 + 4,
            inside=self,
        )

    def be_compact(self, compact: bool, edge: int) -> None:
        """Take less room, with this much of it at either side."""
        self._compact = compact
        self.say.again()
        self._low = edge <= STEP
        above, below = (edge - 4, edge - 4) if compact else (STEP * 2 + 4, 20)
        self._row.setContentsMargins(edge, above, edge, below)
        self.ring.setFixedSize(*((36, 36) if compact else (56, 56)))

    def show_keys(self, drawn: bool) -> None:
        """Draw the keys on its buttons, where there is room."""
        for act_button, act in ((self.again, CHECK), (self.stop, STOP)):
            act_button.show_key(act.key_name if drawn else "")

    def show_text(self, block: BlockText, state: PageState) -> None:
        """Show this verdict, or what is said instead of one."""
        mark(self, f"head-{block.status.value}")
        progress = block.progress
        share = progress.share if progress is not None and block.status is Status.NEUTRAL else None
        self.ring.show_share(share, block.glyph, block.status)
        self.ring.setVisible(not (self._low and block.status is Status.RED))  # its words need the room
        self.headline.setFont(font(self._headline_size(verdict=block.verdict)))
        self.doing.setVisible(progress is not None and bool(str(progress.doing)))
        if progress is not None:
            self.say(self.doing.setText, progress.doing)
        self.say(self.headline.setText, block.headline)
        self.say(self.sentence.setText, lambda: " ".join(map(str, block.sentences)))
        self.sentence.setVisible(bool(block.sentences))
        self.stop.setVisible(state.busy)
        self.say(self.stop.setText, T("Stop after this app") if state.changing else T("Stop"))
        self.again.setVisible(state.checked and not (state.busy or state.absent or state.handed_back))

    def _again_words(self) -> Text | str:
        return "" if self._compact else T("Check again")

    def _headline_size(self, *, verdict: bool) -> TextSize:
        if not verdict:
            return TextSize.HEAD if self._compact else TextSize.TITLE
        return TextSize.TITLE if self._compact else TextSize.DISPLAY
