"""The holder of a practice phone of this window, who is played: what they have, can remove by hand, and show."""

from __future__ import annotations

from core.model import Finding
from core.visit.phone_source import Practice
from gui.desk.session.phone_work import PhoneWork


def is_played(phone: PhoneWork) -> bool:
    """Whether an officer plays the holder of this phone."""
    return isinstance(phone.source, Practice)


def has_app(phone: PhoneWork, finding: Finding) -> bool:
    """Whether the phone has this app, as its holder sees it."""
    return isinstance(phone.source, Practice) and phone.source.has_app(finding)


def can_remove(phone: PhoneWork, finding: Finding) -> bool:
    """Whether the holder can remove this app by hand."""
    return isinstance(phone.source, Practice) and phone.source.can_remove_by_hand(finding)


def remove(phone: PhoneWork, finding: Finding) -> None:
    """Remove this app by hand, as the holder."""
    if isinstance(phone.source, Practice):
        phone.source.remove_by_hand(finding)


def shown_rules(phone: PhoneWork) -> tuple[str, ...]:
    """The rules of the banned products that the holder shows on the phone."""
    check = phone.check
    return phone.source.shown_by_holder(check) if isinstance(phone.source, Practice) and check is not None else ()
