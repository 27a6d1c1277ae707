"""Whether what is carried home to head office can be encrypted."""

from __future__ import annotations

import pyrage

from core.cli.probes import Lacking, again
from core.desk.desk import Desk
from core.desk.papers.carry_home import recipients
from core.head_office.bundles.encryption import Lock, PrivateKeys, short
from core.text import N, T, Text

_TEXT = b"Fanion"


def encryption(desk: Desk) -> Text:
    """A few bytes are encrypted to a key that is thrown away, and to those that are set."""
    keys = recipients(desk) if desk.fault is None else ()
    identity = pyrage.x25519.Identity.generate()
    encrypted = Lock(" ".join((str(identity.to_public()), *keys[:9]))).encrypt(_TEXT)
    if _TEXT in encrypted or PrivateKeys([str(identity)]).decrypt(encrypted) != _TEXT:
        raise Lacking(T("Nothing can be encrypted: what is sent to head office would be refused."), again())
    if not keys:
        return T("can be done; no key of head office is set, so that bundles leave unencrypted")
    return N("to the key {keys}", "to the keys {keys}", len(keys), keys=", ".join(map(short, keys)))
