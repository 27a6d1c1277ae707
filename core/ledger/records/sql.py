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
COPY_SIZE: Final = _at("body", "size")
COPY_WAY: Final = _at("body", "how")
POLICY_ID: Final = _at("policy", "id")
POLICY_VERSION: Final = _at("policy", "version")
POLICY_HASH: Final = _at("policy", "sha256")
#: The numbers of the records whose values were erased, as rows of their own.
ERASED_RECORDS: Final = "json_each(CAST(leaf AS TEXT), '$.body.records')"
