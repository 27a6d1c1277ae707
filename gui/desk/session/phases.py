"""What is under way with a phone, and how a card says it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from core import value_names
from core.text import T, Text
from gui.desk.verdict_text import brief

if TYPE_CHECKING:
    from gui.desk.session.phone_session import Stay


class Phase(Enum):
    """What is under way with a phone."""

    RESTING = "resting"
    WAITING = "waiting"
    OPENING = "opening"
    ASKED = "asked"
    READING = "reading"
    LOOKING = "looking"
    REMOVING = "removing"
    UNDOING = "undoing"


def state_of(stay: Stay) -> Text:
    """Where a phone stands."""
    if stay.gone:
        return _left(stay)
    match stay.phase:
        case Phase.OPENING:
            return T("Being opened…")
        case Phase.ASKED:
            return T("Look at the phone: tap Allow")
        case Phase.LOOKING if stay.reading is not None and stay.seen:
            return T("Banned app found · {read} of {total} files", read=stay.files_read, total=stay.reading.files)
        case Phase.LOOKING if stay.reading is not None:
            return T("No result yet · {read} of {total} files", read=stay.files_read, total=stay.reading.files)
        case Phase.READING | Phase.REMOVING | Phase.UNDOING if stay.progress is not None:
            return T("{doing} · {percent} %", doing=stay.progress.doing, percent=int(stay.progress.share * 100))
        case Phase.READING:
            return T("Being read…")
        case Phase.WAITING if stay.sighting is not None:
            return stay.sighting.words.sentence
    if stay.problem is not None:
        return stay.problem.sentence
    if stay.check is not None and stay.checked_at is not None:
        return T("{verdict} · {time}", verdict=brief(stay.check), time=stay.checked_at.strftime("%H:%M"))
    return T("Not checked") if stay.stopped else T("Waiting")


def _left(stay: Stay) -> Text:
    if stay.check is not None and stay.checked_at is not None and not stay.changing:
        verdict = value_names.VERDICTS[stay.check.verdict]
        return T("Unplugged · {verdict} at {time}", verdict=verdict, time=stay.checked_at.strftime("%H:%M"))
    return T("Unplugged while it was being changed") if stay.cut_off else T("Unplugged · not checked")
