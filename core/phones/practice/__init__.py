"""Practice phones: simulated Android phones that speak the real ADB protocol on loopback.

    with PracticeServer(load("walk-up"), pace=0) as server:
        ...  # any ADB client: server.address
        assert "com.tencent.mm" not in server.phone.installed()

What a phone is and how it behaves is data, in `resources/practice`. Its shell interprets a subset of sh over simulated
commands; nothing of what a client sends is ever run on this computer, and the phone listens on 127.0.0.1 only.
"""

from core.phones.practice.installed import AppOnProfile
from core.phones.practice.phone import PracticePhone, Screen
from core.phones.practice.scenario import Scenario, load, scenarios
from core.phones.practice.server import PracticeServer, Question

__all__ = ["AppOnProfile", "PracticePhone", "PracticeServer", "Question", "Scenario", "Screen", "load", "scenarios"]
