"""Practice iPhones, and a visit's driver for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from core.jobs import Cancel
from core.phones.iphone.connect import Iphones
from core.phones.iphone.phone import IPhone
from core.simulator.iphone import IphoneScenario, MuxServer, PracticeIphone, load_iphone

Open = Callable[[MuxServer], IPhone]
Serve = Callable[[str | IphoneScenario], MuxServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A practice iPhone by its scenario, plugged in."""
    with ExitStack() as stack:

        def make(scenario: str | IphoneScenario) -> MuxServer:
            loaded = load_iphone(scenario) if isinstance(scenario, str) else scenario
            return stack.enter_context(MuxServer(PracticeIphone(loaded), pace=0))

        yield make


def opened(mux: MuxServer, *, may_ask: bool = True, practice: bool = True) -> IPhone:
    """The only phone of a service, opened."""
    service = ("127.0.0.1", mux.port)
    return Iphones("Desk 4").open_through(service, "", Cancel(), may_ask=may_ask, practice=practice)
