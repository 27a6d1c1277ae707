"""“Would this app be banned?”: one sentence under the field for a name, an id or a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from core.model import Policy, Rule, Strength
from core.policy.matching import ask
from core.policy.matching.ask import RuleAnswer
from core.text import N, T, Text, plain
from gui.toolkit.jobs import Done, JobEnd, JobRunner, one_call
from gui.toolkit.layouts import row
from gui.toolkit.theme import STEP, Status, TextSize, mark
from gui.toolkit.translated_text import TranslatedText
from gui.toolkit.widgets import StatusIcon, WrappedLabel

#: Rules, up to which it is told at once; with more, off the GUI thread.
_AT_ONCE: Final = 300
_ORDER: Final = (Strength.BAN, Strength.RECOMMENDATION, Strength.NOTICE)


@dataclass(frozen=True, slots=True)
class ProductAnswer:
    """The answer to the question whether a product would be banned, and its colour."""

    status: Status
    sentence: Text


def verdict(typed: str, answers: Sequence[RuleAnswer], listed: Sequence[Rule] = ()) -> ProductAnswer:
    """What to say of what was typed. `listed` are the rules that the list beside it finds by a name or an id."""
    certain = sorted((a for a in answers if a.certain), key=lambda a: _ORDER.index(a.rule.strength))
    if certain:
        return _certain(certain[0])
    like = list(dict.fromkeys((*(a.rule for a in answers), *listed)))
    like.sort(key=lambda rule: _ORDER.index(rule.strength))
    if like:
        sentence = T("Perhaps: this is like what the rule “{product}” names.", product=like[0].product)
        if further := len(like) - 1:
            further_sentence = N("So is {count} other rule.", "So are {count} other rules.", further)
            sentence = T("{a} {b}", a=sentence, b=further_sentence)
        return ProductAnswer(Status.AMBER, sentence)
    sentence = T(
        "No rule names “{words}”. An app under another name can still be recognised by its signer and its code.",
        words=plain(typed.strip(), 60),
    )
    return ProductAnswer(Status.NEUTRAL, sentence)


def _certain(answer: RuleAnswer) -> ProductAnswer:
    because = answer.because
    match answer.rule.strength:
        case Strength.BAN:
            return ProductAnswer(Status.RED, T("Yes, it would be banned. {because}", because=because))
        case Strength.RECOMMENDATION:
            sentence = T("Not banned, but recommended to restrict. {because}", because=because)
            return ProductAnswer(Status.AMBER, sentence)
        case _:
            return ProductAnswer(Status.INFO, T("Not banned, only related. {because}", because=because))


class AnswerStrip(QFrame):
    """The strip with the answer below the search field. Hidden while nothing is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.say = TranslatedText(self)
        self.glyph = StatusIcon(18)
        self.sentence = WrappedLabel(TextSize.STRONG, selectable=True)
        self.sentence.setMinimumWidth(1)
        edges = (STEP * 3 // 2, STEP // 2, STEP * 3 // 2, STEP // 2)
        row((self.glyph, 0, Qt.AlignmentFlag.AlignTop), (self.sentence, 1), inside=self, margins=edges)
        self._turn = 0
        self.hide()

    def ask(self, runner: JobRunner, policy: Policy | None, typed: str, listed: Sequence[Rule]) -> None:
        """Say whether an app of this name, id or certificate would be banned; nothing where nothing is asked."""
        self._turn += 1
        if policy is None or len(typed.strip()) < ask.SHORTEST:
            self.show_verdict(None)
        elif len(policy.rules) <= _AT_ONCE:
            self.show_verdict(verdict(typed, ask.would_be(policy, typed), listed))
        else:
            answered = partial(self._answered, self._turn, typed, listed)
            runner.start(self, "policy answers", one_call(ask.would_be, policy, typed), answered)

    def _answered(self, turn: int, typed: str, listed: Sequence[Rule], end: JobEnd[tuple[RuleAnswer, ...]]) -> None:
        if isinstance(end, Done) and turn == self._turn:
            self.show_verdict(verdict(typed, end.value, listed))

    def show_verdict(self, answer: ProductAnswer | None) -> None:
        """Show an answer; hide the strip for None."""
        if answer is not None:
            mark(self, answer.status.value)
            self.glyph.show_status(answer.status)
            self.say(self.sentence.setText, answer.sentence)
            self.say(self.setAccessibleName, answer.sentence)
        self.setVisible(answer is not None)
