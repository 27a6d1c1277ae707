"""libusb as Fanion brings it, loaded, and what adb-shell has for USB, which takes the libusb that is loaded by then.

Imported by :func:`core.phones.usb.library` alone, as it takes a while. Importing it raises ImportError or OSError where
libusb cannot be had.
"""

import ctypes

import libusb_package
import usb1

_PATH = libusb_package.get_library_path()
usb1.loadLibrary(ctypes.CDLL(str(_PATH)) if _PATH else None)

from adb_shell.transport.usb_transport import UsbTransport  # noqa: E402 - once usb1 has its library

__all__ = ["UsbTransport", "usb1"]
