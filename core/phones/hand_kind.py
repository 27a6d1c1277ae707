"""What has to be done about an app on the phone itself, and who can do it: decided by facts, not by words."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from core.model import ProfileKind


class Doer(StrEnum):
    """Who can remove an app that no computer can remove."""

    #: Who carries the phone.
    HOLDER = "holder"
    #: The organisation that manages the phone, or a profile of it.
    MANAGEMENT = "management"
    #: Nobody, as far as is known: the phone has no way for it.
    NOBODY = "nobody"


class HandKind(StrEnum):
    """Where on the phone it is done, or why it is not."""

    #: Uninstall, on the page that the phone's settings have of the app.
    APP_PAGE = "app-page"
    #: The app came with the phone: Uninstall or Disable on that page.
    FACTORY_APP = "factory-app"
    #: The app is a device administrator, which is switched off first.
    DEVICE_ADMIN = "device-admin"
    #: Only its icon is left.
    ARCHIVED = "archived"
    SECURE_FOLDER = "secure-folder"
    #: A work profile that a computer could not read.
    WORK_PROFILE = "work-profile"
    #: The Home Screen of an iPhone.
    HOME_SCREEN = "home-screen"
    #: The list of App Clips in an iPhone's settings.
    APP_CLIP = "app-clip"
    #: An iPhone's Screen Time keeps apps from being deleted.
    SCREEN_TIME = "screen-time"
    #: The organisation that manages the phone keeps the app on it, or manages it by the app.
    MANAGED = "managed"
    #: The maker of the phone protects the app: its settings do not switch it off either.
    PROTECTED = "protected"
    #: The phone lists the app as a part of its system.
    PART_OF_SYSTEM = "part-of-system"

    @property
    def doer(self) -> Doer:
        """Who does it."""
        return _OTHERS.get(self, Doer.HOLDER)


_OTHERS: Final = {
    HandKind.MANAGED: Doer.MANAGEMENT,
    HandKind.PROTECTED: Doer.NOBODY,
    HandKind.PART_OF_SYSTEM: Doer.NOBODY,
}


def android_kind(profile_kind: str, *, closed: bool, admin: bool, system: bool, archived: bool = False) -> HandKind:
    """Where an app is removed on an Android phone that nobody's management keeps from it.

    `closed`: its profile could not be read; `admin`: it is a device administrator; `system`: it came with the phone;
    `archived`: only its icon is left.
    """
    if profile_kind == ProfileKind.SECURE_FOLDER:
        return HandKind.SECURE_FOLDER
    if profile_kind == ProfileKind.WORK and closed:
        return HandKind.WORK_PROFILE
    if admin:
        return HandKind.DEVICE_ADMIN
    if archived:
        return HandKind.ARCHIVED
    return HandKind.FACTORY_APP if system else HandKind.APP_PAGE
