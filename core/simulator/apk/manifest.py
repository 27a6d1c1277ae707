"""An app's AndroidManifest.xml in its binary form, as aapt writes it: texts in UTF-16, attributes by their numbers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.simulator.apk.chunks import BOOLEAN, INTEGER, NO_STRING, REFERENCE, STRING, Strings, chunk, value

_ANDROID: Final = "http://schemas.android.com/apk/res/android"

#: The numbers of Android's own attributes (frameworks/base/core/res/res/values/public-final.xml).
_ATTRIBUTES: Final = {
    "label": 0x01010001,
    "name": 0x01010003,
    "permission": 0x01010006,
    "exported": 0x01010010,
    "minSdkVersion": 0x0101020C,
    "versionCode": 0x0101021B,
    "versionName": 0x0101021C,
    "targetSdkVersion": 0x01010270,
    "scheme": 0x01010027,
}

_XML: Final = 0x0003
_RESOURCE_MAP: Final = 0x0180
_NAMESPACE: Final = (0x0100, 0x0101)
_ELEMENT: Final = (0x0102, 0x0103)

#: The oldest Android that the apps run on (API 24): older ones would need another kind of signature as well.
MIN_SDK: Final = 24


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says. `label` is a text, or the number of a resource; None: there is none.

    `activities` and `receivers` are class names, full or from the package's name on (``.Main``); the first activity is
    what the launcher starts, and the second one opens addresses of `scheme`. `split` names the part of the app that
    the file is; empty for the main one.
    """

    package: str
    version_code: int
    version_name: str
    target_sdk: int
    label: str | int | None = None
    activities: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    scheme: str = ""
    split: str = ""


def compiled(manifest: Manifest) -> bytes:
    """The file's bytes."""
    writer = _Writer()
    top: list[_Attribute] = [
        ("versionCode", manifest.version_code),
        ("versionName", manifest.version_name),
        *([("split", manifest.split)] if manifest.split else []),
        ("package", manifest.package),
    ]
    writer.open("manifest", top)
    if not manifest.split:
        writer.open("uses-sdk", [("minSdkVersion", MIN_SDK), ("targetSdkVersion", manifest.target_sdk)])
        writer.close("uses-sdk")
        writer.open("uses-permission", [("name", "android.permission.INTERNET")])
        writer.close("uses-permission")
    labelled = [] if manifest.label is None else [("label", manifest.label)]
    writer.open("application", labelled, references=("label",))
    for number, activity in enumerate(manifest.activities):
        filters = _LAUNCHER if number == 0 else _VIEW
        writer.component("activity", activity, filters, scheme=manifest.scheme if number == 1 else "")
    for receiver in manifest.receivers:
        writer.component("receiver", receiver, _ADMIN, permission="android.permission.BIND_DEVICE_ADMIN")
    writer.close("application")
    writer.close("manifest")
    return writer.file()


_Attribute = tuple[str, str | int | bool]
_Filter = Sequence[tuple[str, str]]

_LAUNCHER: Final = (("action", "android.intent.action.MAIN"), ("category", "android.intent.category.LAUNCHER"))
_VIEW: Final = (("action", "android.intent.action.VIEW"), ("category", "android.intent.category.DEFAULT"))
_ADMIN: Final = (("action", "android.app.action.DEVICE_ADMIN_ENABLED"),)


class _Writer:
    """Writes elements one by one. The names of Android's attributes come first in the pool, as the format demands."""

    def __init__(self) -> None:
        self._strings = Strings(tuple(_ATTRIBUTES))
        self._nodes: list[bytes] = []
        self._line = 1

    def component(self, kind: str, name: str, filters: _Filter, *, permission: str = "", scheme: str = "") -> None:
        """An activity or receiver with one intent filter."""
        guarded: list[_Attribute] = [("permission", permission)] if permission else []
        self.open(kind, [("name", name), *guarded, ("exported", True)])
        self.open("intent-filter", [])
        for element, named in filters:
            self.open(element, [("name", named)])
            self.close(element)
        if scheme:
            self.open("data", [("scheme", scheme)])
            self.close("data")
        self.close("intent-filter")
        self.close(kind)

    def open(self, name: str, attributes: Sequence[_Attribute], *, references: Sequence[str] = ()) -> None:
        """Begin an element. Numbers in `references` are those of resources."""
        # Android looks attributes up in the order of their numbers; those without one come last.
        ordered = sorted(attributes, key=lambda a: _ATTRIBUTES.get(a[0], 1 << 32))
        encoded = b"".join(self._attribute(key, said, key in references) for key, said in ordered)
        body = struct.pack("<IIHHHHHH", NO_STRING, self._strings.number(name), 20, 20, len(ordered), 0, 0, 0)
        self._node(_ELEMENT[0], body + encoded)

    def close(self, name: str) -> None:
        """End an element."""
        self._node(_ELEMENT[1], struct.pack("<II", NO_STRING, self._strings.number(name)))

    def file(self) -> bytes:
        """Everything that was written."""
        space = struct.pack("<II", self._strings.number("android"), self._strings.number(_ANDROID))
        inner = self._nodes
        self._nodes = []
        self._node(_NAMESPACE[0], space)
        self._nodes += inner
        self._node(_NAMESPACE[1], space)
        numbers = struct.pack(f"<{len(_ATTRIBUTES)}I", *_ATTRIBUTES.values())
        pool = self._strings.chunk(utf8=False)
        return chunk(_XML, b"", pool + chunk(_RESOURCE_MAP, b"", numbers) + b"".join(self._nodes))

    def _attribute(self, name: str, said: str | int | bool, is_reference: bool) -> bytes:
        space = self._strings.number(_ANDROID) if name in _ATTRIBUTES else NO_STRING
        raw = NO_STRING
        match said:
            case str():
                raw = self._strings.number(said)
                typed = value(STRING, raw)
            case bool():
                typed = value(BOOLEAN, 0xFFFFFFFF if said else 0)
            case int():
                typed = value(REFERENCE if is_reference else INTEGER, said & 0xFFFFFFFF)
        return struct.pack("<III", space, self._strings.number(name), raw) + typed

    def _node(self, kind: int, body: bytes) -> None:
        self._nodes.append(chunk(kind, struct.pack("<II", self._line, NO_STRING), body))
        self._line += 1
