"""The packaged program's launcher on Linux, run by real shells beside a program that says how it was started."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bait import Bait

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="for POSIX shells")

SCRIPTS = Path(__file__).resolve().parents[2] / "installer" / "linux"
#: The folders in which the launchers look for programs.
SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin"
#: EX_UNAVAILABLE.
UNFIT = 69
#: A processor whose loader no computer has that runs these tests.
OTHER = "s390x" if platform.machine() != "s390x" else "x86_64"
SHELLS = [shell for shell in (["dash"], ["busybox", "sh"], ["bash", "--posix"]) if shutil.which(shell[0])]
APP = """#!/bin/sh
printf '<%s>' "$0" "$@"
exit 3
"""


class Bundle:
    """A folder as the packager makes it, and what the launcher finds on its PATH."""

    def __init__(self, folder: Path, shell: list[str]) -> None:
        self.folder = folder / "Fanion à part" / "fanion"
        self.bin = folder / "bin"
        self.dialogs = folder / "dialogs"
        self.shell = shell
        (self.folder / "lib").mkdir(parents=True)
        self.bin.mkdir()
        self.put("fanion-app", APP)
        self.put("lib/base_library.zip", "Python’s own modules")
        self.put("lib/libpython3.13.so.1.0", "Python")
        self.put("fanion-portable", self.script("fanion-portable.sh"))
        self.build(os.uname().machine)
        self.tool("getconf", "echo glibc 2.41")
        self.tool("uname", f"echo {os.uname().machine}")
        readlink = shutil.which("readlink")
        assert readlink is not None
        (self.bin / "readlink").symlink_to(readlink)

    def put(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)
        return file

    def build(self, machine: str, glibc: str = "2.36") -> None:
        text = self.script("launcher.sh")
        self.put("fanion", text.replace("@MACHINE@", machine).replace("@GLIBC@", glibc))

    def script(self, name: str) -> str:
        """A launcher, for a system whose only folder of programs is `bin`."""
        text = (SCRIPTS / name).read_text(encoding="utf-8")
        assert f"\nPATH={SYSTEM}" in text
        return text.replace(f"\nPATH={SYSTEM}", f"\nPATH='{self.bin}'")

    def tool(self, name: str, does: str) -> None:
        """A program of the system's."""
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        file.chmod(0o755)

    def claim(self, machine: str) -> None:
        """Be a computer with this processor."""
        if self.shell[0] == "busybox":
            pytest.skip("busybox has a uname of its own, which it prefers")
        self.tool("uname", f"echo {machine}")

    def dialog(self, name: str) -> None:
        self.tool(name, f"printf '%s\\n' {name} \"$@\" > '{self.dialogs}'")

    def run(
        self, *words: str, start: Path | str | None = None, cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.bin), "LC_ALL": "C.UTF-8"} | variables
        program = shutil.which(self.shell[0])
        assert program is not None
        return subprocess.run(
            [program, *self.shell[1:], str(start or self.folder / "fanion"), *words],
            env={name: value for name, value in env.items() if value},
            cwd=cwd or self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=30,
        )


@pytest.fixture(params=SHELLS, ids=[shell[0] for shell in SHELLS])
def bundle(tmp_path: Path, request: pytest.FixtureRequest) -> Bundle:
    return Bundle(tmp_path, request.param)


def refused(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The sentence and the next step; the program was not started."""
    assert (done.returncode, done.stdout) == (UNFIT, "")
    lines = [line for line in done.stderr.splitlines() if "setlocale" not in line]  # bash names locales that it lacks
    assert len(lines) == 2
    return lines


def test_fanion_gets_every_word_as_it_is_and_its_exit_code_is_kept(bundle: Bundle) -> None:
    words = ["check", "--data", "a b", "", "*", "$HOME", "é'\"\\"]
    done = bundle.run(*words)
    assert done.stdout == "".join(f"<{word}>" for word in [str(bundle.folder / "fanion-app"), *words])
    assert (done.returncode, done.stderr) == (3, "")


SURROUNDINGS = 'printf \'%s\\n\' "$PATH" "${LD_LIBRARY_PATH-none}" "${LD_PRELOAD-none}"'


@pytest.mark.parametrize("broken", [False, True])
def test_nothing_is_taken_from_where_it_is_started(bundle: Bundle, tmp_path: Path, broken: bool) -> None:
    """Neither a program nor a library, though PATH and the loader's own variable say so."""
    bait = Bait(tmp_path)
    bundle.put("fanion-app", f"#!/bin/sh\n{SURROUNDINGS}\n")
    if broken:
        shutil.rmtree(bundle.folder / "lib")  # then a dialog is looked for
    start = bundle.bin / "fanion"
    start.symlink_to(bundle.folder / "fanion-portable")
    path = f".::{bait.others_folder()}"
    libraries = ":lib:/opt/lib:.:/opt/b:"
    done = bundle.run(start=start, cwd=bait.folder, PATH=path, DISPLAY=":9", LD_LIBRARY_PATH=libraries)
    assert bait.taken == []
    if broken:
        refused(done)
    else:
        assert done.stdout.splitlines() == [path, "/opt/lib:/opt/b", "none"]


def test_it_is_found_through_links(bundle: Bundle) -> None:
    first = bundle.bin / "fanion"
    first.symlink_to(bundle.folder / "fanion")
    second = bundle.bin / "also"
    second.symlink_to("fanion")
    for start in (first, second):
        assert bundle.run(start=start).stdout == f"<{bundle.folder / 'fanion-app'}>"


def test_it_is_found_where_it_is_started_by_its_name_alone(bundle: Bundle) -> None:
    done = bundle.run("check", start="fanion")
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.endswith("/fanion-app><check>")


def test_portable_puts_the_switch_first(bundle: Bundle) -> None:
    link = bundle.bin / "stick"
    link.symlink_to(bundle.folder / "fanion-portable")
    for start in (link, bundle.folder / "fanion-portable"):
        done = bundle.run("check", "--practice", "a b", start=start)
        assert done.stdout == f"<{bundle.folder / 'fanion-app'}><--portable><check><--practice><a b>"
        assert done.returncode == 3


def test_a_folder_that_cannot_be_written_is_enough(bundle: Bundle) -> None:
    bundle.folder.chmod(0o555)
    try:
        assert bundle.run().returncode == 3
    finally:
        bundle.folder.chmod(0o755)
    assert sorted(file.name for file in bundle.folder.iterdir()) == ["fanion", "fanion-app", "fanion-portable", "lib"]


@pytest.mark.parametrize("found", ["2.36", "2.36.9000", "2.37", "2.100", "3.0"])
def test_a_new_enough_glibc(bundle: Bundle, found: str) -> None:
    bundle.tool("getconf", f"echo glibc {found}")
    assert bundle.run().returncode == 3


@pytest.mark.parametrize("found", ["2.35", "2.9", "2.4.9", "1.99"])
def test_too_old_a_glibc_is_told_with_both_numbers(bundle: Bundle, found: str) -> None:
    bundle.tool("getconf", f"echo glibc {found}")
    assert refused(bundle.run()) == [
        f"This system is too old for Fanion: it has glibc {found}, and Fanion needs 2.36 or newer.",
        "Use Fanion on a newer system.",
    ]


@pytest.mark.parametrize("does", ["exit 1", "echo undefined", "echo", "echo glibc x.y; echo 2.1"])
def test_where_glibc_does_not_say_its_version_fanion_is_tried(bundle: Bundle, does: str) -> None:
    bundle.tool("getconf", does)
    assert bundle.run().returncode == 3


def test_without_getconf_fanion_is_tried(bundle: Bundle) -> None:
    (bundle.bin / "getconf").unlink()
    assert bundle.run().returncode == 3


def test_another_processor(bundle: Bundle) -> None:
    bundle.build(OTHER)
    here = os.uname().machine
    assert refused(bundle.run()) == [
        f"This Fanion is made for another processor ({OTHER}; this computer has {here}).",
        f"Get the package of Fanion for {here}.",
    ]


def test_the_right_processor_without_glibc(bundle: Bundle) -> None:
    bundle.build(OTHER)
    bundle.claim(OTHER)
    assert refused(bundle.run())[0] == (
        f"Fanion needs a system with glibc 2.36 or newer for {OTHER}, and this one has none."
    )


def test_a_processor_that_it_knows_nothing_of(bundle: Bundle) -> None:
    bundle.build("sparc64")
    bundle.claim("sparc64")
    assert bundle.run().returncode == 3


@pytest.mark.parametrize(
    ("gone", "part"),
    [
        ("fanion-app", "fanion-app"),
        ("lib", "lib"),
        ("lib/base_library.zip", "lib/base_library.zip"),
        ("lib/libpython3.13.so.1.0", "lib/libpython3"),
    ],
)
def test_a_bundle_that_is_not_whole(bundle: Bundle, gone: str, part: str) -> None:
    (bundle.folder / gone).rename(bundle.folder / "elsewhere")
    assert refused(bundle.run()) == [
        f"Fanion’s folder {bundle.folder} is not whole: {part} is missing.",
        "Install Fanion again, or unpack its archive again.",
    ]


def test_a_stick_from_which_nothing_may_be_started(bundle: Bundle) -> None:
    (bundle.folder / "fanion-app").chmod(0o644)
    assert refused(bundle.run())[0] == f"Programs may not be started from the folder {bundle.folder}."


@pytest.mark.parametrize(
    ("variables", "words", "french"),
    [
        ({"LC_ALL": "fr_CA.UTF-8"}, [], True),
        ({"LC_ALL": "fr"}, [], True),
        ({"LC_ALL": "FR_ca"}, [], True),
        ({"LC_ALL": "", "LC_MESSAGES": "fr_FR.UTF-8", "LANG": "en_CA.UTF-8"}, [], True),
        ({"LC_ALL": "", "LANG": "fr_CA.UTF-8"}, [], True),
        ({"LC_ALL": "en_CA.UTF-8", "LANG": "fr_CA.UTF-8"}, [], False),
        ({"LC_ALL": "fro_FR"}, [], False),
        ({"LC_ALL": ""}, [], False),
        ({"LC_ALL": "en_CA.UTF-8", "LANGUAGE": "fr"}, [], True),
        ({"LC_ALL": "en_CA.UTF-8", "LANGUAGE": "de:fr_CA:en"}, [], True),
        ({"LC_ALL": "fr_CA.UTF-8", "LANGUAGE": "en_CA:fr"}, [], False),
        ({"LC_ALL": "fr_CA.UTF-8", "LANGUAGE": "de"}, [], False),
        ({"LC_ALL": "fr_CA.UTF-8", "LANGUAGE": ""}, [], True),
        ({"LC_ALL": "en_CA.UTF-8", "LANGUAGE": "C:fr"}, [], False),
        ({"LC_ALL": "C.UTF-8", "LANGUAGE": "fr"}, [], False),
        ({"LC_ALL": "", "LANGUAGE": "fr"}, [], False),
        ({}, ["--language", "fr"], True),
        ({}, ["check", "--language=fr"], True),
        ({"LC_ALL": "fr_CA.UTF-8"}, ["--language", "en"], False),
        ({"LC_ALL": "fr_CA.UTF-8"}, ["--data", "--language", "x y"], True),
    ],
)
def test_it_speaks_the_language_of_the_system_or_the_one_asked_for(
    bundle: Bundle, variables: dict[str, str], words: list[str], french: bool
) -> None:
    shutil.rmtree(bundle.folder / "lib")
    sentence, step = refused(bundle.run(*words, **variables))
    assert sentence.startswith("Le dossier de Fanion" if french else "Fanion’s folder")
    assert step.startswith("Réinstallez" if french else "Install")


@pytest.mark.parametrize(
    "break_it",
    [
        lambda bundle: bundle.build(OTHER),
        lambda bundle: (bundle.build(OTHER), bundle.claim(OTHER)),
        lambda bundle: bundle.tool("getconf", "echo glibc 2.17"),
        lambda bundle: (bundle.folder / "fanion-app").unlink(),
        lambda bundle: (bundle.folder / "fanion-app").chmod(0o644),
    ],
)
def test_every_sentence_is_there_in_both_languages(bundle: Bundle, break_it: Callable[[Bundle], object]) -> None:
    break_it(bundle)
    english, french = refused(bundle.run()), refused(bundle.run(LC_ALL="fr_CA.UTF-8"))
    assert not set(english) & set(french)
    assert all(line.endswith(".") for line in english + french)
    # Canadian French: a no-break space before a colon, none before a semicolon; and the typographic apostrophe.
    assert not any(" :" in line or " ;" in line or "'" in line for line in french)


@pytest.mark.parametrize("name", ["zenity", "kdialog", "gxmessage", "xmessage", "notify-send"])
def test_who_has_no_terminal_gets_a_dialog(bundle: Bundle, name: str) -> None:
    shutil.rmtree(bundle.folder / "lib")
    bundle.dialog(name)
    sentence, step = refused(bundle.run(DISPLAY=":9"))
    shown = bundle.dialogs.read_text(encoding="utf-8")
    assert shown.startswith(f"{name}\n")
    assert f"{sentence}\n\n{step}" in shown


def test_of_several_dialogs_only_the_first_is_shown_and_its_end_changes_nothing(bundle: Bundle) -> None:
    shutil.rmtree(bundle.folder / "lib")
    for name in ("xmessage", "zenity", "notify-send"):
        bundle.dialog(name)
    bundle.tool("zenity", f"echo zenity >> '{bundle.dialogs}'; echo noise; echo noise >&2; exit 5")
    refused(bundle.run(WAYLAND_DISPLAY="wayland-0"))
    assert bundle.dialogs.read_text(encoding="utf-8") == "zenity\n"


def test_without_a_screen_there_is_no_dialog(bundle: Bundle) -> None:
    shutil.rmtree(bundle.folder / "lib")
    bundle.dialog("zenity")
    refused(bundle.run())
    assert not bundle.dialogs.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="pseudo-terminals")
def test_at_a_terminal_there_is_no_dialog(bundle: Bundle) -> None:
    shutil.rmtree(bundle.folder / "lib")
    bundle.dialog("zenity")
    program = shutil.which(bundle.shell[0])
    assert program is not None
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [program, *bundle.shell[1:], str(bundle.folder / "fanion")],
            env={"PATH": str(bundle.bin), "DISPLAY": ":9"},
            stdin=theirs,
            stderr=theirs,
            check=False,
            timeout=30,
        )
        said = os.read(ours, 4096).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == UNFIT
    assert "lib is missing" in said
    assert not bundle.dialogs.exists()


@pytest.mark.parametrize("name", ["launcher.sh", "fanion-portable.sh"])
def test_shellcheck_finds_nothing(name: str) -> None:
    program = shutil.which("shellcheck")
    if program is None:
        pytest.skip("there is no shellcheck here")
    done = subprocess.run([program, "--shell=sh", str(SCRIPTS / name)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
