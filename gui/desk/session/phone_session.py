"""One phone on the Desk page, from plug to unplug: how it comes, is another one by now, leaves, and comes again.

It changes only on the GUI thread, and tells each change; its jobs run one after the other on a lane of its own. What it
says is always true of the phone as it was last read: where something went wrong in between, it has no verdict.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.model import Afterwards
from core.model.visit_state import VisitState
from core.phones.states import STATES, PhoneState
from gui.desk.session import flows, news
from gui.desk.session.phone_view import Phase
from gui.desk.session.phone_work import PhoneWork

if TYPE_CHECKING:  # it loads what ADB needs
    from core.phones.watch import Sighting


class PhoneSession(PhoneWork):
    """One phone, from plug to unplug.

    Not a QObject: those that come and go by the hundred would have to be deleted by Qt and by Python at the right time.
    """

    def look(self) -> None:
        """Check the phone, if that can be done now."""
        flows.check(self)

    def meet_officer(self) -> None:
        """Somebody has said who works here: what waited for that begins."""
        self.officer = self.desk.officer
        if self.waits_for_officer:
            self.look()

    def judge_again(self) -> None:
        """The rules or the exceptions have changed: read the phone again, as soon as nothing is under way with it."""
        if self.busy:
            self.outdated = self.phase is not Phase.OPENING
        elif self.check is not None and not self.is_handed_back:
            self.look()

    def tell_change(self, *, recorded: bool) -> None:
        """Have what shows the phone show it anew; one that left while this went on is let go of."""
        if self.absent and not self.busy and recorded:
            self.let_go()
        super().tell_change(recorded=recorded)

    # --- what happens to it

    def sighted(self, sighting: Sighting) -> None:
        """It was plugged in, or its state has changed: as soon as it can be read, it is."""
        # One that left before it could be read may be at another place now.
        self.key, self.sighting, self.absent = sighting.key, sighting, False
        self._name = sighting.name or self._name or sighting.serial
        news.see_owner(self)
        if sighting.state is not PhoneState.READY:
            self.call_off()
        if not self.busy:  # otherwise what is under way ends first
            self._follow(sighting)
        self._changed(self, False)

    def _follow(self, sighting: Sighting) -> None:
        """Apply the latest sighting. If the route changed, it may be another phone: nothing that was found is kept."""
        if self.is_handed_back and sighting.state is not PhoneState.READY:
            self.phase = Phase.RESTING  # debugging is off, as it was asked to be: what is known of the phone stays
            flows.follow_hand_back(self, Afterwards.DEBUGGING_GONE)
            return
        if sighting.state is PhoneState.OFFLINE and self.check is not None:
            self.phase = (
                Phase.WAITING
            )  # on its way out, or back: what was found stays, and is read again if it comes back
            if self.source is not None and self.source.sighting is not None:
                self.source.sighting = replace(self.source.sighting, state=PhoneState.OFFLINE)
            return
        trust_ended = self.check is not None and STATES[sighting.state].on_request
        if trust_ended or not self._opened_as(sighting):
            self.let_go()
            self.stand()
            self.forget()
            if not self.unsettled.are_on(sighting, shared=self.desk.serials.shared(sighting.serial)):
                self.unsettled.settle()
                self.state = VisitState()
            self.visit = None
            self.problem, self.stopped = None, False
        elif self.source is not None:
            self.source.sighting = sighting
        if sighting.state is not PhoneState.READY:
            self.phase = Phase.WAITING
            if STATES[sighting.state].on_request:
                self.problem = None  # of an earlier attempt: the state tells what is so now
                self.visit = self.visit or self.meet(self.plugged(sighting))
            return
        self.phase = Phase.RESTING
        if self.visit is None:
            self.visit = self.meet(self.plugged(sighting))
        # What was cut off is read in any case: what is on the phone now is not known.
        if self.check is None and (self.desk.settings.automatic_check or self.cut_off):
            self.look()

    def _opened_as(self, sighting: Sighting) -> bool:
        """Whether it was, or will be, opened by the route of this sighting."""
        before = self.opened_as
        if self.visit is None or before is None:
            return False
        # One that was opened to be asked, and has said yes meanwhile, is the one that is ready now.
        said_yes = STATES[before.state].on_request and sighting.state is PhoneState.READY
        return _way(replace(before, state=sighting.state) if said_yes else before) == _way(sighting)

    def succeed(self, before: PhoneSession) -> None:
        """It is the phone of that session, plugged in again: what was seen on it is not settled by its leaving."""
        if not before.is_handed_back and self.check is None:
            self.unsettled.succeed(before.bans, before.sighting)

    def unplugged(self) -> None:
        """It is not there any more; what was found is still shown, with its time."""
        self.absent, self.waits_for_officer = True, False
        self.early_departures += self.phone is None
        self.call_off()
        news.see_owner(self)
        if self.busy and self.phase is not Phase.HANDING_BACK:  # then it is to leave, and how it left is to be seen
            self.left_at_work = True
            self.stop()
        elif not self.busy:
            self.phase = Phase.RESTING
            self.let_go()
        self._changed(self, False)

    def stayed_away(self) -> None:
        """It has not come back. One that switches debugging off leaves the bus for a moment, and was not unplugged."""
        if self.absent and self.is_handed_back:
            flows.follow_hand_back(self, Afterwards.UNPLUGGED)

    def close(self) -> None:
        """Let go of the phone."""
        self.call_off()
        if self._job is not None:
            self._job.stop()
        self.absent = True
        self.let_go()

    def end(self, *, again: bool) -> None:
        """Follow up the end of a job: the phone may have left or be another one by now, or is to be read again."""
        back, self.left_at_work = self.left_at_work, False
        sighting = self.sighting if self.opened_as is not None else None
        if self.absent:
            self.let_go()
        elif sighting is not None and back:
            self.let_go()
            self.problem, self.stopped = None, False
            self._follow(sighting)
        elif sighting is not None and not self._opened_as(sighting):
            self._follow(sighting)
        elif again:
            self.look()
        elif self.check is not None:
            flows.remove_agreed(self)
        self.agreed = None if not self.busy else self.agreed
        self._changed(self, True)


def _way(sighting: Sighting) -> tuple[object, ...]:
    """What must be the same for a phone to be the same one in the same state."""
    return sighting.key, sighting.serial, sighting.state, sighting.road, sighting.transport
