"""What is made of a policy for the phones of one platform is made once: a window judges by one policy all day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from core.model import Policy

R = TypeVar("R")
#: Results that are kept of one function.
_LIMIT: Final = 2


def per_policy(make: Callable[[Policy, str], R]) -> Callable[[Policy, str], R]:
    """`make` of a policy and a platform, with its last results kept. Policies are told apart as objects: to compare all
    rules of two would take longer than that saves."""
    results: list[tuple[Policy, str, R]] = []

    def get(policy: Policy, platform: str) -> R:
        for its_policy, its_platform, result in results:
            if its_policy is policy and its_platform == platform:
                return result
        fresh = make(policy, platform)
        results[:] = [(policy, platform, fresh), *results[: _LIMIT - 1]]
        return fresh

    return get
