"""Which values a setting may have: in a settings file, and in the registry of Windows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.text import T, Text, plain

Setting: TypeAlias = str | int | bool

#: Characters: a name has to fit on a line of a receipt; 4,096 is the longest path that Linux takes.
NAME_LIMIT: Final = 120
PATH_LIMIT: Final = 4_096
#: The types of the registry's values.
REG_SZ: Final = "REG_SZ"
REG_DWORD: Final = "REG_DWORD"


class ValueRule(ABC):
    """Which values a setting may have."""

    #: Whether a value is free text: then it may tell of a person, a department or a folder.
    is_text = False

    @property
    def may_be_path(self) -> bool:
        """Whether a value may be the path of a file or folder."""
        return False

    @property
    def registry_type(self) -> str:
        """The type that a group policy gives the value."""
        return REG_SZ if self.is_text else REG_DWORD

    @abstractmethod
    def fault(self, key: str, value: object) -> Text | None:
        """What is wrong with a value, as the end of a sentence; None if nothing is."""

    def read_registry(self, key: str, data: str | int | None) -> tuple[Setting | None, Text | None]:
        """The setting that a registry value is, and what is wrong with it."""
        if not isinstance(data, int if self.registry_type == REG_DWORD else str):
            return None, T("“{key}” must be of the type {kind}", key=key, kind=self.registry_type)
        return data, self.fault(key, data)


@dataclass(frozen=True, slots=True)
class Switch(ValueRule):
    """True or false; in the registry, 1 or 0."""

    def fault(self, key: str, value: object) -> Text | None:
        return None if isinstance(value, bool) else T("“{key}” must be true or false", key=key)

    def read_registry(self, key: str, data: str | int | None) -> tuple[Setting | None, Text | None]:
        if data in (0, 1):
            return bool(data), None
        return None, T("“{key}” must be a REG_DWORD of 0 or 1", key=key)


@dataclass(frozen=True, slots=True)
class Number(ValueRule):
    """A whole number from 0 to `maximum`."""

    maximum: int

    def fault(self, key: str, value: object) -> Text | None:
        if type(value) is int and 0 <= value <= self.maximum:
            return None
        return T("“{key}” must be a whole number from 0 to {limit}", key=key, limit=self.maximum)


@dataclass(frozen=True, slots=True)
class Choice(ValueRule):
    """One of a few values, all of one type, each with its name on the settings page; `reason` refuses all others."""

    names: tuple[tuple[str | int, Text | str], ...]
    reason: Text

    @property
    def values(self) -> tuple[str | int, ...]:
        """The values, in the order in which they are offered."""
        return tuple(value for value, _ in self.names)

    @property
    def registry_type(self) -> str:
        return REG_SZ if isinstance(self.values[0], str) else REG_DWORD

    def fault(self, key: str, value: object) -> Text | None:
        fits = type(value) is type(self.values[0]) and value in self.values
        return None if fits else self.reason


@dataclass(frozen=True, slots=True)
class TextFormat(ValueRule):
    """A text in a format of its own, never longer than `longest` characters: `accepts` knows it; `reason` refuses all
    others."""

    longest: int
    accepts: Callable[[str], bool]
    reason: Text

    is_text = True

    def fault(self, key: str, value: object) -> Text | None:
        return None if isinstance(value, str) and self.accepts(value) else self.reason


@dataclass(frozen=True, slots=True)
class OneLine(ValueRule):
    """A text on one line, of at most `longest` characters. One that is not empty, `accepts` has to take as well;
    `reason` refuses all others."""

    longest: int = NAME_LIMIT
    accepts: Callable[[str], bool] | None = None
    reason: Text | None = None

    is_text = True

    @property
    def may_be_path(self) -> bool:
        return self.longest == PATH_LIMIT

    def fault(self, key: str, value: object) -> Text | None:
        if not isinstance(value, str) or len(value) > self.longest or _has_controls(value, self.longest):
            return T("“{key}” must be a text on one line, of at most {limit} characters", key=key, limit=self.longest)
        refused = value != "" and self.accepts is not None and not self.accepts(value)
        return self.reason if refused else None


def _has_controls(value: str, limit: int) -> bool:
    return "\N{REPLACEMENT CHARACTER}" in plain(value, limit)
