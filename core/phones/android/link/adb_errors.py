"""What adb-shell, libusb and sockets raise, as one family of problems (there: nine classes without a common base)."""

from __future__ import annotations

import contextlib
import errno
import struct
from collections.abc import Iterator
from typing import Any

from adb_shell import exceptions

from core.phones.android.link.problems import AndroidNotReady, Garbled
from core.phones.android.link.transport import ANSWER_LIMIT
from core.phones.driver import Silent, Unplugged
from core.phones.states import PhoneState
from core.problem import Cancelled, Problem
from core.text import plain


@contextlib.contextmanager
def typed_errors() -> Iterator[None]:
    """Turn what adb-shell, libusb or a socket raises into a PhoneProblem. Bugs pass through untouched."""
    try:
        yield
    except (Problem, Cancelled):
        raise
    except (exceptions.UsbReadFailedError, exceptions.UsbWriteFailedError) as error:
        raise from_usb(error.args[1] if len(error.args) > 1 else error) from error
    except (exceptions.TcpTimeoutException, exceptions.AdbTimeoutError) as error:
        raise Silent(ANSWER_LIMIT, error_text(error)) from error
    except exceptions.DeviceAuthError as error:
        raise AndroidNotReady(PhoneState.UNAUTHORISED, error_text(error)) from error
    except (
        exceptions.InvalidChecksumError,
        exceptions.InvalidCommandError,
        exceptions.InvalidResponseError,
        exceptions.AdbCommandFailureException,
        exceptions.AdbConnectionError,
        struct.error,
    ) as error:
        raise Garbled(error_text(error)) from error
    except OSError as error:
        raise (
            AndroidNotReady(PhoneState.NO_PERMISSION, error_text(error))
            if error.errno == errno.EACCES
            else Unplugged(error_text(error))
        ) from error
    except Exception as error:
        if type(error).__module__.startswith("usb1"):
            raise from_usb(error) from error
        raise


def from_usb(error: Any) -> Problem:
    """The problem that a libusb error stands for."""
    name = type(error).__name__
    detail = f"{name}: {error_text(error)}"
    if name in ("USBErrorAccess", "USBErrorNotSupported"):  # not supported: Windows without the WinUSB driver
        return AndroidNotReady(PhoneState.NO_PERMISSION, detail)
    if name == "USBErrorBusy":
        return AndroidNotReady(PhoneState.BUSY, detail)
    if name == "USBErrorTimeout":
        return Silent(ANSWER_LIMIT, detail)
    return Unplugged(detail)


def error_text(error: BaseException) -> str:
    """The text of `error`, as much as can be read: adb-shell puts whole packets into some."""
    return plain(str(error), 300)
