"""Practice iPhones: simulated ones that speak usbmux, lockdown and their services' protocols on loopback.

    with MuxServer(PracticeIphone(load_iphone("iphone-wechat")), pace=0) as mux:
        ...  # any client, with USBMUXD_SOCKET_ADDRESS set to mux.address
        assert "com.tencent.xin" not in mux.phones[0].installed()

What a phone is and how it behaves is data, in `resources/practice/iphone-*.toml`. The phones trust a computer by TLS
with certificates on both sides, as real ones do.
"""

from core.simulator.iphone.mux import MuxServer
from core.simulator.iphone.phone import PracticeIphone
from core.simulator.iphone.scenario import IphoneScenario, load_iphone

__all__ = ["IphoneScenario", "MuxServer", "PracticeIphone", "load_iphone"]
