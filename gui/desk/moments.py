"""The moments at which a phone has something to tell to an officer who looks elsewhere: it came, is red, waits, is
done.

What sounds, and what a notification says, begins here. Each moment of a phone is told once for as long as it stays.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal

from core.model import Verdict
from gui.desk.queue import Group, row_of
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_sessions import PhoneSessions
from gui.desk.session.phone_view import Phase, PhoneView
from gui.toolkit.theme import Status


class Moment(Enum):
    """What has come about, the most urgent first."""

    #: A ban was found, be it while the reading goes on, or its health makes it red.
    RED = auto()
    #: It is amber, and the officer is to look on the phone itself.
    LOOK = auto()
    #: It cannot be read as it is.
    NOT_READY = auto()
    #: It is amber, and may be handed back all the same.
    SETTLED = auto()
    #: All of it was read, and nothing banned is on it.
    GREEN = auto()
    PLUGGED = auto()


def moment_of(phone: PhoneView) -> Moment | None:
    """What there is to tell of a phone as it is now, beside that it was plugged in."""
    row = row_of(phone, datetime.now())
    if row.group is Group.NEEDS_YOU:
        if row.status is Status.RED:
            return Moment.RED
        if row.status is Status.AMBER:
            return Moment.LOOK
        # One that was stopped does not wait: its officer has just done that.
        waits = phone.phase in (Phase.ASKED, Phase.WAITING) or phone.problem is not None
        return Moment.NOT_READY if waits else None
    if row.group is Group.HAND_BACK and not phone.is_handed_back:
        return Moment.GREEN if phone.verdict is Verdict.GREEN else Moment.SETTLED
    return None


def still(phone: PhoneView, moment: Moment) -> bool:
    """Whether `moment`, which came a while ago, is still worth telling: it may have been over at once."""
    return not phone.absent and (moment is Moment.PLUGGED or moment_of(phone) is moment)


class PhoneMoments(QObject):
    """Watches the phones at a desk."""

    #: The phone, and its :class:`Moment`.
    moment_reached = Signal(object, object)
    #: A phone was let go: nothing is to be told of it any more.
    went = Signal(object)

    def __init__(self, phones: PhoneSessions, parent: QObject) -> None:
        super().__init__(parent)
        self._reported: WeakKeyDictionary[PhoneSession, set[Moment]] = WeakKeyDictionary()
        phones.appeared.connect(self._look)
        phones.changed.connect(self._look)
        phones.vanished.connect(self.went)

    def _look(self, session: PhoneSession) -> None:
        if session.absent:
            self._reported.pop(session, None)  # it may come back
            return
        if session.is_handed_back:  # one whose debugging goes off leaves the bus for a moment
            return
        passed = self._reported.setdefault(session, set())
        for moment in (Moment.PLUGGED, moment_of(session)):
            if moment is not None and moment not in passed:
                passed.add(moment)
                self.moment_reached.emit(session, moment)
