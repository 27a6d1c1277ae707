"""The holder of a practice iPhone: it is read only once they have unlocked it and tapped Trust."""

from __future__ import annotations

from core.simulator import Act, IphoneHolder
from core.simulator.iphone.certificates import Computer


def asked(holder: IphoneHolder, computer: Computer) -> str:
    """What a computer hears that asks to be trusted."""
    return holder.phone.pair(computer)


def computer() -> Computer:
    return Computer("1", b"d", b"h", b"r")


def test_one_that_is_locked_is_unlocked_and_then_trusts() -> None:
    holder, desk = IphoneHolder("iphone-locked"), computer()
    assert holder.acts == (Act.ENTER_PASSCODE,)
    assert asked(holder, desk) == "PasswordProtected"
    holder.perform(Act.TRUST)  # not while it is locked
    holder.perform(Act.ENTER_PASSCODE)
    assert holder.acts == (Act.TRUST,)
    assert asked(holder, desk) == "PairingDialogResponsePending"
    holder.perform(Act.TRUST)
    assert (holder.acts, asked(holder, desk)) == ((), "")


def test_one_that_asks_waits_for_its_holder_however_often_it_is_asked() -> None:
    holder, desk = IphoneHolder("iphone-untrusted"), computer()
    assert {asked(holder, desk) for _ in range(20)} == {"PairingDialogResponsePending"}
    holder.perform(Act.TRUST)
    assert asked(holder, desk) == ""


def test_an_act_of_an_android_phone_does_nothing() -> None:
    holder = IphoneHolder("iphone-untrusted")
    holder.perform(Act.ALLOW)
    assert holder.acts == (Act.TRUST,)
