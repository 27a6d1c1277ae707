"""The holder of a practice iPhone that is locked, or asks whether to trust a computer: played act by act."""

from __future__ import annotations

from core.simulator.iphone.phone import PracticeIphone
from core.simulator.iphone.scenario import load_iphone
from core.simulator.model.owner import Act, UsbAppearance


class IphoneHolder:
    """Plays the holder of one practice iPhone, which waits for that. May be used from any thread."""

    #: It is on the bus, whatever its holder does.
    appearance = UsbAppearance.READY

    def __init__(self, scenario: str) -> None:
        self.phone = PracticeIphone(load_iphone(scenario))
        self.phone.say_nothing()

    @property
    def acts(self) -> tuple[Act, ...]:
        """What can be done to bring it nearer to being read; nothing once this computer is trusted."""
        if self.phone.locked:
            return (Act.ENTER_PASSCODE,)
        return () if self.phone.says_yes else (Act.TRUST,)

    def perform(self, act: Act) -> None:
        """Do `act`. One that is not among `acts` any more does nothing: a button may be pressed late."""
        if act not in self.acts:
            return
        if act is Act.ENTER_PASSCODE:
            self.phone.unlock()
        else:
            self.phone.trust()
