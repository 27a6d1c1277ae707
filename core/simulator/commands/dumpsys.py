"""What `dumpsys` prints: packages, device policy, users.

The long list of packages is made when it is asked for, and kept until something changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from core.simulator.commands import package_text, resolvers
from core.simulator.model.installed import Package
from core.simulator.model.phone import Admin, PracticePhone
from core.simulator.model.scenario import ProfileData
from core.simulator.shell.streams import to_bytes

#: The size of the pieces in which a long dump is written, in bytes; about what a phone puts into one packet.
PIECE: Final = 64 * 1024

_POLICY: Final = """\
      passwordQuality=0x0
      minimumPasswordLength=0
      passwordHistoryLength=0
      maximumTimeToUnlock=0
      strongAuthUnlockTimeout=0
      maximumFailedPasswordsForWipe=0
      specifiesGlobalProxy=false
      passwordExpirationTimeout=0
      passwordExpirationDate=0
      encryptionRequested=false
      disableCallerId=false
      disableContactsSearch=false
      disableBluetoothContactSharing=true
      forceEphemeralUsers=false
      isNetworkLoggingEnabled=false
      disabledKeyguardFeatures=0
      crossProfileWidgetProviders=null
      organizationColor=-16746133
      defaultEnabledRestrictionsAlreadySet={}
      isParent=false
"""


class Dumps:
    """The dumps of one phone. May be used from any thread."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._sdk = phone.scenario.device.sdk
        self._blocks: dict[tuple[str, bool], tuple[int, bytes]] = {}
        self._packages: tuple[int, tuple[bytes, ...]] | None = None

    def packages(self) -> tuple[bytes, ...]:
        """`dumpsys package packages`, in pieces."""
        with self._phone.lock:
            if self._packages is None or self._packages[0] != self._phone.revision:
                self._packages = (self._phone.revision, tuple(_pieces(self._package_parts())))
            return self._packages[1]

    def everything(self) -> Iterator[bytes]:
        """`dumpsys package`: with what stands before and behind the packages, shortened."""
        yield b"Database versions:\n  Internal:\n    sdkVersion=%d\n\nFeatures:\n" % self._sdk
        yield b"  android.hardware.camera\n  android.hardware.telephony\n  android.software.device_admin\n\n"
        yield from self.resolvers()
        yield b"\n"
        yield from self.packages()
        yield to_bytes(self._queries(()))
        yield b"\nPackage warning messages:\n  none\n"

    def resolvers(self, *kinds: str) -> tuple[bytes, ...]:
        """`dumpsys package resolvers`: which app opens what; all tables, or those of `kinds`."""
        lines = resolvers.tables(self._phone.with_code(), kinds or resolvers.KINDS)
        return tuple(_pieces(to_bytes(line) for line in lines))

    def flood(self) -> Iterator[bytes]:
        """What a phone adds that wants to drown its reader: so many megabytes, made on the way."""
        left, number = self._phone.scenario.flood_megabytes * 1024 * 1024, 0
        while left > 0:
            lines = [f"  Package [com.example.flood{number + n}] (0):\n    versionName=1\n" for n in range(1000)]
            piece = "".join(lines).encode()[:left]
            left -= len(piece)
            number += 1000
            yield piece

    def package(self, name: str) -> str:
        """`dumpsys package NAME`."""
        with self._phone.lock:
            package = self._phone.packages.get(name)
            if package is None:
                return f"Unable to find package: {name}\n"
            hidden = ""
            if package.updated:
                text = package_text.block(package, self._sdk, factory=True, everything=True)
                hidden = f"\nHidden system packages:\n{text}"
            tables = "".join(resolvers.tables((package,), resolvers.KINDS, filters=True)) if package.has_code else ""
            return (
                f"{tables}\nKey Set Manager:\n  [{name}]\n      Signing KeySets: {package.app_id % 400}\n\n"
                f"Packages:\n{package_text.block(package, self._sdk, everything=True)}{hidden}"
                f"{self._queries((name,))}\n"
                f"Dexopt state:\n  [{name}]\n    arm64: [status=speed-profile] [reason=bg-dexopt]\n"
            )

    def device_policy(self) -> str:
        """`dumpsys device_policy`."""
        with self._phone.lock:
            return (
                "Current Device Policy Manager state:\n"
                + "".join(self._owner(a) for a in self._phone.admins if a.data.owner)
                + "".join(self._admins(profile) for profile in self._phone.profiles)
                + "  Constants:\n    DAS_DIED_SERVICE_RECONNECT_BACKOFF_SEC: 3600\n"
                + "    DAS_DIED_SERVICE_RECONNECT_BACKOFF_INCREASE: 2.0\n\n"
                + "  Encryption Status: per-user\n\nDevice policy cache\n  Password quality: {0=0}\n"
            )

    def users(self) -> str:
        """`dumpsys user`."""
        text = ["Current user: 0\nUsers:\n" if self._sdk >= 30 else "Users:\n"]
        for profile in self._phone.profiles.values():
            owner = any(a.data.owner and a.data.profile == profile.id for a in self._phone.admins)
            text.append(
                f"  UserInfo{{{profile.id}:{profile.name}:{profile.flags}}} serialNo={profile.id}"
                f" isPrimary={str(profile.id == 0).lower()}{'' if profile.id == 0 else ' parentId=0'}\n"
                f"{self._type(profile)}    State: {'RUNNING_UNLOCKED' if profile.running else '-1'}\n"
                f"    Has profile owner: {str(owner).lower()}\n    Restrictions:\n      none\n"
            )
        return "".join(text) + "\n  Device owner id:-10000\n\n  Max users: 4\n"

    def _type(self, profile: ProfileData) -> str:
        known = profile.type or ("full.SYSTEM" if profile.id == 0 else "")
        return f"    Type: android.os.usertype.{known}\n" if known and self._sdk >= 30 else ""

    def _package_parts(self) -> Iterator[bytes]:
        yield b"Packages:\n"
        for package in self._phone.packages.values():
            yield self._block(package, factory=False)
        updated = [p for p in self._phone.packages.values() if p.updated]
        if updated:
            yield b"\nHidden system packages:\n"
            for package in updated:
                yield self._block(package, factory=True)

    def _block(self, package: Package, *, factory: bool) -> bytes:
        kept = self._blocks.get((package.name, factory))
        if kept is None or kept[0] != package.revision:
            kept = (package.revision, to_bytes(package_text.block(package, self._sdk, factory=factory)))
            self._blocks[package.name, factory] = kept
        return kept[1]

    def _queries(self, names: Iterable[str]) -> str:
        """Who may see whom; Android 11 and later."""
        if self._sdk < 30:
            return ""
        seen = "".join(f"    {name}:\n      com.google.android.gms\n" for name in names)
        users = "".join(f"    User {profile}:\n" for profile in self._phone.profiles)
        return (
            "\nQueries:\n  system apps queryable: false\n  queries via forceQueryable:\n"
            f"  queries via package name:\n{seen}  queries via component:\n  queryable via interaction:\n{users}"
        )

    def _owner(self, admin: Admin) -> str:
        device = admin.data.owner == "device"
        title = "Device Owner: " if device else f"Profile Owner (User {admin.data.profile}): "
        name = f"    name={admin.package}\n" if self._sdk < 33 else ""
        user = f"    User ID: {admin.data.profile}\n" if device else ""
        return (
            f"  {title}\n    admin=ComponentInfo{{{admin.component}}}\n{name}    package={admin.package}\n"
            f"    isOrganizationOwnedDevice={str(device).lower()}\n{user}\n"
        )

    def _admins(self, profile: int) -> str:
        text = [f"  Enabled Device Admins (User {profile}, provisioningState: 0):\n"]
        for admin in self._phone.admins:
            if admin.data.profile == profile:
                package = self._phone.packages.get(admin.package)
                text.append(
                    f"    {admin.short}:\n      uid={profile * 100_000 + (package.app_id if package else 0)}\n"
                    f"      testOnlyAdmin={str(admin.data.test_only).lower()}\n"
                    f"      policies:\n        wipe-data\n        force-lock\n{_POLICY}"
                )
        return "".join(text) + " \n    mPasswordOwner=-1\n\n"


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """`parts`, joined to pieces of at least PIECE bytes."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
