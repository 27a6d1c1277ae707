"""Who plays the holder of a practice phone that waits for one."""

from __future__ import annotations

from collections.abc import Callable

from core.simulator import scenario_list
from core.simulator.iphone.holder import IphoneHolder
from core.simulator.model.owner import PracticeOwner


def holder_of(scenario: str, changed: Callable[[], None]) -> PracticeOwner | IphoneHolder:
    """The holder of the practice phone of this scenario; `changed` as of :class:`PracticeOwner`."""
    if scenario_list.platform(scenario) == "ios":
        return IphoneHolder(scenario)
    return PracticeOwner(scenario_list.begins(scenario), changed)
