"""What a phone is sold as, by its model number, for makers whose phones say only the number.

The names are data, in ``resources/phone-models.toml``. They are for people to read: nothing is compared or judged by
them, and a phone that says another's number is called as that one, as it could also call itself. The file belongs to
the program: one that makes no sense is a bug and raises ValueError, never a Problem.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import msgspec

#: Characters at the end of a model number that can say its market.
_MARKET_LIMIT: Final = 3


@dataclass(frozen=True, slots=True)
class MakerModels:
    """One maker's phones: trade names by number without its market, and what may follow for the market."""

    names: Mapping[str, str]
    market: re.Pattern[str]

    def trade_name(self, model: str) -> str:
        """The trade name of `model`; empty where it is not known. The whole number counts first."""
        if model in self.names:
            return self.names[model]
        for length in range(1, _MARKET_LIMIT + 1):
            number, market = model[:-length], model[-length:]
            if number in self.names and self.market.fullmatch(market):
                return self.names[number]
        return ""


class _MakerData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: dict[str, tuple[str, ...]]
    market: str = ""


def trade_name(maker: str, model: str) -> str:
    """What a phone is sold as, by the maker and the model that it says of itself; empty where that is not known."""
    models = _makers().get(maker.casefold())
    return models.trade_name(model) if models is not None else ""


def all_models() -> Iterator[tuple[str, str]]:
    """The maker, in small letters, and the number of each phone with a known trade name."""
    return ((maker, number) for maker, models in _makers().items() for number in models.names)


def read(source: str) -> Mapping[str, MakerModels]:
    """Read a file of trade names, by maker in small letters. Raises ValueError, also for a number with two names.

    Raises ValueError, also for a number with two names.
    """
    makers: dict[str, MakerModels] = {}
    for maker, data in msgspec.convert(tomllib.loads(source), dict[str, _MakerData]).items():
        names = {number: name for name, numbers in data.names.items() for number in numbers}
        if len(names) != sum(map(len, data.names.values())) or not all(names) or not all(names.values()):
            raise ValueError(f"{maker}: a number with two names, or none")
        makers[maker] = MakerModels(names, re.compile(data.market, re.ASCII))
    return makers


@cache
def _makers() -> Mapping[str, MakerModels]:
    return read((resources.files("resources") / "phone-models.toml").read_text(encoding="utf-8"))
