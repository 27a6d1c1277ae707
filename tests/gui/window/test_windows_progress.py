"""Windows' taskbar is told through an object of the shell's; here one of the test's own notes what it is called with.

Its table has a function in each place, so that a wrong place is a wrong answer. On Windows, and under Wine, the
shell's own object is made as well; and where MinGW is, its header says which place is whose.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gui.window.alerts import windows_progress
from gui.window.alerts.windows_progress import HR_INIT, NO_PROGRESS, RELEASE, SET_PROGRESS_STATE, SET_PROGRESS_VALUE

WINDOW = 0x1_0001_0062
FAILED = -0x7FFF_BFFB  # E_FAIL, 0x80004005
#: QueryInterface up to SetThumbnailClip.
PLACES = 21


class Shell:
    """Makes objects with a table of functions. `answers` has what those in some places say; the others say S_OK."""

    def __init__(self, answers: dict[int, int]) -> None:
        self.calls: list[tuple[int, tuple[int | None, ...]]] = []
        self.alive = 0
        kinds = {RELEASE: windows_progress._Release, HR_INIT: windows_progress._HrInit}
        kinds |= {SET_PROGRESS_VALUE: windows_progress._SetProgressValue}
        self._functions = [
            kinds.get(place, windows_progress._SetProgressState)(self._function(place, answers.get(place, 0)))
            for place in range(PLACES)
        ]
        self._table = (ctypes.c_void_p * PLACES)(*(ctypes.cast(f, ctypes.c_void_p).value for f in self._functions))
        self._object = ctypes.c_void_p(ctypes.addressof(self._table))

    def create(self) -> int:
        self.alive += 1
        return ctypes.addressof(self._object)

    def _function(self, place: int, answer: int):  # type: ignore[no-untyped-def]
        def called(itself: int, *words: int | None) -> int:
            assert itself == ctypes.addressof(self._object)
            self.calls.append((place, words))
            if place == RELEASE:
                self.alive -= 1
            return answer

        return called


@pytest.fixture
def shell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell(getattr(request, "param", {}))
    monkeypatch.setattr(windows_progress, "create", made.create)
    return made


def test_a_share_is_a_value_out_of_a_hundred_on_the_windows_button(shell: Shell) -> None:
    assert windows_progress.send_progress(WINDOW, 37)
    assert shell.calls == [(HR_INIT, ()), (SET_PROGRESS_VALUE, (WINDOW, 37, 100)), (RELEASE, ())]
    assert not shell.alive


def test_nothing_under_way_takes_the_bar_away(shell: Shell) -> None:
    assert windows_progress.send_progress(WINDOW, None)
    assert shell.calls == [(HR_INIT, ()), (SET_PROGRESS_STATE, (WINDOW, NO_PROGRESS)), (RELEASE, ())]
    assert not shell.alive


@pytest.mark.parametrize("shell", [{HR_INIT: FAILED}], indirect=True)
def test_a_windows_without_a_taskbar_is_told_nothing_more(shell: Shell) -> None:
    assert not windows_progress.send_progress(WINDOW, 37)
    assert [place for place, _ in shell.calls] == [HR_INIT, RELEASE]
    assert not shell.alive


@pytest.mark.parametrize("shell", [{SET_PROGRESS_VALUE: FAILED, SET_PROGRESS_STATE: FAILED}], indirect=True)
@pytest.mark.parametrize("share", [37, None])
def test_a_taskbar_that_refuses_is_no_failure(shell: Shell, share: int | None) -> None:
    assert not windows_progress.send_progress(WINDOW, share)
    assert not shell.alive


def test_a_windows_that_makes_no_such_object_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows_progress, "create", lambda: None)
    assert not windows_progress.send_progress(WINDOW, 37)


def test_a_windows_without_the_library_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def create() -> int:
        raise FileNotFoundError("Could not find module 'ole32'")

    monkeypatch.setattr(windows_progress, "create", create)
    assert not windows_progress.send_progress(WINDOW, 37)


def test_a_call_into_nothing_is_no_failure(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python turns it into an OSError; the object is released all the same."""

    def broken(address: int) -> object:
        raise OSError("exception: access violation reading 0x0000000000000000")

    monkeypatch.setattr(windows_progress, "_SetProgressValue", broken)
    assert not windows_progress.send_progress(WINDOW, 37)
    assert [place for place, _ in shell.calls] == [HR_INIT, RELEASE]
    assert not shell.alive


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes one")
def test_elsewhere_there_is_no_such_object() -> None:
    assert windows_progress.create() is None


@pytest.mark.skipif(sys.platform != "win32", reason="this is about the shell's own object")
def test_windows_own_object_is_made_and_called_and_released() -> None:
    """Whether there is a taskbar or not: a server has none for a session without a desktop."""
    if sys.platform == "win32":
        ole = ctypes.WinDLL("ole32")
        assert ole.CoInitialize(None) in (0, 1)
        try:
            taskbar = windows_progress.create()
            assert taskbar
            release = windows_progress._Release(windows_progress._address(taskbar, RELEASE))
            assert release(taskbar) == 0
            windows_progress.send_progress(0, 37)
            windows_progress.send_progress(0, None)
        finally:
            ole.CoUninitialize()


@pytest.mark.skipif(shutil.which("x86_64-w64-mingw32-gcc") is None, reason="needs MinGW")
def test_the_interface_is_as_a_compilers_header_has_it(tmp_path: Path) -> None:
    places = {"Release": RELEASE, "HrInit": HR_INIT}
    places |= {"SetProgressValue": SET_PROGRESS_VALUE, "SetProgressState": SET_PROGRESS_STATE}
    claims = [f"offsetof(ITaskbarList3Vtbl, {name}) == {place} * sizeof(void *)" for name, place in places.items()]
    claims += [f"TBPF_NOPROGRESS == {NO_PROGRESS}", f"CLSCTX_INPROC_SERVER == {windows_progress._INPROC_SERVER}"]
    claims += [f"sizeof(ITaskbarList3Vtbl) == {PLACES} * sizeof(void *)"]
    identifiers = {"CLSID_TaskbarList": windows_progress._TASKBAR_LIST}
    identifiers |= {"IID_ITaskbarList3": windows_progress._ITASKBAR_LIST_3}
    lines = ["#define COBJMACROS", "#include <stddef.h>", "#include <initguid.h>", "#include <shobjidl.h>"]
    lines += [f'_Static_assert({claim}, "{claim}");' for claim in claims]
    source, program = tmp_path / "claims.c", tmp_path / "claims.o"
    source.write_text("\n".join([*lines, f"const void *const used[] = {{&{', &'.join(identifiers)}}};"]))
    subprocess.run(["x86_64-w64-mingw32-gcc", "-c", source, "-o", program], check=True)
    compiled = program.read_bytes()
    for name, value in identifiers.items():
        assert value.bytes_le in compiled, name
