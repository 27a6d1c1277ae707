"""What a phone's card in the list says under its name."""

from __future__ import annotations

from core import value_names
from core.text import T, Text
from gui.desk import verdict_text
from gui.desk.session.phase import Phase
from gui.desk.session.phone_view import PhoneView


def state_of(session: PhoneView) -> Text:
    """Where a phone stands."""
    if session.gone:
        return _left(session)
    match session.phase:
        case Phase.OPENING:
            return T("Being opened…")
        case Phase.ASKED:
            return T("Look at the phone: tap Allow")
        case Phase.LOOKING if session.reading is not None and session.seen:
            return T("Banned app found · {read} of {total} files", read=session.files_read, total=session.reading.files)
        case Phase.LOOKING if session.reading is not None:
            return T("No result yet · {read} of {total} files", read=session.files_read, total=session.reading.files)
        case Phase.READING | Phase.REMOVING | Phase.UNDOING if session.progress is not None:
            return T("{doing} · {percent} %", doing=session.progress.doing, percent=int(session.progress.share * 100))
        case Phase.READING:
            return T("Being read…")
        case Phase.WAITING if session.sighting is not None:
            return session.sighting.words.sentence
    if session.problem is not None:
        return session.problem.sentence
    if session.check is not None and session.checked_at is not None:
        return T(
            "{verdict} · {time}",
            verdict=verdict_text.for_card(session.check),
            time=session.checked_at.strftime("%H:%M"),
        )
    return T("Not checked") if session.stopped else T("Waiting")


def _left(session: PhoneView) -> Text:
    if session.check is not None and session.checked_at is not None and not session.changing:
        verdict = value_names.VERDICTS[session.check.verdict]
        return T("Unplugged · {verdict} at {time}", verdict=verdict, time=session.checked_at.strftime("%H:%M"))
    return T("Unplugged while it was being changed") if session.cut_off else T("Unplugged · not checked")
