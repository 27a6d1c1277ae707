"""One app's block in `dumpsys package`, as the phone's Android version writes it.

The lines and their order are those of Settings.dumpPackageLPr, from Android 9 (API 28) to 17 (API 37).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from core.simulator.apk.manifest import MIN_SDK
from core.simulator.model.identity import code_path, factory_path, installed_at, signer, splits, token
from core.simulator.model.installed import AppOnProfile, Package

_INSTALL: Final = """
    INTERNET ACCESS_NETWORK_STATE ACCESS_WIFI_STATE WAKE_LOCK VIBRATE RECEIVE_BOOT_COMPLETED FOREGROUND_SERVICE NFC
    BLUETOOTH SET_WALLPAPER REQUEST_INSTALL_PACKAGES USE_BIOMETRIC MODIFY_AUDIO_SETTINGS REORDER_TASKS
"""
_RUNTIME: Final = """
    POST_NOTIFICATIONS ACCESS_FINE_LOCATION ACCESS_COARSE_LOCATION CAMERA RECORD_AUDIO READ_CONTACTS READ_CALENDAR
    READ_PHONE_STATE READ_EXTERNAL_STORAGE WRITE_EXTERNAL_STORAGE BLUETOOTH_CONNECT READ_MEDIA_IMAGES
"""
_SENSITIVE: Final = "flags=[ USER_SENSITIVE_WHEN_GRANTED|USER_SENSITIVE_WHEN_DENIED]"
_PRIVATE: Final = "PRIVATE_FLAG_ACTIVITIES_RESIZE_MODE_RESIZEABLE_VIA_SDK_VERSION ALLOW_AUDIO_PLAYBACK_CAPTURE"


#: Before which Android version a line is gone, where it is still there.
_STILL: Final = 1000


def block(package: Package, sdk: int, *, factory: bool = False) -> str:
    """The block from `Package [...]` on.

    `factory`: the version in the system image of an app that has been updated, as under "Hidden system packages".
    """
    facts = (text for since, until, text in _facts(package, sdk, factory) if since <= sdk < until)
    lines = [
        f"  Package [{package.name}] ({token(package.name, str(factory))}):",
        *(f"    {line}" for line in facts),
        *(f"    {line}" for line in _permissions(package, sdk)),
    ]
    for profile, state in package.states.items():
        lines += _profile(package, sdk, profile, AppOnProfile(True) if factory else state)
    return "\n".join(lines) + "\n"


def _facts(package: Package, sdk: int, factory: bool) -> Iterator[tuple[int, int, str]]:
    """Each line with the Android version (API) that first prints it, and the one that first does not."""
    data, name = package.data, package.name
    path = factory_path(package) if factory else code_path(package, sdk)
    version = data.factory if factory and data.factory else package.version
    number = token(name)
    flags = _flags(package, factory)
    private = f"[ {_PRIVATE}{' PRIVILEGED' if '/priv-app/' in path else ''} ]"
    first = installed_at(data, 0)
    updated = first if factory or not package.updated else "2026-01-20 07:41:12"
    installer = "" if factory else data.installer
    signers = f"version:3, signatures:[{signer(data)}], past signatures:[]"
    yield 0, 33, f"userId={package.app_id}"
    yield 33, _STILL, f"appId={package.app_id}"
    yield 0, _STILL, f"pkg=Package{{{number} {name}}}"
    yield 0, _STILL, f"codePath={path}"
    yield 0, _STILL, f"resourcePath={path}"
    yield 0, _STILL, f"legacyNativeLibraryDir={path}/lib"
    yield 31, _STILL, "extractNativeLibs=false"
    yield 0, _STILL, "primaryCpuAbi=arm64-v8a"
    yield 0, _STILL, "secondaryCpuAbi=null"
    yield 31, _STILL, "cpuAbiOverride=null"
    yield 0, _STILL, f"versionCode={version.code} minSdk={MIN_SDK} targetSdk={sdk}"
    yield 31, _STILL, "minExtensionVersions=[]"
    yield 0, _STILL, f"versionName={version.name}"
    yield 33, _STILL, "hiddenApiEnforcementPolicy=2"
    yield 31, _STILL, "usesNonSdkApi=false"
    yield 0, _STILL, f"splits=[{', '.join(('base', *splits(data)))}]"
    yield 0, _STILL, f"apkSigningVersion={3 if sdk >= 29 else 2}"
    yield 0, 33, f"applicationInfo=ApplicationInfo{{{number} {name}}}"
    yield 0, _STILL, f"flags={flags}"
    yield 0, _STILL, f"privateFlags={private}"
    yield 30, _STILL, "forceQueryable=false"
    yield 35, _STILL, "pageSizeCompat=0"
    yield 30, _STILL, "queriesPackages=[com.google.android.gms]"
    yield 35, _STILL, "scannedAsStoppedSystemApp=false"
    yield 0, 33, f"dataDir=/data/user/0/{name}"
    yield 0, _STILL, "supportsScreens=[small, medium, large, xlarge, resizeable, anyDensity]"
    yield 0, _STILL, f"timeStamp={updated}"
    yield 0, 33, f"firstInstallTime={first}"
    yield 0, _STILL, f"lastUpdateTime={updated}"
    if installer:
        yield 0, 34, f"installerPackageName={installer}"
    yield 34, _STILL, f"installerPackageName={installer or 'null'}"
    yield 34, _STILL, f"installerPackageUid={10_140 if installer else -1}"
    yield 34, _STILL, f"initiatingPackageName={installer or 'null'}"
    yield 34, _STILL, "originatingPackageName=null"
    yield 34, _STILL, f"packageSource={2 if installer else 0}"
    yield 34, _STILL, "appMetadataFilePath=null"
    yield 34, _STILL, "appMetadataSource=0"
    yield 0, _STILL, f"signatures=PackageSignatures{{{token(name, 'signatures')} {signers}}}"
    yield 0, _STILL, "installPermissionsFixed=true"
    yield 0, _STILL, f"pkgFlags={flags}"
    yield 33, _STILL, f"privatePkgFlags={private}"
    yield 33, _STILL, "apexModuleName=null"


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
    install = [own, *(f"android.permission.{p}" for p in _some(package, _INSTALL))]
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
    for number, permission in enumerate(_some(package, _RUNTIME)):
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
        ("hidden", False),
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


def _some(package: Package, names: str) -> list[str]:
    """A choice out of the words of `names` that is this app's own."""
    number = zlib.crc32(package.name.encode())
    return [name for at, name in enumerate(names.split()) if number >> at & 1 or at % 2 == 0]
