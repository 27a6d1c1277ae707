"""From an iPhone that is plugged in to an opened one: by a record with which it trusts this computer, old or new."""

from __future__ import annotations

from collections.abc import Callable

from core.jobs import Cancel
from core.phones.driver import Unplugged
from core.phones.iphone.lockdown import Lockdown, recorded
from core.phones.iphone.mux import Address, Mux, MuxPhone
from core.phones.iphone.phone import IPhone
from core.phones.iphone.problems import NotTrusted


def listed(service: Address, cancel: Cancel) -> list[tuple[MuxPhone, bool]]:
    """The iPhones that are plugged in, and whether there is a record of each by which it trusts this computer.

    Raises ServiceMissing, NoAnswer, Malformed, Cancelled.
    """
    with Mux(service, cancel) as mux:
        phones = mux.phones(cancel)
        return [(phone, bool(mux.pair_record(phone.udid, cancel))) for phone in phones]


def open_phone(
    service: Address,
    udid: str,
    cancel: Cancel,
    asked: Callable[[], None],
    *,
    host_name: str,
    may_ask: bool,
    practice: bool = False,
) -> IPhone:
    """Open the phone with this identifier, or the only one there is where it is empty.

    One that does not trust this computer yet has its owner asked only if `may_ask`: then `asked` is told once the phone
    shows its question, in which this computer is called `host_name`. `practice`: Fanion itself serves it. Raises
    PhoneProblem, Cancelled.
    """
    with Mux(service, cancel) as mux:
        phones = [one for one in mux.phones(cancel) if not udid or one.udid == udid]
    if len(phones) != 1:
        raise Unplugged("the service lists no such phone" if not phones else "the service lists several")
    (phone,) = phones
    record = recorded(phone, cancel)
    if record is not None:
        return IPhone(phone, record, cancel, here=practice)
    if not may_ask:
        raise NotTrusted
    with Mux(service, cancel) as mux:
        buid = mux.buid(cancel)
    with Lockdown(phone, cancel) as lockdown:
        record = lockdown.pair(buid, host_name, cancel, asked)
    with Mux(service, cancel) as mux:
        mux.save_pair_record(phone, record.kept(), cancel)
    # What the service says of the saving is not reliable; the record serves this visit in any case.
    return IPhone(phone, record, cancel, here=practice)
