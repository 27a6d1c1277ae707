"""A phone full of what may be in no log for support."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.model import Labels
from core.simulator import Scenario, load
from core.simulator.model.scenario import AppData, Version

IMEI: Final = "356938035643809"
TOLD: Final = Labels(tag="DRH-00417", holder="Marie Tremblay", imei=IMEI)

#: Apps of a person that no policy speaks of, and what they are called.
APPS: Final = {
    "ca.santevie.rendezvous": "Rendez-vous santé",
    "org.confession.journal": "Carnet intime",
    "com.syndicat.local514": "Local 514",
}
PERSONAL: Final = (
    TOLD.tag,
    "Marie",
    "Tremblay",
    IMEI,
    "R58M12ABCDE",
    "Téléphone de Marie",
    *APPS,
    *APPS.values(),
)


def a_person_s_phone(scenario: str) -> Scenario:
    """A practice phone with a serial number, a user's name and apps that tell of a person."""
    made = load(scenario)
    apps = tuple(AppData(name, Version(1, "1.0"), label=label) for name, label in APPS.items())
    return replace(
        made,
        device=replace(made.device, serial="R58M12ABCDE", model="Practice Q77"),
        profiles=tuple(replace(profile, name="Téléphone de Marie") for profile in made.profiles),
        apps=(*made.apps, *apps),
    )
