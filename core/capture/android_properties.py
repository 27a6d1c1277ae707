"""What `getprop` says, made anonymous.

The names of properties that Fanion reads are kept, and of their values what tells the make and the state of a phone,
not which one it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.capture.android_names import AndroidNames
from core.phones.android.listings import health
from core.phones.android.listings.short_answers import MARKET_NAMES
from core.policy.health.contradictions import PRODUCT

_LINE: Final = re.compile(r"\[([^\]]*)\]: \[(.*?)(\]?)")
#: Values that are one phone's.
_SERIAL: Final = frozenset({"ro.serialno", "ro.boot.serialno"})
#: What the phone is, and what its system is: as the maker sells it to many.
_MAKE: Final = frozenset(
    {
        "ro.product.manufacturer",
        "ro.product.brand",
        "ro.product.model",
        "ro.product.marketname",
        "ro.config.marketing_name",
        *MARKET_NAMES,
    }
)
#: Numbers that say how something is.
_NUMBERS: Final = frozenset({"ro.build.version.sdk", "ro.fanion.practice"})
#: How makers call themselves and their phones; a long number is no such name.
_MAKER_S: Final = re.compile(r"(?!.*\d{7})[\w .,()+/&-]{1,40}")
_BUILDS: Final = frozenset({"ro.build.fingerprint"})
_FLAVOUR: Final = "ro.build.flavor"
#: ``brand/name/device:version/build/number:kind/keys``.
_FINGERPRINT: Final = re.compile(r"([^:]*):([^/:]+)(/[^:]*):([a-z]+/[a-z-]+)")
#: A value that says how something is: a word, a small number, a day or a version that many phones have.
_STATE: Final = re.compile(
    r"user|userdebug|eng|(?:release|test|dev)-keys|green|yellow|orange|red|(?:un)?locked|(?:un)?encrypted|unsupported"
    r"|true|false|REL|Tiramisu|UpsideDownCake|VanillaIceCream|Baklava|CinnamonBun"
    r"|\d{1,2}|\d{4}-\d\d-\d\d|\d{1,2}(?:\.\d{1,2}){1,2}"
)
_KIND: Final = re.compile(r"(.*)(-(?:user|userdebug|eng))")


class AndroidProperties:
    """Rewrites `getprop`'s lines."""

    def __init__(self, names: AndroidNames) -> None:
        self._names = names

    def anonymous(self, lines: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(self._line, lines))

    def _line(self, line: str) -> str:
        match = _LINE.fullmatch(line)
        if match is None:
            return self._names.free_text(line)
        name, value, end = match[1], match[2], match[3]
        is_read = name in health.PROPERTIES or name in _MAKE | _NUMBERS | _SERIAL or health.FURTHER.fullmatch(name)
        new_name = name if is_read else self._names.free_text(name)
        return f"[{new_name}]: [{self._value(name, value) if is_read else self._names.free_text(value)}{end}"

    def _value(self, name: str, value: str) -> str:
        """The value of a property that is read. A practice phone's serial number says that it is one."""
        names = self._names
        if name in _MAKE and _MAKER_S.fullmatch(value):
            return self._unchanged(name, value)
        if name in _SERIAL or not value:
            return names.free_text(value)
        if name in _BUILDS:
            parts = _FINGERPRINT.fullmatch(value)
            if parts is None:
                return names.free_text(value)
            kind = "/".join(map(self._state, parts[4].split("/")))
            return f"{names.free_text(parts[1])}:{self._state(parts[2])}{names.free_text(parts[3])}:{kind}"
        if name == _FLAVOUR:
            product, kind = kinds.groups() if (kinds := _KIND.fullmatch(value)) else (value, "")
            return self._product(product) + kind
        if name.startswith("ro.product.") or name not in health.PROPERTIES | _NUMBERS:
            is_state = _STATE.fullmatch(value) and not name.startswith("oplusboot.")
            return value if is_state else self._product(value)
        return self._unchanged(name, value) if _STATE.fullmatch(value) else names.free_text(value)

    def _product(self, product: str) -> str:
        """How a product is called, of which the custom system that it is known by is kept."""
        system, stroke, rest = product.partition("_")
        if not PRODUCT.fullmatch(product):
            return self._names.free_text(product)
        return f"{system}{stroke}{self._names.free_text(rest)}"

    def _state(self, value: str) -> str:
        return value if _STATE.fullmatch(value) else self._names.free_text(value)

    def _unchanged(self, name: str, value: str) -> str:
        self._names.unchanged.keep("properties", f"{name}={value}")
        return value
