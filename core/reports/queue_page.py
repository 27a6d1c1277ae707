"""The page for people who wait in the queue: how to get one maker's phone ready, in both languages on one A4 sheet.

It says what the guide of :mod:`core.guides` says. An Android phone's has this desk's fingerprint, large enough to be
compared at arm's length; an iPhone shows none, and its page says where officer and owner look together. It names
no person and no phone.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from core import drawings, guides
from core.guides import Guide, GuideStep, PhoneLook, StepGuide
from core.model import platforms
from core.reports.page import pictured, printable, say, typeset
from core.text import LANGUAGES, Bilingual, Language, T, Text

_TEMPLATE: Final = "queue"
#: The colours of drawings on paper.
_COLOURS: Final = {
    "base": "#ffffff",
    "window": "#f3f4f6",
    "text": "#1d2129",
    "line": "#d8dce2",
    "control": "#828a96",
    "focus": "#2f6db3",
    "lit": "#dcebfc",
}
_TONES: Final = {"text": "#1d2129", "muted": "#545c68", "base": "#ffffff"}


def queue_page(maker: str, fingerprint: str, *, time: datetime) -> bytes:
    """The page for `maker` (one of :func:`core.guides.makers`) as PDF, dated `time`.

    `fingerprint` is that of this desk's key; an iPhone's page does not have it. Raises PageProblem.
    """
    return typeset(_TEMPLATE, _words(maker, fingerprint), time=time, languages=LANGUAGES)


def queue_pictures(maker: str, fingerprint: str, resolution: int = 300) -> list[bytes]:
    """The same page as PNG, for a printer. Raises PageProblem."""
    return pictured(_TEMPLATE, _words(maker, fingerprint), languages=LANGUAGES, resolution=resolution)


def _words(maker: str, fingerprint: str) -> dict[str, Any]:
    guide = guides.guide(maker)
    return {
        "name": say(T("Get your phone ready: {maker}", maker=guide.title), LANGUAGES),
        "maker": _in_both(guide.title.en, guide.title.fr) + (f" · {guide.models}" if guide.models else ""),
        "columns": [_column(guide, fingerprint, language) for language in LANGUAGES],
        **_box(guide, fingerprint),
    }


def _box(guide: Guide, fingerprint: str) -> dict[str, Any]:
    """What stands out at the foot of the page: the fingerprint to compare, or where we look at the desk."""
    if guide.hidden is not None:
        looks = [_look(guide, guide.hidden, language) for language in LANGUAGES]
        return {"looks": looks, "fingerprint": [], "box_title": [], "box_note": []}
    note = T("Not the same? Tap {cancel} and tell us.", cancel=guide.words["cancel"].text)
    return {
        "looks": [],
        "fingerprint": [printable(half, breaks=False) for half in drawings.halves(fingerprint)],
        "box_title": say(T("This computer’s fingerprint"), LANGUAGES),
        "box_note": say(note, LANGUAGES),
    }


def _look(guide: Guide, look: PhoneLook, language: Language) -> dict[str, Any]:
    about = T("At the desk we look together: {path}.", path=look.path).in_language(language)
    return {
        "language": language,
        "title": printable(look.title.in_language(language)),
        "about": printable(about),
        "drawing": _drawn(guide, look.drawing, "", language),
    }


def _in_both(english: str, french: str) -> str:
    return english if english == french else f"{english} / {french}"


def _column(guide: Guide, fingerprint: str, language: Language) -> dict[str, Any]:
    """One language's half of the page."""

    def printed(text: Text) -> str:
        return printable(text.in_language(language))

    steps = []
    for step in guide.steps:
        title, where = step.title.in_language(language), step.path.in_language(language)
        detail = _note_on_paper(step).in_language(language)
        if step.step is GuideStep.ALLOW:
            title = T("Plug in and tap {allow}", allow=guide.words["allow"].text).in_language(language)
            where = T("At the desk. Compare with the line below. Leave the box empty.").in_language(language)
        about = " ".join(filter(None, [where if where.endswith(".") or not where else f"{where}.", detail]))
        drawn = _drawn(guide, step.step.drawing, fingerprint, language)
        steps.append({"title": printable(title), "about": printable(about), "drawing": drawn})
    after = guide.after.in_language(language)
    differ = printed(T("The phone’s exact words may differ.")) if guide.unsure(language) else ""
    return {
        "language": language,
        "title": printed(T("Get your phone ready")),
        "lead": " ".join(filter(None, [printed(T("Three steps while you wait.")), differ])),
        "steps": steps,
        "what": printed(T("What we do")),
        "read": " ".join(filter(None, [printed(platforms.of(guide.platform).queue), printable(after)])),
    }


def _note_on_paper(step: StepGuide) -> Bilingual:
    """What is said beside a step on paper: what points to a place on the screen has no place there."""
    if step.grey.en:
        return step.grey
    on_the_screen = (
        step.step in (GuideStep.USB_DEBUGGING, GuideStep.ALLOW)
        and step.note == guides.guide(guides.OTHER).step(step.step).note
    )
    return Bilingual("", "") if on_the_screen else step.note


def _drawn(guide: Guide, name: str, fingerprint: str, language: Language) -> dict[str, Any]:
    """A drawing in the colours of paper, and what is written into it."""
    drawing = drawings.drawing(name, frozenset(guide.words))
    halves = drawings.halves(fingerprint)
    places = []
    for place in drawing.places:
        words = place.words(lambda word: guide.word_text(word, language), halves)
        places.append({**asdict(place), "said": printable(words, breaks=False), "colour": _TONES[place.tone]})
    svg = drawing.coloured(_COLOURS).decode()
    return {"svg": svg, "width": drawing.width, "height": drawing.height, "places": places}
