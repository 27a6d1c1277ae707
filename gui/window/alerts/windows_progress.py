"""Windows: how far the program is, as a bar on its button in the taskbar.

The taskbar is told through a COM object of the shell's, whose interface ITaskbarList3 is described in
https://learn.microsoft.com/windows/win32/api/shobjidl_core/nn-shobjidl_core-itaskbarlist3. It is made for each message
and released after it, which costs little: so none outlives Qt, which has initialised COM on the GUI thread. The bar
stays, for it is the window's. Where there is no taskbar nothing is shown.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final
from uuid import UUID

#: What the share is given in.
_STEPS: Final = 100

_TASKBAR_LIST: Final = UUID("56fdf344-fd6d-11d0-958a-006097c9a090")
_ITASKBAR_LIST_3: Final = UUID("ea1afb91-9e28-4b86-90e9-9e9f8a5eefaf")
_INPROC_SERVER: Final = 0x1

#: The places of the methods in the interface's table, which begins with QueryInterface of IUnknown and goes on with
#: those of ITaskbarList, from HrInit on, of ITaskbarList2, which is one, and of ITaskbarList3.
RELEASE: Final = 2
HR_INIT: Final = 3
SET_PROGRESS_VALUE: Final = 9
SET_PROGRESS_STATE: Final = 10

#: TBPF_NOPROGRESS. The state of a bar that is seen need not be set: SetProgressValue shows a normal one.
NO_PROGRESS: Final = 0

# A window's handle is passed as a pointer, an HRESULT is 32 bits with a sign.
if sys.platform == "win32":
    _method = ctypes.WINFUNCTYPE
else:
    _method = ctypes.CFUNCTYPE  # where a test has made the object
_Release = _method(ctypes.c_uint32, ctypes.c_void_p)
_HrInit = _method(ctypes.c_int32, ctypes.c_void_p)
_SetProgressValue = _method(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64)
_SetProgressState = _method(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32)


def send_progress(window: int, share: int | None) -> bool:
    """Show `share`, in steps of a hundred, on the button of the window with this handle, or that nothing is under way.

    Says whether Windows took it, and raises nothing. For the GUI thread.
    """
    try:
        taskbar = create()
        if not taskbar:
            return False
        try:
            return _tell(taskbar, window, share) >= 0
        finally:
            _Release(_address(taskbar, RELEASE))(taskbar)
    except OSError:  # no such library; and Python's word for a call into memory where nothing is
        return False


def _tell(taskbar: int, window: int, share: int | None) -> int:
    """The HRESULT, which is negative for a failure. Raises OSError."""
    answer: int = _HrInit(_address(taskbar, HR_INIT))(taskbar)
    if answer < 0:
        return answer
    if share is None:
        answer = _SetProgressState(_address(taskbar, SET_PROGRESS_STATE))(taskbar, window, NO_PROGRESS)
    else:
        answer = _SetProgressValue(_address(taskbar, SET_PROGRESS_VALUE))(taskbar, window, share, _STEPS)
    return answer


def create() -> int | None:
    """The address of a new object with the interface ITaskbarList3; None where Windows makes none. Raises OSError."""
    if sys.platform != "win32":
        return None
    make = ctypes.WinDLL("ole32").CoCreateInstance
    make.restype = ctypes.c_int32
    make.argtypes = (ctypes.c_char_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_void_p)
    taskbar = ctypes.c_void_p()
    answer = make(_TASKBAR_LIST.bytes_le, None, _INPROC_SERVER, _ITASKBAR_LIST_3.bytes_le, ctypes.byref(taskbar))
    return taskbar.value if answer >= 0 else None


def _address(taskbar: int, place: int) -> int:
    """The address of the method at this place of the object's table, to which the object's first word points."""
    table = ctypes.c_void_p.from_address(taskbar).value or 0
    return ctypes.c_void_p.from_address(table + place * ctypes.sizeof(ctypes.c_void_p)).value or 0
