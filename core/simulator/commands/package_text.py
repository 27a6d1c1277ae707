"""One app's block in `dumpsys package`, as the phone's Android version writes it.

The lines that every app has are in `resources/practice/common/package.toml`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from core.simulator.apk.manifest import MIN_SDK
from core.simulator.model.identity import code_path, factory_path, installed_at, signer, token
from core.simulator.model.installed import AppOnProfile, Package
from core.simulator.model.scenario import common

_SENSITIVE: Final = "flags=[ USER_SENSITIVE_WHEN_GRANTED|USER_SENSITIVE_WHEN_DENIED]"
_PRIVATE: Final = "PRIVATE_FLAG_ACTIVITIES_RESIZE_MODE_RESIZEABLE_VIA_SDK_VERSION ALLOW_AUDIO_PLAYBACK_CAPTURE"


def block(package: Package, sdk: int, *, factory: bool = False) -> str:
    """The block from `Package [...]` on.

    `factory`: the version in the system image of an app that has been updated, as under "Hidden system packages".
    """
    head = f"  Package [{package.name}] ({token(package.name, str(factory))}):\n"
    lines = [f"    {line}" for line in _permissions(package, sdk)]
    for profile, state in package.states.items():
        lines += _profile(package, sdk, profile, AppOnProfile(True) if factory else state)
    return head + _template(sdk).format_map(_facts(package, sdk, factory)) + "\n".join(lines) + "\n"


@cache
def _template(sdk: int) -> str:
    """What this Android prints of every app, with names for the facts of one."""
    lines = common("package")["lines"]
    return "".join(
        f"    {line['text']}\n" for line in lines if line.get("since", 0) <= sdk < line.get("until", sdk + 1)
    )


def _facts(package: Package, sdk: int, factory: bool) -> Mapping[str, object]:
    """What the lines of the template say of the app."""
    data, name = package.data, package.name
    path = factory_path(package) if factory else code_path(package, sdk)
    version = data.factory if factory and data.factory else package.version
    first = installed_at(data, 0)
    installer = "" if factory else data.installer
    return {
        "id": package.app_id,
        "name": name,
        "number": token(name),
        "path": path,
        "code": version.code,
        "version": version.name,
        "min_sdk": MIN_SDK,
        "sdk": sdk,
        "flags": _flags(package, factory),
        "private": f"[ {_PRIVATE}{' PRIVILEGED' if '/priv-app/' in path else ''} ]",
        "first": first,
        "updated": first if factory or not package.updated else "2026-01-20 07:41:12",
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
    install = [own, *(f"android.permission.{p}" for p in _some(package, common("package")["install"]))]
    if package.data.library:
        name, _, version = package.name.rpartition("_")
        yield "static library:"
        yield f"  name:{name} version:{version}"
    yield "declared permissions:"
    yield f"  {own}: prot=signature{', INSTALLED' if sdk < 33 else ''}"
    yield "install permissions:"
    yield from (f"  {permission}: granted=true" for permission in install)


def _profile(package: Package, sdk: int, profile: int, state: AppOnProfile) -> Iterator[str]:
    yield f"    User {profile}: {_state(package, sdk, profile, state)}"
    if state.suspended and sdk >= 30:
        yield "      Suspend params:"
        yield "        suspendingPackage=com.android.shell dialogInfo=null"
    if sdk >= 33:
        yield f"      installReason={4 if package.data.installer and state.installed else 0}"
        yield f"      dataDir={f'/data/user/{profile}/{package.name}' if state.installed else 'null'}"
        yield f"      firstInstallTime={installed_at(package.data, profile)}"
        yield "      uninstallReason=0"
    if state.archived and sdk >= 35:
        yield "      archiveTime=1767225600000"
        yield f"      unarchiveInstallerTitle={package.data.installer or 'com.android.vending'}"
    if state.enabled >= 2:
        yield "      lastDisabledCaller: shell:1000"
    yield "      gids=[3002, 3003, 3001]"
    yield "      runtime permissions:"
    for number, permission in enumerate(_some(package, common("package")["runtime"])):
        granted = str(state.installed and number % 2 == 0).lower()
        yield f"        android.permission.{permission}: granted={granted}, {_SENSITIVE}"


def _state(package: Package, sdk: int, profile: int, state: AppOnProfile) -> str:
    inode = 100_000 + zlib.crc32(f"{package.name}/{profile}".encode()) % 900_000 if state.installed else 0
    # Before Android 11 the one who suspended it stood here, and not on lines of its own.
    suspender = " suspendingPackage=com.android.shell dialogInfo=null" if state.suspended and sdk < 30 else ""
    fields = [
        ("ceDataInode", inode),
        *([("deDataInode", inode + 1 if inode else 0)] if sdk >= 34 else []),
        ("installed", state.installed),
        ("hidden", state.hidden),
        ("suspended", f"{str(state.suspended).lower()}{suspender}"),
        *([("distractionFlags", 0)] if sdk >= 30 else []),
        ("stopped", not state.installed),
        ("notLaunched", not state.installed),
        ("enabled", state.enabled),
        ("instant", False),
        ("virtual", False),
        *([("quarantined", False)] if sdk >= 34 else []),
    ]
    return " ".join(f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in fields)


def _some(package: Package, names: Sequence[str]) -> list[str]:
    """A choice out of `names` that is this app's own."""
    number = zlib.crc32(package.name.encode())
    return [name for at, name in enumerate(names) if number >> at & 1 or at % 2 == 0]
