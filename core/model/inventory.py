"""What one reading of a phone gave, and what it did not."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.app import App
from core.model.phone import Admin, Phone, PhoneIdentity, Profile
from core.text import Text


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not seen: what, why, and how to see it. `profile` is None where it is the whole phone."""

    what: Text
    how: Text
    profile: int | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one reading of a phone gave. `gaps` is empty only if everything was read; `identity` is None where the
    reading broke off before the phone had said which it is."""

    phone: Phone
    profiles: tuple[Profile, ...]
    apps: tuple[App, ...]
    admins: tuple[Admin, ...] = ()
    gaps: tuple[Gap, ...] = ()
    identity: PhoneIdentity | None = None

    def app(self, package: str) -> App | None:
        return next((a for a in self.apps if a.package == package), None)

    def profile(self, id: int) -> Profile | None:
        return next((p for p in self.profiles if p.id == id), None)
