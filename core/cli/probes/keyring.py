"""Where the key of a log would go."""

from __future__ import annotations

from core.cli.probes import Lacking
from core.desk.desk import Desk
from core.ledger.keys.identity import is_safe, keyring_library
from core.text import T, Text, plain


def keyring(desk: Desk) -> Text:
    """Where the log's key would go. Only asked for its kind: nothing is put in, and nothing is unlocked."""
    if desk.portable or desk.log_folder != desk.data:
        return T("not used for a log that is shared or portable; its key is in a file")
    try:
        backend = keyring_library().get_keyring()
    except Exception as error:  # a keyring can be third-party code
        raise Lacking(
            T("The keyring of this computer cannot be asked."),
            T("Unlock it or sign in again; until then, a new log’s key is put into a file."),
            f"{type(error).__name__}: {error}",
        ) from error
    if not is_safe(backend):
        return T("there is none here; the log’s key is in a file that only this account can read")
    return T("{name} keeps the log’s key", name=plain(backend.name))
