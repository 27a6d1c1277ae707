"""How a desk reaches its iPhones: which are plugged in, and from one of these to an opened phone.

All of it goes through this computer's service for iPhones. A phone is opened by a record with which it trusts this
computer, old or new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from core.jobs import Cancel
from core.phones.driver import PhoneProblem, Unplugged
from core.phones.iphone import mux
from core.phones.iphone.lockdown import Lockdown, recorded
from core.phones.iphone.mux import Address, Mux, MuxPhone, udid_of
from core.phones.iphone.pair_record import PairRecord
from core.phones.iphone.phone import IPhone
from core.phones.iphone.problems import IphoneNotReady
from core.phones.states import STATES, PhoneState
from core.phones.usb import UsbPhone
from core.system.support import support_log

#: Seconds that a service has to list a phone that was plugged in, or to start because of it; and after which one that
#: runs, and lists a phone that shows its interface not at all, may be too old for it.
LISTED_WITHIN: Final = 3.0
TOO_OLD_AFTER: Final = 20.0


@dataclass(frozen=True, slots=True)
class ListedPhones:
    """What this computer's service lists: each phone, and whether the service has a record of its trust. `service` is
    READY where it answers, else NO_SERVICE or SERVICE_TOO_OLD."""

    phones: tuple[tuple[MuxPhone, bool], ...] = ()
    service: PhoneState = PhoneState.READY


@dataclass(frozen=True, slots=True)
class SeenIphone:
    """An iPhone that is plugged in: as the service lists it, with its number there, or as the bus has it, or both.

    `udid` is empty where it cannot be known without opening the phone.
    """

    udid: str
    state: PhoneState
    device: int | None = None
    on_bus: UsbPhone | None = None


class Iphones:
    """The iPhones of one desk. For any thread."""

    def __init__(self, desk: str) -> None:
        """`desk` is what this computer is called in the phone's question."""
        self._desk = desk
        #: The phones that know nothing any more of the record that is kept of them.
        self._forgotten: set[str] = set()

    def listed(self, cancel: Cancel) -> ListedPhones:
        """Ask this computer's service. Raises Cancelled."""
        try:
            return ListedPhones(tuple(listed(mux.address(), cancel)))
        except IphoneNotReady as service:  # Nothing is lost: the state tells it.
            return ListedPhones(service=service.state)
        except PhoneProblem:  # Nothing is lost: the service is there, and is asked again in a second.
            return ListedPhones()

    def plugged_in(
        self, listed: ListedPhones, on_bus: Iterable[UsbPhone], waited: Callable[[UsbPhone], float]
    ) -> tuple[list[SeenIphone], bool]:
        """The iPhones that are plugged in, by what the service lists and what is on the bus; and whether there is one
        of which it is too early to tell. `waited` tells for how many seconds one has been on the bus."""
        plugged_in = [phone for phone in on_bus if phone.platform == "ios"]
        iphones = [
            SeenIphone(phone.udid, self._trust(phone.udid, trusted), phone.device, _only(plugged_in, phone.udid))
            for phone, trusted in listed.phones
        ]
        matched = [iphone.on_bus for iphone in iphones if iphone.on_bus is not None]
        unmatched = [phone for phone in plugged_in if phone not in matched]
        # Where the bus does not tell who is who, those that the service lists are among them.
        unnamed = [phone for phone in unmatched if not udid_of(phone)][: len(iphones) - len(matched)]
        early = False
        for phone in unmatched:
            if phone in unnamed:
                continue  # Nothing is lost: the service lists it.
            state = _unlisted(phone, listed.service, waited(phone))
            early = early or state is None
            if state is not None:
                iphones.append(SeenIphone(udid_of(phone), state, on_bus=phone))
        return iphones, early

    def open(self, udid: str, state: PhoneState, cancel: Cancel, on_question: Callable[[], None]) -> IPhone:
        """Open one that was seen in this state. Only one whose owner may be asked on request is asked; `on_question` is
        called once it shows its question. Raises PhoneProblem, Cancelled."""
        may_ask = STATES[state].on_request
        if state is not PhoneState.READY and not may_ask:
            raise IphoneNotReady(state)
        service = mux.address()
        # A phone at a place that was named for it, on this computer, may say that it is for practice.
        practice = mux.is_named() and isinstance(service, tuple)
        return self.open_through(service, udid, cancel, on_question, may_ask=may_ask, practice=practice)

    @support_log.step("phone.open")
    def open_through(
        self,
        service: Address,
        udid: str,
        cancel: Cancel,
        on_question: Callable[[], None] = lambda: None,
        *,
        may_ask: bool,
        practice: bool = False,
    ) -> IPhone:
        """Open the phone with this identifier, or the only one there is where it is empty, through a service.

        One that does not trust this computer yet, or does not any more, has its owner asked only if `may_ask`.
        `practice`: Fanion itself serves it. Raises PhoneProblem, Cancelled.
        """
        with closing(Mux(service, cancel)) as conversation:
            phones = [phone for phone in conversation.phones(cancel) if not udid or phone.udid == udid]
        if len(phones) != 1:
            raise Unplugged("the service lists no such phone" if not phones else "the service lists several")
        return self._opened(phones[0], cancel, on_question, may_ask=may_ask, practice=practice)

    def _opened(
        self, phone: MuxPhone, cancel: Cancel, on_question: Callable[[], None], *, may_ask: bool, practice: bool
    ) -> IPhone:
        record = recorded(phone, cancel)
        if record is not None and not (may_ask and self._is_forgotten(phone, record, cancel)):
            return IPhone(phone, record, cancel, may_be_practice=practice, forgotten=self._forgotten.add)
        if not may_ask:
            raise IphoneNotReady(PhoneState.NOT_TRUSTED)
        with closing(Mux(phone.service, cancel)) as conversation:
            buid = conversation.buid(cancel)
        with closing(Lockdown(phone, cancel)) as lockdown:
            record = lockdown.pair(buid, self._desk, cancel, on_question)
        with closing(Mux(phone.service, cancel)) as conversation:
            conversation.save_pair_record(phone, record.dump(), cancel)
        self._forgotten.discard(phone.udid)
        # What a service says of the saving is not reliable; the record serves this visit in any case.
        return IPhone(phone, record, cancel, may_be_practice=practice, forgotten=self._forgotten.add)

    @staticmethod
    def _is_forgotten(phone: MuxPhone, record: PairRecord, cancel: Cancel) -> bool:
        with closing(Lockdown(phone, cancel)) as lockdown:
            return not lockdown.trusts(record, cancel)

    def _trust(self, udid: str, trusted: bool) -> PhoneState:
        if not trusted:
            return PhoneState.NOT_TRUSTED
        return PhoneState.FORGOTTEN if udid in self._forgotten else PhoneState.READY


def _unlisted(phone: UsbPhone, service: PhoneState, waited: float) -> PhoneState | None:
    """The state of a phone on the bus that the service does not list; None where it is too early to tell."""
    if waited < LISTED_WITHIN:
        return None  # Nothing is lost: it is looked at again.
    if service is not PhoneState.READY:
        return service
    old = phone.setting is not None and waited >= TOO_OLD_AFTER
    return PhoneState.SERVICE_TOO_OLD if old else PhoneState.NOT_LISTED


def listed(service: Address, cancel: Cancel) -> list[tuple[MuxPhone, bool]]:
    """The iPhones that are plugged in, and whether there is a record of each by which it trusts this computer.

    Raises NotReady, Silent, Malformed, Cancelled.
    """
    with closing(Mux(service, cancel)) as conversation:
        phones = conversation.phones(cancel)
        return [(phone, bool(conversation.pair_record(phone.udid, cancel))) for phone in phones]


def _only(on_bus: Iterable[UsbPhone], udid: str) -> UsbPhone | None:
    """The one phone on the bus with this identifier; None where there is none, or several say that they are it."""
    matches = [phone for phone in on_bus if udid_of(phone) == udid]
    return matches[0] if len(matches) == 1 else None
