"""What a holder does with an app on a practice phone, and whether the app can be started there."""

from __future__ import annotations

from dataclasses import replace

from core.simulator import PracticeServer
from core.simulator.model.installed import AppOnProfile, Package


def can_start(server: PracticeServer, name: str, profile: int | None = 0) -> bool:
    """Whether the app is installed in `profile`, in any one where that is None, and is not disabled."""
    package = server.phone.packages.get(name)
    states = () if package is None else package.states.items()
    return any(state.installed and state.enabled < 2 for number, state in states if profile in (None, number))


def remove_by_hand(server: PracticeServer, name: str) -> None:
    """Uninstall the app; what came with the phone, its holder can only disable."""
    package = server.phone.packages[name]
    if package.system:
        server.phone.change(package, 0, replace(package.states[0], enabled=3))
    else:
        server.phone.uninstall(package, [0])


def come_back(server: PracticeServer, package: Package) -> None:
    """Install the app again."""
    server.phone.packages[package.name] = package
    server.phone.change(package, 0, AppOnProfile(installed=True))
