"""All targets by their names."""

from __future__ import annotations

from itertools import chain

from tests.fuzz import accounting, android, captures, desks, iphone, ledgers, policies
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for target in chain.from_iterable(
        p.targets() for p in (android, accounting, iphone, policies, ledgers, desks, captures)
    )
}
