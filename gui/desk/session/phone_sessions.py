"""The phones at the desk, those that left among them: the watch tells of them, and they tell the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core import capture, describe, simulator
from core.desk import slots
from core.desk.desk import Desk
from core.ledger.records import Entry, RemovalOutcome
from core.phones.states import PhoneState
from core.problem import Problem
from core.same_phone import is_same, names_one_phone
from core.simulator import scenario_list
from core.system.support import support_log
from core.text import Bilingual, T, plain
from core.visit.phone_source import Captured, DeskPhone, Practice
from gui.desk.session.phone_session import PhoneSession
from gui.desk.session.phone_view import Phase
from gui.toolkit.jobs import Done, Failed, JobEnd, JobRunner, one_call

if TYPE_CHECKING:
    from core.capture.capture_file import Capture
    from core.phones.watch import Change, Sighting
    from core.simulator import Act

#: Phones that have left are kept in the list, so that their result can still be read; the oldest of more go.
LEFT_LIMIT: Final = 20
#: Milliseconds between two showings of what has changed.
_FRAME: Final = 33
#: Milliseconds after which a phone that left the bus was unplugged, and does not only show itself in another way.
AWAY: Final = 5_000


#: Characters of the name of a phone that was opened from a file.
_NAME: Final = 60


class Watching(Protocol):
    """What tells which phones are plugged in; `core.phones.watch.Watch` in earnest."""

    def start(self) -> Problem | None: ...

    def stop(self) -> None: ...


class NotHere(Problem):
    """The phone that a removal was done on is not plugged in."""

    code = "phone-not-here"

    def __init__(self, phone: str, serial: str, practice: bool) -> None:
        phone_words = T("{phone} ({serial})", phone=phone, serial=serial) if serial else phone
        if practice:
            super().__init__(
                T("This practice phone is not plugged in any more."),
                T("A practice phone that is plugged in again has all its apps again: there is nothing to undo."),
            )
        else:
            super().__init__(
                T("This phone is not plugged in: {phone}.", phone=phone_words),
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
            T("Put the app back on the phone itself: have its holder switch it on, or install it from the store."),
        )


class NotUndoable(Problem):
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


class PhoneSessions(QObject):
    """All phones at the desk, those that left at the end."""

    appeared = Signal(object)
    vanished = Signal(object)
    #: The first has left, and is plugged in again as the second.
    succeeded = Signal(object, object)
    #: One of them has changed.
    changed = Signal(object)
    #: All that changed lately was told: what is made of all phones together can be made anew, once.
    all_told = Signal()
    #: One of them has something new in the log.
    recorded = Signal(object)
    #: The bus cannot be watched; or it can again (None).
    trouble = Signal(object)
    _noticed = Signal(object)
    _owner_changed = Signal(object)

    def __init__(
        self,
        desk: Desk,
        runner: JobRunner,
        parent: QObject | None = None,
        watch: Callable[[Callable[[Change], None]], Watching] | None = None,
        pace: float = 1.0,
    ) -> None:
        super().__init__(parent)
        self.sessions: list[PhoneSession] = []
        self.desk = desk
        self.runner = runner
        self._make_watch = watch
        self._watch: Watching | None = None
        self._pace = pace
        self._practised = 0
        #: That of this desk's key, as a phone shows it; empty until :meth:`learn_fingerprint` has it.
        self.fingerprint = ""
        self._fingerprint_wanted = False
        self._slots = slots.load(desk.data)
        self._dirty: dict[PhoneSession, None] = {}
        self._settle = QTimer(self, singleShot=True, interval=_FRAME)
        self._settle.timeout.connect(self._tell_changes)
        #: The sessions that wait for the end of a job to be handed over, and those in which the phones are here again.
        self._successors: dict[PhoneSession, PhoneSession] = {}
        #: The one whose page is open: it stays on the list.
        self.shown: PhoneSession | None = None
        #: Milliseconds that a handed-back phone has to come back in; see :data:`AWAY`.
        self.away = AWAY
        self._away: dict[PhoneSession, QTimer] = {}
        self._noticed.connect(self._change, Qt.ConnectionType.QueuedConnection)
        self._owner_changed.connect(self._see_owner, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to watch what is plugged in."""
        self.runner.start(self, "watch", lambda cancel, report: self._start_watch(), self._watching)

    def practise(self, scenario: str, title: Bilingual, judged_by: str = "") -> PhoneSession:
        """Plug a practice phone in, and check it as soon as it is ready. `judged_by` is the name of the policy that
        judges it; empty is the one in force."""
        self._practised += 1
        key = f"practice-{self._practised}"
        begins = scenario_list.begins(scenario)
        if begins == "ready":
            session = self.add(key, title, Practice(self.desk, scenario, self._pace, judged_by=judged_by))
            session.scenario = scenario
            return session
        owner = simulator.holder_of(scenario, lambda: self._owner_changed.emit(session))
        session = self._add(key, title, None, Practice(self.desk, scenario, self._pace, owner, judged_by))
        session.scenario = scenario
        self._see_owner(session)
        self.learn_fingerprint()
        return session

    def practise_file(self, file: Path, told: Callable[[PhoneSession | Problem], None]) -> None:
        """Plug in a practice phone that answers as the phone did of which `file` is a capture. `told` is given the
        phone, or why there is none."""

        def ended(end: JobEnd[Capture]) -> None:
            if isinstance(end, Done):
                self._practised += 1
                key, name = f"practice-{self._practised}", plain(file.stem, _NAME)
                told(self.add(key, name, Captured(self.desk, end.value)))
            elif isinstance(end, Failed):
                told(end.problem)

        self.runner.start(self, "capture", lambda cancel, report: capture.making.read_file(file), ended)

    def act(self, session: PhoneSession, act: Act) -> None:
        """Play the owner of a practice phone that is not ready. What it does not offer any more does nothing."""
        owner = session.not_ready.owner if session.not_ready is not None else None
        if owner is None or act not in session.acts or session not in self.sessions:
            return
        owner.perform(act)
        if act is simulator.Act.REPLUG:
            session.unplugged()
        self._see_owner(session)

    def _see_owner(self, session: PhoneSession) -> None:
        """Show a practice phone as it is now on its cable."""
        if session.not_ready is None or session not in self.sessions:
            return
        sighting = session.not_ready.look(session.key)
        if sighting is not None:
            session.sighted(sighting)
        elif not session.absent:
            session.unplugged()

    def learn_fingerprint(self) -> None:
        """Have the fingerprint of this desk's key, once: a phone that is not ready is shown it before it asks."""
        if not self._fingerprint_wanted:
            self._fingerprint_wanted = True
            self.runner.start(self, "key", one_call(self.desk.reach.fingerprint), self._learnt)

    def _learnt(self, end: JobEnd[str]) -> None:
        if isinstance(end, Done):
            self.fingerprint = end.value
            for session in self.sessions:
                self.has_changed(session)
        else:
            self._fingerprint_wanted = False  # opening the first phone will say why

    def meet_officer(self) -> None:
        """Somebody has said who works here: the phones that waited for that are read."""
        for session in self.sessions:
            session.meet_officer()

    def add(self, key: str, name: str | Bilingual, source: DeskPhone) -> PhoneSession:
        """Have a phone at the desk that is opened in a way of its own, and check it."""
        session = self._add(key, name, source)
        session.look()
        return session

    def phone_of(self, removal: Entry) -> PhoneSession:
        """The phone on which the removal `removal` can be undone now. Raises NotHere, NotCertain, NotReady."""
        practice, serial, device = removal.practice is True, describe.serial(removal), removal.device
        recorded = (device.maker, device.model, serial) if device is not None else ("", "", serial)
        candidates = [
            (session, (session.phone.maker, session.phone.model, session.phone.serial))
            for session in self.sessions
            if session.phone is not None and session.practice == practice and not session.absent
        ]
        # Certainly the same: by the visit itself, or by what names one phone.
        visit, certain = removal.visit, names_one_phone(serial) and not self.desk.serials.shared(serial)
        of_visit = next((s for s, _ in candidates if visit and s.number == visit), None)
        session = of_visit or next((s for s, phone in candidates if certain and is_same(phone, recorded)), None)
        if session is None:
            if not certain and any(phone == recorded for _, phone in candidates):
                raise NotCertain(describe.phone(removal), serial)
            raise NotHere(describe.phone(removal), serial, practice)
        if session.busy or session.check is None:
            raise NotUndoable(busy=True)
        step = removal.record.intent if isinstance(removal.record, RemovalOutcome) else removal.seq
        if step not in {step_back.removal for step_back in session.undoable}:
            raise NotUndoable(busy=False)
        return session

    def put_away(self, session: PhoneSession) -> None:
        """Unplug a practice phone; take one that has left off the list."""
        if session not in self.sessions or session.changing:  # it went while a menu was open, or must not be pulled now
            return
        if session.practice and not session.absent:
            session.unplugged()
            self._thin_out()
        elif session.absent:
            self._drop(session)

    @property
    def changing(self) -> list[PhoneSession]:
        """Those that are being changed right now, or are about to be."""
        return [session for session in self.sessions if session.changing or session.coming_removal is not None]

    def close(self) -> None:
        """Let go of every phone, and end the watch."""
        for session in self.awaited:
            self._await_no_more(session)
        for session in self.sessions:
            session.close()
        self.runner.start(self, "watch", lambda cancel, report: self._stop_watch(), lambda end: None, must=True)

    def _start_watch(self) -> Problem | None:
        make = self._make_watch or self._watch_computer
        self._watch = make(self._noticed.emit)
        return self._watch.start()

    def _watch_computer(self, changed: Callable[[Change], None]) -> Watching:
        from core.phones.watch import Watch  # on the watch's lane: it loads what ADB and USB need

        return Watch(changed, self.desk.reach.iphones)

    def _stop_watch(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    def _watching(self, end: JobEnd[Problem | None]) -> None:
        if isinstance(end, Done):
            self.trouble.emit(end.value)
        elif isinstance(end, Failed):
            self.trouble.emit(end.problem)

    def _change(self, change: Change) -> None:
        sighting = change.sighting
        session = next((s for s in self.sessions if s.key == sighting.key and not s.absent), None)
        if not change.plugged:
            if session is not None:
                session.unplugged()
                if change.sighting.port:
                    self._slots.release(session)  # its port's next phone has its number
                if session.is_handed_back:
                    self._await(session)
                self._thin_out()
            return
        if session is None:
            waits = (s for s in self.sessions if s.absent and _waits_for(s, change) and self._is_again(s, sighting))
            session = next(waits, None)
            if session is not None:
                session.slot = self._slot(session, sighting.port)
        if session is None:
            earlier = [s for s in self.sessions if s.absent and self._is_again(s, sighting)]
            for old in earlier:
                self._slots.release(old)
            session = self._add(sighting.key, sighting.name, None, port=sighting.port)
            for old in earlier:
                self._successors[old] = session
                self._hand_over(old)
        self._await_no_more(session)
        session.sighted(sighting)
        if sighting.state is not PhoneState.READY:
            self.learn_fingerprint()

    def _hand_over(self, session: PhoneSession) -> None:
        """Have the session of a phone that left end in the one in which the phone is plugged in again, as soon as
        nothing is under way with it. Only where it had left before: two that are here together are two phones, whatever
        serial numbers they give."""
        if session in self._successors and not session.busy:
            successor = self._successors.pop(session)
            successor.succeed(session)
            self.succeeded.emit(session, successor)
            self._drop(session)

    @property
    def awaited(self) -> list[PhoneSession]:
        """Those that left after they were handed back, of which it is not known yet whether they only show themselves
        in another way."""
        return list(self._away)

    def _await(self, session: PhoneSession) -> None:
        """See whether a phone that was handed back stays away. It stays in the list until that is known.

        The timer is this object's, and its call holds the session: `QTimer.singleShot` with a context would not.
        """
        self._await_no_more(session)
        self._away[session] = timer = QTimer(self, singleShot=True, interval=self.away)
        timer.timeout.connect(partial(self._stayed_away, session))
        timer.start()

    def _await_no_more(self, session: PhoneSession) -> None:
        timer = self._away.pop(session, None)
        if timer is not None:
            timer.stop()
            timer.deleteLater()

    def _stayed_away(self, session: PhoneSession) -> None:
        self._await_no_more(session)
        session.stayed_away()
        self._thin_out()

    def _is_again(self, session: PhoneSession, sighting: Sighting) -> bool:
        """Whether the phone of `session`, which left, is the one that was plugged in now, be it elsewhere: its new
        session comes in the place of the old one. The result of any other stays, also if that was at the same place."""
        before = session.sighting
        return before is not None and not self.desk.serials.shared(sighting.serial) and sighting.is_again(before)

    def _add(
        self,
        key: str,
        name: str | Bilingual,
        source: DeskPhone | None,
        not_ready: Practice | None = None,
        port: tuple[int, ...] = (),
    ) -> PhoneSession:
        logged = support_log.of_phone(key)
        session = PhoneSession(
            self.desk,
            lambda work, ended, news, must: self.runner.start(
                self, f"phone {key}", logged(work), ended, news, must=must
            ),
            self._session_changed,
            key,
            name,
            source,
            not_ready,
        )
        session.slot = self._slot(session, port)
        self.sessions.append(session)
        self.appeared.emit(session)
        return session

    def _slot(self, session: PhoneSession, port: tuple[int, ...]) -> int:
        """Its number at the desk; that of a port is remembered."""
        before = self._slots.ports
        number, ports = self._slots.take(session, port), self._slots.ports
        if ports != before:
            self.runner.start(self, "slots", lambda cancel, report: slots.save(self.desk.data, ports), lambda end: None)
        return number

    def _drop(self, session: PhoneSession) -> None:
        """Let go of a phone that has left: nothing calls it from now on."""
        self._await_no_more(session)
        self._dirty.pop(session, None)
        self._successors = {old: new for old, new in self._successors.items() if session not in (old, new)}
        self.sessions.remove(session)
        self._slots.release(session)
        self.vanished.emit(session)

    def _thin_out(self) -> None:
        """Let go of the oldest of those that have left; of none that something is still to be put on record of."""
        absent = [s for s in self.sessions if s.absent]
        oldest = [s for s in absent if s is not self.shown][: max(len(absent) - LEFT_LIMIT, 0)]
        for session in [s for s in oldest if not s.at_work and s not in self._away]:
            self._drop(session)

    def _session_changed(self, session: PhoneSession, recorded: bool) -> None:
        if recorded:
            self.recorded.emit(session)
        self._hand_over(session)
        if session.absent:
            self._thin_out()
        if session in self.sessions:
            self.has_changed(session)

    def has_changed(self, session: PhoneSession) -> None:
        """Show it anew a moment later, together with all else that changes: thirty phones report all the time."""
        self._dirty[session] = None
        if not self._settle.isActive():
            self._settle.start()

    def _tell_changes(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for session in dirty:
            if session in self.sessions:
                self.changed.emit(session)
        self.all_told.emit()


def _waits_for(session: PhoneSession, change: Change) -> bool:
    """Whether the visit of a phone that left goes on with this one, which is the same for certain: it could not be read
    before, and all that is known of it is what was said of it; or it is handed back, and here again without debugging.
    """
    back = session.is_handed_back or session.phase is Phase.HANDING_BACK
    waits = session.phone is None or (back and change.sighting.state is not PhoneState.READY)
    return waits and names_one_phone(change.sighting.serial)
