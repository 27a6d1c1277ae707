"""Practice phones: simulated Android phones that speak the real ADB protocol on loopback.

    with PracticeServer(load("walk-up"), pace=0) as server:
        ...  # any ADB client: server.address
        assert "com.tencent.mm" not in server.phone.installed()

What a phone is and how it behaves is data, in `resources/practice`. Its shell interprets a subset of sh over simulated
commands; nothing of what a client sends is ever run on this computer, and the phone listens on 127.0.0.1 only.
"""

from core.simulator.adb.server import PracticeServer, Question
from core.simulator.model.installed import AppOnProfile
from core.simulator.model.phone import PracticePhone, Screen
from core.simulator.model.scenario import Scenario, load, scenarios

__all__ = ["AppOnProfile", "PracticePhone", "PracticeServer", "Question", "Scenario", "Screen", "load", "scenarios"]
