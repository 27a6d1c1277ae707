"""What `getprop` knows: the properties of a phone that a check looks at, and some that it does not."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

from core.simulator.model.scenario import Device, common

#: Every practice phone has this property, and no real one.
PRACTICE: Final = "ro.fanion.practice"


def properties(device: Device) -> Mapping[str, str]:
    """All properties of `device`; its own come last and win."""
    build = f"{zlib.crc32(device.serial.encode()):08X}"
    fingerprint = f"{device.maker.lower()}/{device.name}/{device.device}:{device.android}/{build}/1:user/release-keys"
    described = {
        "ro.boot.serialno": device.serial,
        "ro.bootimage.build.fingerprint": fingerprint,
        "ro.build.display.id": build,
        "ro.build.fingerprint": fingerprint,
        "ro.build.id": build,
        "ro.build.product": device.device,
        "ro.build.version.incremental": "1",
        "ro.build.version.release": device.android,
        "ro.build.version.sdk": str(device.sdk),
        "ro.build.version.security_patch": device.patch,
        "ro.product.brand": device.maker.lower(),
        "ro.product.device": device.device,
        "ro.product.manufacturer": device.maker,
        "ro.product.model": device.model,
        "ro.product.name": device.name,
        "ro.serialno": device.serial,
        "ro.vendor.build.security_patch": device.patch,
    }
    return {**common("phone")["properties"], **described, **device.properties, PRACTICE: "1"}
