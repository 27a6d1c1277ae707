"""Judging how well a phone itself is protected: readings + what the policy asks for + the computer's date -> signals.

All that is judged is the phone's own word, and a phone that somebody has altered can say what it likes. So a signal is
green only by the exact words that are known to be good; no answer, a refusal or any other word is not known; and one
bad word beats all good ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from core.model import Finding, HealthRules, HealthSignal, Inventory, Light
from core.model.signals import of_platform
from core.policy.health.phone_reading import PhoneReading
from core.policy.health.signals import JUDGES
from core.text import T


def judge(
    inventory: Inventory,
    rules: HealthRules,
    findings: Sequence[Finding],
    today: date,
    stores: Collection[str],
) -> tuple[HealthSignal, ...]:
    """The signals of a phone, always in the same order; those that its kind of phone does not have are left out.

    `findings` are the apps that the policy's rules name on it, `today` is the computer's day, and `stores` are the ids
    of the installers that are stores.
    """
    if inventory.names_only and inventory.phone.patch and not inventory.health.properties:
        properties = {"ro.build.version.security_patch": (inventory.phone.patch,)}
        inventory = replace(inventory, health=replace(inventory.health, properties=properties))
    banned = frozenset(f.app.package for f in findings if f.is_ban)
    reading = PhoneReading(inventory, rules, today, banned, frozenset(stores))
    judged = (JUDGES[row.id].judge(reading) for row in of_platform(inventory.phone.platform))
    signals = tuple(signal for signal in judged if signal is not None)
    return tuple(map(_not_read, signals)) if inventory.names_only else signals


#: What a signal says where the reading ended with the lists.
NOT_READ: Final = T("The reading ended before the phone answered this: check the phone again.")


def _not_read(signal: HealthSignal) -> HealthSignal:
    """A signal of a phone that was not asked: that it did not tell, or has no such thing, would not be true. What is
    bad by the little that came stays bad."""
    if signal.light in (Light.RED, Light.AMBER) or signal.signal == "system":
        return signal
    return replace(signal, value=T("not read"), light=Light.NOT_KNOWN, says=NOT_READ)
