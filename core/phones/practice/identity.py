"""What a phone makes up for each of its apps, always the same: object names, folders, signers, times."""

from __future__ import annotations

import base64
import hashlib
import zlib
from datetime import datetime, timedelta

from core.phones.practice.phone import Package
from core.phones.practice.scenario import AppData


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
    name = "".join(part.capitalize() for part in package.name.split(".")[-2:])
    return f"/system/{'priv-app' if package.app_id % 3 == 0 else 'app'}/{name}"


def apk_path(package: Package, sdk: int) -> str:
    """The app's main file."""
    folder = code_path(package, sdk)
    return f"{folder}/base.apk" if folder.startswith("/data/") else f"{folder}/{folder.rpartition('/')[2]}.apk"


def signer(data: AppData) -> str:
    """The signer's 32-bit hash. The maker signs what is Android's own; every other app has a signer of its own."""
    androids = data.system and data.package.startswith("com.android.")
    return data.signer or token("signer", "platform" if androids else data.package)


def signer_sha256(data: AppData) -> str:
    """The signer's SHA-256, as `pm get-app-links` writes it."""
    digest = data.signer_sha256 or hashlib.sha256(signer(data).encode()).hexdigest()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2)).upper()


def installed_at(data: AppData, profile: int) -> str:
    """When the app came onto the phone, in the phone's local time."""
    if data.system:
        return "2009-01-01 00:00:00"
    minutes = zlib.crc32(f"{profile} {data.package}".encode()) % 500_000
    return str(datetime(2025, 3, 1, 8, 0, 0) + timedelta(minutes=minutes, seconds=minutes % 60))


def _folder_name(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")
