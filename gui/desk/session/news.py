"""What a visit tells while it goes on, taken up into what is shown of the phone."""

from __future__ import annotations

import time

from core.jobs import Progress
from core.model import Finding, platforms
from core.visit.events import AllowAsked, Glimpse, Opened, StepBegins, StepEnds
from gui.desk.session.lane import FileRead, UnfinishedCheck
from gui.desk.session.phone_view import Phase, PhoneView


def hear(phone: PhoneView, event: object) -> None:
    """Take up one event of the visit that is under way with `phone`."""
    match event:
        case AllowAsked() if phone.changing:  # it was lost, and is opened anew
            phone.progress = Progress(platforms.of(phone.platform).answer, 0.0)
        case AllowAsked():
            phone.phase = Phase.ASKED
            phone.fingerprint = event.fingerprint
            phone.asked_at = time.monotonic()
            see_owner(phone)
        case Opened():
            phone.practice = event.practice
            see_owner(phone)
            if not phone.changing:
                phone.phase = Phase.READING
        case Progress():
            phone.progress = event
            if phone.phase is Phase.ASKED:
                phone.phase = Phase.READING
        case Glimpse():
            phone.phone = event.phone
            if not phone.changing:
                _see(phone, tuple(f for f in event.findings if f.is_ban and not f.contained and not f.excepted))
        case UnfinishedCheck():
            _read(phone, event)
        case FileRead():
            phone.files_read += 1
            phone.files_time = time.monotonic() - phone.files_from
            phone.app_files[event.package] = event
        case StepBegins():
            phone.steps.append((event.step, None))
        case StepEnds():
            phone.steps[-1] = (event.step, event.answer)


def see_owner(phone: PhoneView) -> None:
    """See what can be done to a practice phone: it may have changed with what was done."""
    owner = phone.not_ready.owner if phone.not_ready is not None else None
    # One that was unplugged at the desk is not made ready: it is put away, or plugged in anew.
    pulled = owner is not None and phone.absent and owner.appearance != "away"
    phone.acts = owner.acts if owner is not None and not pulled else ()


def _read(phone: PhoneView, reading: UnfinishedCheck) -> None:
    """Take up that the listings are read, or that a file has shown a banned app. Where the phone is being changed, what
    is shown of it stays until all of it was read."""
    if phone.reading is None:
        phone.files_read, phone.files_time = 0, 0.0
        phone.files_from = time.monotonic()
    phone.phone = reading.check.inventory.phone
    phone.reading = reading
    if not phone.changing:
        phone.phase = Phase.LOOKING
        _see(phone, reading.check.red)


def _see(phone: PhoneView, bans: tuple[Finding, ...]) -> None:
    """Take up that bans were seen. They stay, also where the check does not come to its end."""
    phone.bans_seen = bans
    phone.unsettled.keep(bans, phone.opened_as)
