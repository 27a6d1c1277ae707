"""What a phone makes up for each of its apps, always the same: object names, folders, signers, classes, times."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import cache, lru_cache
from typing import Final

from core.simulator.apk.certificates import java_hash
from core.simulator.apk.certificates import signer as signer_named
from core.simulator.apk.pictures import Picture
from core.simulator.model.installed import Package
from core.simulator.model.scenario import AppData

#: An ordinary app's classes, behind its own name; and those of others that many apps have inside.
_OWN_CLASSES: Final = (".MainActivity", ".SettingsActivity", ".ui.ShareActivity", ".AboutActivity")
_BORROWED_CLASSES: Final = (
    "com.google.android.gms.common.api.GoogleApiActivity",
    "androidx.activity.ComponentActivity",
    "com.google.android.play.core.common.PlayCoreDialogWrapperActivity",
)
#: The launcher icons of ordinary apps, where they have one.
_SHAPES: Final[tuple[Picture, ...]] = ("ring", "bars.webp")


def token(*texts: str) -> str:
    """The hexadecimal number of a Java object, as dumpsys prints it."""
    return f"{zlib.crc32(chr(0).join(texts).encode()) & 0xFFFFFFF:x}"


def code_path(package: Package, sdk: int) -> str:
    """The folder of the app's code as it is now."""
    if package.system and not package.updated:
        return factory_path(package)
    folder = f"{package.name}-{_folder_name(package.name)}=="
    # Since Android 11 there is a second folder around it.
    return f"/data/app/~~{_folder_name(folder)}==/{folder}" if sdk >= 30 else f"/data/app/{folder}"


def factory_path(package: Package) -> str:
    """The folder in the system image."""
    parts = package.name.split(".")
    name = "".join(part.capitalize() for part in parts[1:] or parts)
    return f"/system/{'priv-app' if package.app_id % 3 == 0 else 'app'}/{name}"


def apk_path(package: Package, sdk: int) -> str:
    """The path of the app's base file."""
    folder = code_path(package, sdk)
    return f"{folder}/base.apk" if folder.startswith("/data/") else f"{folder}/{folder.rpartition('/')[2]}.apk"


def certificate(data: AppData) -> str:
    """The name of the certificate that signs the app's file. The makers of the system sign all that is theirs."""
    if data.certificate:
        return data.certificate
    if data.system and data.package.startswith("com.android."):
        return "platform"
    if data.package.startswith("com.google.android."):
        return "google"
    return data.package


def signer(data: AppData) -> str:
    """The signer's 32-bit hash, as the phone's list of packages has it."""
    return data.signer or java_hash(signer_named(certificate(data)).der)


def signer_sha256(data: AppData) -> str:
    """The signer's SHA-256, as `pm get-app-links` writes it."""
    return hashlib.sha256(signer_named(certificate(data)).der).digest().hex(":").upper()


def label(data: AppData) -> str:
    """What the app is called on the phone's screen."""
    return data.label or re.sub(r"[^A-Za-z]+", " ", data.package.rpartition(".")[2]).strip().capitalize() or "App"


def icon(data: AppData) -> Picture:
    """The app's launcher icon; of those that are not said to have one, every eighth has a plain shape."""
    number = zlib.crc32(data.package.encode("utf-8", "surrogateescape"))
    return data.icon or (_SHAPES[number >> 3 & 1] if number % 8 == 3 else "")


@lru_cache(maxsize=4000)
def activities(data: AppData) -> tuple[str, ...]:
    """The classes behind the app's screens, by their full names; the first one is what the launcher starts."""
    number = zlib.crc32(data.package.encode("utf-8", "surrogateescape"))
    borrowed = _BORROWED_CLASSES[: number % 3]
    names = data.components or (*_OWN_CLASSES[: 1 + (number >> 8) % len(_OWN_CLASSES)], *borrowed)
    return tuple(full_name(data.package, name) for name in names)


def receivers(data: AppData) -> tuple[str, ...]:
    """The classes that are told of the phone's administration, by their full names."""
    return (full_name(data.package, data.admin.receiver),) if data.admin else ()


def scheme(data: AppData) -> str:
    """The addresses that the app opens: what stands before their colon."""
    return data.package.rpartition(".")[2].lower()


def component(package: str, name: str) -> str:
    """As in ``com.example/.Main``: a class of another package is written in full."""
    return f"{package}/{name.removeprefix(package) if name.startswith(f'{package}.') else name}"


def installed_at(data: AppData, profile: int) -> str:
    """When the app came onto the phone, in the phone's local time."""
    if data.system:
        return "2009-01-01 00:00:00"
    minutes = zlib.crc32(f"{profile} {data.package}".encode()) % 500_000
    return str(days_ago(45, "18:00:00") - timedelta(minutes=minutes, seconds=minutes % 60))


def days_ago(days: int, time: str) -> datetime:
    """So many days before today, at this time in the phone's zone: an app's times move with the phone's patch."""
    return datetime.combine(_today() - timedelta(days), time_of_day.fromisoformat(time))


@cache
def _today() -> date:
    """The day on which it was first asked here: no app's time moves while phones are read."""
    return date.today()


def full_name(package: str, name: str) -> str:
    """A class by its full name, from ``.Main`` as well."""
    return package + name if name.startswith(".") else name


@lru_cache(maxsize=4000)
def _folder_name(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")
