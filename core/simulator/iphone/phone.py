"""The state of a practice iPhone: its apps, whom it trusts, whether it is locked; and what its owner does with it.

Only the facts are here. What the phone says about them is in `lockdown`, `apps` and `config`.
"""

from __future__ import annotations

import reprlib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from core.simulator.iphone.certificates import Computer, public_key_text
from core.simulator.iphone.scenario import IphoneApp, IphoneScenario, Trust, all_apps
from core.simulator.iphone.wire import Faultless, GoneError, PracticeStream

#: How many messages the phone remembers, and how much of each.
_LOG_LENGTH: Final = 10_000
_LOG_WIDTH: Final = 1000
_SHORT: Final = reprlib.Repr()
_SHORT.maxdict = _SHORT.maxlist = 50
_SHORT.maxstring = 200
#: The first port of a started service; lockdown has its own.
_FIRST_PORT: Final = 49_152
#: How many started services may wait to be connected to.
_MOST_WAITING: Final = 64

#: What the owner does with the question *Trust This Computer?*: yes once it was asked often enough, no, or nothing yet.
_Answer = Literal["yes", "no", "none"]
_ANSWERS: Final[Mapping[Trust, _Answer]] = {"trusted": "yes", "asks": "yes", "denies": "no", "waits": "none"}

#: What the phone says of itself to any computer, also to one that it does not trust.
PUBLIC: Final = frozenset(
    {
        "ActivationState",
        "BuildVersion",
        "CPUArchitecture",
        "DeviceClass",
        "DeviceName",
        "DevicePublicKey",
        "HardwareModel",
        "PartitionType",
        "ProductName",
        "ProductType",
        "ProductVersion",
        "ProtocolVersion",
        "UniqueDeviceID",
        "WiFiAddress",
    }
)
#: Domains that answer by key only; as a whole they come back empty.
BY_KEY_ONLY: Final = frozenset({"com.apple.security.mac.amfi"})
#: Where a practice phone says that it is one, to any computer. It is to be believed on loopback only.
PRACTICE_DOMAIN: Final = "ca.fanion"


class PracticeIphone:
    """An iPhone that exists only here. May be used from any thread; hold `mutex` where several facts must fit.

    `faults` may be set at any time, and hold from the next message on. `binary` has it answer in binary property
    lists, `newest_tls` speak TLS 1.3, `oldest_tls` also 1.0 (Debian's usbmuxd 1.1.1 greets a trusted phone with nothing
    newer), and `dashless` has usbmux list its number without the dash.
    """

    def __init__(self, scenario: IphoneScenario) -> None:
        self.scenario = scenario
        self.udid = scenario.device.udid
        self.mutex = threading.RLock()
        self.faults = Faultless()
        self.binary = False
        self.newest_tls = False
        self.oldest_tls = False
        self.dashless = False
        self.attached = True
        self.locked = scenario.locked
        #: Locked for so long that no service starts.
        self.locked_long = False
        #: Restarted, and not unlocked since.
        self.restarted = False
        self.removal_allowed = scenario.removal_allowed
        #: How often the owner was asked *Trust This Computer?*; one record that asks again is one question.
        self.questions = 0
        #: The computers that are trusted, by their number.
        self.computers: dict[str, Computer] = {}
        #: What the mux does when the phone comes and goes.
        self.on_cable: Callable[[PracticeIphone], None] = lambda phone: None
        self._asking: Computer | None = None
        self._polls = scenario.polls
        self._answer = _ANSWERS[scenario.trust]
        self._apps = {app.id: app for app in all_apps(scenario)}
        self._log: deque[str] = deque(maxlen=_LOG_LENGTH)
        self._streams: set[PracticeStream] = set()
        self._started: dict[int, tuple[str, Computer]] = {}
        self._next_port = _FIRST_PORT

    # What a test looks at

    @property
    def log(self) -> tuple[str, ...]:
        """The messages that came, in order, each as ``service message {what it had}``, cut where it is long."""
        with self.mutex:
            return tuple(self._log)

    def installed(self) -> frozenset[str]:
        """The ids of all apps on the phone, of every kind."""
        with self.mutex:
            return frozenset(self._apps)

    def apps(self) -> tuple[IphoneApp, ...]:
        """All apps on the phone, of every kind."""
        with self.mutex:
            return tuple(self._apps.values())

    def app(self, app_id: str) -> IphoneApp | None:
        """One app; None if it is not on the phone."""
        with self.mutex:
            return self._apps.get(app_id)

    # What the owner does

    def attach(self) -> None:
        """Plug it in; a question that was answered with *Don't Trust* may be asked again."""
        with self.mutex:
            if self.attached:
                return
            self.attached = True
            if self._answer == "no":
                self._answer, self._asking = "yes", None
        self.on_cable(self)

    def detach(self) -> None:
        """Pull the cable: the phone is no longer listed, and every connection breaks.

        In that order: a program whose connection breaks must not find the phone in a list any more.
        """
        with self.mutex:
            self.attached = False
            self._started.clear()
        self.on_cable(self)
        self.cut()

    def cut(self) -> None:
        """The cable lost contact: every connection breaks, but the phone can be reached again at once."""
        with self.mutex:
            streams = tuple(self._streams)
        for stream in streams:
            stream.end()

    def trust(self) -> None:
        """Tap *Trust* and enter the passcode: the next Pair is accepted."""
        with self.mutex:
            self._answer, self._polls = "yes", 0

    def say_nothing(self) -> None:
        """Look at the question, and answer it only once :meth:`trust` or :meth:`deny` is done."""
        with self.mutex:
            self._answer = "none"

    @property
    def says_yes(self) -> bool:
        """Whether a computer that asks is trusted."""
        with self.mutex:
            return self._answer == "yes"

    def can_remove_by_hand(self, app_id: str) -> bool:
        """Whether its holder can remove the app on the phone itself: not where management forbids that."""
        with self.mutex:
            return self.removal_allowed and app_id in self._apps

    def deny(self) -> None:
        """Tap *Don't Trust*."""
        with self.mutex:
            self._answer = "no"

    def lock(self, *, long_ago: bool = False) -> None:
        """Turn the screen off: no new computer can be trusted. `long_ago`: for so long that no service starts."""
        with self.mutex:
            self.locked, self.locked_long = True, long_ago

    def unlock(self) -> None:
        """Enter the passcode."""
        with self.mutex:
            self.locked = self.locked_long = self.restarted = False

    def forget(self) -> None:
        """Reset Location & Privacy, or thirty days without use: no computer is trusted any more."""
        with self.mutex:
            self.computers.clear()
            self._asking = None

    def restart(self) -> None:
        """Switch it off and on: it comes back locked, and opens no session before it is unlocked."""
        self.detach()
        with self.mutex:
            self.locked = self.restarted = True
        self.attach()

    # What the phone's services do

    def record(self, service: str, message: str, content: Mapping[str, Any]) -> None:
        """Remember a message that came."""
        fields = {key: value for key, value in content.items() if not isinstance(value, bytes) and "Record" not in key}
        with self.mutex:
            self._log.append(f"{service} {message} {_SHORT.repr(fields)}"[:_LOG_WIDTH])

    def values(self) -> dict[str, dict[str, Any]]:
        """What GetValue knows, by domain and key. Whether PasswordProtected is true while the phone is unlocked is not
        known of a real one; here it is where a passcode is set."""
        device, scenario = self.scenario.device, self.scenario
        own: dict[str, Any] = {
            "ActivationState": "Activated",
            "BuildVersion": device.build,
            "CPUArchitecture": "arm64e",
            "DeviceClass": "iPhone",
            "DeviceName": device.name,
            "DevicePublicKey": public_key_text(),
            "HardwareModel": "D16AP",
            "InternationalMobileEquipmentIdentity": device.imei,
            "PartitionType": "GUID_partition_scheme",
            "PasswordProtected": scenario.passcode,
            "ProductName": "iPhone OS",
            "ProductType": device.product_type,
            "ProductVersion": device.version,
            "ProtocolVersion": "2",
            "SerialNumber": device.serial,
            "UniqueDeviceID": device.udid,
            "WiFiAddress": "02:00:00:00:00:01",
        }
        values: dict[str, dict[str, Any]] = {
            "": {key: value for key, value in own.items() if value != ""},
            "com.apple.mobile.chaperone": {"DeviceIsChaperoned": scenario.supervised},
            "com.apple.security.mac.amfi": {"DeveloperModeStatus": False},
            "com.apple.mobile.wireless_lockdown": {"EnableWifiConnections": False},
            PRACTICE_DOMAIN: {"practice": True},
        }
        for domain, further in device.values.items():
            values[domain] = values.get(domain, {}) | dict(further)
        return values

    def pair(self, computer: Computer) -> str:
        """Ask the owner whether `computer` may be trusted; the error's name, or nothing once it is."""
        with self.mutex:
            if self.scenario.pairing_error:
                return self.scenario.pairing_error
            if self.locked:
                return "PasswordProtected"
            if self.computers.get(computer.host_id) == computer:
                return ""
            if computer != self._asking:
                self._asking, self.questions = computer, self.questions + 1
            if self._answer == "no":
                return "UserDeniedPairing"
            if self._answer == "none" or self._polls > 0:
                self._polls -= 1
                return "PairingDialogResponsePending"
            self.computers[computer.host_id] = computer
            return ""

    def start(self, service: str, computer: Computer) -> int:
        """The port where `service` waits for `computer` to connect, once."""
        with self.mutex:
            self._next_port = _FIRST_PORT + (self._next_port - _FIRST_PORT + 1) % 10_000
            self._started[self._next_port] = (service, computer)
            while len(self._started) > _MOST_WAITING:
                del self._started[next(iter(self._started))]
            return self._next_port

    def take(self, port: int) -> tuple[str, Computer] | None:
        """What waits at `port`, which is free afterwards; None if nothing does."""
        with self.mutex:
            return self._started.pop(port, None)

    def remove(self, app_id: str) -> None:
        """Take an app off the phone, or put up with it that it is not there."""
        with self.mutex:
            self._apps.pop(app_id, None)

    def admit(self, stream: PracticeStream) -> None:
        """`stream` now goes to the phone, and breaks with its cable. Raises GoneError if that is out."""
        with self.mutex:
            if not self.attached:
                raise GoneError("detached")
            self._streams.add(stream)
        stream.unplug = self.detach

    def release(self, stream: PracticeStream) -> None:
        """Forget `stream`, which has ended."""
        with self.mutex:
            self._streams.discard(stream)
