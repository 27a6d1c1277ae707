"""What of the environment and the working directory reaches a process."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import gui
from core.system.processes import surroundings
from core.system.processes.child_process import begin, own_process, replace, run

posix = pytest.mark.skipif(os.name == "nt", reason="PATH and programs of POSIX")

HARMFUL = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "LD_PRELOAD", "LD_AUDIT", "QT_PLUGIN_PATH", "OPENSSL_CONF"),
    *("QT_QPA_PLATFORM_PLUGIN_PATH", "QML2_IMPORT_PATH", "SSLKEYLOGFILE", "TYPST_ROOT", "GIT_EXTERNAL_DIFF"),
    *("BASH_FUNC_ls%%", "BASH_ENV", "DYLD_INSERT_LIBRARIES", "PERL5LIB", "GIO_EXTRA_MODULES", "GCONV_PATH"),
    *("LIBGL_DRIVERS_PATH", "GBM_BACKENDS_PATH", "__EGL_VENDOR_LIBRARY_FILENAMES", "__GLX_VENDOR_LIBRARY_NAME"),
    *("VK_ICD_FILENAMES", "VK_DRIVER_FILES", "VK_LAYER_PATH", "PYTHON_KEYRING_BACKEND", "KEYRING_PROPERTY_SCHEME"),
    *("GSS_MECH_CONFIG", "KRB5_TRACE", "SASL_PATH", "QT_GUI_GTK_JSON_SAVE", "PYTHONWARNINGS"),
)
NEEDED = (
    *("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_ACTIVATION_TOKEN", "LANG"),
    *("LC_ALL", "LANGUAGE", "HOME", "QT_SCALE_FACTOR", "PGHOST", "XDG_DATA_DIRS", "XDG_CONFIG_DIRS"),
)


def without_working_folder(searched: list[str]) -> list[str]:
    return gui._without_working_folder(searched)


@pytest.mark.parametrize("environment", [surroundings.own_environment, surroundings.systems_environment])
def test_what_brings_code_goes_and_what_a_desktop_needs_stays(
    environment: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*HARMFUL, *NEEDED):
        monkeypatch.setenv(name, "/x")
    assert callable(environment)
    found = environment()
    assert [name for name in HARMFUL if name in found] == []
    assert [name for name in NEEDED if found.get(name) != "/x"] == []


@pytest.mark.parametrize(
    ("backend", "stays"), [("keyring.backends.null.Keyring", True), ("evil.Keyring", False), ("keyring.evil.K", False)]
)
def test_of_keyrings_one_of_the_library_s_own_may_be_named(
    backend: str, monkeypatch: pytest.MonkeyPatch, *, stays: bool
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    assert (surroundings.own_environment().get("PYTHON_KEYRING_BACKEND") == backend) is stays


@posix
@pytest.mark.parametrize(
    ("name", "value", "stays"),
    [
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus", True),
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus;unixexec:path=/x", False),
        ("AT_SPI_BUS_ADDRESS", "unixexec:path=/x", False),
        ("AT_SPI_BUS_ADDRESS", "tcp:host=example", False),
        ("QT_QPA_PLATFORM", "wayland;xcb", True),
        ("QT_QPA_PLATFORM", "offscreen", True),
        ("QT_QPA_PLATFORM", "vnc:port=5977", False),
        ("QT_QPA_PLATFORM", "xcb;vnc", False),
        ("XDG_CONFIG_DIRS", "/etc/xdg:/usr/local/etc", True),
        ("XDG_CONFIG_DIRS", "/etc/xdg:here", False),
        ("XDG_DATA_DIRS", "here", False),
    ],
)
def test_what_may_start_a_program_or_reach_a_network_by_its_value_goes(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, *, stays: bool
) -> None:
    monkeypatch.setenv(name, value)
    assert (surroundings.own_environment().get(name) == value) is stays


def test_once_it_is_clean_nothing_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD", "/x")
    with surroundings.environment_of(surroundings.own_environment()):
        written: list[str] = []
        clean = surroundings.own_environment()
        assert clean == dict(os.environ)
        with monkeypatch.context() as system:
            system.setattr("os.putenv", lambda name, value: written.append(name))
            with surroundings.environment_of(clean):
                assert written == []
        assert "PYTHONSAFEPATH" in clean
        assert "PYTHONSAFEPATH" not in surroundings.systems_environment()


@posix
def test_settings_that_are_named_from_the_working_directory_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", ".config")
    assert "XDG_CONFIG_HOME" not in surroundings.own_environment()
    monkeypatch.setenv("XDG_CONFIG_HOME", "/home/x/.config")
    assert surroundings.own_environment()["XDG_CONFIG_HOME"] == "/home/x/.config"


@posix
def test_of_lists_of_folders_the_trusted_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATH", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, ".:/usr/bin::lib:/nowhere")
        assert surroundings.systems_environment()[name] == "/usr/bin"
        monkeypatch.setenv(name, ".")
    found = surroundings.systems_environment()
    assert found["PATH"] == "/usr/bin:/bin"  # an empty one would mean the working directory
    assert "LD_LIBRARY_PATH" not in found


@posix
def test_the_packaged_programs_own_processes_keep_its_libraries(
    monkeypatch: pytest.MonkeyPatch, packaged_program_is: Callable[..., None]
) -> None:
    packaged_program_is()
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib/fanion/lib")
    assert own_process("phones")[0] == [sys.executable, "phones"]
    assert own_process()[1]["LD_LIBRARY_PATH"] == "/usr/lib/fanion/lib"


def test_meanwhile_another_environment_and_then_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD", "/x")
    before = dict(os.environ)
    with contextlib.suppress(KeyError), surroundings.environment_of({"A": "1"}):
        assert dict(os.environ) == {"A": "1"}
        raise KeyError
    assert dict(os.environ) == before


def test_a_folder_is_left_and_come_back_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with surroundings.out_of_working_folder():
        assert Path.cwd() == Path(surroundings.safe_folder())
    assert Path.cwd() == tmp_path


@posix
def test_a_folder_that_was_deleted_is_left_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with surroundings.out_of_working_folder():
        assert Path.cwd() == Path("/")


# --- starting


@posix
def test_a_program_stands_in_a_safe_folder_and_has_what_it_is_given_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(["/bin/sh", "-c", "pwd; echo $A$B; exit 3"], {"A": "1"})
    assert (done.returncode, done.stdout) == (3, b"/\n1\n")


@posix
@pytest.mark.parametrize("name", ["sh", "./sh", ""])
def test_a_program_without_its_full_path_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sh").symlink_to("/bin/sh")
    with pytest.raises(FileNotFoundError):
        begin([name, "-c", ":"], {"PATH": "/bin"})
    with pytest.raises(FileNotFoundError):
        replace([name, "-c", ":"], {"PATH": "/bin"})


# --- where Fanion looks for its own modules


@pytest.fixture
def stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return str(tmp_path)


OWN = str(Path(gui.__file__).resolve().parents[1])


def test_the_working_directory_is_no_place_for_modules(stands: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for first in ("", stands):  # of `python -c`, and of `python -m`
        assert without_working_folder([first, "/usr/lib/python3"]) == ["/usr/lib/python3"]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(("", "lib", OWN)))
    searched = ["/opt/fanion/bin", stands, os.path.join(stands, "lib"), OWN, "/usr/lib/python3"]
    assert without_working_folder(searched) == ["/opt/fanion/bin", OWN, "/usr/lib/python3"]


def test_fanions_own_folder_stays_wherever_one_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(OWN)
    for first in ("", OWN):
        assert without_working_folder([first, "/usr/lib/python3"]) == [OWN, "/usr/lib/python3"]


def test_what_was_named_in_full_or_leads_to_an_importer_stays(stands: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", stands)  # somebody wants it, wherever they stand
    hook = "__editable__.fanion.finder.__path_hook__"
    assert without_working_folder(["/program", stands, hook]) == ["/program", stands, hook]
    Path(hook).mkdir()
    assert without_working_folder(["/program", stands, hook]) == ["/program", stands]
