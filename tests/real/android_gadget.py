"""Android phones on a real USB bus: Debian's adbd behind gadgets of the Linux kernel (FunctionFS), plugged into the
same computer by dummy_hcd. For the virtual machine of the USB rig only, of whose cache it takes adbd's helpers."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.real.usb_answers import until

GADGETS: Final = Path("/sys/kernel/config/usb_gadget")
CONTROLLERS: Final = Path("/sys/class/udc")
MOUNTS: Final = Path("/dev/usb-ffs")
ADBD: Final = Path("/usr/lib/android-sdk/platform-tools/adbd")
#: The vendor and product numbers of a Google phone that offers ADB alone.
VENDOR, PRODUCT = 0x18D1, 0x4EE7
#: What the phone's framework and adbd say to each other about a computer's key.
_MAY_IT, _YES = b"PK", b"OK"
#: Seconds after which it is looked anew what has to be plugged in.
_PAUSE: Final = 0.1


class AndroidGadget:
    """A phone that is plugged in. One that `asks` has its owner allow each computer, a second after the question, and
    remembers that; the others let every computer in."""

    #: All that were not removed, and what is held while one of them is plugged in or out.
    gadgets: list[AndroidGadget] = []  # noqa: RUF012
    lock = threading.Lock()

    def __init__(self, name: str, serial: str, *, asks: bool = False) -> None:
        self._plugged = False
        self._folder, self._mount = GADGETS / name, MOUNTS / name
        with self.lock:
            taken = {one.controller for one in self.gadgets}
            self.controller = next(c.name for c in sorted(CONTROLLERS.iterdir()) if c.name not in taken)
            self.gadgets.append(self)
            if len(self.gadgets) == 1:
                threading.Thread(target=_bind_when_ready, daemon=True).start()
        configuration = self._describe(name, serial)
        function = self._folder / "functions" / f"ffs.{name}"
        function.mkdir()
        (configuration / function.name).symlink_to(function)
        self._mount.mkdir(parents=True)
        # From a folder that has no file of that name: it would be taken for what is to be mounted.
        subprocess.run(["mount", "-t", "functionfs", name, self._mount], check=True, cwd="/")
        self._adbd = self._start(Path(tempfile.mkdtemp()), asks=asks)
        self.plug()

    def _describe(self, name: str, serial: str) -> Path:
        """What the phone says of itself on the bus. The folder of its configuration."""
        texts, configuration = self._folder / "strings/0x409", self._folder / "configs/c.1"
        for folder in (self._folder, texts, configuration, configuration / "strings/0x409"):
            folder.mkdir()
        (self._folder / "idVendor").write_text(f"{VENDOR:#x}")
        (self._folder / "idProduct").write_text(f"{PRODUCT:#x}")
        (texts / "manufacturer").write_text("Google")
        (texts / "product").write_text("Pixel 7a")
        (texts / "serialnumber").write_text(serial)
        (configuration / "strings/0x409/configuration").write_text("adb")
        return configuration

    def _start(self, folder: Path, *, asks: bool) -> subprocess.Popen[bytes]:
        """Start adbd, which keeps what it needs in `folder`."""
        cache, keys = Path(os.environ["USBVM_CACHE"]), folder / "keys"
        keys.touch()
        framework = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        framework.bind(str(folder / "framework"))
        variables = {
            "LD_PRELOAD": str(cache / "adbd-shim.so"),
            "ADBD_FFS": str(self._mount),
            "ADBD_KEYS": str(keys),
            "ADBD_SOCKET_FD": str(framework.fileno()),
        }
        with framework, (folder / "log").open("wb") as log:
            program = cache / "adbd-auth" if asks else ADBD
            adbd = subprocess.Popen(
                [program],
                env=os.environ | variables,
                pass_fds=[framework.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if asks:
            threading.Thread(target=_owner, args=(folder / "framework", keys), daemon=True).start()
        return adbd

    def plug(self) -> None:
        """Put the cable in."""
        with self.lock:
            self._plugged = True
        until(self._is_bound, "plugged in")

    def unplug(self) -> None:
        """Pull the cable. The phone's adbd goes on."""
        with self.lock:
            self._plugged = False
            with suppress(OSError):  # it is out already
                (self._folder / "UDC").write_text("\n")

    def remove(self) -> None:
        """Take the phone away for good."""
        self.unplug()
        self._adbd.kill()
        self._adbd.wait()
        with self.lock:
            self.gadgets.remove(self)

    def _is_bound(self) -> bool:
        return bool((self._folder / "UDC").read_text().strip())

    def bind(self) -> None:
        """As Android's init does: the gadget is on the bus whenever adbd has its endpoints open."""
        if self._plugged and (self._mount / "ep1").exists() and not self._is_bound():
            with suppress(OSError):  # adbd closed them just now
                (self._folder / "UDC").write_text(self.controller)


def _bind_when_ready() -> None:
    """Plug in what is to be, as soon as its adbd is ready; until no phone is left."""
    pause = threading.Event()
    while not pause.wait(_PAUSE):
        with AndroidGadget.lock:
            if not AndroidGadget.gadgets:
                return
            for gadget in AndroidGadget.gadgets:
                gadget.bind()


def _owner(framework: Path, keys: Path) -> None:
    """Answer adbd's question whether a computer may connect, as the phone's framework does for its owner."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as adbd:
        until(lambda: adbd.connect_ex(str(framework)) == 0, "adbd listens")
        while said := adbd.recv(65536):
            if said.startswith(_MAY_IT):
                threading.Event().wait(1)
                with keys.open("ab") as known:
                    known.write(said[len(_MAY_IT) :].strip(b"\0\n ") + b"\n")
                adbd.send(_YES)
