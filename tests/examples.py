"""How many examples hypothesis tries, in relation to the profile of conftest.py: `python`, `whole`, `thorough`."""

from __future__ import annotations

from hypothesis import settings


def examples(count: int) -> settings:
    """As many examples as `count` says where the profile has 100, and as many times fewer or more in another one."""
    return settings(max_examples=max(1, count * settings().max_examples // 100))
