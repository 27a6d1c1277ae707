"""What a process may take of the computer, set by itself before it reads what could ask for any amount.

Linux and Windows hold a process to its memory; macOS takes the limit and does not hold to it. Where a limit cannot be
set the process runs without: who has started it waits for it no longer than it may take.
"""

from __future__ import annotations

import contextlib
import struct
import sys
from typing import Final

if sys.platform == "win32":
    import ctypes
    from ctypes.wintypes import BOOL, DWORD, HANDLE, LPCWSTR, LPVOID
else:
    import resource

#: JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 64-bit Windows, its number, and the flags by which a process may not have
#: more memory, and ends without a window of Windows' own if it fails,
#: https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-jobobject_extended_limit_information
_JOB_LIMITS: Final = struct.Struct("<qqI4xQQI4xQII6Q4Q")
_EXTENDED_LIMITS: Final = 9
_PROCESS_MEMORY: Final = 0x100
_DIE_WITHOUT_A_WINDOW: Final = 0x400


def limit_this_process(memory: int, seconds: int) -> None:
    """Hold this process to so many bytes of memory and, where it can be, seconds of a processor. It cannot be undone.

    Never raises.
    """
    with contextlib.suppress(OSError, ValueError):  # a system may not have a limit, or a lower one already
        if sys.platform == "win32":
            _limit_memory_on_windows(memory)
        else:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def job_limits(memory: int) -> bytes:
    """What Windows is told of a process that may have so many bytes of memory."""
    flags = _PROCESS_MEMORY | _DIE_WITHOUT_A_WINDOW
    return _JOB_LIMITS.pack(0, 0, flags, 0, 0, 0, 0, 0, 0, *(0,) * 6, memory, 0, 0, 0)


if sys.platform == "win32":

    def _limit_memory_on_windows(memory: int) -> None:
        """Put this process into a job of its own. Raises OSError."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = HANDLE
        kernel.CreateJobObjectW.argtypes = (LPVOID, LPCWSTR)
        kernel.SetInformationJobObject.restype = BOOL
        kernel.SetInformationJobObject.argtypes = (HANDLE, ctypes.c_int, LPVOID, DWORD)
        kernel.AssignProcessToJobObject.restype = BOOL
        kernel.AssignProcessToJobObject.argtypes = (HANDLE, HANDLE)
        kernel.GetCurrentProcess.restype = HANDLE
        limits = job_limits(memory)
        job = kernel.CreateJobObjectW(None, None)  # open as long as the process lives
        if (
            not job
            or not kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, limits, len(limits))
            or not kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
        ):
            raise ctypes.WinError(ctypes.get_last_error())
