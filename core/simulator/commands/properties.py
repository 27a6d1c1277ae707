"""What `getprop` knows: the properties of a phone that a check looks at, and some that it does not."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

from core.simulator.model.scenario import Device

#: Every practice phone has this property, and no real one.
PRACTICE: Final = "ro.fanion.practice"

_SAME_ON_ALL: Final = {
    "bluetooth.device.class_of_device": "90,66,12",
    "dalvik.vm.heapgrowthlimit": "256m",
    "dalvik.vm.heapsize": "512m",
    "dalvik.vm.isa.arm64.variant": "generic",
    "debug.atrace.tags.enableflags": "0",
    "dev.bootcomplete": "1",
    "gsm.current.phone-type": "1,1",
    "gsm.operator.iso-country": "ca,",
    "gsm.sim.state": "LOADED,ABSENT",
    "init.svc.adbd": "running",
    "init.svc.bootanim": "stopped",
    "init.svc.surfaceflinger": "running",
    "init.svc.vold": "running",
    "init.svc.zygote": "running",
    "net.bt.name": "Android",
    "persist.sys.locale": "en-CA",
    "persist.sys.timezone": "America/Toronto",
    "persist.sys.usb.config": "mtp,adb",
    "ro.adb.secure": "1",
    "ro.allow.mock.location": "0",
    "ro.boot.flash.locked": "1",
    "ro.boot.vbmeta.device_state": "locked",
    "ro.boot.verifiedbootstate": "green",
    "ro.build.characteristics": "phone",
    "ro.build.tags": "release-keys",
    "ro.build.type": "user",
    "ro.build.version.codename": "REL",
    "ro.build.version.preview_sdk": "0",
    "ro.carrier": "unknown",
    "ro.config.alarm_alert": "Argon.ogg",
    "ro.config.ringtone": "Ring_Synth_04.ogg",
    "ro.crypto.state": "encrypted",
    "ro.crypto.type": "file",
    "ro.debuggable": "0",
    "ro.hardware.egl": "adreno",
    "ro.oem_unlock_supported": "1",
    "ro.opengles.version": "196610",
    "ro.product.cpu.abi": "arm64-v8a",
    "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a,armeabi",
    "ro.product.locale": "en-CA",
    "ro.secure": "1",
    "ro.sf.lcd_density": "450",
    "ro.treble.enabled": "true",
    "ro.zygote": "zygote64_32",
    "security.perf_harden": "1",
    "sys.boot_completed": "1",
    "sys.usb.config": "mtp,adb",
    "sys.usb.state": "mtp,adb",
    "wifi.interface": "wlan0",
}


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
    return {**_SAME_ON_ALL, **described, **device.properties, PRACTICE: "1"}
