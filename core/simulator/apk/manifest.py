"""An app's AndroidManifest.xml in its binary form, as aapt writes it: texts in UTF-16, attributes by their numbers."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from core.simulator.apk.chunks import BOOLEAN, INTEGER, NO_STRING, REFERENCE, STRING, Strings, chunk, value

_ANDROID: Final = "http://schemas.android.com/apk/res/android"

#: The numbers of Android's own attributes (frameworks/base/core/res/res/values/public-final.xml).
_ATTRIBUTES: Final = {
    "label": 0x01010001,
    "icon": 0x01010002,
    "name": 0x01010003,
    "permission": 0x01010006,
    "value": 0x01010024,
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
class PracticeManifest:
    """What a manifest says. `label` is a text, or the number of a resource; None: there is none. `icon` is the number
    of the resource that is the launcher's picture; 0: there is none.

    `activities` and `receivers` are class names, full or from the package's name on (``.Main``); the first activity is
    what the launcher starts, and the second one opens addresses of `scheme`. `start_url` is the address at which an app
    starts that a browser made of a page; a number is none.
    """

    package: str
    version_code: int
    version_name: str
    target_sdk: int
    label: str | int | None = None
    activities: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    scheme: str = ""
    icon: int = 0
    start_url: str | int = ""
    #: It says so twice, as no honest one does.
    twice: bool = False


#: Attributes by name; an element is its name, its attributes, what is inside of it.
_Attributes = dict[str, str | int | bool]
_Element = tuple[str, _Attributes, list["_Element"]]


def compiled(manifest: PracticeManifest) -> bytes:
    """The bytes of the AndroidManifest.xml that says this."""
    top: _Attributes = {
        "versionCode": manifest.version_code,
        "versionName": manifest.version_name,
        "package": manifest.package,
    }
    inside: list[_Element] = [
        ("uses-sdk", {"minSdkVersion": MIN_SDK, "targetSdkVersion": manifest.target_sdk}, []),
        ("uses-permission", {"name": "android.permission.INTERNET"}, []),
    ]
    components = []
    for number, activity in enumerate(manifest.activities):
        filters = _filters("MAIN", "LAUNCHER") if number == 0 else _filters("VIEW", "DEFAULT")
        if number == 1 and manifest.scheme:
            filters.append(("data", {"scheme": manifest.scheme}, []))
        components.append(_component("activity", {"name": activity}, filters))
    for receiver in manifest.receivers:
        guarded: _Attributes = {"name": receiver, "permission": "android.permission.BIND_DEVICE_ADMIN"}
        action: _Element = ("action", {"name": "android.app.action.DEVICE_ADMIN_ENABLED"}, [])
        components.append(_component("receiver", guarded, [action]))
    if manifest.start_url != "":
        name = "org.chromium.webapk.shell_apk.startUrl"
        components.append(("meta-data", {"name": name, "value": manifest.start_url}, []))
    about: _Attributes = {} if manifest.label is None else {"label": manifest.label}
    application: _Element = (
        "application",
        {**about, **({"icon": manifest.icon} if manifest.icon else {})},
        components,
    )
    inside += [application] * (2 if manifest.twice else 1)
    return _Writer().file(("manifest", top, inside))


def _filters(action: str, category: str) -> list[_Element]:
    return [
        ("action", {"name": f"android.intent.action.{action}"}, []),
        ("category", {"name": f"android.intent.category.{category}"}, []),
    ]


def _component(kind: str, attributes: _Attributes, filters: list[_Element]) -> _Element:
    return (kind, {**attributes, "exported": True}, [("intent-filter", {}, filters)])


class _Writer:
    """Writes one file. The names of Android's attributes come first in the pool, as the format demands."""

    def __init__(self) -> None:
        self._strings = Strings(tuple(_ATTRIBUTES))
        self._line = 0

    def file(self, top: _Element) -> bytes:
        """The whole file around its only element."""
        nodes = self._element(top)
        space = struct.pack("<II", self._strings.number("android"), self._strings.number(_ANDROID))
        nodes = self._node(_NAMESPACE[0], space) + nodes + self._node(_NAMESPACE[1], space)
        numbers = struct.pack(f"<{len(_ATTRIBUTES)}I", *_ATTRIBUTES.values())
        pool = self._strings.chunk(utf8=False)
        return chunk(_XML, b"", pool + chunk(_RESOURCE_MAP, b"", numbers) + nodes)

    def _element(self, element: _Element) -> bytes:
        name, attributes, inside = element
        # Android looks attributes up in the order of their numbers; those without one come last.
        ordered = sorted(attributes.items(), key=lambda a: _ATTRIBUTES.get(a[0], 1 << 32))
        encoded = b"".join(self._attribute(key, attribute) for key, attribute in ordered)
        number = self._strings.number(name)
        body = struct.pack("<IIHHHHHH", NO_STRING, number, 20, 20, len(ordered), 0, 0, 0)
        begin = self._node(_ELEMENT[0], body + encoded)
        content = b"".join(self._element(child) for child in inside)
        return begin + content + self._node(_ELEMENT[1], struct.pack("<II", NO_STRING, number))

    def _attribute(self, name: str, attribute: str | int | bool) -> bytes:
        space = self._strings.number(_ANDROID) if name in _ATTRIBUTES else NO_STRING
        raw = NO_STRING
        match attribute:
            case str():
                raw = self._strings.number(attribute)
                typed = value(STRING, raw)
            case bool():
                typed = value(BOOLEAN, 0xFFFFFFFF if attribute else 0)
            case int():  # a label that is a number is that of a resource
                typed = value(REFERENCE if name in ("label", "icon") else INTEGER, attribute & 0xFFFFFFFF)
        return struct.pack("<III", space, self._strings.number(name), raw) + typed

    def _node(self, kind: int, body: bytes) -> bytes:
        self._line += 1
        return chunk(kind, struct.pack("<II", self._line, NO_STRING), body)
