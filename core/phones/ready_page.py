"""What the page "Getting ready" can show of a phone, without a widget: each state's row has its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.guide_files import Sign
from core.text import T, Text

_NO_HELP: Final = T("Still not working?")


class Layout(Enum):
    """What the page "Getting ready" is made of."""

    #: The steps of the maker's guide, of which one is to be done now.
    STEPS = "steps"
    #: The phone's question, drawn large.
    QUESTION = "question"
    #: The next step in words.
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPage:
    """What the page "Getting ready" shows of a phone.

    `{allow}` in `headline` is the phone's own word for it. `sentence` stands below it; None: the state's own. `step` is
    the one of the guide's that is to be done now, from 1 on, and `by_officer` tells that an officer says when it is
    done, as Fanion cannot see it. `choice`: the maker's guide may be chosen. `ask` is what the button says that has the
    phone opened anew; None: that would not help. `sign` is what Fanion sees, for which the guide has cures, under
    `cures`; they are `open` at once, or, where the phone's question `waits` for an answer, after a while.
    `drawing` stands beside the next step.
    """

    headline: Text
    layout: Layout = Layout.WORDS
    sentence: Text | None = None
    step: int = 0
    by_officer: bool = False
    choice: bool = False
    ask: Text | None = None
    sign: Sign | None = None
    cures: Text = _NO_HELP
    open: bool = False
    waits: bool = False
    drawing: str = ""
