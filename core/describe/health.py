"""A phone's own protection in words: which of its signals are told, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.ledger.records import CheckEnded, HealthTold
from core.model import Check, HealthSignal, Light
from core.policy.health import NOT_READ
from core.text import N, T, Text

#: The lights that somebody has to look at, the worst first.
_POOR: Final = (Light.RED, Light.AMBER)


def signals(check: Check) -> tuple[HealthSignal, ...]:
    """The signals of a check; what the phone did not tell because it was lost before says so."""
    if check.broken_off is None:
        return check.health
    says = T("The phone did not answer this. {why}", why=check.broken_off.sentence)
    return tuple(replace(s, says=says) if s.says == NOT_READ else s for s in check.health)


def signals_to_show(check: Check) -> tuple[HealthSignal, ...]:
    """The signals that a check is told with: every red one, every amber one, then those that the policy shows."""
    every = signals(check)
    poor = [s for light in _POOR for s in every if s.light is light]
    names = check.policy.health.strip_signals(check.inventory.phone.platform)
    listed = [s for name in names for s in every if s.signal == name]
    return tuple(dict.fromkeys((*poor, *listed)))


def poor(ended: CheckEnded) -> tuple[HealthTold, ...]:
    """The red signals of a record, then the amber ones."""
    return tuple(signal for light in _POOR for signal in ended.health if signal.light is light)


def counted(ended: CheckEnded) -> Text | None:
    """How many signals of a record have which light; None where it has none."""
    if not ended.health:
        return None
    lights = [signal.light for signal in ended.health]
    return T(
        "{red}, {amber}, {unknown}, {green}",
        red=N("{count} red", "{count} red", lights.count(Light.RED)),
        amber=N("{count} amber", "{count} amber", lights.count(Light.AMBER)),
        unknown=N("{count} not known", "{count} not known", lights.count(Light.NOT_KNOWN)),
        green=N("{count} green", "{count} green", lights.count(Light.GREEN)),
    )
