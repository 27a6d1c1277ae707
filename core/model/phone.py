"""A phone, its profiles, and what a department calls it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text


@dataclass(frozen=True, slots=True)
class Phone:
    """One device, as it described itself. Every text has passed :func:`core.text.plain`."""

    platform: str
    maker: str
    model: str
    os: str
    serial: str
    sdk: int = 0
    patch: str = ""
    practice: bool = False

    @property
    def name(self) -> str:
        """What a person calls it: maker and model, the maker not said twice."""
        if self.model.lower().startswith(self.maker.lower()):
            return self.model
        return f"{self.maker.capitalize() if self.maker.islower() else self.maker} {self.model}".strip()


@dataclass(frozen=True, slots=True)
class PhoneIdentity:
    """What tells one phone from another for as long as it runs; see :func:`core.same_phone.differences`.

    `build` is the fingerprint of its system, `boot` the random number of its present start: empty where the phone does
    not let it be read. `transport` is the number under which an adb server holds it, empty where there is no server.
    Compared as the phone gave them and never shown: what is not plain ASCII is kept as a digest.
    """

    serial: str = ""
    maker: str = ""
    model: str = ""
    build: str = ""
    boot: str = ""
    transport: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a department calls a phone, as the officer typed it: all of it is about a person, and none is needed."""

    tag: str = ""
    holder: str = ""
    imei: str = ""


class ProfileKind(StrEnum):
    """What a user or profile of a phone is for."""

    PERSONAL = "personal"
    WORK = "work"
    SECURE_FOLDER = "secure-folder"
    DUAL_APPS = "dual-apps"
    PRIVATE_SPACE = "private-space"
    GUEST = "guest"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Profile:
    """A user or profile on the phone. `why` says why it could not be read, where it could not."""

    id: int
    name: str
    kind: ProfileKind
    running: bool = True
    readable: bool = True
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Admin:
    """An active device administrator, or an owner, in one profile."""

    profile: int
    component: str
    owner: bool = False
    test_only: bool = False

    @property
    def package(self) -> str:
        return self.component.partition("/")[0]
