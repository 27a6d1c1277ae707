"""What the system calls this computer and the account that runs the program."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import ctypes
    import socket
else:
    import pwd


def host_name() -> str:
    """The computer's name, as its system has it."""
    if sys.platform == "win32":
        return socket.gethostname()
    return os.uname().nodename


def account_name() -> str:
    """The account's name: not of the environment, in which a user can put any name."""
    try:
        if sys.platform == "win32":
            size = ctypes.c_ulong(257)  # UNLEN + 1
            name = ctypes.create_unicode_buffer(size.value)
            if not ctypes.windll.advapi32.GetUserNameW(name, ctypes.byref(size)):
                raise ctypes.WinError()
            return str(name.value)
        return pwd.getpwuid(os.getuid()).pw_name
    except (OSError, KeyError):  # an account without a name
        return "unknown"
