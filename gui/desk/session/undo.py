"""From a removal on record to the phone that it was done on: to undo it, the phone has to be here."""

from __future__ import annotations

from collections.abc import Iterable

from core import describe
from core.ledger.records import Entry, RemovalOutcome
from core.problem import Problem
from core.same_phone import is_same, names_one_phone
from core.text import T
from gui.desk.session.phone_session import PhoneSession


class NotHere(Problem):
    """The phone that a removal was done on is not plugged in."""

    code = "phone-not-here"

    def __init__(self, phone: str, serial: str, practice: bool) -> None:
        named = T("{phone} ({serial})", phone=phone, serial=serial) if serial else phone
        if practice:
            super().__init__(
                T("This practice phone is not plugged in any more."),
                T("A practice phone that is plugged in anew has all its apps again: there is nothing to undo."),
            )
        else:
            super().__init__(
                T("This phone is not plugged in: {phone}.", phone=named),
                T("Plug it in and wait for its check; then choose Undo here again."),
            )


class NotCertain(Problem):
    """A phone like the one of a removal is here, and its serial number cannot tell whether it is that one."""

    code = "phone-not-certain"

    def __init__(self, phone: str, serial: str) -> None:
        super().__init__(
            T(
                "Many phones have the serial number {serial}: it is not certain that this {phone} is the one.",
                phone=phone,
                serial=serial,
            ),
            T("Put the app back on the phone itself: have its owner switch it on, or install it from the store."),
        )


class NotReady(Problem):
    """The phone is here, but nothing can be undone on it now."""

    code = "nothing-to-undo"

    def __init__(self, *, busy: bool) -> None:
        if busy:
            super().__init__(T("This phone is busy now."), T("Wait until it has been checked, then choose Undo again."))
        else:
            super().__init__(
                T("Nothing of this removal can be put back."),
                T("It is undone already, it is not the last removal, or the phone does not have the app any more."),
            )


def phone_of(removal: Entry, sessions: Iterable[PhoneSession]) -> PhoneSession:
    """The phone among `sessions` on which `removal` can be undone now. Raises NotHere, NotCertain, NotReady."""
    practice = removal.practice is True
    serial = describe.serial(removal)
    here = [s for s in sessions if not s.gone and s.practice == practice and s.phone is not None]
    session = next((s for s in here if _is_it(s, removal)), None)
    if session is None:
        if not names_one_phone(serial) and any(_described(s) == _recorded(removal) for s in here):
            raise NotCertain(describe.phone(removal), serial)
        raise NotHere(describe.phone(removal), serial, practice)
    if session.busy or session.check is None:
        raise NotReady(busy=True)
    step = removal.record.intent if isinstance(removal.record, RemovalOutcome) else removal.seq
    if step not in {one.removal for one in session.undoable}:
        raise NotReady(busy=False)
    return session


def _is_it(session: PhoneSession, removal: Entry) -> bool:
    """Whether a session's phone is certainly that of a removal: by the visit itself, or by what names one phone."""
    if removal.visit and session.number == removal.visit:
        return True
    return is_same(_described(session), _recorded(removal))


def _described(session: PhoneSession) -> tuple[str, str, str]:
    phone = session.phone
    return (phone.maker, phone.model, phone.serial) if phone is not None else ("", "", "")


def _recorded(removal: Entry) -> tuple[str, str, str]:
    device = removal.device
    maker, model = (device.maker, device.model) if device is not None else ("", "")
    return maker, model, describe.serial(removal)
