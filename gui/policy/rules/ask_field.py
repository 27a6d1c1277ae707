"""“Would this app be banned?”: one sentence under the field for a name, an id or a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from core.model import Policy, Rule, Strength
from core.policy.matching import ask
from core.policy.matching.ask import RuleAnswer
from core.text import N, T, Text, plain
from gui.toolkit.jobs import Done, JobEnd, JobRunner
from gui.toolkit.layouts import row
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import StatusIcon, WrappedLabel

#: Rules, up to which it is told at once; with more, off the GUI thread.
_AT_ONCE: Final = 300
_ORDER: Final = (Strength.BAN, Strength.RECOMMENDATION, Strength.NOTICE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is answered, and in which colour."""

    status: Status
    sentence: Text


def verdict(typed: str, answers: Sequence[RuleAnswer], named: Sequence[Rule] = ()) -> Verdict:
    """What to say of what was typed. `named` are the rules that the list beside it finds by a name or an id."""
    certain = sorted((a for a in answers if a.certain), key=lambda a: _ORDER.index(a.rule.strength))
    if certain:
        return _certain(certain[0])
    like = list(dict.fromkeys((*(a.rule for a in answers), *named)))
    like.sort(key=lambda rule: _ORDER.index(rule.strength))
    if like:
        sentence = T("Perhaps: this is like what the rule “{product}” names.", product=like[0].product)
        if others := len(like) - 1:
            more = N("So is {count} other rule.", "So are {count} other rules.", others)
            sentence = T("{a} {b}", a=sentence, b=more)
        return Verdict(Status.AMBER, sentence)
    sentence = T(
        "No rule names “{words}”. An app under another name can still be recognised by its signer and its code.",
        words=plain(typed.strip(), 60),
    )
    return Verdict(Status.NEUTRAL, sentence)


def _certain(answer: RuleAnswer) -> Verdict:
    because = answer.because
    match answer.rule.strength:
        case Strength.BAN:
            return Verdict(Status.RED, T("Yes, it would be banned. {because}", because=because))
        case Strength.RECOMMENDATION:
            said = T("Not banned, but recommended to restrict. {because}", because=because)
            return Verdict(Status.AMBER, said)
        case _:
            return Verdict(Status.INFO, T("Not banned, only related. {because}", because=because))


class AnswerStrip(QFrame):
    """The answer. Hidden while nothing is asked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say = TranslatedText(self)
        self.glyph = StatusIcon(18)
        self.sentence = WrappedLabel(TextSize.STRONG, selectable=True)
        self.sentence.setMinimumWidth(1)
        edges = (STEP * 3 // 2, STEP // 2, STEP * 3 // 2, STEP // 2)
        row((self.glyph, 0, Qt.AlignmentFlag.AlignTop), (self.sentence, 1), inside=self, margins=edges)
        self._asked = 0
        self.hide()

    def ask(self, runner: JobRunner, policy: Policy | None, typed: str, named: Sequence[Rule]) -> None:
        """Say whether an app of this name, id or certificate would be banned; nothing where nothing is asked."""
        self._asked += 1
        if policy is None or len(typed.strip()) < ask.SHORTEST:
            self.show_verdict(None)
        elif len(policy.rules) <= _AT_ONCE:
            self.show_verdict(verdict(typed, ask.would_be(policy, typed), named))
        else:
            runner.start(
                self,
                "policy answers",
                lambda cancel, report: ask.would_be(policy, typed),
                partial(self._answered, self._asked, typed, named),
            )

    def _answered(self, asked: int, typed: str, named: Sequence[Rule], end: JobEnd[tuple[RuleAnswer, ...]]) -> None:
        if isinstance(end, Done) and asked == self._asked:
            self.show_verdict(verdict(typed, end.value, named))

    def show_verdict(self, found: Verdict | None) -> None:
        """Say this; None: nothing is asked."""
        if found is not None:
            mark(self, found.status.value)
            self.glyph.show_status(found.status)
            self.say(self.sentence.setText, found.sentence)
            self.say(self.setAccessibleName, found.sentence)
        self.setVisible(found is not None)
