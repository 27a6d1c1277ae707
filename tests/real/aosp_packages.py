"""`dumpsys package packages` as Android 10 to 17 print it (`Settings.dumpPackagesLPr` and all it calls), from a model.

A model is a phone as plain JSON: `sdk`, `users`, `packages`, `hiddenPackages`, `renamed`. Since which Android a line is
there was read in the sources of Android 10, 11, 12, 13, 14 and 15 (SDK 29, 30, 31, 33, 34, 35) and 16 QPR2 (36); of
Android 17 (37) there is what a phone printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.real.aosp_java import array_map_order, bytes_hash, identity, java_text, moment

#: What is true of something of a phone, as JSON.
Facts = dict[str, Any]

FLAGS = (
    (1 << 0, "SYSTEM"),
    (1 << 1, "DEBUGGABLE"),
    (1 << 2, "HAS_CODE"),
    (1 << 3, "PERSISTENT"),
    (1 << 4, "FACTORY_TEST"),
    (1 << 5, "ALLOW_TASK_REPARENTING"),
    (1 << 6, "ALLOW_CLEAR_USER_DATA"),
    (1 << 7, "UPDATED_SYSTEM_APP"),
    (1 << 8, "TEST_ONLY"),
    (1 << 14, "VM_SAFE_MODE"),
    (1 << 15, "ALLOW_BACKUP"),
    (1 << 16, "KILL_AFTER_RESTORE"),
    (1 << 17, "RESTORE_ANY_VERSION"),
    (1 << 18, "EXTERNAL_STORAGE"),
    (1 << 20, "LARGE_HEAP"),
)
PRIVATE_FLAGS = ((1 << 10, "PRIVATE_FLAG_ACTIVITIES_RESIZE_MODE_RESIZEABLE"), (1 << 3, "PRIVILEGED"))
PERMISSION_FLAGS = {0x1: "USER_SET", 0x100: "USER_SENSITIVE_WHEN_GRANTED", 0x200: "USER_SENSITIVE_WHEN_DENIED"}
PROTECTIONS = {0: "normal", 1: "dangerous", 2: "signature"}
SCREENS = "small, medium, large, xlarge, resizeable, anyDensity"


def flags(value: int, names: Sequence[tuple[int, str]]) -> str:
    """`[ SYSTEM HAS_CODE ]`."""
    return f"[ {''.join(f'{name} ' for flag, name in names if value & flag)}]"


def permission_flags(value: int) -> str:
    """`, flags=[ USER_SET|…]`, or nothing."""
    set_ones = [PERMISSION_FLAGS[1 << bit] for bit in range(32) if value & 1 << bit]
    return f", flags=[ {'|'.join(set_ones)}]" if set_ones else ""


def packages(model: Facts) -> str:
    """The whole listing."""
    return "".join(f"{line}\n" for line in _sections(model))


def _sections(model: Facts) -> Iterator[str]:
    printed = False
    sections = (
        ("Packages:", [line for each in model["packages"] for line in block(model, each)]),
        ("Renamed packages:", [f"  {key},{model['renamed'][key]}" for key in array_map_order(model["renamed"])]),
        ("Hidden system packages:", [line for each in model["hiddenPackages"] for line in block(model, each, True)]),
    )
    for title, lines in sections:
        if lines:
            if printed:
                yield ""
            yield title
            yield from lines
            printed = True


def block(model: Facts, package: Facts, hidden: bool = False) -> Iterator[str]:
    """One package. `hidden` ones are the versions in the system's image that an update hides."""
    sdk, name, parsed = model["sdk"], package["name"], not package.get("noPkg")
    code = ("hidden" if hidden else "package", name)
    yield f"  Package [{package['realName'] or name}] ({identity(*code, 'setting')}):"
    for line in _setting(sdk, package, parsed, code):
        yield f"    {line}"
    for user in model["users"]:
        yield from _user(sdk, package, user["id"], package["states"][str(user["id"])])


def _setting(sdk: int, package: Facts, parsed: bool, code: tuple[str, str]) -> Iterator[str]:
    name, path = package["name"], package["codePath"]
    if package["realName"]:
        yield f"compat name={name}"
    yield f"{'appId' if sdk >= 34 else 'userId'}={package['appId']}"
    if sdk >= 37:
        yield "pccId=-1"
    if package["sharedUser"]:
        shared = package["sharedUser"]
        yield f"sharedUser=SharedUserSetting{{{identity('shared', shared)} {shared}/{package['appId']}}}"
    yield f"pkg=Package{{{identity(*code)} {name}}}" if parsed else "pkg=null"
    yield f"codePath={path}"
    if sdk >= 35:
        yield from (f"  oldCodePath={old}" for old in package["oldPaths"])
    yield f"resourcePath={path}"
    yield f"legacyNativeLibraryDir={path}/lib"
    if sdk >= 31:
        yield "extractNativeLibs=false"
    yield f"primaryCpuAbi={java_text(package['abi'])}"
    yield "secondaryCpuAbi=null"
    if sdk >= 31:
        yield f"cpuAbiOverride={java_text(package['abiOverride'])}"
    lowest = f" minSdk={package['minSdk']}" if parsed else ""
    target = f" targetSdk={package['targetSdk']}" if parsed or sdk >= 35 else ""
    empty = "\n" if sdk >= 35 and not parsed else ""  # Android 15 ends the line twice
    yield f"versionCode={package['versionCode']}{lowest}{target}{empty}"
    if parsed:
        if sdk >= 31:
            yield "minExtensionVersions=[]"
        yield from _manifest(sdk, package, code)
    yield from _installation(sdk, package)
    if parsed and package["overlayTarget"] is not None:
        yield f"overlayTarget={package['overlayTarget']}"
        yield f"overlayCategory={java_text(package['overlayCategory'])}"
    if parsed and package["declaredPermissions"]:
        yield "declared permissions:"
        for each in package["declaredPermissions"]:
            installed = ", INSTALLED" if each["flags"] & 1 << 30 else ""
            yield f"  {each['name']}: prot={PROTECTIONS[each['protection']]}{installed}"
    install = [each for each in package["permissions"] if not each["runtime"]]
    if install and not package["sharedUser"]:
        yield "install permissions:"
        yield from (_permission(each) for each in install)


def _permission(each: Facts) -> str:
    return f"  {each['name']}: granted={java_text(each['granted'])}{permission_flags(each['flags'])}"


def _manifest(sdk: int, package: Facts, code: tuple[str, str]) -> Iterator[str]:
    """What is known from the app's own manifest."""
    yield f"versionName={java_text(package['versionName'])}"
    if sdk >= 35:
        yield "hiddenApiEnforcementPolicy=2"
    if sdk >= 31:
        yield "usesNonSdkApi=false"
    base = f"base:{package['baseRevision']}" if package["baseRevision"] else "base"
    yield f"splits={java_text([base, *package['splits']])}"
    yield f"apkSigningVersion={package['scheme']}"
    if sdk <= 31:
        yield f"applicationInfo=ApplicationInfo{{{identity(*code, 'application')} {package['name']}}}"
    yield f"flags={flags(package['infoFlags'], FLAGS)}"
    if package["infoPrivateFlags"]:
        yield f"privateFlags={flags(package['infoPrivateFlags'], PRIVATE_FLAGS)}"
    if sdk >= 35:
        if package["pendingRestore"]:
            yield "pendingRestore=true"
        if package["notUpdatable"]:
            yield "updatableSystem=false"
        if package["emergencyInstaller"] is not None:
            yield f"emergencyInstaller={package['emergencyInstaller']}"
    if sdk >= 30:
        overridden = " (override=true)" if package["forceQueryableOverride"] else ""
        yield f"forceQueryable={java_text(package['forceQueryable'])}{overridden}"
    if sdk >= 36:
        known = package.get("developerVerification")  # Android ends the line before it twice
        yield "pageSizeCompat=0" + (f"\n\n    developerVerificationStatus={known}" if known else "")
    if sdk >= 30:
        if bool(package["queriesPackages"]) == (sdk >= 33):  # Android 11 and 12 ask the wrong way round
            yield f"queriesPackages={java_text(package['queriesPackages'])}"
        if package["queriesIntents"]:
            yield f"queriesIntents={java_text(package['queriesIntents'])}"
    yield "scannedAsStoppedSystemApp=false" if sdk >= 35 else f"dataDir=/data/user/0/{package['name']}"
    yield f"supportsScreens=[{SCREENS if sdk >= 30 else ''}]"
    yield from _libraries(sdk, package)
    if sdk >= 30 and package["processes"]:
        yield "processes:"
        for process in package["processes"]:
            yield f"  {process['name']}"
            yield from (f"    deny: {permission}" for permission in process["denied"])


def _libraries(sdk: int, package: Facts) -> Iterator[str]:
    yield from _titled("dynamic libraries:", package["libraryNames"])
    if package["staticLibrary"]:
        yield "static library:"
        yield f"  name:{package['staticLibrary']} version:{package['staticLibraryVersion']}"
    yield from _titled("usesLibraries:", package["usesLibraries"])
    if sdk >= 33 and package["usesSdkLibraries"]:
        yield "usesSdkLibraries:"
        for name in package["usesSdkLibraries"]:
            yield f"  {name} version:0" + ("\n optional:false" if sdk >= 35 else "")  # at column 1
    yield from _titled("usesOptionalLibraries:", package["usesOptionalLibraries"])
    if sdk >= 31:
        yield from _titled("usesOptionalNativeLibraries:", package.get("usesOptionalNativeLibraries", []))
    yield from _titled("usesLibraryFiles:", package["usesLibraryFiles"])


def _titled(title: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield title
        yield from (f"  {name}" for name in names)


def _installation(sdk: int, package: Facts) -> Iterator[str]:
    """When, by whom and signed by whom it was installed, and its flags."""
    yield f"timeStamp={moment(package['timeStamp'])}"
    if sdk <= 31:
        yield f"firstInstallTime={moment(package['states']['0']['firstInstall'])}"
    yield f"lastUpdateTime={moment(package['lastUpdate'])}"
    if sdk >= 34 or package["installer"] is not None:
        yield f"installerPackageName={java_text(package['installer'])}"
    if sdk >= 34:
        yield f"installerPackageUid={package['installerUid']}"
        yield f"initiatingPackageName={java_text(package['initiating'])}"
        yield f"originatingPackageName={java_text(package['originating'])}"
        if package["updateOwner"] is not None:
            yield f"updateOwnerPackageName={package['updateOwner']}"
    if sdk >= 31 and package["attributionTag"] is not None:
        yield f"installerAttributionTag={package['attributionTag']}"
    if sdk >= 33:
        yield f"packageSource={package['packageSource']}"
    if sdk >= 31 and package["incremental"]:
        yield "loadingProgress=50%"
        if sdk >= 34:
            yield f"loadingCompletedTime={moment(0)}"
    if sdk >= 34:
        yield f"appMetadataFilePath={java_text(package['metadataPath'])}"
    if sdk >= 35:
        yield "appMetadataSource=0"
    if package["volume"] is not None:
        yield f"volumeUuid={package['volume']}"
    yield f"signatures={signatures(package)}"
    yield "installPermissionsFixed=true"
    yield f"pkgFlags={flags(package['pkgFlags'], FLAGS)}"
    if sdk >= 34:
        yield f"privatePkgFlags={flags(package['privateFlags'], PRIVATE_FLAGS)}"
        if sdk >= 35 and package["pendingRestore"]:
            yield "pendingRestore=true"
        yield "apexModuleName=null"


def signatures(package: Facts) -> str:
    """`PackageSignatures{… version:3, signatures:[…], past signatures:[…]}`."""
    now = ", ".join(bytes_hash(bytes.fromhex(each)) for each in package["signers"])
    past = ", ".join(f"{bytes_hash(bytes.fromhex(each['cert']))} flags: {each['flags']:x}" for each in package["past"])
    code = identity("signatures", package["name"])
    return f"PackageSignatures{{{code} version:{package['scheme']}, signatures:[{now}], past signatures:[{past}]}}"


def _user(sdk: int, package: Facts, user: int, state: Facts) -> Iterator[str]:
    """The lines of one user, from column 4 on."""
    words = [f"ceDataInode={state['ce']}"]
    if sdk >= 35:
        words.append(f"deDataInode={state['de']}")
    if sdk >= 37:
        words.append("pccCeDataInode=0 pccDeDataInode=0")
    words += [f"{key}={java_text(state[key])}" for key in ("installed", "hidden", "suspended")]
    if sdk >= 37:
        words.append("appLockEnabled=false")
    if sdk == 29 and state["suspended"]:
        name, info = list(_suspended_by(state).items())[-1]
        words.append(f"suspendingPackage={name} dialogInfo={dialog(sdk, info)}")
    if sdk >= 30:
        words.append(f"distractionFlags={state['distraction']}")
    words += [f"{key}={java_text(state[key])}" for key in ("stopped", "notLaunched", "enabled", "instant", "virtual")]
    if sdk >= 35:
        words.append(f"quarantined={java_text(state['quarantined'])}")
    yield f"    User {user}: {' '.join(words)}"
    if sdk >= 33:
        yield f"      installReason={state['installReason']}"
        if sdk >= 35:
            yield f"      dataDir=/data/user/{user}/{package['name']}"
        yield f"      firstInstallTime={moment(state['firstInstall'])}"
        if sdk >= 35 and state.get("archive"):
            yield from _archive(state["archive"])
        yield f"      uninstallReason={state['uninstallReason']}"
    if sdk >= 30 and state["suspended"]:
        yield "    Suspend params:"
        params = _suspended_by(state)
        for name in array_map_order(params):
            quarantined = (
                f" quarantined={java_text(state['quarantined'])}\n" if sdk >= 35 else ""
            )  # ends the line twice
            yield f"      suspendingPackage={name} dialogInfo={dialog(sdk, params[name])}{quarantined}"
    yield from _overlays(sdk, state)
    if state.get("disabledBy") is not None:
        yield f"      lastDisabledCaller: {state['disabledBy']}"
    if not package["sharedUser"]:
        if package["gids"]:
            yield f"      gids={java_text(package['gids'])}"
        runtime = [each for each in package["permissions"] if each["runtime"]]
        if runtime:
            yield "      runtime permissions:"
            yield from (f"      {_permission(each)}" for each in runtime)
    if state.get("harmful") is not None:
        yield f"        harmfulAppWarning: {state['harmful']}"
    for title in ("disabledComponents", "enabledComponents"):
        if state.get(title):
            yield f"      {title}:"
            yield from (f"        {name}" for name in array_map_order(state[title]))


def _suspended_by(state: Facts) -> dict[str, Facts | None]:
    """The dialog of each app that suspends: an app that suspends again replaces its own."""
    return {each["package"]: each["dialog"] for each in state["suspendedBy"]}


def dialog(sdk: int, facts: Facts | None) -> str:
    """`SuspendDialogInfo.toString`. Titles as text are there since Android 12."""
    if facts is None:
        return "null"
    title = f'mTitle = "{facts["title"]}"' if sdk >= 31 and facts["title"] is not None else ""
    message = f'mDialogMessage = "{facts["message"]}" ' if facts["message"] is not None else ""
    return f"SuspendDialogInfo: {{{title}{message}{'mNeutralButtonAction = 0' if sdk >= 30 else ''}}}"


def _archive(archive: Facts) -> Iterator[str]:
    yield f"      archiveTime={moment(archive['time'])}"
    yield f"      unarchiveInstallerTitle={java_text(archive['title'])}"
    for each in archive["activities"]:
        fields = {
            "title": each["title"],
            "originalComponentName": f"ComponentInfo{{{each['component']}}}",
            "iconBitmap": java_text(each["icon"]),
            "monochromeIconBitmap": "null",
        }
        listed = ", ".join(f"{key} = {value}" for key, value in fields.items())
        yield f"        archiveActivityInfo=ArchiveActivityInfo {{ {listed} }}"


def _overlays(sdk: int, state: Facts) -> Iterator[str]:
    overlays, of_libraries = state.get("overlays"), state.get("libraryOverlays") or {}
    if sdk <= 30:
        if overlays and overlays["paths"]:
            yield from ("    overlay paths:", *(f"      {path}" for path in overlays["paths"]))
        if sdk == 30:
            for name, each in of_libraries.items():
                yield from (f"    {name} overlay paths:", *(f"      {path}" for path in each["paths"]))
        return
    for key, title in (("paths", "overlay paths:"), ("dirs", "legacy overlay paths:")):
        if overlays and overlays[key]:
            yield from (f"      {title}", *(f"        {path}" for path in overlays[key]))
    if sdk >= 36:
        for name, each in of_libraries.items():
            for key, title in (("paths", "overlay paths:"), ("dirs", "legacy overlay paths:")):
                if each[key]:
                    yield from (f"      {name} {title}", *(f"        {path}" for path in each[key]))
        return
    for name, each in of_libraries.items():
        if each["paths"]:  # the name stands at column 0, after a line of blanks
            yield from ("      ", f"{name} overlay paths:", *(f"          {path}" for path in each["paths"]))
        if each["dirs"]:
            yield from ("        ", f"{name} legacy overlay paths:", *(f"        {path}" for path in each["dirs"]))
