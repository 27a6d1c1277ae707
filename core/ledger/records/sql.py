"""What stands in a leaf, for questions to the database: they are put to the stored bytes, and make no objects."""

from __future__ import annotations

from typing import Final


def _at(*path: str) -> str:
    return f"json_extract(CAST(leaf AS TEXT), '$.{'.'.join(path)}')"


MAKER: Final = _at("device", "maker")
MODEL: Final = _at("device", "model")
SERIAL_SEALED: Final = _at("device", "serial", "sha256")
TAG_SEALED: Final = _at("device", "tag", "sha256")
HOLDER_SEALED: Final = _at("device", "holder", "sha256")
BOOT: Final = _at("boot")
MONO_MS: Final = _at("mono_ms")
OFFICER: Final = _at("officer")
BANS: Final = _at("body", "counts", "bans")
STRENGTH: Final = _at("body", "strength")
ANSWER: Final = _at("body", "answer")
STAMPED_TIME: Final = _at("body", "time")
STAMP_CHECKED: Final = _at("body", "checked")
