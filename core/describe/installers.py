"""What an app's installer means: a store, a file, a computer, or none that is known.

A phone tells the package id of what installed an app. It is a claim: an installation over a cable can name any
installer (``pm install -i``). So it is shown and sorted by, and never decides a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.model import App, Signed
from core.text import T, Text

#: The stores that come with phones or stand behind a maker of devices: they alone decide what they carry.
STORES: Final = {
    "com.android.vending": "Google Play",
    "com.google.android.feedback": "Google Play",  # on early phones
    "com.sec.android.app.samsungapps": "Galaxy Store",
    "com.huawei.appmarket": "AppGallery",
    "com.hihonor.appmarket": "HONOR App Market",
    "com.xiaomi.mipicks": "GetApps",
    "com.xiaomi.market": "GetApps",  # its edition for China
    "com.heytap.market": "OPPO App Market",  # also on realme and OnePlus
    "com.oppo.market": "OPPO App Market",
    "com.vivo.appstore": "V-Appstore",
    "com.bbk.appstore": "V-Appstore",  # its edition for China
    "com.meizu.mstore": "Meizu App Store",
    "com.lenovo.leos.appstore": "Lenovo App Store",
    "com.amazon.venezia": "Amazon Appstore",
}

#: Stores that come with no phone here: they were first installed from a file, and some carry all that users
#: put there. They are told by name but count as no store: an officer looking for apps without a guarantee must see
#: theirs.
OTHER_STORES: Final = {
    "org.fdroid.fdroid": "F-Droid",
    "org.fdroid.basic": "F-Droid Basic",
    "com.looker.droidify": "Droid-ify",
    "com.aurora.store": "Aurora Store",  # fetches from Google Play, in another's name
    "cm.aptoide.pt": "Aptoide",
    "com.apkpure.aegon": "APKPure",
    "com.uptodown": "Uptodown",
    "com.taptap": "TapTap",
    "com.tencent.android.qqdownloader": "Tencent MyApp",
    "com.wandoujia.phoenix2": "Wandoujia",
    "com.qihoo.appstore": "360 Mobile Assistant",
    "com.baidu.appsearch": "Baidu Mobile Assistant",
    "ru.vk.store": "RuStore",
}

#: The apps that open an installation file that came by download, by message or on a card.
INSTALLERS_OF_FILES: Final = frozenset(
    {
        # The system's own
        "com.google.android.packageinstaller",
        "com.android.packageinstaller",
        "com.samsung.android.packageinstaller",
        "com.miui.packageinstaller",
        "com.oplus.appdetail",
        "com.android.providers.downloads",
        "com.android.providers.downloads.ui",
        # File managers
        "com.google.android.apps.nbu.files",
        "com.google.android.documentsui",
        "com.android.documentsui",
        "com.sec.android.app.myfiles",
        "com.mi.android.globalFileexplorer",
        "com.android.fileexplorer",
        "com.coloros.filemanager",
        "com.huawei.filemanager",
        "com.huawei.hidisk",
        # Browsers
        "com.android.chrome",
        "com.android.browser",
        "com.sec.android.app.sbrowser",
        "com.microsoft.emmx",
        "org.mozilla.firefox",
        "com.opera.browser",
        "com.brave.browser",
        "com.duckduckgo.mobile.android",
        "com.vivaldi.browser",
        "com.UCMobile.intl",
        "com.mi.globalbrowser",
        "com.huawei.browser",
        "com.heytap.browser",
        # Messages and mail
        "com.whatsapp",
        "org.telegram.messenger",
        "com.google.android.gm",
        "com.microsoft.office.outlook",
        # Drives
        "com.google.android.apps.docs",
        "com.microsoft.skydrive",
        "com.dropbox.android",
    }
)

#: What an iPhone's signer tells of an app's origin.
_SIGNED: Final[Mapping[Signed, Text]] = {
    Signed.STORE: T("From the App Store"),
    Signed.TESTING: T("From TestFlight (a version for testing)"),
}
#: The phone's own shell: a computer, over a cable.
COMPUTER: Final = "com.android.shell"


def installer(app: App) -> Text | str:
    """Who installed `app`, as a person would say it; the installer's id where it is none that is known."""
    id = app.installer
    # An iPhone says by whom it is signed, and not from where it came.
    if app.signed is not None and (app.past_the_store or not app.system):
        if app.signed in _SIGNED:
            return _SIGNED[app.signed]
        return T("Signed by {name}", name=app.signed_by) if app.signed_by else T("From no store; signer not known")
    if not id:
        return T("Came with the phone") if app.system else T("Not known")
    if id in STORES:
        return STORES[id]
    if id in OTHER_STORES:
        return T("Other store: {name}", name=OTHER_STORES[id])
    if id in INSTALLERS_OF_FILES:
        # A system app that has an installer was brought up to date by it.
        return T("Updated from a file") if app.system else T("Installed from a file")
    if id == COMPUTER:
        return T("Updated from a computer") if app.system else T("Installed from a computer")
    return id


def from_store(app: App) -> bool:
    """Whether `app` is from a store or from the phone's maker, whose signature every update of a system app bears."""
    return (app.system and not app.past_the_store) or app.installer in STORES or app.signed is Signed.STORE
