"""What the page "Getting ready" says of a phone beside the words of its state's row. No widget here."""

from __future__ import annotations

from dataclasses import replace

from core.guides import Guide
from core.phones.ready_page import Layout
from core.phones.states import STATES
from core.text import T, Text
from gui.desk.ready.readiness import ReadinessView


def headline(view: ReadinessView, guide: Guide) -> Text:
    """The headline, with the phone's own word for what is to be tapped."""
    if view.page.layout is not Layout.QUESTION:
        return view.page.headline
    return replace(view.page.headline, values=(("allow", guide.words["allow"].text),))


def sentence(view: ReadinessView) -> Text | str:
    """What stands below the headline: where the page has no other place for the next step, with that."""
    if view.page.sentence is not None:
        return view.page.sentence
    if view.page.layout is Layout.STEPS:
        if view.asking:
            return STATES[view.state].words(view.platform).next_step
        if view.sentence is not None and view.next_step is not None:
            return T("{a} {b}", a=view.sentence, b=view.next_step)
    return view.sentence or ""
