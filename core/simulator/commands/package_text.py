"""One app's block in `dumpsys package`, as the phone's Android version writes it.

The lines that every app has are in `resources/practice/common/package.toml`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from core.simulator.apk.manifest import MIN_SDK
from core.simulator.model.identity import (
    activities,
    code_path,
    days_ago,
    factory_path,
    installed_at,
    label,
    signer,
    token,
)
from core.simulator.model.installed import AppOnProfile, Package
from core.simulator.model.scenario import common

_SENSITIVE: Final = "flags=[ USER_SENSITIVE_WHEN_GRANTED|USER_SENSITIVE_WHEN_DENIED]"
_PRIVATE: Final = "PRIVATE_FLAG_ACTIVITIES_RESIZE_MODE_RESIZEABLE_VIA_SDK_VERSION ALLOW_AUDIO_PLAYBACK_CAPTURE"


def block(package: Package, sdk: int, *, factory: bool = False) -> str:
    """The block from `Package [...]` on.

    `factory`: the version in the system image of an app that has been updated, as under "Hidden system packages".
    """
    parsed = package.has_code
    head = f"  Package [{package.name}] ({token(package.name, str(factory))}):\n"
    lines = [f"    {line}" for line in _permissions(package, sdk)]
    for profile, state in package.states.items():
        lines += _profile(package, sdk, profile, AppOnProfile(True) if factory else state)
    return head + _template(sdk, parsed).format_map(_facts(package, sdk, factory)) + "\n".join(lines) + "\n"


@cache
def _template(sdk: int, parsed: bool) -> str:
    """What this Android prints of every app, with names for the facts of one. `parsed`: its file is on the phone."""
    lines = common("package")["lines"]
    return "".join(
        f"    {line['text']}\n"
        for line in lines
        if line.get("since", 0) <= sdk < line.get("until", sdk + 1) and (parsed or not line.get("manifest", False))
    )


def _facts(package: Package, sdk: int, factory: bool) -> Mapping[str, object]:
    """What the lines of the template say of the app."""
    data, name = package.data, package.name
    path = factory_path(package) if factory else code_path(package, sdk)
    version = data.factory if factory and data.factory else package.version
    first = installed_at(data, 0)
    installer = "" if factory else data.installer
    parsed = package.has_code
    library, _, library_version = name.rpartition("_")
    # AOSP prints the verdict on the app's developer behind an empty line; what stands in it is made up here.
    verified = f"\n\n    developerVerificationStatus=DeveloperVerificationStatus{{{token(name, 'developer')}}}"
    return {
        "id": package.app_id,
        "name": name,
        "number": token(name),
        "parsed": f"Package{{{token(name)} {name}}}" if parsed else "null",
        "path": path,
        "code": version.code,
        "version": version.name,
        "min_sdk": f" minSdk={MIN_SDK}" if parsed else "",
        "sdk": sdk,
        "empty": "" if parsed else "\n",  # AOSP ends this line twice where it knows no file
        "verified": verified if installer else "",
        "library": f"\n    static library:\n      name:{library} version:{library_version}" if data.library else "",
        "flags": _flags(package, factory),
        "private": f"[ {_PRIVATE}{' PRIVILEGED' if '/priv-app/' in path else ''} ]",
        "first": first,
        "updated": first if factory or not package.updated else days_ago(40, "07:41:12"),
        "installed_by": f"\n    installerPackageName={installer}" if installer else "",
        "installer": installer or "null",
        "installer_id": 10_140 if installer else -1,
        "source": 2 if installer else 0,
        "signatures": token(name, "signatures"),
        "signers": f"version:3, signatures:[{signer(data)}], past signatures:[]",
    }


def _flags(package: Package, factory: bool) -> str:
    flags = [
        *(["SYSTEM"] if package.system else []),
        "HAS_CODE",
        "ALLOW_CLEAR_USER_DATA",
        *(["UPDATED_SYSTEM_APP"] if package.updated and not factory else []),
        "ALLOW_BACKUP",
    ]
    return f"[ {' '.join(flags)} ]"


def _permissions(package: Package, sdk: int) -> Iterator[str]:
    own = f"{package.name}.DYNAMIC_RECEIVER_NOT_EXPORTED_PERMISSION"
    install = [own, *(f"android.permission.{p}" for p in _choice_of(package, common("package")["install"]))]
    if package.has_code:
        yield "declared permissions:"
        yield f"  {own}: prot=signature{', INSTALLED' if sdk < 33 else ''}"
    yield "install permissions:"
    yield from (f"  {permission}: granted=true" for permission in install)


def _profile(package: Package, sdk: int, profile: int, state: AppOnProfile) -> Iterator[str]:
    yield f"    User {profile}: {_state(package, sdk, profile, state)}"
    if sdk >= 33:
        yield f"      installReason={4 if package.data.installer and state.installed else 0}"
        if sdk >= 35:
            yield f"      dataDir={f'/data/user/{profile}/{package.name}' if state.installed else 'null'}"
        yield f"      firstInstallTime={installed_at(package.data, profile)}"
        if state.archived and sdk >= 35:
            yield f"      archiveTime={days_ago(30, '00:00:00')}"
            yield f"      unarchiveInstallerTitle={package.data.installer or 'com.android.vending'}"
            yield from _kept_screens(package, profile)
        yield "      uninstallReason=0"
    if state.suspended and sdk >= 30:
        yield "    Suspend params:"
        ended = " quarantined=false\n" if sdk >= 35 else ""  # AOSP ends this line twice
        yield f"      suspendingPackage=com.android.shell dialogInfo=null{ended}"
    if state.enabled >= 2:
        yield "      lastDisabledCaller: shell:1000"
    yield "      gids=[3002, 3003, 3001]"
    yield "      runtime permissions:"
    for number, permission in enumerate(_choice_of(package, common("package")["runtime"])):
        granted = str(state.installed and number % 2 == 0).lower()
        yield f"        android.permission.{permission}: granted={granted}, {_SENSITIVE}"


def _kept_screens(package: Package, profile: int) -> Iterator[str]:
    """What Android keeps of an archived app's first screen, for the launcher."""
    name = activities(package.data)[0]
    icon = f"/data/system_ce/{profile}/package_archiver/{package.name}/0.png"
    fields = {
        "title": label(package.data),
        "originalComponentName": f"ComponentInfo{{{package.name}/{name}}}",
        "iconBitmap": icon,
        "monochromeIconBitmap": "null",
    }
    text = ", ".join(f"{key} = {value}" for key, value in fields.items())
    yield f"        archiveActivityInfo=ArchiveActivityInfo {{ {text} }}"


def _state(package: Package, sdk: int, profile: int, state: AppOnProfile) -> str:
    inode = 100_000 + zlib.crc32(f"{package.name}/{profile}".encode()) % 900_000 if state.installed else 0
    # Before Android 11 the one who suspended it stood here, and not on lines of its own.
    suspender = " suspendingPackage=com.android.shell dialogInfo=null" if state.suspended and sdk < 30 else ""
    fields = [
        ("ceDataInode", inode),
        *([("deDataInode", inode + 1 if inode else 0)] if sdk >= 35 else []),
        *([("pccCeDataInode", 0), ("pccDeDataInode", 0)] if sdk >= 37 else []),
        ("installed", state.installed),
        ("hidden", state.hidden),
        ("suspended", f"{str(state.suspended).lower()}{suspender}"),
        *([("appLockEnabled", False)] if sdk >= 37 else []),
        *([("distractionFlags", 0)] if sdk >= 30 else []),
        ("stopped", not state.installed),
        ("notLaunched", not state.installed),
        ("enabled", state.enabled),
        ("instant", False),
        ("virtual", False),
        *([("quarantined", False)] if sdk >= 35 else []),
    ]
    return " ".join(f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in fields)


def _choice_of(package: Package, names: Sequence[str]) -> list[str]:
    """A choice out of `names` that is this app's own."""
    number = zlib.crc32(package.name.encode())
    return [name for at, name in enumerate(names) if number >> at & 1 or at % 2 == 0]
