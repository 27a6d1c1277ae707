"""What was read of bytes, kept by their hash, so that the same bytes are not read again.

Most phones of a day hold the same versions of the same apps. What is kept is a function of the bytes alone, so that no
phone can choose what is read of another one's files: whose bytes have the same hash has the same file.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Memo(Generic[_T]):
    """What `read` gives for bytes and for what else is known about them.

    The results that were asked for last are kept, together of at most `limit` by `weigh`. What `read` raises is raised,
    and not kept. Threads may share one.
    """

    def __init__(self, read: Callable[..., _T], weigh: Callable[[_T], int], limit: int) -> None:
        self._read, self._weigh, self._limit = read, weigh, limit
        self._results: OrderedDict[tuple[Hashable, ...], _T] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    def of(self, data: bytes, *about: Hashable) -> _T:
        """What is read of `data`; `about` is what else `read` is given."""
        key = (hashlib.sha256(data).digest(), *about)
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = self._read(data, *about)
        with self._lock:
            if key not in self._results:
                self._results[key] = result
                self._weight += self._weigh(result)
                while self._weight > self._limit:
                    _, oldest = self._results.popitem(last=False)
                    self._weight -= self._weigh(oldest)
        return result
