"""What the readers of both forms of a property list share: limits, and the account of what they leave.

A list is refused as a whole where its form is broken, as no honest writer breaks it: the caller then knows nothing.
What stands in a list that holds together, and can be read in more than one way, is left over by name.
"""

from __future__ import annotations

from typing import Final

from core.phones.accounting import Leftovers, Why
from core.phones.iphone.problems import Malformed

#: How deep values may be nested, and how many there may be: a phone with 1,000 apps sends 20,000, five deep.
DEPTH: Final = 12
VALUES: Final = 300_000
#: Whole numbers that every reader can hold: those of 64 bits, with or without a sign.
NUMBERS: Final = range(-(2**63), 2**64)


class PlistReading:
    """One reading of one list. `apps_under` is the key of the whole under which each key is the id of an app: what is
    left inside is left in that app's name."""

    def __init__(self, apps_under: str) -> None:
        self.leftovers = Leftovers()
        self._apps_under = apps_under
        self._count = 0

    def met(self, depth: int) -> None:
        """A value was met, as often as it is named. Raises Malformed over a limit."""
        self._count += 1
        if self._count > VALUES:
            raise Malformed("too many values")
        if depth > DEPTH:
            raise Malformed("nested too deep")

    def app(self, path: tuple[str, ...]) -> str:
        """The app that the value at the end of these keys is about; empty where it is about none."""
        return path[1] if len(path) > 1 and self._apps_under and path[0] == self._apps_under else ""

    def put(self, table: dict[str, object], path: tuple[str, ...], value: object) -> None:
        """Put a value under the last key of `path`. One that is there twice counts as it stands last."""
        key = path[-1]
        if key in table:
            self.leftovers.add(Why.TWICE, "key", self.app(path), key)
        table[key] = value


def whole_number(value: int) -> int:
    """`value`, if every reader can hold it. Raises Malformed."""
    if value not in NUMBERS:
        raise Malformed("a number of more than 64 bits")
    return value
