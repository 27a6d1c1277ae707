"""Practice phones: simulated Android phones that speak the real ADB protocol on loopback, and iPhones.

    with PracticeServer(load("walk-up"), pace=0) as server:
        ...  # any ADB client: server.address
        assert "com.tencent.mm" not in server.phone.installed()

What a phone is and how it behaves is data, in `resources/practice`. Its shell interprets a subset of sh over simulated
commands; nothing of what a client sends is ever run on this computer, and the phone listens on 127.0.0.1 only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.simulator.scenario_list import names as scenarios

if TYPE_CHECKING:
    from core.simulator.adb.server import AllowQuestion, PracticeServer
    from core.simulator.holders import holder_of
    from core.simulator.iphone import MuxServer, PracticeIphone, load_iphone
    from core.simulator.iphone.holder import IphoneHolder
    from core.simulator.model.installed import AppOnProfile
    from core.simulator.model.owner import ACT_NAMES, Act, PracticeOwner, UsbAppearance
    from core.simulator.model.phone import PracticePhone, Screen
    from core.simulator.model.scenario import Scenario, load

__all__ = [
    "ACT_NAMES",
    "Act",
    "AllowQuestion",
    "AppOnProfile",
    "IphoneHolder",
    "MuxServer",
    "PracticeIphone",
    "PracticeOwner",
    "PracticePhone",
    "PracticeServer",
    "Scenario",
    "Screen",
    "UsbAppearance",
    "holder_of",
    "load",
    "load_iphone",
    "scenarios",
]

_MODULES = {
    "PracticeServer": "adb.server",
    "AllowQuestion": "adb.server",
    "IphoneHolder": "iphone.holder",
    "holder_of": "holders",
    "MuxServer": "iphone",
    "PracticeIphone": "iphone",
    "load_iphone": "iphone",
    "ACT_NAMES": "model.owner",
    "Act": "model.owner",
    "PracticeOwner": "model.owner",
    "UsbAppearance": "model.owner",
    "AppOnProfile": "model.installed",
    "PracticePhone": "model.phone",
    "Screen": "model.phone",
}


def __getattr__(name: str) -> Any:
    """What makes a phone is loaded when it is first wanted: a window offers phones (`scenario_list`) at its start."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'model.scenario')}"), name)
