"""A package that a practice phone knows of, and its state in each profile."""

from __future__ import annotations

from dataclasses import dataclass

from core.simulator.model.scenario import AppData, Version


@dataclass(frozen=True, slots=True)
class AppOnProfile:
    """One app in one profile. `enabled` is PackageManager's number, 0 to 4."""

    installed: bool
    suspended: bool = False
    enabled: int = 0
    archived: bool = False
    #: By `pm hide`, which an owner may do: it is installed, and in no list that does not ask for such.
    hidden: bool = False


@dataclass(slots=True)
class Package:
    """One package that the phone knows of, installed somewhere or not."""

    data: AppData
    app_id: int
    version: Version
    updated: bool
    states: dict[int, AppOnProfile]

    @property
    def name(self) -> str:
        return self.data.package

    @property
    def system(self) -> bool:
        return self.data.system

    @property
    def has_code(self) -> bool:
        """Whether its files are on the phone: not where only its data was kept."""
        return self.system or any(state.installed for state in self.states.values())
