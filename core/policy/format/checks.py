"""The kinds of checks that a policy file is put through: each tells what is wrong with one value, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import TypeGuard

from core.policy.format.lines import Path
from core.policy.format.tables import folded
from core.text import T, Text, plain


@dataclass(frozen=True, slots=True)
class FormatFault:
    """One thing that is wrong with a document: where, and what, in one sentence."""

    path: Path
    sentence: Text


Check = Callable[[object, Path], Iterator[FormatFault]]


def path_text(path: Path) -> str:
    """A path as its reader wrote it: the keys from the last list on, joined by full stops."""
    keys: list[str] = []
    for part in reversed(path):
        if isinstance(part, str):
            keys.append(plain(part, 60))
        elif keys:
            break
    return ".".join(reversed(keys))


def prose(value: object, path: Path) -> Iterator[FormatFault]:
    if not isinstance(value, str):
        yield FormatFault(path, T("“{key}” must be text in quotation marks.", key=path_text(path)))
        return
    text = folded(value)
    if not text:
        yield FormatFault(path, T("“{key}” is empty.", key=path_text(path)))
    elif "\N{REPLACEMENT CHARACTER}" in plain(text, len(text)):
        yield FormatFault(path, T("“{key}” holds a character that cannot be shown.", key=path_text(path)))


def fitting(pattern: re.Pattern[str], requirement: Text) -> Check:
    """A check that a value is a text of one form; `requirement` says which."""

    def check(value: object, path: Path) -> Iterator[FormatFault]:
        if not isinstance(value, str):
            yield from prose(value, path)
        elif not pattern.fullmatch(value):
            yield FormatFault(
                path, T("“{key}” is “{value}”, but {what}", key=path_text(path), value=plain(value), what=requirement)
            )

    return check


def one_of(*choices: str) -> Check:
    def check(value: object, path: Path) -> Iterator[FormatFault]:
        if not isinstance(value, str):
            yield from prose(value, path)
        elif value not in choices:
            yield FormatFault(
                path,
                T(
                    "“{key}” is “{value}”, but must be one of: {choices}.",
                    key=path_text(path),
                    value=plain(value),
                    choices=", ".join(choices),
                ),
            )

    return check


def day(value: object, path: Path) -> Iterator[FormatFault]:
    if not is_day(value):
        message = T("“{key}” must be a date such as 2023-10-30, without quotation marks.", key=path_text(path))
        yield FormatFault(path, message)


def yes_or_no(value: object, path: Path) -> Iterator[FormatFault]:
    if not isinstance(value, bool):
        yield FormatFault(path, T("“{key}” must be true or false, without quotation marks.", key=path_text(path)))


def table(place: Text, required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """A check of a table with these keys and no other; `place` is what a person calls such a table."""
    checks = {**required, **(optional or {})}

    def check(value: object, path: Path) -> Iterator[FormatFault]:
        if not isinstance(value, dict):
            yield FormatFault(path, T("“{key}” must be a group of keys, not a single value.", key=path_text(path)))
            return
        missing = [key for key in required if key not in value]
        absent = [key for key in checks if key not in value]
        for key, inner in value.items():
            inner_path = (*path, key)
            if key in checks:
                yield from checks[key](inner, inner_path)
            elif matches := get_close_matches(key, absent, n=1):
                absent.remove(matches[0])
                missing = [key for key in missing if key != matches[0]]
                yield FormatFault(
                    inner_path,
                    T(
                        "“{key}” is not a key that {place} can have; perhaps “{meant}” is meant.",
                        key=path_text(inner_path),
                        place=place,
                        meant=matches[0],
                    ),
                )
            else:
                yield FormatFault(
                    inner_path, T("“{key}” is not a key that {place} can have.", key=path_text(inner_path), place=place)
                )
        for key in missing:
            yield FormatFault((*path, key), T("“{key}” is missing.", key=path_text((*path, key))))

    return check


def tables(item: Check) -> Check:
    """A check of one or more tables, each under its own heading."""

    def check(value: object, path: Path) -> Iterator[FormatFault]:
        if not isinstance(value, list) or not value:
            message = T(
                "“{key}” must be one or more groups, each under a heading in double square brackets.",
                key=path_text(path),
            )
            yield FormatFault(path, message)
            return
        for number, inner in enumerate(value):
            yield from item(inner, (*path, number))

    return check


def texts(item: Check) -> Check:
    """A check of a list of texts."""

    def check(value: object, path: Path) -> Iterator[FormatFault]:
        if not isinstance(value, list) or not all(isinstance(inner, str) for inner in value):
            message = T("“{key}” must be a list of texts in square brackets.", key=path_text(path))
            yield FormatFault(path, message)
            return
        for inner in value:
            yield from item(inner, path)

    return check


def is_day(value: object) -> TypeGuard[date]:
    """Whether a value is a day. A datetime is a date to Python, but has a time as well."""
    return isinstance(value, date) and not isinstance(value, datetime)
