"""The words of Android's own that a capture keeps: what its answers are made of, on every phone alike.

What is not among them is replaced, also where it would be harmless: a list of what may stay can miss a word, a list of
what must go would miss a person. They are those that the readers look for, and those by which a person finds their way
in an answer.
"""

from __future__ import annotations

from typing import Final


def _of(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Headings, names of fields and values of the answers, in any place.
WORDS: Final = _of(
    """
    true false null none None unknown
    User UserInfo Users Current user running managed id Id properties
    State Type Flags Restrictions restrictions Effective global local
    Device Profile Owner policy owner profile has Has Created created serialNo isPrimary parentId
    RUNNING_UNLOCKED RUNNING_LOCKED RUNNING_UNLOCKING BOOTING STOPPING SHUTDOWN partial pre removing
    Package package Packages Hidden system packages Queries Dexopt Compiler Shared users Permissions Libraries
    Features Database versions Verifiers Intent Filter Key Set Manager Preferred Activities Domain verification
    pkg flags pkgFlags privateFlags userId appId sharedUser resourcePath codePath legacyNativeLibraryDir
    primaryCpuAbi secondaryCpuAbi cpuAbiOverride versionCode versionName minSdk targetSdk splits apkSigningVersion
    applicationInfo ApplicationInfo dataDir supportsScreens timeStamp lastUpdateTime firstInstallTime archiveTime
    installerPackageName initiatingPackageName originatingPackageName installerPackageUid installerAttributionTag
    packageSource signatures PackageSignatures version past installPermissionsFixed pkgInstallerName
    forceQueryable queriesPackages queriesIntents usesOptionalLibraries usesLibraries usesLibraryFiles
    usesStaticLibraries usesNonSdkApi isMiuiPreinstall loadingProgress loadingCompletedTime domainSetId
    static library name compat declared permissions install runtime requested granted prot signature INSTALLED
    ceDataInode deDataInode installed hidden blocked suspended stopped notLaunched enabled instant virtual quarantined
    distractionFlags installReason uninstallReason lastDisabledCaller gids Suspend params suspendingPackage
    dialogInfo overlay paths appLockEnabled archiveActivityInfo ArchiveActivityInfo unarchiveInstallerTitle
    disabledComponents enabledComponents disabled components installStatus setUserConsent
    Activity Receiver Service Provider Resolver Table Full Base Wild MIME Types Typed Schemes Non Data Actions Action
    Category Scheme Authority Path AutoVerify mPriority mHasStaticPartialTypes mHasDynamicPartialTypes filter filters
    ID Signatures Verification link handling allowed Selection state Enabled Disabled verified approved denied
    legacy_failure migrated restored system_configured
    Policy Device_Policy Admins Admin admin provisioningState uid testOnlyAdmin policies wipe data force lock
    ComponentInfo mAdmin mPasswordOwner mUserControlDisabledPackages mAffiliationIds mUserSetupComplete
    isOrganizationOwnedDevice Encryption Status per block default key activating inactive unsupported
    mCreated mDefaultCrossProfilePackages userRestrictions ensureVerifyAppsEnabled
    Lock lock_settings settings service CredentialType SeparateChallenge Quality Pin Pattern Password PIN PATTERN
    PASSWORD NONE PASSWORD_OR_PIN Keys namespace Storage Score
    debugging_manager connected_to_adb user_keys ADB MANAGER STATE USB dumpsys adb last_key_received keystore
    No operations Uid Mode
    WARNING Warning linker Error Exception Failure Permission Denial Security Shell shell does not have permission to
    access Unknown command Can find Bad arguments usage inaccessible or found sh error errors Failed Failing
    SERVICE DUMP TIMEOUT EXPIRED dumping while occurred failed
    """
)
#: Those that are kept behind a field's name, where a person or an organisation may be named: no word of a language.
VALUE_WORDS: Final = _of(
    """
    true false null none None unknown NONE PIN PATTERN PASSWORD PASSWORD_OR_PIN Pin Pattern Password
    RUNNING_UNLOCKED RUNNING_LOCKED RUNNING_UNLOCKING BOOTING STOPPING SHUTDOWN
    """
)
#: Restrictions of users: what an owner may forbid (android.os.UserManager).
RESTRICTIONS: Final = _of(
    """
    no_install_apps no_install_unknown_sources no_install_unknown_sources_globally no_uninstall_apps no_control_apps
    no_debugging_features no_factory_reset no_modify_accounts no_config_wifi no_add_user no_remove_user
    no_usb_file_transfer
    no_share_location no_safe_boot no_config_vpn no_config_credentials no_add_managed_profile ensure_verify_apps
    disallow_biometric no_sharing_into_profile no_add_clone_profile no_add_private_profile no_oem_unlock
    """
)
#: Names of Java and of Android that stand in answers whole.
NAMES: Final = _of(
    """
    java.lang.SecurityException java.lang.IllegalArgumentException java.lang.IllegalStateException
    java.lang.NullPointerException java.lang.RuntimeException android.os.RemoteException android.os.DeadObjectException
    android.intent.action.MAIN android.intent.action.VIEW android.intent.action.SEND android.intent.category.LAUNCHER
    android.intent.category.DEFAULT android.intent.category.BROWSABLE android.intent.category.HOME
    android.content.action.DOCUMENTS_PROVIDER
    android.os.usertype.full.SYSTEM android.os.usertype.full.SECONDARY android.os.usertype.full.GUEST
    android.os.usertype.full.RESTRICTED android.os.usertype.full.DEMO android.os.usertype.system.HEADLESS
    android.os.usertype.profile.MANAGED android.os.usertype.profile.PRIVATE android.os.usertype.profile.CLONE
    android.os.usertype.profile.COMMUNAL android.os.usertype.profile.SUPERVISING android.os.usertype.profile.TEST
    """
)
#: The keys of a profile's state of which the values decide.
STATE_KEYS: Final = _of("installed hidden blocked suspended enabled instant virtual")
#: Folders on the way to apps' files, and the ends of files' names.
FOLDERS: Final = _of(
    """
    data app system system_ext product vendor odm oem apex mnt expand priv-app user user_de base.apk framework preload
    my_product my_stock my_region my_carrier my_heytap my_engineering my_bigball my_company my_preload my_manifest
    reserve carrier hw_product cust mi_ext india overlay bin xbin sbin su magisk busybox supersu magiskpolicy
    storage emulated
    """
)
#: Values of answers about the phone's protection.
VALUES: Final = _of("null true false Enforcing Permissive Disabled :0 none")
