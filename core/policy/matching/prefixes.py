"""Classes by the packages that they are in, each found by one look-up for each of its parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Prefixes(Generic[T]):
    """Values by the class, or by the package with a full stop at its end, that they belong to."""

    def __init__(self, pairs: Iterable[tuple[str, T]]) -> None:
        self._values: dict[str, list[T]] = defaultdict(list)
        for prefix, value in pairs:
            self._values[prefix].append(value)
        #: The first two words of all: most classes of most apps begin otherwise.
        self._heads = {_head(prefix) for prefix in self._values}

    def of(self, name: str) -> Iterator[T]:
        """The values of a class: by its own name, and by every package that it is in."""
        yield from self._values.get(name, ())
        end = name.find(".")
        while end >= 0:
            yield from self._values.get(name[: end + 1], ())
            end = name.find(".", end + 1)

    def of_interest(self, names: Iterable[str]) -> list[str]:
        """The `names` that may begin with one of the prefixes."""
        heads = self._heads
        # As _head does it, but without a call for each of all the classes of a phone.
        return [name for name in names if name[: name.find(".", name.find(".") + 1) + 1] in heads] if heads else []


def _head(name: str) -> str:
    """The first two words of a class: every prefix has at least three."""
    return name[: name.find(".", name.find(".") + 1) + 1]
