"""What a phone says of its management, as far as that bears on which apps can be installed on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class PhoneOwner:
    """An app that owns an Android phone (`device`) or one of its profiles, and may restrict what is done there.

    `organisation` tells whether a profile's owner speaks for the organisation that owns the phone: then it has a say in
    the personal profile as well.
    """

    package: str
    profile: int
    device: bool = False
    organisation: bool = False

    def is_over(self, profile: int) -> bool:
        """Whether it has a say in what is done in `profile`."""
        return self.device or self.organisation or self.profile == profile


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What may not be done in one profile of an Android phone, by Android's names (``no_install_apps``): what an owner
    forbids, and all that is in force, whoever forbids it."""

    by_owner: frozenset[str] = frozenset()
    effective: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AndroidManagement:
    """Who owns the phone, and the restrictions of those profiles of which it told them.

    Where `clear` is false, something in its answers was not understood, or two of them disagree: then nothing of this
    is relied upon.
    """

    owners: tuple[PhoneOwner, ...] = ()
    restrictions: Mapping[int, Restrictions] = field(default_factory=dict)
    clear: bool = True


@dataclass(frozen=True, slots=True)
class IphoneManagement:
    """Whether an organisation supervises the phone, and what its configuration profiles are called; None where it did
    not tell. What the profiles restrict, no iPhone tells a computer. `clear` is as :class:`AndroidManagement` has it.
    """

    supervised: bool | None = None
    profiles: tuple[str, ...] | None = None
    clear: bool = True


ManagementReading: TypeAlias = AndroidManagement | IphoneManagement
