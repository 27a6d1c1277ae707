"""Signals of the phone's apps: who manages it, what may install, and what came past the stores."""

from __future__ import annotations

from typing import Final

from core.model import HealthSignal, Light
from core.policy.health.phone_reading import NOT_KNOWN, NOT_TOLD, PhoneReading, counted, health_signal, light_of, signal
from core.policy.health.profiles import may_install
from core.text import N, T

#: Administrators that phones come with.
USUAL_ADMINS: Final = frozenset({"com.google.android.gms", "com.samsung.android.kgclient"})
#: Owns the profile that is Samsung's Secure Folder, on every phone that has one: the phone's owner made it.
SECURE_FOLDER: Final = "com.samsung.knox.securefolder"


def owner(reading: PhoneReading) -> HealthSignal:
    """Judge who manages the phone: the owner that the policy expects, and no administrator that is not usual."""
    admins, expected = reading.inventory.admins, reading.rules.expected_owner
    if reading.answer("device-policy").code != 0:
        return health_signal("owner", NOT_KNOWN, Light.NOT_KNOWN, NOT_TOLD)
    if reading.by_samsung:
        admins = tuple(a for a in admins if a.package != SECURE_FOLDER or a.profile == 0)
    owners = {admin.package for admin in admins if admin.owner}
    if expected and expected not in owners:
        says = T("The phone is not managed by {owner}, as the policy asks: have it enrolled again.", owner=expected)
        return health_signal("owner", T("not as expected"), Light.RED, says)
    unusual = {admin.package for admin in admins} - owners - USUAL_ADMINS
    if unusual:
        count = len(unusual)
        says = T("An app administers the phone that usually does not: see Settings, Device admin apps.")
        value = N("{count} more administrator", "{count} more administrators", count)
        return health_signal("owner", value, Light.AMBER, says)
    if expected:
        says = T("The phone is managed as the policy asks.")
        return health_signal("owner", T("as expected"), Light.GREEN, says)
    if owners:
        says = T("The phone is managed; the policy does not say by whom it must be.")
        return health_signal("owner", T("managed"), Light.INFORMATION, says)
    says = T("No app administers the phone, but those that phones come with.")
    return health_signal("owner", T("not managed"), Light.GREEN, says)


def unknown_sources(reading: PhoneReading) -> HealthSignal:
    """Whether apps may be installed past the stores: one switch up to Android 7, then one of each app.

    The old switch means nothing on Android 8 and later: it is on in phones that nobody ever touched.
    """
    says = {
        Light.GREEN: T("No app but the phone’s own may install other apps."),
        Light.AMBER: T("An app may install other apps, from no store: switch that off in Settings, Apps."),
        Light.RED: T("Apps from anywhere may be installed: switch “Unknown sources” off in Settings, Security."),
    }
    if 0 < reading.sdk < 26:
        light = light_of(reading.words("unknown-sources"), {"0": Light.GREEN, "1": Light.RED})
        values = {Light.GREEN: T("off"), Light.RED: T("on")}
        return signal("unknown-sources", light, values, says)
    light, count = may_install(reading)
    if not reading.sdk and light is Light.GREEN:
        light = Light.NOT_KNOWN
    values = {Light.GREEN: T("off"), Light.AMBER: counted(count)}
    return signal("unknown-sources", light, values, says)


def sources(reading: PhoneReading) -> HealthSignal:
    """Judge the apps that no store installed. An installer is a claim: installing over a cable can name any."""
    installed = [app for app in reading.inventory.apps if any(state.present for state in app.states)]
    apps = [app for app in installed if app.past_the_store or not app.system]
    count = sum(app.installer not in reading.stores for app in apps)
    if count:
        says = T("Some apps did not come from a store: see how they were installed.")
        value = N("{count} app not from a store", "{count} apps not from a store", count)
        return health_signal("sources", value, Light.AMBER, says)
    if not reading.inventory.apps or any(gap.profile is None for gap in reading.inventory.gaps):
        return health_signal("sources", NOT_KNOWN, Light.NOT_KNOWN, NOT_TOLD)
    return health_signal("sources", T("stores only"), Light.GREEN, T("All apps are from a store, or from the maker."))
