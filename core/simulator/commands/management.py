"""Who uses a practice phone, and who manages it: what `dumpsys user` and `dumpsys device_policy` print.

The lines and their order are those of AOSP's UserManagerService and DevicePolicyManagerService, Android 9 to 15; what
follows them there is left out. Restrictions stand there as UserRestrictionsUtils and RestrictionsSet print them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from core.simulator.model.phone import ActiveAdmin, PracticePhone
from core.simulator.model.scenario import AdminData, ProfileData

#: android.content.pm.UserInfo's flags, in the order in which they are printed.
_FLAGS: Final = (
    (0x2, "ADMIN"),
    (0x40, "DISABLED"),
    (0x100, "EPHEMERAL"),
    (0x400, "FULL"),
    (0x4, "GUEST"),
    (0x10, "INITIALIZED"),
    (0x4000, "MAIN"),
    (0x20, "MANAGED_PROFILE"),
    (0x1, "PRIMARY"),
    (0x1000, "PROFILE"),
    (0x80, "QUIET_MODE"),
    (0x8, "RESTRICTED"),
    (0x800, "SYSTEM"),
)
#: What Android itself forbids on a phone that an organisation owns, by the version since when: new users and profiles
#: (DISALLOW_ADD_USER is documented as a base restriction there).
_OWNED: Final = (
    (28, "no_add_user"),
    (28, "no_add_managed_profile"),
    (34, "no_add_clone_profile"),
    (35, "no_add_private_profile"),
)
_POLICIES: Final = (
    *("policies:", "  wipe-data", "  force-lock"),
    *("passwordQuality=0x0", "minimumPasswordLength=0", "maximumFailedPasswordsForWipe=0"),
    *("encryptionRequested=false", "disabledKeyguardFeatures=0", "isParent=false"),
)
#: What guests may not do, whatever there is of them.
_OF_GUESTS: Final = ("no_sms", "no_install_unknown_sources", "no_config_wifi", "no_outgoing_calls")
_OF_USER: Final = (
    *("mPasswordOwner=-1", "mPasswordTokenHandle=0", "mAppsSuspended=false", "mUserSetupComplete=true"),
    *("mAffiliationIds=[]", "mNewUserDisclaimer=null"),
)


def users(phone: PracticePhone) -> str:
    """`dumpsys user`."""
    sdk = phone.scenario.device.sdk
    lines = ["Current user: 0"] if sdk >= 30 else []
    lines.append("Users:")
    owners = [admin.data for admin in phone.admins if admin.data.owner]
    for profile in phone.profiles.values():
        lines += (f"  {line}" for line in _user(profile, owners, sdk))
    tail = ["", "Device properties:"] if sdk >= 30 else [""]
    device_owner = next((owner.profile for owner in owners if owner.owner == "device"), None)
    # How Android 14 and later tell of the owner there is not known.
    owner_id = device_owner if device_owner is not None and sdk < 34 else -10_000
    lines += [*tail, f"  Device owner id:{owner_id}", "", "  Guest restrictions:"]
    lines += (f"    {restriction}" for restriction in _OF_GUESTS)
    lines += ["", f"  Device managed: {_word(device_owner is not None)}", "", "  Max users: 4"]
    return "".join(f"{line}\n" for line in lines)


def _user(profile: ProfileData, owners: Sequence[AdminData], sdk: int) -> Iterator[str]:
    primary = f" isPrimary={_word(profile.id == 0)}" if sdk >= 30 else ""
    parent = " parentId=0" if sdk >= 31 and profile.id != 0 else ""
    yield f"UserInfo{{{profile.id}:{profile.name}:{profile.flags}}} serialNo={profile.id}{primary}{parent}"
    flags = int(profile.flags, 16)
    kind = profile.type or ("full.SYSTEM" if profile.id == 0 else "")
    if sdk >= 30:
        if kind:
            yield f"  Type: android.os.usertype.{kind}"
        yield f"  Flags: {flags} ({'|'.join(name for flag, name in _FLAGS if flags & flag)})"
    yield f"  State: {'-1' if profile.is_quiet else 'RUNNING_UNLOCKED'}"
    yield from ("  Created: <unknown>", "  Last logged in: <unknown>", "  Last logged in fingerprint: null")
    yield from ("  Start time: <unknown>", "  Unlock time: <unknown>")
    if sdk >= 34:
        yield "  Last entered foreground: <unknown>"
    yield f"  Has profile owner: {_word(any(o.owner == 'profile' and o.profile == profile.id for o in owners))}"
    yield from _restrictions(profile, owners, sdk)
    if sdk >= 33:
        yield "  Ignore errors preparing storage: false"


def _restrictions(profile: ProfileData, owners: Sequence[AdminData], sdk: int) -> Iterator[str]:
    """The restrictions of one user: the system's own, those of owners (for all users and for this one up to Android
    13), and what comes of both."""
    over_all = [owner for owner in owners if owner.owner == "device" or owner.organisation_owned]
    of_profile = [owner for owner in owners if owner.owner == "profile" and owner.profile == profile.id]
    owner = next(iter((*of_profile, *over_all)), None)
    base = [name for since, name in _OWNED if over_all and sdk >= since]
    by_owner = profile.restrictions if owner is not None else ()
    base += profile.restrictions if owner is None else ()
    yield from ("  Restrictions:", *_names(base))
    if sdk >= 34:
        yield from ("  Device policy restrictions:", *_names(by_owner))
    else:
        yield from ("  Device policy global restrictions:", "    none", "  Device policy local restrictions:")
        if sdk >= 30 and owner is not None and by_owner:
            yield from (f"    User Id: {owner.profile}", *(f"  {name}" for name in _names(by_owner)))
        else:
            yield from _names(by_owner)
    yield from ("  Effective restrictions:", *_names(dict.fromkeys((*base, *by_owner))))


def _names(restrictions: Iterable[str]) -> list[str]:
    return [f"    {name}" for name in restrictions] or ["    none"]


def device_policy(phone: PracticePhone) -> str:
    """`dumpsys device_policy`. All but its first line is indented, empty lines too."""
    sdk = phone.scenario.device.sdk
    lines: list[str] = []
    for admin in phone.admins:
        if admin.data.owner:
            lines += [*([""] if lines else []), *_owner(admin, sdk)]
    lines.append("")
    for profile in phone.profiles:
        active = [admin for admin in phone.admins if admin.data.profile == profile]
        lines += ["", *_admins(phone, profile, active)]
    lines += ["", "Encryption Status: per-user", "", "Device policy cache:", "  Password quality: {0=0}"]
    return "Current Device Policy Manager state:\n" + "".join(f"  {line}\n" for line in lines)


def _owner(admin: ActiveAdmin, sdk: int) -> Iterator[str]:
    device = admin.data.owner == "device"
    yield "Device Owner: " if device else f"Profile Owner (User {admin.data.profile}): "
    yield f"  admin=ComponentInfo{{{admin.component}}}"
    if sdk < 33:
        yield f"  name={admin.package}"
    yield f"  package={admin.package}"
    yield f"  isOrganizationOwnedDevice={_word(device or admin.data.organisation_owned)}"
    if device:
        yield f"  User ID: {admin.data.profile}"


def _admins(phone: PracticePhone, profile: int, active: Sequence[ActiveAdmin]) -> Iterator[str]:
    yield f"Enabled Device Admins (User {profile}, provisioningState: 0):"
    for admin in active:
        package = phone.packages.get(admin.package)
        uid = profile * 100_000 + (package.app_id if package else 0)
        yield f"  {admin.short}:"
        yield from (f"    {line}" for line in (f"uid={uid}", "testOnlyAdmin=false", *_POLICIES))
    yield ""
    yield from (f"  {line}" for line in _OF_USER)


def _word(value: bool) -> str:
    return str(value).lower()
