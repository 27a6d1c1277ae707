"""Bytes that are read as a file: what was verified is what is used."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from typing import IO, Any


class InMemory(Traversable):
    """The bytes that were verified, as a policy file: on a disk they could change before they are read again."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    def is_file(self) -> bool:
        return True

    def is_dir(self) -> bool:
        return False

    def iterdir(self) -> Iterator[Traversable]:
        return iter(())

    def open(self, mode: str = "r", *_: Any, **__: Any) -> IO[Any]:
        return io.BytesIO(self._data)

    def read_bytes(self) -> bytes:
        return self._data

    def read_text(self, encoding: str | None = None) -> str:
        return self._data.decode(encoding or "utf-8")

    def joinpath(self, *_: Any) -> Traversable:
        raise FileNotFoundError

    __truediv__ = joinpath
