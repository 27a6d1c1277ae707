"""By what the window remembers the choices of the Settings page that no settings file has."""

from __future__ import annotations

from typing import Final

#: Whether the window for the owner of a phone opens with Fanion.
OWNER_AT_START: Final = "owner/at-start"
#: Whether it shows each phone that the officer looks at.
OWNER_FOLLOWS: Final = "owner/follows"
#: The name of the printer that is proposed.
PRINTER: Final = "printing/printer"
